#include "gate/cases.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>

#include "gate/judge.hpp"

namespace assay {

bool asks_for_time(const AskedCase& of) {
  return std::ranges::any_of(of.rule.metrics, depends_on_time);
}

void add_null_controls(std::vector<Timed> timed, std::vector<AskedCase>& cases) {
  std::ranges::stable_sort(timed, {}, &Timed::cost);
  std::map<std::string, std::vector<Timed>> of_executable;
  for (auto& each : timed) of_executable[each.executable].push_back(std::move(each));
  for (auto& [executable, benchmarks] : of_executable) {
    Timed& middle = benchmarks[(benchmarks.size() - 1) / 2];
    middle.rule.metrics = {"real_time"};
    cases.push_back({middle.benchmark, middle.benchmark, std::move(middle.rule), true});
  }
}

std::vector<bool> open_cases(const std::vector<AskedCase>& cases, bool is_fail_fast,
                             const JudgedCase& judged) {
  std::vector<bool> open(cases.size());
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].is_control) continue;
    const auto now = judged(i);
    if (!now) continue;
    if (is_fail_fast && is_regression(*now)) return std::vector<bool>(cases.size(), false);
    open[i] = !is_settled(now->interval, cases[i].rule.margin);
  }
  for (std::size_t i = 0; i < cases.size(); ++i)
    if (cases[i].is_control) open[i] = judged(i).has_value();
  close_lone_controls(cases, open);
  return open;
}

void close_lone_controls(const std::vector<AskedCase>& cases, std::vector<bool>& open) {
  for (std::size_t i = 0; i < open.size(); ++i)
    if (open[i] && !cases[i].is_control) return;
  open.assign(open.size(), false);
}

void judge_controls(const std::vector<AskedCase>& cases, const JudgedCase& judged,
                    const std::function<std::string(const std::string& baseline)>& executable_of,
                    GateReport& report) {
  const auto invalidate = [&](const std::string& control) {
    for (auto& result : report.results) {
      const auto of = std::ranges::find(cases, result.benchmark, &AskedCase::candidate);
      const bool is_answered =
          result.verdict != GateVerdict::kInvalid && result.verdict != GateVerdict::kNotRun;
      if (of == cases.end() || !is_answered || !depends_on_time(result.metric)) continue;
      if (executable_of(of->baseline) != executable_of(control)) continue;
      result.why = fmt::format("would be {}, but {} differs from itself",
                               name_of(result.verdict, true), control);
      result.verdict = GateVerdict::kInvalid;
    }
  };
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (!cases[i].is_control) continue;
    const auto found = judged(i);
    if (!found) continue;
    const bool differs = found->interval.low > 1 || found->interval.high < 1;
    const bool has_failed = found->verdict != GateVerdict::kSame && differs;
    report.controls.push_back({cases[i].baseline, has_failed, found->change, found->interval});
    if (has_failed) invalidate(cases[i].baseline);
  }
}

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
