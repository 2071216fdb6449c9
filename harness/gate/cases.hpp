#pragma once

/// What the served gate and that of whole processes share: cases, looks, and judging what is on
/// disk.

#include <array>
#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"
#include "gate/result.hpp"
#include "gate/rules.hpp"
#include "record/run.hpp"
#include "verdict/estimate.hpp"

namespace assay {

/// One comparison of the plan and what is asked of it.
struct AskedCase {
  std::string baseline;
  std::string candidate;
  BenchmarkRule rule;  ///< its metrics are those that both sides report
  bool is_control = false;
};

inline constexpr std::array kSides = {"baseline", "candidate"};
/// The two processes of a null control, in place of the sides.
inline constexpr std::array kNulls = {"null-a", "null-b"};

/// Of all null controls of a gate: an interval of one excludes no effect as rarely.
inline constexpr double kControlAlpha = 0.001;

/// A benchmark of the baseline's of which times or rates are asked.
struct Timed {
  std::string benchmark;
  std::string executable;
  double cost;         ///< in a unit of the caller's
  BenchmarkRule rule;  ///< its case's
};

/// Adds a null control for each executable: of its benchmarks the one of middling cost, so that it
/// is neither special nor dear, against itself.
void add_null_controls(std::vector<Timed> timed, std::vector<AskedCase>& cases);

/// Whether a time or a rate is asked of a case, so that a control of times concerns it.
bool asks_for_time(const AskedCase& of);

/// What a case came to so far; nothing of one that failed.
using JudgedCase = std::function<std::optional<GateResult>(std::size_t)>;

/// Which cases need more rounds: those that are not settled, and the controls as long as one of
/// them is not. None once a regression was found, if the gate is to fail fast.
std::vector<bool> open_cases(const std::vector<AskedCase>& cases, bool is_fail_fast,
                             const JudgedCase& judged);

/// Closes the controls where nothing else is open: they vouch for what is measured beside them.
void close_lone_controls(const std::vector<AskedCase>& cases, std::vector<bool>& open);

/// Adds the null controls to the report. One that differs from itself takes the times and rates of
/// its executable with it: they become invalid.
void judge_controls(const std::vector<AskedCase>& cases, const JudgedCase& judged,
                    const std::function<std::string(const std::string& baseline)>& executable_of,
                    GateReport& report);

/// Looks of a gate over so many intervals at `alpha`: the first after rounds that can bound
/// something, the others after twice as many each.
std::vector<std::uint32_t> gate_looks(double alpha, std::size_t intervals);

/// The intervals that the rules ask for of these pairs.
std::size_t intervals_asked(const std::vector<std::pair<std::string, std::string>>& pairs,
                            const GateRules& rules);

/// Why a benchmark has no result whose turn had not come when the user ended the measuring.
inline constexpr const char* kInterruptedBefore = "interrupted before its turn";

/// A result without a measurement.
void add_unanswered(GateReport& report, const std::string& benchmark, const BenchmarkRule& rule,
                    GateVerdict verdict, std::string why);

/// Whether one side of a benchmark reports a metric.
using Reports = std::function<bool(const std::string&)>;

/// Leaves the case the metrics that both sides report. A metric of one side alone is added as
/// invalid; where neither reports any, the benchmark is added as not run. True if one is left.
bool keep_common_metrics(AskedCase& of, const Reports& baseline, const Reports& candidate,
                         GateReport& report);

/// Errors: kUsage if a metric is asked for that none of the benchmarks reports of which it is
/// asked.
Result<void> check_metrics(const std::vector<std::pair<std::string, std::string>>& pairs,
                           const GateRules& rules, const GateReport& report);

/// What is on disk, and by which level it is judged; a case a comparison of the plan, in its order.
struct MeasuredCases {
  const std::string& dir;
  const Manifest& manifest;
  const std::vector<AskedCase>& cases;
  LookPlan looks;
};

/// Reads the raw files once a metric and adds a result for each metric of each case that is no
/// control. Errors: kData.
Result<void> judge_cases(const MeasuredCases& measured, GateReport& report);

}  // namespace assay
