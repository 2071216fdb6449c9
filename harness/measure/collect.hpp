#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "error.hpp"
#include "measure/instrument.hpp"
#include "record/run.hpp"

namespace assay {

/// The instruments of one link of their objects, by name.
using Link = std::map<std::string, InstrumentFile>;

struct CollectOptions {
  std::string run_dir;
  std::vector<Link> relinks;          ///< of the same objects, with the code elsewhere
  std::uint32_t rounds_a_relink = 0;  ///< measured of each when the comparisons are done
  std::chrono::milliseconds slice_timeout{10000};  ///< beyond the expected time of the slice
  /// Asked at each look: which comparisons are still open. A closed one is measured no more.
  std::function<std::vector<bool>(const Collected&)> open_comparisons;
  std::vector<std::uint32_t> looks;
  /// Asked of each open comparison after each round: true if it needs no look to be closed.
  std::function<bool(const Collected&, const Comparison&)> is_over =
      [](const Collected&, const Comparison&) { return false; };
  std::vector<bool> relinked;        ///< comparisons that relinks tell something of
  std::vector<std::string> metrics;  ///< of each unit
  /// Of each unit, what a slice must report beside its metric; empty: nothing of any.
  std::vector<std::vector<std::string>> further_metrics;
  /// Told after each round; `left` is the time until the budget is spent, in seconds.
  std::function<void(const Collected&, const std::vector<bool>& open, double left)> on_round;
};

/// Measures rounds until every comparison is closed, the budget is spent or the user interrupts;
/// then, for at most a tenth of the budget, the rounds of the relinks, which go to files of their
/// own and open or close no comparison.
/// `collected` holds what earlier sittings measured, and afterwards everything. Every slice is on
/// disk before the next group is asked for.
/// Errors: kOutput if the run's folder cannot be written; all that was written remains readable.
Result<void> collect(const Manifest& manifest, const Link& instruments,
                     const CollectOptions& options, Collected& collected);

}  // namespace assay
