#include "verdict/evidence.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <random>

#include "verdict/rounds.hpp"

namespace assay {

namespace {

using Values = std::vector<double>;

constexpr std::size_t kLeastRounds = 16;

std::vector<Slice> slices_of_blocks(std::span<const Slice> slices, std::uint32_t from,
                                    std::uint32_t to) {
  std::vector<Slice> part;
  for (const Slice& slice : slices)
    if (slice.block >= from && slice.block < to) part.push_back(slice);
  return part;
}

}  // namespace

std::optional<double> share_between_rounds(const Experiment& experiment,
                                           const Comparison& comparison, const Plan& plan,
                                           const SlicesByUnit& slices) {
  if (experiment.rule.kind == RuleKind::kCrossover || plan.blocks < 2) return std::nullopt;
  const std::uint32_t half = plan.blocks / 2;
  Values first;
  Values second;
  for (const auto& [round, of_round] : complete_rounds(plan, comparison.units.front(), slices)) {
    first.push_back(value_of_slices(experiment, slices_of_blocks(of_round, 0, half)));
    second.push_back(value_of_slices(experiment, slices_of_blocks(of_round, half, 2 * half)));
  }
  if (first.size() < kLeastRounds) return std::nullopt;
  const double r = std::max(0.0, rank_correlation(first, second));
  return 2 * r / (1 + r);
}

std::optional<double> serial_correlation(const Estimate& found) {
  if (found.rounds.size() < kLeastRounds) return std::nullopt;
  Values values;
  for (const auto& [round, value] : found.rounds) values.push_back(value);
  const std::span<const double> all = values;
  return rank_correlation(all.first(all.size() - 1), all.last(all.size() - 1));
}

bool is_serial(double correlation, std::size_t rounds) {
  constexpr double kOnceIn40 = 1.96;  // of a normal value; 1 / sqrt(n) is its deviation
  return correlation * std::sqrt(static_cast<double>(rounds)) > kOnceIn40;
}

namespace {

/// Slices of both arms, by what ran right before them in their block.
struct Neighbours {
  std::array<Values, 2> after_rival;
  std::array<Values, 2> after_itself;

  bool is_whole() const {
    return std::ranges::none_of(after_rival, &Values::empty) &&
           std::ranges::none_of(after_itself, &Values::empty);
  }
};

/// Of a block, in order, the first slice follows one of another comparison.
Neighbours neighbours_in(std::span<const Slice> of_round) {
  const std::vector<Slice> slices = in_block_order(of_round);
  Neighbours found;
  for (std::size_t i = 1; i < slices.size(); ++i) {
    if (slices[i].block != slices[i - 1].block) continue;
    auto& side = slices[i].arm == slices[i - 1].arm ? found.after_itself : found.after_rival;
    side[slices[i].arm].push_back(slices[i].value);
  }
  return found;
}

double log_ratio(const std::array<Values, 2>& arms) {
  return std::log(median(arms[0]) / median(arms[1]));
}

Interval as_ratios(const Interval& logs) {
  return {std::exp(logs.low), std::exp(logs.high)};
}

}  // namespace

std::optional<CarryOver> carry_over(const Experiment& experiment, const Comparison& comparison,
                                    const Plan& plan, const SlicesByUnit& slices, double alpha) {
  const std::uint32_t unit = comparison.units.front();
  const bool is_pair = comparison.units.size() == 1 && plan.units[unit].arms.size() == 2;
  if (!is_pair || !is_logarithmic(experiment)) return std::nullopt;
  Values shifts;
  Values itself;
  for (const auto& [round, of_round] : complete_rounds(plan, unit, slices)) {
    const Neighbours found = neighbours_in(of_round);
    if (!found.is_whole()) continue;
    itself.push_back(log_ratio(found.after_itself));
    shifts.push_back(log_ratio(found.after_rival) - itself.back());
  }
  if (shifts.size() < kLeastRounds) return std::nullopt;
  return CarryOver{std::exp(median(shifts)), as_ratios(sign_interval(shifts, alpha)),
                   as_ratios(sign_interval(itself, alpha))};
}

namespace {

double standard_deviation(const Values& values) {
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

}  // namespace

std::optional<LayoutSpread> layout_spread(const Experiment& experiment,
                                          const Comparison& comparison, const Plan& plan,
                                          const std::vector<SlicesByUnit>& layouts,
                                          double ordinary) {
  constexpr std::size_t kLeastRoundsOfRelink = 3;
  LayoutSpread spread;
  Values logs = {std::log(ordinary)};
  for (const auto& slices : layouts) {
    Values values;
    for (const auto& [round, value] : round_values(experiment, comparison, plan, slices))
      values.push_back(value);
    if (values.size() < kLeastRoundsOfRelink) continue;
    spread.effects.push_back(displayed(experiment, median(values)));
    logs.push_back(std::log(spread.effects.back()));
  }
  const bool is_finite = std::ranges::all_of(logs, [](double log) { return std::isfinite(log); });
  if (spread.effects.size() < 2 || !is_finite) return std::nullopt;
  spread.sigma = standard_deviation(logs);
  return spread;
}

bool is_layout_sized(const LayoutSpread& spread, double ratio) {
  return std::abs(std::log(ratio)) < 2 * std::numbers::sqrt2 * spread.sigma;
}

std::vector<Interval> repeated_intervals(const Estimate& found, const LookPlan& looks,
                                         std::uint32_t runs, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  const std::size_t rounds = found.rounds.size();
  std::vector<Interval> intervals;
  for (std::uint32_t run = 0; run < runs && rounds > 0; ++run) {
    Values drawn;
    Interval interval = everything();
    for (std::size_t round = 1; round <= rounds; ++round) {
      drawn.push_back(found.rounds[rng() % rounds].second);
      if (round == rounds || std::ranges::count(looks.after_rounds, round) > 0)
        interval = intersect(interval, sign_interval(drawn, looks.alpha));
    }
    intervals.push_back(interval);
  }
  return intervals;
}

}  // namespace assay
