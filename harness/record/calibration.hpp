#pragma once

/// What comparisons of known truth told of a machine, pooled: data alone (verdict/calibration.hpp
/// makes it).

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <vector>

namespace assay {

/// Trials of identical code.
struct NullPool {
  std::string kernel;
  std::uint64_t n = 0;
  std::uint64_t different = 0;      ///< the interval left out 1: false alarms
  double different_at_most = 1;     ///< exact one-sided 95% bound of their rate
  std::uint64_t beyond_margin = 0;  ///< the interval lay outside the margin
  std::uint64_t equivalent_in_5_s = 0;
  std::optional<double> median_seconds_to_1_percent;  ///< nothing if half did not get there
  double median_rounds = 0;
  double median_half_width = 0;  ///< of log ratios; infinite where most had too few rounds
};

/// Trials that were offered so many seconds, and those of them that found the difference in time.
struct Found {
  std::uint64_t n = 0;
  std::uint64_t found = 0;
};

/// Trials of a known share of extra work.
struct PositivePool {
  std::string kernel;
  double extra = 0;  ///< 0.02: 2% more work
  std::uint64_t n = 0;
  Found in_5_s;
  Found in_15_s;
  std::uint64_t wrong_sign = 0;
  std::uint64_t interval_holds_truth = 0;
  std::optional<double> median_ratio;
  std::optional<double> median_seconds;  ///< until it was found; nothing if half did not find it
};

struct CalibrationSummary {
  std::string first;  ///< UTC of the first and the last trial
  std::string last;
  std::uint64_t builds = 0;        ///< of the instruments that the trials are of
  double alpha_of_comparison = 0;  ///< of the latest trials: the chance of a false alarm at most
  std::vector<NullPool> nulls;
  std::vector<PositivePool> positives;
};

nlohmann::json to_json(const CalibrationSummary& summary);
/// Throws nlohmann::json::exception where a member is missing or of another type.
CalibrationSummary calibration_summary_from(const nlohmann::json& source);

}  // namespace assay
