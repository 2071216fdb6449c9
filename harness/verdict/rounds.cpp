#include "verdict/rounds.hpp"

#include <algorithm>
#include <cmath>
#include <map>

#include "statistics/statistics.hpp"

namespace assay {

namespace {

using Values = std::vector<double>;

/// True if every block ran every arm twice, and nothing else.
bool is_complete(std::span<const Slice> slices, std::uint32_t blocks, std::size_t arms) {
  if (slices.size() != std::size_t{2} * blocks * arms) return false;
  std::vector<std::uint8_t> runs(std::size_t{blocks} * arms);
  for (const Slice& slice : slices)
    if (slice.block >= blocks || slice.arm >= arms || ++runs[slice.block * arms + slice.arm] > 2)
      return false;
  return true;  // so many slices, and none too often: none too seldom
}

}  // namespace

std::vector<CompleteRound> complete_rounds(const Plan& plan, std::uint32_t unit,
                                           const SlicesByUnit& slices) {
  std::vector<CompleteRound> rounds;
  for (std::span<const Slice> rest = slices[unit]; !rest.empty();) {
    const std::uint32_t round = rest.front().round;
    const auto next =
        std::ranges::find_if(rest, [&](const Slice& slice) { return slice.round != round; });
    const auto of_round = rest.first(static_cast<std::size_t>(next - rest.begin()));
    if (is_complete(of_round, plan.units[unit].blocks, plan.units[unit].arms.size()))
      rounds.push_back({round, of_round});
    rest = rest.subspan(of_round.size());
  }
  return rounds;
}

std::vector<Slice> in_block_order(std::span<const Slice> slices) {
  std::vector<Slice> ordered(slices.begin(), slices.end());
  std::ranges::sort(ordered, {},
                    [](const Slice& slice) { return std::pair(slice.block, slice.position); });
  return ordered;
}

std::vector<SlicePair> adjacent_pairs(std::span<const Slice> slices) {
  const std::vector<Slice> ordered = in_block_order(slices);
  std::vector<SlicePair> pairs;
  for (std::size_t i = 0; i + 1 < ordered.size(); i += 2) {
    const bool baseline_first = ordered[i].arm == 0;
    pairs.push_back({ordered[baseline_first ? i : i + 1], ordered[baseline_first ? i + 1 : i]});
  }
  return pairs;
}

std::vector<double> values_of_arm(std::span<const Slice> slices, std::size_t arm) {
  Values values;
  for (const Slice& slice : slices)
    if (slice.arm == arm) values.push_back(slice.value);
  return values;
}

bool is_logarithmic(const Experiment& experiment) {
  return experiment.rule.kind == RuleKind::kCrossover ||
         (experiment.compare == Compare::kRatio && experiment.rule.kind != RuleKind::kBound &&
          experiment.rule.kind != RuleKind::kSlope && experiment.rule.kind != RuleKind::kBehaviour);
}

double displayed(const Experiment& experiment, double value) {
  return is_logarithmic(experiment) ? std::exp(value) : value;
}

namespace {

Values pair_effects(std::span<const Slice> slices, Compare compare) {
  Values effects;
  for (const auto& [baseline, candidate] : adjacent_pairs(slices))
    effects.push_back(compare == Compare::kRatio ? std::log(baseline.value / candidate.value)
                                                 : baseline.value - candidate.value);
  return effects;
}

std::vector<double> log_sizes(const Experiment& experiment) {
  Values logs;
  for (const auto size : experiment.sizes) logs.push_back(std::log(static_cast<double>(size)));
  return logs;
}

double slope_of(const Experiment& experiment, std::span<const Slice> slices) {
  Values logs;
  for (std::size_t arm = 0; arm < experiment.sizes.size(); ++arm)
    logs.push_back(std::log(median(values_of_arm(slices, arm))));
  return least_squares_slope(log_sizes(experiment), logs);
}

RoundValues crossover_rounds(const Experiment& experiment, const Comparison& comparison,
                             const Plan& plan, const SlicesByUnit& slices) {
  std::map<std::uint32_t, Values> effects;  // by round; one value a size, in the order of sizes
  for (const auto unit : comparison.units)
    for (const auto& [round, effect] : log_ratios(plan, unit, slices))
      effects[round].push_back(effect);
  RoundValues rounds;
  for (const auto& [round, values] : effects)
    if (values.size() == experiment.sizes.size())
      rounds.emplace_back(round, rising_zero(log_sizes(experiment), values));
  return rounds;
}

/// The least of each round's slices: one failure is enough, and shows in a round that was cut off,
/// too.
RoundValues behaviour_rounds(const Plan& plan, std::uint32_t unit, const SlicesByUnit& slices) {
  std::map<std::uint32_t, double> least;
  for (const Slice& slice : slices[unit])
    if (slice.value == 0) least[slice.round] = 0;
  for (const auto& [round, of_round] : complete_rounds(plan, unit, slices))
    least.emplace(round, std::ranges::min(values_of_arm(of_round, 0)));
  return {least.begin(), least.end()};
}

}  // namespace

std::vector<double> effects_of_slices(const Experiment& experiment, std::span<const Slice> slices) {
  if (experiment.rule.kind == RuleKind::kBound) return values_of_arm(in_block_order(slices), 0);
  return pair_effects(slices, experiment.compare);
}

double value_of_slices(const Experiment& experiment, std::span<const Slice> slices) {
  if (experiment.rule.kind == RuleKind::kSlope) return slope_of(experiment, slices);
  return median(effects_of_slices(experiment, slices));
}

RoundValues log_ratios(const Plan& plan, std::uint32_t unit, const SlicesByUnit& slices) {
  RoundValues rounds;
  for (const auto& [round, of_round] : complete_rounds(plan, unit, slices))
    rounds.emplace_back(round, median(pair_effects(of_round, Compare::kRatio)));
  return rounds;
}

RoundValues round_values(const Experiment& experiment, const Comparison& comparison,
                         const Plan& plan, const SlicesByUnit& slices) {
  if (experiment.rule.kind == RuleKind::kCrossover)
    return crossover_rounds(experiment, comparison, plan, slices);
  if (experiment.rule.kind == RuleKind::kBehaviour)
    return behaviour_rounds(plan, comparison.units.front(), slices);
  RoundValues rounds;
  for (const auto& [round, of_round] : complete_rounds(plan, comparison.units.front(), slices))
    rounds.emplace_back(round, value_of_slices(experiment, of_round));
  return rounds;
}

}  // namespace assay
