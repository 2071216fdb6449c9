#include "verdict/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <ranges>
#include <set>

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

namespace {

/// The values that a rule accepts; unbounded ends where it names none.
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

}  // namespace

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
  const Interval range = accepted(experiment);
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

std::uint32_t looks_counted(const RegisterSettings& settings, std::uint32_t resumptions) {
  return static_cast<std::uint32_t>(settings.looks.size()) + 1 + resumptions;
}

LookPlan look_plan(const Manifest& manifest, const RegisterSettings& settings, bool is_control,
                   std::uint32_t resumptions) {
  const double alpha = is_control ? settings.control_alpha : settings.alpha;
  const double count =
      std::max(1U, is_control ? manifest.controls_counted : manifest.claims_counted);
  return {alpha / (count * looks_counted(settings, resumptions)), settings.looks};
}

namespace {

/// The benchmarks' failures, by name; the first of each counts.
using FailureOf = std::map<std::string, Failure>;

std::optional<Failure> failure_in(const Comparison& comparison, const Plan& plan,
                                  const FailureOf& failures) {
  for (const auto unit : comparison.units)
    for (const auto& arm : plan.units[unit].arms)
      if (const auto found = failures.find(arm.benchmark); found != failures.end())
        return found->second;
  return std::nullopt;
}

std::string describe(const Failure& failure) {
  return fmt::format("{}: {}", failure.benchmark, failure.what);
}

/// False if the entry was changed so far that the slices answer another question: other
/// benchmarks, other sizes, or the two sides exchanged.
bool was_measured(const Experiment& experiment, const Comparison& comparison, const Plan& plan) {
  if (std::ranges::count(rivals_of(experiment), comparison.baseline) == 0) return false;
  const auto is_as_wanted = [&](const UnitNames& wanted, std::uint32_t index) {
    const Unit& unit = plan.units[index];
    return wanted.size == unit.size &&
           std::ranges::equal(wanted.benchmarks, unit.arms, {}, {}, &Arm::benchmark);
  };
  return std::ranges::equal(units_of(experiment, comparison.baseline), comparison.units,
                            is_as_wanted);
}

/// A baseline that the entry names now and the run did not know; empty if there is none.
std::string unmeasured_baseline(const ExperimentVerdict& result, const Plan& plan) {
  for (const auto& baseline : result.experiment.baselines)
    if (std::ranges::none_of(result.comparisons, [&](const ComparisonVerdict& part) {
          return plan.comparisons[part.comparison].baseline == baseline;
        }))
      return baseline;
  return "";
}

ComparisonVerdict judge_comparison(const Experiment& experiment, std::uint32_t index,
                                   const Manifest& manifest, const FailureOf& failures,
                                   const SlicesByUnit& slices, const LookPlan& looks) {
  const Comparison& comparison = manifest.plan.comparisons[index];
  ComparisonVerdict result;
  result.comparison = index;
  if (!was_measured(experiment, comparison, manifest.plan)) {
    result.verdict = Verdict::kInvalid;
    result.why = "the entry now names other benchmarks or sizes than were measured";
    return result;
  }
  result.estimate = estimate(experiment, comparison, manifest.plan, slices, looks);
  const auto failure = failure_in(comparison, manifest.plan, failures);
  if (failure) {
    const bool absent = failure->kind == FailureKind::kNotRun;
    result.verdict = absent ? Verdict::kNotRun : Verdict::kInvalid;
    result.why = describe(*failure);
    result.failure = failure->kind;
  } else if (!result.estimate.problem.empty()) {
    result.verdict = Verdict::kInvalid;
    result.why = result.estimate.problem;
  } else if (result.estimate.rounds.empty()) {
    result.verdict = Verdict::kNotRun;
    result.why = "the run ended before the first round was complete";
  } else {
    result.verdict = judge_rule(experiment, result.estimate.interval);
    const Interval& interval = result.estimate.interval;
    // The median lies in the last look's own interval; outside the intersection, the looks
    // disagree.
    if (result.estimate.value < interval.low || result.estimate.value > interval.high)
      result.verdict = Verdict::kInvalid;
    if (result.verdict == Verdict::kInvalid)
      result.why = "the intervals of different looks contradict each other: the effect drifted";
    if (result.verdict == Verdict::kInconclusive)
      result.why =
          fmt::format("the interval holds a value that the rule asks about after {} rounds",
                      result.estimate.rounds.size());
  }
  return result;
}

/// The strongest rival: the comparison of the least effect that has one.
std::size_t strongest(const std::vector<ComparisonVerdict>& comparisons) {
  std::size_t best = 0;
  for (std::size_t i = 1; i < comparisons.size(); ++i) {
    const bool measured = !comparisons[i].estimate.rounds.empty();
    const bool none_yet = comparisons[best].estimate.rounds.empty();
    if (measured && (none_yet || comparisons[i].estimate.value < comparisons[best].estimate.value))
      best = i;
  }
  return best;
}

/// A claim against several rivals holds if it holds against each; one refutation refutes it.
void combine(ExperimentVerdict& result, const Plan& plan) {
  const auto& parts = result.comparisons;
  const auto first_with = [&](Verdict verdict) {
    return std::ranges::find(parts, verdict, &ComparisonVerdict::verdict);
  };
  result.headline = strongest(parts);
  for (const Verdict decisive : {Verdict::kInvalid, Verdict::kFailed, Verdict::kRefuted}) {
    const auto found = first_with(decisive);
    if (found == parts.end()) continue;
    result.verdict = decisive;
    result.why = found->why;
    return;
  }
  if (std::ranges::all_of(parts, is_good, &ComparisonVerdict::verdict)) {
    result.verdict = good_verdict(result.experiment.rule.kind);
    return;
  }
  const auto absent = first_with(Verdict::kNotRun);
  const bool none_ran =
      std::ranges::all_of(parts, [](const auto& part) { return part.verdict == Verdict::kNotRun; });
  result.verdict = none_ran ? Verdict::kNotRun : Verdict::kInconclusive;
  if (absent != parts.end()) {
    const auto& baseline = plan.comparisons[absent->comparison].baseline;
    result.why =
        none_ran ? absent->why : fmt::format("the rival {} was not run: {}", baseline, absent->why);
  } else {
    result.why = first_with(Verdict::kInconclusive)->why;
  }
}

/// What a control that did not hold does to a claim of its family; nothing if it is no worse.
void apply_control(const ExperimentVerdict& control, bool failed, ExperimentVerdict& guarded) {
  const Verdict was = guarded.verdict;
  const bool decided = is_good(was) || was == Verdict::kRefuted;
  if (!decided && !(failed && was == Verdict::kInconclusive)) return;
  guarded.verdict = failed ? Verdict::kInvalid : Verdict::kInconclusive;
  const char* const state = failed                                ? "failed"
                            : control.verdict == Verdict::kNotRun ? "was not run"
                                                                  : "is too wide to vouch";
  guarded.why =
      fmt::format("would be {}, but its control {} {}", name_of(was), control.experiment.id, state);
}

/// A family whose control failed is invalid; one whose control is too wide to tell decides nothing.
/// Failures first: they must win whatever the order of the register.
void apply_controls(std::vector<ExperimentVerdict>& experiments) {
  for (const bool failed : {true, false})
    for (const auto& control : experiments) {
      if (!control.experiment.is_control() || control.verdict == Verdict::kHeld) continue;
      if (failed != (control.verdict == Verdict::kFailed || control.verdict == Verdict::kInvalid))
        continue;
      const auto& families = control.experiment.guards;
      for (auto& guarded : experiments)
        if (!guarded.experiment.is_control() &&
            std::ranges::count(families, guarded.experiment.family()) > 0)
          apply_control(control, failed, guarded);
    }
}

}  // namespace

std::vector<std::string> unguarded_families(const RunVerdicts& verdicts) {
  std::set<std::string> families;
  for (const auto& result : verdicts.experiments)
    if (!result.experiment.is_control()) families.insert(result.experiment.family());
  for (const auto& result : verdicts.experiments)
    for (const auto& guarded : result.experiment.guards) families.erase(guarded);
  return {families.begin(), families.end()};
}

RunVerdicts judge(const Manifest& manifest, const Register& reg, const Events& events,
                  const SlicesByUnit& slices) {
  RunVerdicts verdicts;
  verdicts.looks = looks_counted(reg.settings, events.resumptions);
  const LookPlan claim_looks = look_plan(manifest, reg.settings, false, events.resumptions);
  const LookPlan control_looks = look_plan(manifest, reg.settings, true, events.resumptions);
  verdicts.alpha_of_look = claim_looks.alpha;
  verdicts.control_alpha_of_look = control_looks.alpha;
  FailureOf failures;
  for (const auto& failure : events.failures) failures.emplace(failure.benchmark, failure);

  for (const auto& entry : reg.experiments) {
    const auto recorded = manifest.entry_hashes.find(entry.id);
    if (recorded == manifest.entry_hashes.end()) continue;
    ExperimentVerdict result;
    result.experiment = entry;
    result.is_exploratory =
        recorded->second != entry.hash || reg.settings.hash != manifest.settings_hash;
    for (std::uint32_t i = 0; i < manifest.plan.comparisons.size(); ++i)
      if (manifest.plan.comparisons[i].experiment == entry.id)
        result.comparisons.push_back(
            judge_comparison(entry, i, manifest, failures, slices,
                             entry.is_control() ? control_looks : claim_looks));
    if (result.comparisons.empty()) continue;
    combine(result, manifest.plan);
    const std::string unmeasured = unmeasured_baseline(result, manifest.plan);
    if (!unmeasured.empty() && is_good(result.verdict)) {
      result.verdict = Verdict::kInconclusive;
      result.why =
          fmt::format("the entry now names the rival {} too, which was not measured", unmeasured);
    }
    result.scored = score(entry, reg.settings, result.comparisons[result.headline].estimate);
    verdicts.experiments.push_back(std::move(result));
  }
  apply_controls(verdicts.experiments);
  return verdicts;
}

}  // namespace assay
