#pragma once

/// What comparisons of known truth say of this machine and this method: pure functions.

#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"
#include "record/calibration.hpp"
#include "record/run.hpp"
#include "verdict/judge.hpp"

namespace assay {

/// One comparison of known truth in one run.
struct Trial {
  std::string run_id;
  std::string started_at;   ///< UTC, ISO 8601
  std::string fingerprint;  ///< of the machine
  std::string build;        ///< a hash of the instruments' binaries
  double alpha = 0;         ///< of the comparison, over all its looks
  std::string disturbance;  ///< what was made to disturb it; empty: nothing
  std::string kernel;
  double extra = 0;    ///< share of extra work: 0.02 is 2%; 0 for a null
  double offered = 0;  ///< seconds of the run's budget for each of its comparisons
  double value = 1;    ///< measured ratio
  Interval interval = everything();
  std::string verdict;
  std::uint32_t rounds = 0;
  double seconds = 0;  ///< of measuring this comparison until it was decided, or at all
  std::optional<double> seconds_to_1_percent;  ///< until an uncorrected 95% half-width of 1%

  bool is_different() const { return interval.low > 1 || interval.high < 1; }
  bool is_found() const { return interval.low >= 1; }
  bool covers() const { return interval.low <= 1 + extra && 1 + extra <= interval.high; }
};

/// The trials of a judged run of the calibration register. Of an id "positive/bind/2" the second
/// part is the kernel and the third the extra work in percent; "null/bind" has none.
std::vector<Trial> trials_of(const Run& run, const RunVerdicts& verdicts,
                             const std::string& disturbance);

nlohmann::json to_json(const Trial& trial);

/// Reads the lines of a calibration file. A last line cut short is dropped.
/// Errors: kData with file and line.
Result<std::vector<Trial>> trials_from(std::string_view text, const std::string& path);

/// Pools the trials on one machine under one disturbance; nothing where there are none. Rates of
/// false alarms carry their exact one-sided 95% bound. A trial counts for the chance to find a
/// difference within so many seconds if its run offered each comparison as many.
std::optional<CalibrationSummary> summarise(const std::vector<Trial>& trials,
                                            const std::string& fingerprint,
                                            const std::string& disturbance);

}  // namespace assay
