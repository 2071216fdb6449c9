#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "error.hpp"

namespace assay {

/// How a git reference is built.
struct ReferenceOptions {
  std::string repository = ".";      ///< a folder inside it
  std::string preset = "release";    ///< of its CMakePresets.json, configured into build/<preset>
  std::vector<std::string> targets;  ///< empty: all
};

/// How long a command of a build may run, and how long it may take to end then.
struct BuildPatience {
  std::chrono::milliseconds longest = std::chrono::hours(2);
  std::chrono::milliseconds at_end = std::chrono::minutes(1);
};

/// Runs a command with all of its output appended to a log. One that takes too long, or whose
/// caller is interrupted, is killed with all that it started.
/// Errors: kInvalid if it does not exit with code 0, naming `what` and the log; kInterrupted.
Result<void> run_logged(const std::string& log, const std::vector<std::string>& command,
                        const std::string& what, const BuildPatience& patience = {});

/// The commit that a git reference names, as 40 digits. Errors: kUsage if it names none.
Result<std::string> commit_of(const std::string& reference, const ReferenceOptions& options);

/// Checks the commit out into a work tree of its own, <repository>/build/gate/<commit>, which stays
/// for the next gate, and builds it there. One that stands there is brought back to the commit,
/// submodules included, with all that git does not ignore removed but its folder build. Returns the
/// build's folder. What git and CMake say goes to <that folder>.log.
/// Errors: kInvalid if it cannot be checked out or built, naming the log, or another gate is
/// building it; kInterrupted.
Result<std::string> build_reference(const std::string& commit, const ReferenceOptions& options);

}  // namespace assay
