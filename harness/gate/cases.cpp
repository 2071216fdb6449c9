#include "gate/cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "gate/judge.hpp"

namespace assay {

std::vector<std::uint32_t> gate_looks(double alpha, std::size_t intervals) {
  constexpr std::uint32_t kLooks = 5;
  constexpr std::uint32_t kBeyondBound = 8;  // the extremes of barely enough rounds bound too wide
  const double share = alpha / static_cast<double>(std::max<std::size_t>(intervals, 1));
  std::vector<std::uint32_t> looks = {rounds_to_decide(share / (kLooks + 1)) + kBeyondBound};
  while (looks.size() < kLooks) looks.push_back(2 * looks.back());
  return looks;
}

std::size_t intervals_asked(const std::vector<std::pair<std::string, std::string>>& pairs,
                            const GateRules& rules) {
  std::size_t intervals = 0;
  for (const auto& pair : pairs) intervals += rule_for(rules, pair.second).metrics.size();
  return intervals;
}

void add_unanswered(GateReport& report, const std::string& benchmark, const BenchmarkRule& rule,
                    GateVerdict verdict, std::string why) {
  GateResult result;
  result.benchmark = benchmark;
  result.metric = rule.metrics.front();
  result.margin = rule.margin;
  result.is_gated = rule.is_gated;
  result.verdict = verdict;
  result.why = std::move(why);
  result.baseline = result.candidate = result.change = std::numeric_limits<double>::quiet_NaN();
  report.results.push_back(std::move(result));
}

bool keep_common_metrics(AskedCase& of, const Reports& baseline, const Reports& candidate,
                         GateReport& report) {
  const BenchmarkRule asked = of.rule;
  of.rule.metrics.clear();
  bool is_answered = false;
  for (const auto& metric : asked.metrics) {
    const bool is_before = baseline(metric), is_after = candidate(metric);
    if (is_before || is_after) report.reported.insert(metric);
    if (is_before && is_after) of.rule.metrics.push_back(metric);
    if (is_before == is_after) continue;
    BenchmarkRule alone = asked;
    alone.metrics = {metric};
    add_unanswered(report, of.candidate, alone, GateVerdict::kInvalid,
                   fmt::format("only the {} reports it", is_before ? "baseline" : "candidate"));
    is_answered = true;
  }
  if (of.rule.metrics.empty() && !is_answered)
    add_unanswered(report, of.candidate, asked, GateVerdict::kNotRun,
                   fmt::format("reports no {}", asked.metrics.front()));
  return !of.rule.metrics.empty();
}

Result<void> check_metrics(const std::vector<std::pair<std::string, std::string>>& pairs,
                           const GateRules& rules, const GateReport& report) {
  for (const auto& pair : pairs)
    for (const auto& metric : rule_for(rules, pair.second).metrics)
      if (!report.reported.contains(metric))
        return fail(ExitCode::kUsage, "--metric",
                    fmt::format("no benchmark reports \"{}\" on either side", metric),
                    "name a time or a counter that the benchmarks report");
  return {};
}

Result<void> judge_cases(const MeasuredCases& measured, GateReport& report) {
  const auto& [dir, manifest, cases, looks] = measured;
  std::size_t passes = 0;
  for (const auto& each : cases) passes = std::max(passes, each.rule.metrics.size());
  for (std::size_t pass = 0; pass < passes; ++pass) {
    std::vector<std::string> metrics;
    for (const auto& each : cases)
      metrics.push_back(each.rule.metrics[std::min(pass, each.rule.metrics.size() - 1)]);
    const auto recorded = read_recorded_slices(dir, manifest, metrics);
    if (!recorded) return std::unexpected(recorded.error());
    for (std::size_t i = 0; i < cases.size(); ++i)
      if (!cases[i].is_control && pass < cases[i].rule.metrics.size())
        report.results.push_back(
            judge_gate_case({manifest.plan.comparisons[i], manifest.plan, recorded->slices,
                             recorded->layouts, looks, cases[i].rule, metrics[i]}));
  }
  return {};
}

}  // namespace assay
