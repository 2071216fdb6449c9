#include "verdict/estimate.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <optional>
#include <span>

namespace assay {

namespace {

using Values = std::vector<double>;
using RoundSlices = std::span<const Slice>;

/// True if every block ran every arm twice, and nothing else.
bool is_complete(RoundSlices slices, std::uint32_t blocks, std::size_t arms) {
  if (slices.size() != std::size_t{2} * blocks * arms) return false;
  std::vector<std::uint8_t> runs(std::size_t{blocks} * arms);
  for (const Slice& slice : slices)
    if (slice.block >= blocks || slice.arm >= arms || ++runs[slice.block * arms + slice.arm] > 2)
      return false;
  return true;  // so many slices, and none too often: none too seldom
}

/// Calls with each round in which every planned slice of the unit was measured, in order.
template <typename Use>
void for_complete_rounds(const Plan& plan, std::uint32_t unit, const SlicesByUnit& slices,
                         const Use& use) {
  RoundSlices rest = slices[unit];
  std::vector<Slice> ordered;
  // In the order of the run, unless one was resumed whose event log is lost: rounds come again.
  if (!std::ranges::is_sorted(rest, {}, &Slice::round)) {
    ordered.assign(rest.begin(), rest.end());
    std::ranges::stable_sort(ordered, {}, &Slice::round);
    rest = ordered;
  }
  while (!rest.empty()) {
    const std::uint32_t round = rest.front().round;
    const auto next =
        std::ranges::find_if(rest, [&](const Slice& slice) { return slice.round != round; });
    const auto of_round = rest.first(static_cast<std::size_t>(next - rest.begin()));
    if (is_complete(of_round, plan.blocks, plan.units[unit].arms.size())) use(round, of_round);
    rest = rest.subspan(of_round.size());
  }
}

Values values_of_arm(RoundSlices slices, std::size_t arm) {
  Values values;
  for (const Slice& slice : slices)
    if (slice.arm == arm) values.push_back(slice.value);
  return values;
}

/// Adjacent slices of a block are (0, 1) and (2, 3): each pair holds both arms.
Values pair_effects(RoundSlices of_round, Compare compare) {
  std::vector<Slice> slices(of_round.begin(), of_round.end());
  std::ranges::sort(slices, {},
                    [](const Slice& slice) { return std::pair(slice.block, slice.position); });
  Values effects;
  for (std::size_t i = 0; i + 1 < slices.size(); i += 2) {
    const bool baseline_first = slices[i].arm == 0;
    const double baseline = slices[baseline_first ? i : i + 1].value;
    const double candidate = slices[baseline_first ? i + 1 : i].value;
    effects.push_back(compare == Compare::kRatio ? std::log(baseline / candidate)
                                                 : baseline - candidate);
  }
  return effects;
}

bool needs_logarithms(const Experiment& experiment) {
  return experiment.rule.kind == RuleKind::kSlope || experiment.rule.kind == RuleKind::kCrossover ||
         (experiment.compare == Compare::kRatio && experiment.rule.kind != RuleKind::kBound);
}

std::optional<std::string> find_problem(const Experiment& experiment, const Comparison& comparison,
                                        const Plan& plan, const SlicesByUnit& slices) {
  if (!needs_logarithms(experiment)) return std::nullopt;
  for (const auto unit : comparison.units)
    for (const Slice& slice : slices[unit])
      if (!(slice.value > 0))
        return fmt::format(
            "{} of {} is {}: a ratio needs values above 0 (use compare = "
            "\"difference\")",
            experiment.metric, plan.units[unit].arms[slice.arm].benchmark, slice.value);
  return std::nullopt;
}

std::vector<double> log_sizes(const Experiment& experiment) {
  Values logs;
  for (const auto size : experiment.sizes) logs.push_back(std::log(static_cast<double>(size)));
  return logs;
}

double slope_of(const Experiment& experiment, RoundSlices slices) {
  Values logs;
  for (std::size_t arm = 0; arm < experiment.sizes.size(); ++arm)
    logs.push_back(std::log(median(values_of_arm(slices, arm))));
  return least_squares_slope(log_sizes(experiment), logs);
}

using RoundValues = std::vector<std::pair<std::uint32_t, double>>;

RoundValues crossover_rounds(const Experiment& experiment, const Comparison& comparison,
                             const Plan& plan, const SlicesByUnit& slices) {
  std::map<std::uint32_t, Values> effects;  // by round; one value a size, in the order of sizes
  for (const auto unit : comparison.units)
    for_complete_rounds(plan, unit, slices, [&](std::uint32_t round, RoundSlices of_round) {
      effects[round].push_back(median(pair_effects(of_round, Compare::kRatio)));
    });
  RoundValues rounds;
  for (const auto& [round, values] : effects)
    if (values.size() == experiment.sizes.size())
      rounds.emplace_back(round, rising_zero(log_sizes(experiment), values));
  return rounds;
}

double round_value(const Experiment& experiment, RoundSlices slices) {
  if (experiment.rule.kind == RuleKind::kSlope) return slope_of(experiment, slices);
  if (experiment.rule.kind == RuleKind::kBound) return median(values_of_arm(slices, 0));
  return median(pair_effects(slices, experiment.compare));
}

RoundValues round_values(const Experiment& experiment, const Comparison& comparison,
                         const Plan& plan, const SlicesByUnit& slices) {
  if (experiment.rule.kind == RuleKind::kCrossover)
    return crossover_rounds(experiment, comparison, plan, slices);
  RoundValues rounds;
  for_complete_rounds(plan, comparison.units.front(), slices,
                      [&](std::uint32_t round, RoundSlices of_round) {
                        rounds.emplace_back(round, round_value(experiment, of_round));
                      });
  return rounds;
}

/// Ratios and crossovers are estimated as logarithms; order statistics commute with exp.
double displayed(const Experiment& experiment, double value) {
  const bool is_log = needs_logarithms(experiment) && experiment.rule.kind != RuleKind::kSlope;
  return is_log ? std::exp(value) : value;
}

Values values_before(const RoundValues& rounds, std::uint32_t limit) {
  Values values;
  for (const auto& [round, value] : rounds)
    if (round < limit) values.push_back(value);
  return values;
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
    const Interval now = sign_interval(values_before(rounds, after), looks.alpha);
    const Interval shown = {displayed(experiment, now.low), displayed(experiment, now.high)};
    result.interval = intersect(result.interval, shown);
    result.looks.push_back({after, result.interval});
  }
  result.value = displayed(experiment, median(values_before(rounds, end)));
  for (const auto& [round, value] : rounds)
    result.rounds.emplace_back(round, displayed(experiment, value));
  return result;
}

std::vector<SweepPoint> sweep_points(const Experiment& experiment, const Comparison& comparison,
                                     const Plan& plan, const SlicesByUnit& slices, double alpha) {
  std::vector<SweepPoint> points;
  for (const auto unit : comparison.units) {
    std::vector<Values> medians(plan.units[unit].arms.size());  // of each round, by arm
    for_complete_rounds(plan, unit, slices, [&](std::uint32_t /*round*/, RoundSlices of_round) {
      for (std::size_t arm = 0; arm < medians.size(); ++arm)
        medians[arm].push_back(median(values_of_arm(of_round, arm)));
    });
    const auto size = plan.units[unit].size;  // without one, the unit's arms are the sizes
    for (std::size_t arm = 0; arm < medians.size(); ++arm)
      if (!medians[arm].empty())
        points.push_back({size ? arm : 1, size ? *size : experiment.sizes.at(arm),
                          median(medians[arm]), sign_interval(medians[arm], alpha)});
  }
  return points;
}

}  // namespace assay
