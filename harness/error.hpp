#pragma once

#include <fmt/format.h>

#include <expected>
#include <string>
#include <utility>

namespace assay {

/// What the program says to its caller; the README lists them.
enum class ExitCode : int {
  kDone = 0,          ///< done, whatever the verdicts
  kRegression = 1,    ///< a gate found a regression
  kUsage = 2,         ///< wrong arguments or a malformed register; nothing was measured
  kInvalid = 3,       ///< measured, but no verdict can be given (with --strict: unclear ones, too)
  kInstrument = 4,    ///< a benchmark failed, crashed or hung; the others were measured
  kOutput = 5,        ///< a result could not be written (full disk, no permission)
  kData = 6,          ///< a recorded file is missing, truncated, foreign or altered
  kInterrupted = 130  ///< stopped by a signal; what was measured is judged and kept
};

/// A failure that a caller handles: where, what, and how to mend it.
struct Error {
  ExitCode code = ExitCode::kUsage;
  std::string where;  ///< "EXPERIMENTS.md:212: BIND-1"; may be empty
  std::string what;
  std::string mend;  ///< may be empty

  /// One line: "where: what; mend".
  std::string message() const {
    std::string text = where.empty() ? what : fmt::format("{}: {}", where, what);
    if (!mend.empty()) text += "; " + mend;
    return text;
  }
};

template <typename T>
using Result = std::expected<T, Error>;

inline std::unexpected<Error> fail(ExitCode code, std::string where, std::string what,
                                   std::string mend = "") {
  return std::unexpected(Error{code, std::move(where), std::move(what), std::move(mend)});
}

}  // namespace assay
