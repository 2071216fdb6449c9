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
constexpr std::size_t kLeastRoundsForShare = 64;

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
  const std::uint32_t half = plan.units[comparison.units.front()].blocks / 2;
  if (experiment.rule.kind == RuleKind::kCrossover || half == 0) return std::nullopt;
  Values first;
  Values second;
  for (const auto& [round, of_round] : complete_rounds(plan, comparison.units.front(), slices)) {
    first.push_back(value_of_slices(experiment, slices_of_blocks(of_round, 0, half)));
    second.push_back(value_of_slices(experiment, slices_of_blocks(of_round, half, 2 * half)));
  }
  if (first.size() < kLeastRoundsForShare) return std::nullopt;
  const double r = std::max(0.0, rank_correlation(first, second));
  return 2 * r / (1 + r);
}

std::optional<double> drift_p_value(const Estimate& found) {
  constexpr std::size_t kParts = 4;
  if (found.rounds.size() < kLeastRounds) return std::nullopt;
  std::vector<Values> parts(kParts);
  for (std::size_t i = 0; i < found.rounds.size(); ++i)
    parts[i * kParts / found.rounds.size()].push_back(found.rounds[i].second);
  return kruskal_wallis_p(parts);
}

bool is_pair_ratio(const Experiment& experiment, const Comparison& comparison, const Plan& plan) {
  return is_logarithmic(experiment) && comparison.units.size() == 1 &&
         plan.units[comparison.units.front()].arms.size() == 2;
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
  if (!is_pair_ratio(experiment, comparison, plan)) return std::nullopt;
  Values shifts;
  Values itself;
  for (const auto& [round, of_round] : complete_rounds(plan, comparison.units.front(), slices)) {
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

double variance(const Values& values) {
  double mean = 0;
  for (const double value : values) mean += value / static_cast<double>(values.size());
  double squares = 0;
  for (const double value : values) squares += (value - mean) * (value - mean);
  return squares / static_cast<double>(values.size() - 1);
}

/// Of the median of so many normal values, by their spread.
double variance_of_median(const Values& values) {
  const double sd = robust_sd(values);
  return std::numbers::pi / 2 * sd * sd / static_cast<double>(values.size());
}

}  // namespace

std::optional<LayoutSpread> layout_spread(const Experiment& experiment,
                                          const Comparison& comparison, const Plan& plan,
                                          const std::vector<SlicesByUnit>& layouts) {
  constexpr std::size_t kLeastRoundsOfRelink = 3;
  LayoutSpread spread;
  Values logs;
  double noise = 0;
  for (const auto& slices : layouts) {
    Values of_rounds;
    for (const auto& [round, value] : round_values(experiment, comparison, plan, slices))
      of_rounds.push_back(std::log(displayed(experiment, value)));
    if (of_rounds.size() < kLeastRoundsOfRelink) continue;
    noise += variance_of_median(of_rounds);
    logs.push_back(median(std::move(of_rounds)));
    spread.effects.push_back(std::exp(logs.back()));
  }
  const bool is_finite = std::ranges::all_of(logs, [](double log) { return std::isfinite(log); });
  if (logs.size() < 2 || !is_finite) return std::nullopt;
  noise /= static_cast<double>(logs.size());
  spread.sigma = std::sqrt(std::max(0.0, variance(logs) - noise));
  return spread;
}

bool is_layout_sized(const LayoutSpread& spread, double ratio) {
  const auto [least, most] = std::ranges::minmax(spread.effects);
  return std::abs(std::log(ratio)) < 2 * spread.sigma || (least < 1 && most > 1);
}

namespace {

/// Silverman's width for normal values; 0 where values are infinite.
double kernel_width(const Values& values) {
  const double sd = robust_sd(values);
  return std::isfinite(sd) ? 1.06 * sd * std::pow(static_cast<double>(values.size()), -0.2) : 0;
}

}  // namespace

std::vector<Interval> repeated_intervals(const Estimate& found, const LookPlan& looks,
                                         std::uint32_t runs, std::uint64_t seed) {
  std::mt19937_64 rng(seed);
  std::normal_distribution<double> kernel;
  Values measured;
  for (const auto& [round, value] : found.rounds) measured.push_back(value);
  const double width = measured.empty() ? 0 : kernel_width(measured);
  std::vector<Interval> intervals;
  for (std::uint32_t run = 0; run < runs && !measured.empty(); ++run) {
    Values drawn;
    Interval interval = everything();
    for (std::size_t round = 1; round <= measured.size(); ++round) {
      drawn.push_back(measured[rng() % measured.size()] + width * kernel(rng));
      if (round == measured.size() || std::ranges::count(looks.after_rounds, round) > 0)
        interval = intersect(interval, sign_interval(drawn, looks.alpha));
    }
    intervals.push_back(interval);
  }
  return intervals;
}

}  // namespace assay
