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

struct CollectOptions {
  std::string run_dir;
  std::chrono::milliseconds slice_timeout{10000};  ///< beyond the expected time of the slice
  /// Asked at each look: which comparisons are still open. A closed one is measured no more.
  std::function<std::vector<bool>(const Collected&)> open_comparisons;
  std::vector<std::uint32_t> looks;
  std::vector<std::string> metrics;  ///< of each unit
  /// Told after each round; `left` is the time until the budget is spent, in seconds.
  std::function<void(const Collected&, const std::vector<bool>& open, double left)> on_round;
};

/// Measures rounds until every comparison is closed, the budget is spent or the user interrupts.
/// `collected` holds what earlier sittings measured, and afterwards everything. Every slice is on
/// disk before the next group is asked for.
/// Errors: kOutput if the run's folder cannot be written; all that was written remains readable.
Result<void> collect(const Manifest& manifest, const std::vector<InstrumentFile>& files,
                     const CollectOptions& options, Collected& collected);

}  // namespace assay
