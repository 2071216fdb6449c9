#include "gate/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <limits>

#include "verdict/evidence.hpp"
#include "verdict/rounds.hpp"

namespace assay {

Experiment gate_entry(const std::string& id, const std::string& metric, double margin,
                      bool may_be_zero) {
  Experiment entry;
  entry.id = id;
  entry.baselines = {id};
  entry.candidate = id;
  entry.metric = metric;
  entry.compare = may_be_zero ? Compare::kDifference : Compare::kRatio;
  entry.rule.kind = RuleKind::kEquivalence;
  entry.rule.margin = margin;
  return entry;
}

namespace {

/// 1 + x, with 0 / 0 as no change.
double relative(double difference, double baseline) {
  if (difference == 0) return 1;
  if (baseline == 0) return difference < 0 ? kInfinity : 0;
  return 1 - difference / std::abs(baseline);
}

}  // namespace

Interval change_of(const Experiment& entry, const Interval& found, double baseline) {
  if (found.is_empty()) return nothing();
  if (entry.compare == Compare::kDifference)
    return {relative(found.high, baseline), relative(found.low, baseline)};
  const auto inverse = [](double ratio) { return ratio > 0 ? 1 / ratio : kInfinity; };
  return {found.high == kInfinity ? 0 : inverse(found.high),
          found.low <= 0 ? kInfinity : inverse(found.low)};
}

bool may_be_layout(const std::vector<double>& effects) {
  constexpr double kAlpha = 0.05;
  if (effects.size() < 2) return false;
  const auto n = static_cast<double>(effects.size());
  double mean = 0, squares = 0;
  for (const double effect : effects) mean += std::log(effect) / n;
  for (const double effect : effects) squares += std::pow(std::log(effect) - mean, 2);
  const double error = std::sqrt(squares / (n - 1) / n);
  const boost::math::students_t t(n - 1);
  return std::abs(mean) <= boost::math::quantile(boost::math::complement(t, kAlpha / 2)) * error;
}

namespace {

double median_of_arm(const SlicesByUnit& slices, std::uint32_t unit, std::size_t arm) {
  auto values = values_of_arm(slices[unit], arm);
  return values.empty() ? std::numeric_limits<double>::quiet_NaN() : median(std::move(values));
}

/// Looks that contradict each other leave nothing: then all that any of them held possible counts.
void judge_looks(const Experiment& entry, const Estimate& found, const GateCase& of,
                 GateResult& result) {
  const bool more_is_better = is_more_better(of.metric);
  const bool is_outside = found.value < found.interval.low || found.value > found.interval.high;
  const bool has_drifted = !found.rounds.empty() && (found.interval.is_empty() || is_outside);
  const Interval& sound = has_drifted ? found.at_any_look : found.interval;
  result.interval = change_of(entry, sound, result.baseline);
  result.verdict = gate_verdict(result.interval, result.change, of.rule.margin, more_is_better);
  if (has_drifted)
    result.why = "the effect drifted: the interval is that of all looks";
  else if (result.verdict == GateVerdict::kUnclear &&
           !perhaps_within(result.interval, of.metric).empty())
    result.why = perhaps_within(result.interval, of.metric);
  else if (result.verdict == GateVerdict::kUnclear)
    result.why = std::isfinite(result.interval.high) && result.interval.low > 0
                     ? fmt::format("it may be none, or {}",
                                   percent_text(std::abs(std::log(result.interval.low)) >
                                                        std::abs(std::log(result.interval.high))
                                                    ? result.interval.low
                                                    : result.interval.high))
                     : fmt::format("{} rounds bound nothing", found.rounds.size());
}

void judge_layout(const Experiment& entry, const GateCase& of, GateResult& result) {
  if (entry.compare != Compare::kRatio || !is_time(of.metric)) return;
  const auto spread = layout_spread(entry, of.comparison, of.plan, of.layouts);
  if (!spread) return;
  result.layout_sigma = spread->sigma;
  const bool differs =
      result.verdict == GateVerdict::kWorse || result.verdict == GateVerdict::kBetter;
  result.is_layout_sized = differs && may_be_layout(spread->effects);
}

}  // namespace

GateResult judge_gate_case(const GateCase& of) {
  const std::uint32_t unit = of.comparison.units.front();
  const bool may_be_zero =
      std::ranges::any_of(of.slices[unit], [](const Slice& slice) { return !(slice.value > 0); });
  const Experiment entry =
      gate_entry(of.comparison.experiment, of.metric, of.rule.margin, may_be_zero);
  const Estimate found = estimate(entry, of.comparison, of.plan, of.slices, of.looks);
  GateResult result;
  result.benchmark = of.comparison.experiment;
  result.metric = of.metric;
  result.margin = of.rule.margin;
  result.is_gated = of.rule.is_gated;
  result.rounds = found.rounds.size();
  result.baseline = median_of_arm(of.slices, unit, 0);
  result.candidate = median_of_arm(of.slices, unit, 1);
  result.change = std::isnan(found.value)
                      ? found.value
                      : change_of(entry, {found.value, found.value}, result.baseline).low;
  judge_looks(entry, found, of, result);
  judge_layout(entry, of, result);
  return result;
}

}  // namespace assay
