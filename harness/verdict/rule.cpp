#include "verdict/rule.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <ranges>

namespace assay {

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSupported:
      return "supported";
    case Verdict::kRefuted:
      return "refuted";
    case Verdict::kEquivalent:
      return "equivalent";
    case Verdict::kInconclusive:
      return "inconclusive";
    case Verdict::kInvalid:
      return "invalid";
    case Verdict::kNotRun:
      return "not run";
    case Verdict::kHeld:
      return "held";
    case Verdict::kFailed:
      return "failed";
  }
  return "?";
}

const char* name_of(CutState state) {
  switch (state) {
    case CutState::kReached:
      return "reached";
    case CutState::kMissed:
      return "missed";
    case CutState::kOpen:
      return "open";
  }
  return "?";
}

CutState hold(const Cut& cut, const Interval& interval) {
  const bool above = interval.low >= cut.value;
  const bool below = interval.high <= cut.value;
  if (cut.is_upper ? below : above) return CutState::kReached;
  if (cut.is_upper ? interval.low > cut.value : interval.high < cut.value) return CutState::kMissed;
  return CutState::kOpen;
}

Interval accepted(const Experiment& experiment) {
  const Rule& rule = experiment.rule;
  const bool ratio = experiment.compare == Compare::kRatio;
  const double infinity = std::numeric_limits<double>::infinity();
  switch (rule.kind) {
    case RuleKind::kSuperiority:
      return {*rule.threshold, infinity};
    case RuleKind::kEquivalence:
      return ratio ? Interval{1 / *rule.margin, *rule.margin}
                   : Interval{-*rule.margin, *rule.margin};
    case RuleKind::kSlope:
      return {*rule.expected - *rule.margin, *rule.expected + *rule.margin};
    case RuleKind::kControl:
      return ratio ? Interval{*rule.expected / *rule.margin, *rule.expected * *rule.margin}
                   : Interval{*rule.expected - *rule.margin, *rule.expected + *rule.margin};
    case RuleKind::kLimit:
      return {*rule.at_least, infinity};
    case RuleKind::kBehaviour:
      return {1, infinity};
    case RuleKind::kWitness:
      break;
    case RuleKind::kBound:
    case RuleKind::kCrossover:
      return {rule.at_least.value_or(-infinity), rule.at_most.value_or(infinity)};
  }
  return everything();
}

bool is_good(Verdict verdict) {
  return verdict == Verdict::kSupported || verdict == Verdict::kEquivalent ||
         verdict == Verdict::kHeld;
}

Verdict good_verdict(RuleKind kind) {
  if (kind == RuleKind::kControl) return Verdict::kHeld;
  return kind == RuleKind::kEquivalence ? Verdict::kEquivalent : Verdict::kSupported;
}

std::vector<Cut> rule_cuts(const Experiment& experiment) {
  const Interval range = accepted(experiment);
  std::vector<Cut> cuts;
  if (std::isfinite(range.low)) cuts.push_back({"at least", range.low});
  if (std::isfinite(range.high)) cuts.push_back({"at most", range.high, true});
  return cuts;
}

std::vector<Cut> all_cuts(const Experiment& experiment, const RegisterSettings& settings) {
  std::vector<Cut> cuts = rule_cuts(experiment);
  for (const auto& cut : experiment.cuts) cuts.push_back({cut.name, cut.value});
  if (const auto scale = settings.tiers.find(experiment.tiers); scale != settings.tiers.end())
    for (const auto& tier : scale->second)
      if (tier.from > 0) cuts.push_back({tier.name, tier.from});
  return cuts;
}

std::optional<double> margin_of(const Experiment& experiment) {
  if (!experiment.rule.margin) return std::nullopt;
  const bool is_factor =
      experiment.compare == Compare::kRatio && experiment.rule.kind != RuleKind::kSlope;
  return is_factor ? std::log(*experiment.rule.margin) : *experiment.rule.margin;
}

std::vector<double> on_scale_of_margin(const Experiment& experiment, const Estimate& found) {
  const bool is_factor =
      experiment.compare == Compare::kRatio && experiment.rule.kind != RuleKind::kSlope;
  std::vector<double> values;
  for (const auto& [round, value] : found.rounds)
    values.push_back(is_factor ? std::log(value) : value);
  return values;
}

Verdict judge_rule(const Experiment& experiment, const Interval& interval) {
  if (interval.is_empty()) return Verdict::kInvalid;
  if (!experiment.is_measured()) return Verdict::kInconclusive;
  const Interval range = accepted(experiment);
  if (experiment.rule.kind == RuleKind::kBehaviour && interval.low == 0) return Verdict::kRefuted;
  if (interval.low >= range.low && interval.high <= range.high)
    return good_verdict(experiment.rule.kind);
  if (interval.high < range.low || interval.low > range.high)
    return experiment.is_control() ? Verdict::kFailed : Verdict::kRefuted;
  return Verdict::kInconclusive;
}

bool is_decided(const Experiment& experiment, const RegisterSettings& settings,
                const Interval& interval) {
  if (interval.is_empty()) return true;
  // The rule is asked itself: at a cut that the interval touches (counters are whole numbers), a
  // cut may be reached and the verdict open, as for [3, 4] and at_most = 3.
  if (judge_rule(experiment, interval) == Verdict::kInconclusive) return false;
  const auto cuts = all_cuts(experiment, settings);
  const auto further = cuts | std::views::drop(rule_cuts(experiment).size());
  return std::ranges::none_of(
      further, [&](const Cut& cut) { return hold(cut, interval) == CutState::kOpen; });
}

Score score(const Experiment& experiment, const RegisterSettings& settings, const Estimate& found) {
  Score result;
  if (const auto scale = settings.tiers.find(experiment.tiers); scale != settings.tiers.end())
    for (const auto& tier : scale->second)
      if (std::isfinite(found.interval.high) && found.interval.low >= tier.from)
        result.tier = tier.name;
  // Factors have a meaning between finite values above 0 alone; a crossover may be infinite, and a
  // predicted slope or difference negative.
  std::vector<Scenario> predicted = experiment.predicted;
  std::erase_if(predicted, [](const Scenario& scenario) { return !(scenario.value > 0); });
  if (predicted.empty() || !(found.value > 0) || std::isinf(found.value)) return result;
  const auto distance = [&](const Scenario& scenario) {
    return std::abs(std::log(scenario.value / found.value));
  };
  const auto nearest = std::ranges::min_element(predicted, {}, distance);
  result.nearest_scenario = nearest->name;
  result.interval_holds_nearest =
      found.interval.low <= nearest->value && nearest->value <= found.interval.high;
  result.overstated = std::ranges::max(predicted, {}, &Scenario::value).value / found.value;
  return result;
}

}  // namespace assay
