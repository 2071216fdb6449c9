#pragma once

#include <map>
#include <string>
#include <vector>

#include "error.hpp"
#include "gate/result.hpp"
#include "gate/served.hpp"

namespace assay {

/// Medians of each round, by benchmark and metric.
using RoundMedians = std::map<std::string, std::map<std::string, std::vector<double>>>;

/// What a folder of `assay run` or `assay gate` holds of the metrics; relinks are left out, and of
/// a gate all but its candidate. Errors: kData for what is missing, foreign or altered.
Result<RoundMedians> recorded_medians(const std::string& dir,
                                      const std::vector<std::string>& metrics);

/// The benchmarks that a recorded run measured, of a gate those of its candidate. Errors: kData;
/// kInvalid if it was recorded on another machine than that of the fingerprint.
Result<std::vector<std::string>> recorded_benchmarks(const std::string& dir,
                                                     const std::string& fingerprint);

/// How much slower than in the recorded run the controls (benchmarks of the family "control") are
/// now: from the least to the greatest. everything() with fewer than two.
Interval shift_of_controls(const RoundMedians& recorded, const RoundMedians& now);

/// One metric of one benchmark against the record. Times are divided by the shift of the controls
/// and remain weak evidence; counters are compared as they are.
GateResult judge_recorded(const std::string& benchmark, const std::string& metric,
                          const BenchmarkRule& rule, const std::vector<double>& recorded,
                          const std::vector<double>& now, const Interval& shift, double alpha);

/// Measures the candidate's benchmarks of `task.pairs` (and its controls) alone and holds them
/// against the recorded run in `dir`. The task's baseline is not looked at.
/// Errors: as of gate_served(), and kData.
Result<void> gate_recorded(const GateTask& task, const std::string& dir, GateReport& report);

}  // namespace assay
