#include "verdict/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "verdict/rounds.hpp"

namespace assay {

namespace {

using Values = std::vector<double>;

std::optional<std::string> find_problem(const Experiment& experiment, const Comparison& comparison,
                                        const Plan& plan, const SlicesByUnit& slices) {
  if (experiment.rule.kind == RuleKind::kBehaviour) {
    for (const Slice& slice : slices[comparison.units.front()])
      if (slice.value != 0 && slice.value != 1)
        return fmt::format("{} of {} is {}: a behaviour holds (1) or not (0)", experiment.metric,
                           comparison.candidate, slice.value);
    return std::nullopt;
  }
  if (!is_logarithmic(experiment) && experiment.rule.kind != RuleKind::kSlope) return std::nullopt;
  for (const auto unit : comparison.units)
    for (const Slice& slice : slices[unit])
      if (!(slice.value > 0))
        return fmt::format(
            "{} of {} is {}: a ratio needs values above 0 (use compare = "
            "\"difference\")",
            experiment.metric, plan.units[unit].arms[slice.arm].benchmark, slice.value);
  return std::nullopt;
}

Values values_before(const RoundValues& rounds, std::uint32_t limit) {
  Values values;
  for (const auto& [round, value] : rounds)
    if (round < limit) values.push_back(value);
  return values;
}

/// From the least to the greatest: of a behaviour, where each value is all that there is to know.
Interval range_of(const Values& values) {
  const auto [least, most] = std::ranges::minmax(values);
  return {least, most};
}

}  // namespace

Estimate estimate(const Experiment& experiment, const Comparison& comparison, const Plan& plan,
                  const SlicesByUnit& slices, const LookPlan& looks) {
  Estimate result;
  result.value = std::numeric_limits<double>::quiet_NaN();
  if (auto problem = find_problem(experiment, comparison, plan, slices)) {
    result.problem = *std::move(problem);
    return result;
  }
  const RoundValues rounds = round_values(experiment, comparison, plan, slices);
  if (rounds.empty()) return result;

  const std::uint32_t end = rounds.back().first + 1;
  std::vector<std::uint32_t> times;
  for (const auto after : looks.after_rounds)
    if (after < end) times.push_back(after);
  times.push_back(end);
  for (const auto after : times) {
    if (!experiment.is_estimated()) {
      const Values values = values_before(rounds, after);
      if (values.empty()) continue;
      result.interval = range_of(values);
      result.looks.push_back({after, result.interval});
      continue;
    }
    const Interval now = sign_interval(values_before(rounds, after), looks.alpha);
    const Interval shown = {displayed(experiment, now.low), displayed(experiment, now.high)};
    result.interval = intersect(result.interval, shown);
    result.looks.push_back({after, result.interval});
    if (std::isfinite(now.low) && std::isfinite(now.high))
      result.at_any_look = hull(result.at_any_look, shown);
  }
  result.value = experiment.is_estimated()
                     ? displayed(experiment, median(values_before(rounds, end)))
                     : result.interval.low;
  for (const auto& [round, value] : rounds)
    result.rounds.emplace_back(round, displayed(experiment, value));
  return result;
}

std::optional<OverRounds> median_of_arm(const Plan& plan, std::uint32_t unit, std::size_t arm,
                                        const SlicesByUnit& slices, double alpha) {
  Values medians;
  for (const auto& [round, of_round] : complete_rounds(plan, unit, slices))
    medians.push_back(median(values_of_arm(of_round, arm)));
  if (medians.empty()) return std::nullopt;
  return OverRounds{median(medians), sign_interval(medians, alpha)};
}

std::vector<SweepPoint> sweep_points(const Experiment& experiment, const Comparison& comparison,
                                     const Plan& plan, const SlicesByUnit& slices, double alpha) {
  std::vector<SweepPoint> points;
  for (const auto unit : comparison.units) {
    const auto size = plan.units[unit].size;  // without one, the unit's arms are the sizes
    for (std::size_t arm = 0; arm < plan.units[unit].arms.size(); ++arm)
      if (const auto found = median_of_arm(plan, unit, arm, slices, alpha))
        points.push_back({size ? arm : 1, size ? *size : experiment.sizes.at(arm), found->value,
                          found->interval});
  }
  return points;
}

std::vector<SweepPoint> ratio_points(const Comparison& comparison, const Plan& plan,
                                     const SlicesByUnit& slices, double alpha) {
  std::vector<SweepPoint> points;
  for (const auto unit : comparison.units) {
    Values logs;
    for (const auto& [round, effect] : log_ratios(plan, unit, slices)) logs.push_back(effect);
    if (logs.empty()) continue;
    const Interval interval = sign_interval(logs, alpha);
    points.push_back({1,
                      plan.units[unit].size.value(),
                      std::exp(median(logs)),
                      {std::exp(interval.low), std::exp(interval.high)}});
  }
  return points;
}

}  // namespace assay
