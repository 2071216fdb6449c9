#include "verdict/judge.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <map>
#include <set>
#include <string_view>

#include "register/parse.hpp"

namespace assay {

bool is_layout_sized(const ExperimentVerdict& result, const Plan& plan) {
  // A limit's sides do not the same, and its share is asked to be near 1.
  if (result.comparisons.empty() || result.experiment.rule.kind == RuleKind::kLimit) return false;
  const ComparisonVerdict& part = result.comparisons[result.headline];
  return part.evidence.layout &&
         is_pair_ratio(result.experiment, plan.comparisons[part.comparison], plan) &&
         is_layout_sized(*part.evidence.layout, part.estimate.value);
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

/// All that a comparison is judged by.
struct Case {
  const Experiment& experiment;
  const Comparison& comparison;
  const Manifest& manifest;
  const Collected& collected;
  LookPlan looks;
  double carry_over_alpha;
};

void explain(ComparisonVerdict& result, Verdict verdict, std::string why) {
  result.verdict = verdict;
  result.why = std::move(why);
}

bool is_decisive(Verdict verdict) {
  return is_good(verdict) || verdict == Verdict::kRefuted || verdict == Verdict::kFailed;
}

/// Of an effect that was another at each look, there is no interval that all looks agree on. What
/// the rule says of everything that any look held possible, it says of the effect at every time.
void judge_drift(const Case& of, ComparisonVerdict& result) {
  const Verdict always = judge_rule(of.experiment, result.estimate.at_any_look);
  if (!is_decisive(always))
    return explain(result, Verdict::kInvalid,
                   "the intervals of different looks contradict each other: the effect drifted");
  result.estimate.interval = result.estimate.at_any_look;
  explain(result, always, "the effect drifted: the interval is that of all looks");
}

void judge_interval(const Case& of, ComparisonVerdict& result) {
  const Interval& interval = result.estimate.interval;
  result.verdict = judge_rule(of.experiment, interval);
  // The median lies in the last look's own interval; outside the intersection, the looks disagree.
  const bool is_outside =
      result.estimate.value < interval.low || result.estimate.value > interval.high;
  if (result.verdict == Verdict::kInvalid || is_outside)
    judge_drift(of, result);
  else if (result.verdict == Verdict::kInconclusive)
    explain(result, Verdict::kInconclusive,
            fmt::format("the interval holds a value that the rule asks about after {} rounds",
                        result.estimate.rounds.size()));
}

/// The interval with an error of this factor on either side.
Interval widened(const Interval& interval, double factor) {
  const auto away = [&](double end, bool is_up) {
    if (end == 0) return end;
    return (end > 0) == is_up ? end * factor : end / factor;
  };
  return {away(interval.low, false), away(interval.high, true)};
}

/// A verdict that holds beside the rival and not after the benchmark itself is of the protocol; one
/// that the shift between the two could change is not told.
void judge_carry_over(const Case& of, ComparisonVerdict& result) {
  if (!result.evidence.carry_over || !is_decisive(result.verdict)) return;
  const auto& [shift, bounds, after_itself] = *result.evidence.carry_over;
  const Verdict itself = judge_rule(of.experiment, after_itself);
  const bool is_shifted = bounds.low > 1 || bounds.high < 1;
  const double most = std::max(bounds.high, 1 / bounds.low);
  if (is_decisive(itself) && is_good(itself) != is_good(result.verdict))
    explain(result, Verdict::kInvalid,
            fmt::format("would be {}, but of slices that follow one of the same benchmark it would "
                        "be {}: what the rival leaves behind moves the ratio",
                        name_of(result.verdict), name_of(itself)));
  else if (is_shifted && itself != result.verdict &&
           judge_rule(of.experiment, widened(result.estimate.interval, most)) != result.verdict)
    explain(result, Verdict::kInconclusive,
            fmt::format("would be {}, but what the rival leaves behind moves the ratio by {:.4g} "
                        "[{:.4g}, {:.4g}], which could change that",
                        name_of(result.verdict), shift, bounds.low, bounds.high));
  if (!is_decisive(result.verdict)) {
    result.agreement.reset();
    result.relinks_agreeing.reset();
  }
}

Evidence gather(const Case& of, const Estimate& found) {
  const auto& [experiment, comparison, manifest, collected, looks, alpha] = of;
  const Plan& plan = manifest.plan;
  return {share_between_rounds(experiment, comparison, plan, collected.slices),
          drift_p_value(found), carry_over(experiment, comparison, plan, collected.slices, alpha),
          layout_spread(experiment, comparison, plan, collected.layouts)};
}

std::optional<double> chance_of_agreement(const Case& of, const ComparisonVerdict& result) {
  constexpr std::uint32_t kRuns = 200;
  // Fewer rounds are bounded by their range, or nearly: of what lies beyond it they tell nothing.
  if (result.estimate.rounds.size() < std::size_t{2} * rounds_to_decide(of.looks.alpha))
    return std::nullopt;
  if (!is_decisive(result.verdict) && result.verdict != Verdict::kInconclusive) return std::nullopt;
  const auto repeated = repeated_intervals(result.estimate, of.looks, kRuns, of.manifest.plan.seed);
  const auto same = std::ranges::count(repeated, result.verdict, [&](const Interval& interval) {
    return judge_rule(of.experiment, interval);
  });
  return static_cast<double>(same) / kRuns;
}

std::optional<std::size_t> count_agreeing(const Experiment& experiment,
                                          const ComparisonVerdict& result) {
  if (!result.evidence.layout || !is_decisive(result.verdict)) return std::nullopt;
  const auto agrees = [&](double effect) {
    return is_good(judge_rule(experiment, {effect, effect})) == is_good(result.verdict);
  };
  return static_cast<std::size_t>(std::ranges::count_if(result.evidence.layout->effects, agrees));
}

void judge_measured(const Case& of, ComparisonVerdict& result) {
  judge_interval(of, result);
  if (!of.experiment.is_estimated()) return;
  result.evidence = gather(of, result.estimate);
  result.agreement = chance_of_agreement(of, result);
  result.relinks_agreeing = count_agreeing(of.experiment, result);
  judge_carry_over(of, result);
}

ComparisonVerdict judge_comparison(const Case& of, std::uint32_t index, const FailureOf& failures) {
  const Plan& plan = of.manifest.plan;
  ComparisonVerdict result;
  result.comparison = index;
  if (!was_measured(of.experiment, of.comparison, plan)) {
    explain(result, Verdict::kInvalid,
            "the entry now names other benchmarks or sizes than were measured");
    return result;
  }
  result.estimate = estimate(of.experiment, of.comparison, plan, of.collected.slices, of.looks);
  if (const auto failure = failure_in(of.comparison, plan, failures)) {
    const bool is_absent = failure->kind == FailureKind::kNotRun;
    explain(result, is_absent ? Verdict::kNotRun : Verdict::kInvalid, describe(*failure));
    result.failure = failure->kind;
  } else if (!result.estimate.problem.empty()) {
    explain(result, Verdict::kInvalid, result.estimate.problem);
  } else if (result.estimate.rounds.empty()) {
    explain(result, Verdict::kNotRun, "the run ended before the first round was complete");
  } else {
    judge_measured(of, result);
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
    result.why = parts[result.headline].why;
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

/// How far from its truth the control's interval reaches, as a factor: an error of this size may be
/// in what it guards. Infinite where nothing bounds it.
double error_left_open(const ExperimentVerdict& control) {
  const double truth = control.experiment.rule.expected.value_or(1);
  double factor = 1;
  for (const auto& part : control.comparisons) {
    const Interval& interval = part.estimate.interval;
    if (part.verdict == Verdict::kNotRun || !(interval.low > 0))
      return std::numeric_limits<double>::infinity();
    factor = std::max({factor, interval.high / truth, truth / interval.low});
  }
  return factor;
}

/// True of a decided claim whose verdict is the same with an error of this factor in each ratio.
bool withstands(const ExperimentVerdict& claim, double factor) {
  const auto stays = [&](const ComparisonVerdict& part) {
    return part.verdict == judge_rule(claim.experiment, widened(part.estimate.interval, factor));
  };
  if (is_good(claim.verdict)) return std::ranges::all_of(claim.comparisons, stays);
  return std::ranges::any_of(claim.comparisons, [&](const ComparisonVerdict& part) {
    return part.verdict == Verdict::kRefuted && stays(part);
  });
}

void weaken(ExperimentVerdict& claim, Verdict to, const ExperimentVerdict& control,
            std::string_view state) {
  claim.why = fmt::format("would be {}, but its control {} {}", name_of(claim.verdict),
                          control.experiment.id, state);
  claim.verdict = to;
}

bool is_decided(const ExperimentVerdict& claim) {
  return is_good(claim.verdict) || claim.verdict == Verdict::kRefuted;
}

/// What a control that neither held nor failed does to a claim of its family.
void apply_open_control(const ExperimentVerdict& control, ExperimentVerdict& guarded) {
  if (!is_decided(guarded)) return;
  if (control.verdict == Verdict::kNotRun) {
    weaken(guarded, Verdict::kInconclusive, control, "was not run");
    return;
  }
  const double error = error_left_open(control);
  if (!withstands(guarded, error))
    weaken(guarded, Verdict::kInconclusive, control,
           fmt::format("leaves an error of up to {:.4g}x open, which could change that", error));
}

/// Says where a verdict turns on less than a control that holds can tell.
void note_caveat(const ExperimentVerdict& control, ExperimentVerdict& guarded) {
  const double error = error_left_open(control);
  if (!is_decided(guarded) || !guarded.caveat.empty() || withstands(guarded, error)) return;
  guarded.caveat = fmt::format(
      "An error of {:.4g}x, which {} leaves open within its margin, would change the "
      "verdict.",
      error, control.experiment.id);
}

/// A family whose control failed is invalid. One whose control is too wide to tell keeps the
/// verdicts that an error of the size it leaves open could not change. Failures first: they must
/// win whatever the order of the register.
void apply_controls(std::vector<ExperimentVerdict>& experiments) {
  const auto for_each_guarded = [&](auto is_meant, auto apply) {
    for (const auto& control : experiments) {
      if (!control.experiment.is_control() || !is_meant(control.verdict)) continue;
      for (auto& result : experiments)
        if (vouches_for(control.experiment, result.experiment)) apply(control, result);
    }
  };
  const auto has_failed = [](Verdict verdict) {
    return verdict == Verdict::kFailed || verdict == Verdict::kInvalid;
  };
  const auto is_open = [&](Verdict verdict) {
    return !has_failed(verdict) && verdict != Verdict::kHeld;
  };
  for_each_guarded(has_failed, [](const auto& control, auto& result) {
    if (is_decided(result) || result.verdict == Verdict::kInconclusive)
      weaken(result, Verdict::kInvalid, control, "failed");
  });
  for_each_guarded(is_open, apply_open_control);
  for_each_guarded([](Verdict verdict) { return verdict == Verdict::kHeld; }, note_caveat);
}

}  // namespace

std::vector<std::string> unguarded_families(const RunVerdicts& verdicts) {
  std::set<std::string> families;
  for (const auto& result : verdicts.experiments)
    if (!result.experiment.is_control() && result.experiment.is_estimated())
      families.insert(result.experiment.family());
  for (const auto& result : verdicts.experiments)
    for (const auto& guarded : result.experiment.guards) families.erase(guarded);
  return {families.begin(), families.end()};
}

namespace {

/// A witness rule is judged by its demands alone.
void judge_witness(ExperimentVerdict& result, const Events& events, const FailureOf& failures) {
  const std::string failed = failed_demand(result.witnesses);
  const std::string unrecorded = unrecorded_function(result.witnesses);
  if (!failed.empty()) {
    result.verdict = Verdict::kRefuted;
    result.why = failed;
  } else if (!unrecorded.empty()) {
    result.verdict = Verdict::kNotRun;
    result.why = events.no_machine_code.empty()
                     ? fmt::format("the machine code of {} was not recorded", unrecorded)
                     : events.no_machine_code;
    for (const auto& benchmark : benchmarks_of(result.experiment))
      if (const auto found = failures.find(benchmark); found != failures.end())
        result.why = describe(found->second);
  } else {
    result.verdict = Verdict::kSupported;
  }
}

/// Nothing is faster than its limit: where the candidate is, the probes did not find the limit.
void apply_limit(ExperimentVerdict& result, const Plan& plan) {
  if (result.experiment.rule.kind != RuleKind::kLimit || result.verdict == Verdict::kInvalid)
    return;
  const ComparisonVerdict& part = result.comparisons[result.headline];
  const Interval& interval = part.estimate.interval;
  if (interval.is_empty() || !(interval.low > 1)) return;
  result.verdict = Verdict::kInvalid;
  result.why = fmt::format(
      "faster than the limit that the probes measured: the fastest of them, {}, takes {:.4g} to "
      "{:.4g} times as long",
      plan.comparisons[part.comparison].baseline, interval.low, interval.high);
}

/// What was measured is of other code than the entry means, if a demand fails.
void apply_witnesses(ExperimentVerdict& result) {
  const std::string failed = failed_demand(result.witnesses);
  if (failed.empty() || result.verdict == Verdict::kNotRun) return;
  result.verdict = Verdict::kInvalid;
  result.why = fmt::format("the machine code is not what the entry demands: {}", failed);
}

ExperimentVerdict judge_entry(const Experiment& entry, const Manifest& manifest,
                              const Register& reg, const Collected& collected,
                              const FailureOf& failures) {
  ExperimentVerdict result;
  result.experiment = entry;
  result.is_exploratory = manifest.entry_hashes.at(entry.id) != entry.hash ||
                          reg.settings.hash != manifest.settings_hash;
  result.witnesses = check_witnesses(entry, collected.machine_code);
  if (!entry.is_measured()) {
    judge_witness(result, collected.events, failures);
    return result;
  }
  const LookPlan looks =
      look_plan(manifest, reg.settings, entry.is_control(), collected.events.resumptions);
  const auto& comparisons = manifest.plan.comparisons;
  const double carry_over_alpha = reg.settings.control_alpha /
                                  static_cast<double>(std::max<std::size_t>(1, comparisons.size()));
  for (std::uint32_t i = 0; i < comparisons.size(); ++i)
    if (comparisons[i].experiment == entry.id)
      result.comparisons.push_back(judge_comparison(
          {entry, comparisons[i], manifest, collected, looks, carry_over_alpha}, i, failures));
  if (result.comparisons.empty()) return result;
  combine(result, manifest.plan);
  const std::string unmeasured = unmeasured_baseline(result, manifest.plan);
  if (!unmeasured.empty() && is_good(result.verdict)) {
    result.verdict = Verdict::kInconclusive;
    result.why =
        fmt::format("the entry now names the rival {} too, which was not measured", unmeasured);
  }
  result.scored = score(entry, reg.settings, result.comparisons[result.headline].estimate);
  apply_limit(result, manifest.plan);
  apply_witnesses(result);
  return result;
}

}  // namespace

RunVerdicts judge(const Manifest& manifest, const Register& reg, const Collected& collected) {
  const std::uint32_t resumptions = collected.events.resumptions;
  RunVerdicts verdicts;
  verdicts.looks = looks_counted(reg.settings, resumptions);
  verdicts.alpha_of_look = look_plan(manifest, reg.settings, false, resumptions).alpha;
  verdicts.control_alpha_of_look = look_plan(manifest, reg.settings, true, resumptions).alpha;
  FailureOf failures;
  for (const auto& failure : collected.events.failures)
    failures.emplace(failure.benchmark, failure);
  for (const auto& entry : reg.experiments) {
    if (!manifest.entry_hashes.contains(entry.id)) continue;
    auto result = judge_entry(entry, manifest, reg, collected, failures);
    if (!result.comparisons.empty() || !entry.is_measured())
      verdicts.experiments.push_back(std::move(result));
  }
  apply_controls(verdicts.experiments);
  return verdicts;
}

}  // namespace assay
