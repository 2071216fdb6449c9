#include "gate/result.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <tuple>

#include "register/register.hpp"
#include "text.hpp"

namespace assay {

const char* name_of(GateVerdict verdict, bool is_time) {
  switch (verdict) {
    case GateVerdict::kWorse:
      return is_time ? "slower" : "worse";
    case GateVerdict::kBetter:
      return is_time ? "faster" : "better";
    case GateVerdict::kSame:
      return "same";
    case GateVerdict::kUnclear:
      return "unclear";
    case GateVerdict::kInvalid:
      return "invalid";
    case GateVerdict::kNotRun:
      return "not run";
  }
  return "";
}

const char* name_of(GateEvidence evidence) {
  switch (evidence) {
    case GateEvidence::kServed:
      return "served slices";
    case GateEvidence::kProcesses:
      return "whole processes";
    case GateEvidence::kFiles:
      return "a file a process";
    case GateEvidence::kHours:
      return "files of other hours";
    case GateEvidence::kRepetitions:
      return "repetitions of few processes";
    case GateEvidence::kRecorded:
      return "a run of another hour";
    case GateEvidence::kCounted:
      return "counted instructions";
  }
  return "";
}

bool is_weak(GateEvidence evidence) {
  return evidence == GateEvidence::kRepetitions || evidence == GateEvidence::kHours ||
         evidence == GateEvidence::kRecorded;
}

void warn_of_theft(GateReport& report) {
  const double share = stolen_share(report.cpu_time).value_or(0);
  if (share > kMuchStolen)
    report.warnings.push_back(
        fmt::format("the hypervisor gave {:.0f}% of the measuring CPU's time to other "
                    "guests: intervals are wider for it",
                    100 * share));
}

bool is_more_better(const std::string& metric) {
  return metric.ends_with("_per_second") || metric.ends_with("_per_s");
}

bool depends_on_time(const std::string& metric) {
  return is_time(metric) || is_more_better(metric);
}

GateVerdict gate_verdict(const Interval& change, double estimate, double margin,
                         bool more_is_better) {
  if (change.is_empty()) return GateVerdict::kUnclear;
  if (change.low >= 1 / margin && change.high <= margin) return GateVerdict::kSame;
  if (change.low > 1 && (estimate > margin || change.low >= margin))
    return more_is_better ? GateVerdict::kBetter : GateVerdict::kWorse;
  if (change.high < 1 && (estimate < 1 / margin || change.high <= 1 / margin))
    return more_is_better ? GateVerdict::kWorse : GateVerdict::kBetter;
  return GateVerdict::kUnclear;
}

std::string perhaps_within(const Interval& change, const std::string& metric) {
  if (change.is_empty() || (change.low <= 1 && change.high >= 1)) return "";
  const bool is_worse = (change.low > 1) != is_more_better(metric);
  return fmt::format(
      "{}, perhaps within the margin",
      name_of(is_worse ? GateVerdict::kWorse : GateVerdict::kBetter, is_time(metric)));
}

bool is_settled(const Interval& change, double margin) {
  if (change.is_empty()) return false;
  const bool is_within = change.low >= 1 / margin && change.high <= margin;
  return is_within || change.low >= margin || change.high <= 1 / margin;
}

bool is_regression(const GateResult& result) {
  return result.verdict == GateVerdict::kWorse && result.is_gated && !is_weak(result.evidence) &&
         !result.is_layout_sized;
}

void sort_worst_first(std::vector<GateResult>& results) {
  const auto rank = [](const GateResult& result) {
    constexpr int kOrder[] = {1, 4, 5, 3, 2, 6};  // by the enumerators' values
    return is_regression(result) ? 0 : kOrder[static_cast<int>(result.verdict)];
  };
  const auto badness = [](const GateResult& result) {
    if (!(result.change > 0)) return 0.0;
    const double log = std::log(result.change);
    return is_more_better(result.metric) ? -log : log;
  };
  std::ranges::stable_sort(results, [&](const GateResult& a, const GateResult& b) {
    return std::tuple(rank(a), -badness(a), a.benchmark, a.metric) <
           std::tuple(rank(b), -badness(b), b.benchmark, b.metric);
  });
}

ExitCode exit_code_of(const GateReport& report, bool is_strict) {
  if (report.was_interrupted) return ExitCode::kInterrupted;
  const auto any = [&](auto is_meant) { return std::ranges::any_of(report.results, is_meant); };
  if (any(is_regression)) return ExitCode::kRegression;
  if (report.has_failures || !report.failures.empty()) return ExitCode::kInstrument;
  if (is_strict && !report.removed.empty()) return ExitCode::kInvalid;
  const auto is_gated = [](const GateResult& result) { return result.is_gated; };
  const bool is_blind = any(is_gated) && !any([](const GateResult& result) {
                          const bool is_bounded =
                              result.interval.low > 0 || result.interval.high < kInfinity;
                          return result.is_gated && is_bounded;
                        });
  const bool is_invalid = is_blind || any([&](const GateResult& result) {
                            if (!result.is_gated) return false;
                            if (result.verdict == GateVerdict::kInvalid) return true;
                            if (result.verdict == GateVerdict::kWorse)
                              return is_strict || is_weak(result.evidence);
                            return is_strict && result.verdict == GateVerdict::kUnclear;
                          });
  return is_invalid ? ExitCode::kInvalid : ExitCode::kDone;
}

std::string percent_text(double change) {
  if (std::isnan(change)) return "?";
  if (std::isinf(change)) return "+inf";
  const double value = 100 * (change - 1);
  const int decimals = std::abs(value) < 1 ? 2 : std::abs(value) < 100 ? 1 : 0;
  return fmt::format("{:+.{}f}%", value, decimals);
}

Matching match_names(const std::vector<std::string>& baseline,
                     const std::vector<std::string>& candidate,
                     const std::vector<std::pair<std::string, std::string>>& renamed) {
  const std::set<std::string> before(baseline.begin(), baseline.end());
  std::set<std::string> after(candidate.begin(), candidate.end());
  const std::map<std::string, std::string> new_name_of(renamed.begin(), renamed.end());
  Matching matching;
  std::vector<std::string> removed;
  for (const auto& name : before) {
    const auto known = new_name_of.find(name);
    const std::string& now = known == new_name_of.end() ? name : known->second;
    if (after.erase(now) > 0)
      matching.pairs.emplace_back(name, now);
    else
      removed.push_back(name);
  }
  const std::vector<std::string> added(after.begin(), after.end());
  for (const auto& name : removed) matching.removed.push_back({name, nearest(name, added)});
  for (const auto& name : added) matching.added.push_back({name, nearest(name, removed)});
  return matching;
}

}  // namespace assay
