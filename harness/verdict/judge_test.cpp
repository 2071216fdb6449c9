#include "verdict/judge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "testing/examples.hpp"

namespace assay {
namespace {

using namespace examples;
using testing::HasSubstr;
using testing::SizeIs;

Experiment difference(Rule rule) {
  Experiment entry = experiment("A", rule);
  entry.compare = Compare::kDifference;
  return entry;
}

Verdict judged(const Experiment& entry, double low, double high) {
  return judge_rule(entry, {low, high});
}

// --- one rule, one interval

TEST(JudgeSuperiority, IsSupportedFromTheThresholdUp) {
  const Experiment entry = experiment("A", superiority(1.5));
  EXPECT_EQ(judged(entry, 1.5, 1.6), Verdict::kSupported);
  EXPECT_EQ(judged(entry, 1.5, kInfinity), Verdict::kSupported);
}

TEST(JudgeSuperiority, StaysInconclusiveWhenTheIntervalHoldsTheThreshold) {
  const Experiment entry = experiment("A", superiority(1.5));
  EXPECT_EQ(judged(entry, 1.4, 1.6), Verdict::kInconclusive);
  EXPECT_EQ(judged(entry, 1.4, 1.5), Verdict::kInconclusive);
  EXPECT_EQ(judge_rule(entry, everything()), Verdict::kInconclusive);
}

TEST(JudgeSuperiority, IsRefutedBelowTheThreshold) {
  EXPECT_EQ(judged(experiment("A", superiority(1.5)), 0, std::nextafter(1.5, 0)),
            Verdict::kRefuted);
  EXPECT_EQ(judged(difference(superiority(-2)), -4, -3), Verdict::kRefuted);
}

TEST(JudgeEquivalence, HoldsOnlyIfTheWholeIntervalLiesWithinTheMargin) {
  const Experiment entry = experiment("A", equivalence(1.25));  // [0.8, 1.25]
  EXPECT_EQ(judged(entry, 0.8, 1.25), Verdict::kEquivalent);
  EXPECT_EQ(judged(entry, 0.79, 1.0), Verdict::kInconclusive);
  EXPECT_EQ(judged(entry, 1.0, 1.26), Verdict::kInconclusive);
  EXPECT_EQ(judged(entry, 0.5, 2.0), Verdict::kInconclusive);
  EXPECT_EQ(judged(entry, 1.26, 2.0), Verdict::kRefuted);
  EXPECT_EQ(judged(entry, 0.5, 0.79), Verdict::kRefuted);
  EXPECT_EQ(judged(entry, 0, kInfinity), Verdict::kInconclusive);
}

TEST(JudgeEquivalence, OfDifferencesIsHeldAgainstThePlainMargin) {
  const Experiment entry = difference(equivalence(3));
  EXPECT_EQ(judged(entry, -3, 3), Verdict::kEquivalent);
  EXPECT_EQ(judged(entry, -3.5, 0), Verdict::kInconclusive);
  EXPECT_EQ(judged(entry, 3.5, 4), Verdict::kRefuted);
}

TEST(JudgeBound, HasOneEndOrTwo) {
  const Experiment both = experiment("A", range(RuleKind::kBound, 10, 20), {});
  EXPECT_EQ(judged(both, 10, 20), Verdict::kSupported);
  EXPECT_EQ(judged(both, 9, 15), Verdict::kInconclusive);
  EXPECT_EQ(judged(both, 20, 21), Verdict::kInconclusive);
  EXPECT_EQ(judged(both, 21, 22), Verdict::kRefuted);
  EXPECT_EQ(judged(both, 8, 9), Verdict::kRefuted);
  const Experiment most = experiment("A", range(RuleKind::kBound, std::nullopt, 20), {});
  EXPECT_EQ(judged(most, -kInfinity, 20), Verdict::kSupported);
  EXPECT_EQ(judged(most, 20.5, kInfinity), Verdict::kRefuted);
  const Experiment least = experiment("A", range(RuleKind::kBound, 20, std::nullopt), {});
  EXPECT_EQ(judged(least, 20, kInfinity), Verdict::kSupported);
  EXPECT_EQ(judged(least, 0, 19), Verdict::kRefuted);
}

TEST(JudgeBehaviour, IsRefutedByOneFailureAndHoldsWithoutAny) {
  const Experiment entry = experiment("H", behaviour(), {});
  EXPECT_EQ(judged(entry, 1, 1), Verdict::kSupported);
  EXPECT_EQ(judged(entry, 0, 1), Verdict::kRefuted);
  EXPECT_EQ(judged(entry, 0, 0), Verdict::kRefuted);
  EXPECT_EQ(judge_rule(entry, everything()), Verdict::kInconclusive);
}

TEST(JudgeSlope, IsHeldAgainstExpectedPlusMinusMargin) {
  const Experiment entry = swept("L", slope(1, 0.25));
  EXPECT_EQ(judged(entry, 0.75, 1.25), Verdict::kSupported);
  EXPECT_EQ(judged(entry, 0.5, 1), Verdict::kInconclusive);
  EXPECT_EQ(judged(entry, 0, 0.5), Verdict::kRefuted);
}

TEST(JudgeCrossover, KnowsSizesOutsideTheSweep) {
  const Experiment entry = swept("X", range(RuleKind::kCrossover, 5, 50));
  EXPECT_EQ(judged(entry, 10, 10), Verdict::kSupported);
  EXPECT_EQ(judged(entry, kInfinity, kInfinity), Verdict::kRefuted);
  EXPECT_EQ(judged(entry, 0, 0), Verdict::kRefuted);
  EXPECT_EQ(judged(entry, 0, kInfinity), Verdict::kInconclusive);
  EXPECT_EQ(judged(swept("X", range(RuleKind::kCrossover, std::nullopt, 50)), 0, 0),
            Verdict::kSupported);
}

TEST(JudgeControl, HoldsOrFailsAndIsNeverSupported) {
  const Experiment ratio = experiment("C", control(2, 1.25));  // [1.6, 2.5]
  EXPECT_EQ(judged(ratio, 1.6, 2.5), Verdict::kHeld);
  EXPECT_EQ(judged(ratio, 1.5, 2), Verdict::kInconclusive);
  EXPECT_EQ(judged(ratio, 1, 1.5), Verdict::kFailed);
  EXPECT_EQ(judged(ratio, 2.6, 3), Verdict::kFailed);
  const Experiment zero = difference(control(0, 1));
  EXPECT_EQ(judged(zero, -1, 1), Verdict::kHeld);
  EXPECT_EQ(judged(zero, 2, 3), Verdict::kFailed);
}

TEST(JudgeRule, CallsAnEmptyIntervalInvalid) {
  for (const auto& entry : {experiment("A", superiority(1.5)), experiment("C", control(1, 1.1))})
    EXPECT_EQ(judged(entry, 2, 1), Verdict::kInvalid);
}

TEST(NameOf, GivesTheWordsOfTheReports) {
  EXPECT_STREQ(name_of(Verdict::kSupported), "supported");
  EXPECT_STREQ(name_of(Verdict::kRefuted), "refuted");
  EXPECT_STREQ(name_of(Verdict::kEquivalent), "equivalent");
  EXPECT_STREQ(name_of(Verdict::kInconclusive), "inconclusive");
  EXPECT_STREQ(name_of(Verdict::kInvalid), "invalid");
  EXPECT_STREQ(name_of(Verdict::kNotRun), "not run");
  EXPECT_STREQ(name_of(Verdict::kHeld), "held");
  EXPECT_STREQ(name_of(Verdict::kFailed), "failed");
}

// --- a limit

/// A candidate of 100 ns against two probes of these times.
ExperimentVerdict limit_with(double first_ns, double second_ns, double at_least) {
  Register reg;
  reg.experiments = {
      experiment("L", range(RuleKind::kLimit, at_least, std::nullopt), {"f/probe-1", "f/probe-2"})};
  const Manifest manifest = manifest_of(reg);
  Collected collected;
  collected.slices =
      slices_of(manifest.plan, 64, [&](const std::string& name, std::uint32_t round) {
        const double noise = 1 + 0.001 * (round % 2);
        if (name == "f/new") return 100.0 * noise;
        return name == "f/probe-1" ? first_ns : second_ns;
      });
  return judge(manifest, reg, collected).experiments.front();
}

TEST(JudgeLimit, IsTheShareOfTheFastestProbe) {
  const ExperimentVerdict result = limit_with(99, 96, 0.95);
  EXPECT_EQ(result.verdict, Verdict::kSupported);
  EXPECT_EQ(result.headline, 1U);
  EXPECT_NEAR(result.comparisons[1].estimate.value, 0.96, 0.001);
  EXPECT_EQ(limit_with(99, 93, 0.95).verdict, Verdict::kRefuted);
}

TEST(JudgeLimit, IsInvalidWhereTheCandidateIsFasterThanEveryProbe) {
  const ExperimentVerdict result = limit_with(120, 110, 0.95);
  EXPECT_EQ(result.verdict, Verdict::kInvalid);
  EXPECT_THAT(result.why,
              HasSubstr("faster than the limit that the probes measured: the fastest of "
                        "them, f/probe-2, takes 1.09"));
  EXPECT_EQ(limit_with(120, 99, 0.95).verdict, Verdict::kSupported);  // than one of them
}

TEST(JudgeLimit, IsNotCalledLayoutSizedForComingNear) {
  ExperimentVerdict result = limit_with(99, 99, 0.9);
  result.comparisons[0].evidence.layout = LayoutSpread{{0.98, 1.02}, 0.05};
  EXPECT_FALSE(is_layout_sized(result, manifest_of({}).plan));
}

// --- a behaviour

/// A behaviour whose slices say `value` in so many rounds; `change` is made to them.
RunVerdicts behaviour_of(std::uint32_t rounds, const ValueOf& value,
                         const std::function<void(std::vector<Slice>&)>& change = {}) {
  Register reg;
  reg.experiments = {experiment("H", behaviour(), {}),
                     experiment("C", control(1, 1.1), {"c/a"}, "c/b")};
  const Manifest manifest = manifest_of(reg);
  Collected collected;
  collected.slices =
      slices_of(manifest.plan, rounds, [&](const std::string& name, std::uint32_t round) {
        if (name == "f/new") return value(name, round);
        return name == "c/a" ? 200.0 : 100.0;  // its control fails
      });
  if (change) change(collected.slices.front());
  return judge(manifest, reg, collected);
}

double always(const std::string& /*name*/, std::uint32_t /*round*/) {
  return 1;
}

TEST(JudgeBehaviour, IsSupportedByOneWholeRoundWhateverControlsSay) {
  const auto verdicts = behaviour_of(40, always);
  EXPECT_EQ(verdicts.experiments[0].verdict, Verdict::kSupported);
  EXPECT_EQ(verdicts.experiments[1].verdict, Verdict::kFailed);
  EXPECT_TRUE(unguarded_families(verdicts).empty());
  EXPECT_EQ(behaviour_of(1, always).experiments[0].verdict, Verdict::kSupported);
  EXPECT_EQ(behaviour_of(0, always).experiments[0].verdict, Verdict::kNotRun);
  const auto cut_off = [](std::vector<Slice>& slices) { slices.pop_back(); };
  EXPECT_EQ(behaviour_of(1, always, cut_off).experiments[0].verdict, Verdict::kNotRun);
}

TEST(JudgeBehaviour, IsRefutedByOneSliceOfARoundThatWasCutOff) {
  const auto result = behaviour_of(3, always, [](std::vector<Slice>& slices) {
                        slices.pop_back();
                        slices.back().value = 0;
                      }).experiments[0];
  EXPECT_EQ(result.verdict, Verdict::kRefuted);
  const Estimate& found = result.comparisons[0].estimate;
  EXPECT_THAT(found.rounds, SizeIs(3));
  EXPECT_EQ(found.interval, (Interval{0, 1}));
  EXPECT_EQ(found.value, 0);
  EXPECT_FALSE(result.comparisons[0].evidence.drift_p.has_value());
}

TEST(JudgeBehaviour, IsInvalidIfTheCounterIsNeitherZeroNorOne) {
  const auto result = behaviour_of(3, [](const std::string&, std::uint32_t round) {
                        return round == 1 ? 0.5 : 1.0;
                      }).experiments[0];
  EXPECT_EQ(result.verdict, Verdict::kInvalid);
  EXPECT_THAT(result.why, HasSubstr("holds of f/new is 0.5: a behaviour holds (1) or not (0)"));
}

// --- cuts

TEST(Hold, ReachesACutAtItsLowerEnd) {
  EXPECT_EQ(hold({"", 5}, {5, 6}), CutState::kReached);
  EXPECT_EQ(hold({"", 5}, {4, 5}), CutState::kOpen);
  EXPECT_EQ(hold({"", 5}, {3, 4}), CutState::kMissed);
}

TEST(Hold, ReachesAnUpperCutAtItsUpperEnd) {
  EXPECT_EQ(hold({"", 5, true}, {3, 5}), CutState::kReached);
  EXPECT_EQ(hold({"", 5, true}, {5, 6}), CutState::kOpen);
  EXPECT_EQ(hold({"", 5, true}, {5.1, 6}), CutState::kMissed);
}

std::vector<double> values(const std::vector<Cut>& cuts) {
  std::vector<double> result;
  for (const auto& cut : cuts) result.push_back(cut.value);
  return result;
}

TEST(Cuts, AreTheRulesTheEntrysAndTheTiersAboveZero) {
  Experiment entry = experiment("A", equivalence(1.25));
  EXPECT_THAT(values(rule_cuts(entry)), testing::ElementsAre(0.8, 1.25));
  entry.cuts = {{"x", 3}};
  entry.tiers = "t";
  RegisterSettings settings;
  settings.tiers["t"] = {{"harmful", 0}, {"none", 1}, {"some", 2}};
  EXPECT_THAT(values(all_cuts(entry, settings)), testing::ElementsAre(0.8, 1.25, 3, 1, 2));
  EXPECT_THAT(values(rule_cuts(experiment("A", superiority(5)))), testing::ElementsAre(5));
  EXPECT_THAT(values(rule_cuts(swept("X", range(RuleKind::kCrossover, std::nullopt, 9)))),
              testing::ElementsAre(9));
}

TEST(IsDecided, WaitsForEveryCut) {
  Experiment entry = experiment("A", superiority(5));
  EXPECT_TRUE(is_decided(entry, {}, {5, 6}));
  EXPECT_TRUE(is_decided(entry, {}, {1, 2}));
  EXPECT_FALSE(is_decided(entry, {}, {4, 6}));
  entry.cuts = {{"x", 5.5}};
  EXPECT_FALSE(is_decided(entry, {}, {5, 6}));
  EXPECT_TRUE(is_decided(entry, {}, {5, 5.4}));
}

TEST(IsDecided, GivesUpOnLooksThatContradictEachOther) {
  EXPECT_TRUE(is_decided(experiment("A", superiority(5)), {}, {6, 4}));
}

TEST(IsDecided, IsNeverTrueWhileTheVerdictIsOpen) {
  // Counters are whole numbers, so that intervals end on cuts.
  const Experiment most = experiment("A", range(RuleKind::kBound, std::nullopt, 3), {});
  EXPECT_EQ(judged(most, 3, 4), Verdict::kInconclusive);
  EXPECT_FALSE(is_decided(most, {}, {3, 4}));
  EXPECT_TRUE(is_decided(most, {}, {3, 3}));
  EXPECT_TRUE(is_decided(most, {}, {2, 3}));  // supported; narrower changes nothing
  EXPECT_TRUE(is_decided(most, {}, {4, 4}));
  for (const auto& entry :
       {most, experiment("A", range(RuleKind::kBound, 1, 3), {}), difference(superiority(2)),
        difference(equivalence(2)), difference(control(1, 1))})
    for (int low = -4; low <= 5; ++low)
      for (int high = low; high <= 5; ++high) {
        const Interval interval{static_cast<double>(low), static_cast<double>(high)};
        EXPECT_EQ(is_decided(entry, {}, interval),
                  judge_rule(entry, interval) != Verdict::kInconclusive)
            << describe(entry) << " [" << low << ", " << high << "]";
      }
}

// --- predictions

Score score_of(const Experiment& entry, double value, Interval interval,
               const RegisterSettings& settings = {}) {
  Estimate found;
  found.value = value;
  found.interval = interval;
  return score(entry, settings, found);
}

TEST(ScoreOf, AClaimIsTheTierOfItsLowerEnd) {
  Experiment entry = experiment("A", superiority(5));
  entry.tiers = "t";
  RegisterSettings settings;
  settings.tiers["t"] = {{"harmful", 0}, {"none", 1}, {"some", 2}, {"strong", 10}};
  EXPECT_EQ(score_of(entry, 5, {2, 20}, settings).tier, "some");
  EXPECT_EQ(score_of(entry, 5, {1.99, 20}, settings).tier, "none");
  EXPECT_EQ(score_of(entry, 5, {10, 20}, settings).tier, "strong");
  EXPECT_EQ(score_of(entry, 0.5, {0.4, 0.6}, settings).tier, "harmful");
  EXPECT_EQ(score_of(entry, 5, {0, kInfinity}, settings).tier, "");  // nothing is known yet
}

TEST(ScoreOf, AClaimNamesTheNearestScenarioByFactors) {
  Experiment entry = experiment("A", superiority(5));
  entry.predicted = {{"optimistic", 200}, {"realistic", 2}};
  // 20 lies nearer to 2 in units, and midway in factors.
  EXPECT_EQ(score_of(entry, 19, {18, 20}).nearest_scenario, "realistic");
  EXPECT_EQ(score_of(entry, 21, {18, 22}).nearest_scenario, "optimistic");
  EXPECT_FALSE(score_of(entry, 21, {18, 22}).interval_holds_nearest);
  EXPECT_TRUE(score_of(entry, 2.1, {2, 2.2}).interval_holds_nearest);
}

TEST(ScoreOf, AClaimSaysByWhatFactorTheGreatestPredictionOverstates) {
  Experiment entry = experiment("A", superiority(5));
  entry.predicted = {{"optimistic", 200}, {"realistic", 2}};
  EXPECT_DOUBLE_EQ(*score_of(entry, 4, {3, 5}).overstated, 50);
  EXPECT_DOUBLE_EQ(*score_of(entry, 400, {3, 500}).overstated, 0.5);
}

TEST(ScoreOf, NothingIsEmpty) {
  Experiment entry = experiment("A", superiority(5));
  EXPECT_FALSE(score_of(entry, 4, {3, 5}).overstated.has_value());
  entry.predicted = {{"p", 2}};
  for (const double value : {std::nan(""), 0.0, -1.0, kInfinity}) {
    EXPECT_FALSE(score_of(entry, value, everything()).overstated.has_value()) << value;
    EXPECT_EQ(score_of(entry, value, everything()).nearest_scenario, "") << value;
  }
}

TEST(ScoreOf, PredictionsThatHaveNoLogarithmIsLeftOut) {
  Experiment entry = swept("L", slope(0, 0.1));
  entry.predicted = {{"linear", 1}, {"constant", 0}, {"falling", -1}};
  const Score found = score_of(entry, 0.5, {0.4, 0.6});
  EXPECT_EQ(found.nearest_scenario, "linear");
  EXPECT_DOUBLE_EQ(*found.overstated, 2);
  entry.predicted = {{"constant", 0}};
  EXPECT_FALSE(score_of(entry, 0.5, {0.4, 0.6}).overstated.has_value());
}

// --- a whole run

/// A run of these entries; `ratios` says by what each benchmark's value differs from 100.
struct Judged {
  explicit Judged(std::vector<Experiment> entries) {
    reg.experiments = std::move(entries);
    reg.settings.looks = {16};
    manifest = manifest_of(reg);
  }

  RunVerdicts verdicts(const std::map<std::string, double>& ratios, std::uint32_t rounds = 40,
                       double noise = 0) const {
    const auto slices =
        slices_of(manifest.plan, rounds, [&](const std::string& name, std::uint32_t round) {
          const auto found = ratios.find(name);
          const double wander = found == ratios.end() ? 1 : 1 + noise * (round % 2 == 0 ? 1 : -0.5);
          return 100 * (found == ratios.end() ? 1 : found->second) * wander;
        });
    return judge(manifest, reg, {slices, {}, events});
  }
  ExperimentVerdict first(const std::map<std::string, double>& ratios, std::uint32_t rounds = 40,
                          double noise = 0) const {
    return verdicts(ratios, rounds, noise).experiments.at(0);
  }

  Register reg;
  Manifest manifest;
  Events events;
};

const Experiment kClaim = experiment("A", superiority(2));

TEST(Judge, AnswersAClaim) {
  const Judged run({kClaim});
  const auto supported = run.first({{"f/old", 3}});
  EXPECT_EQ(supported.verdict, Verdict::kSupported);
  EXPECT_EQ(supported.why, "");
  EXPECT_FALSE(supported.is_exploratory);
  EXPECT_NEAR(supported.comparisons.at(0).estimate.value, 3, 1e-9);
  EXPECT_EQ(run.first({{"f/old", 1.5}}).verdict, Verdict::kRefuted);
  const auto open = run.first({{"f/old", 2}}, 40, 0.1);
  EXPECT_EQ(open.verdict, Verdict::kInconclusive);
  EXPECT_EQ(open.why, "the interval holds a value that the rule asks about after 40 rounds");
}

TEST(Judge, SharesTheLevelAmongClaimsAndLooks) {
  const Judged run({kClaim, experiment("B", superiority(2), {"f/x", "f/y"}),
                    experiment("C", control(1, 1.1)), experiment("D", control(1, 1.1))});
  const RunVerdicts verdicts = run.verdicts({});
  EXPECT_EQ(verdicts.looks, 2U);
  EXPECT_DOUBLE_EQ(verdicts.alpha_of_look, 0.05 / (3 * 2));
  EXPECT_DOUBLE_EQ(verdicts.control_alpha_of_look, 0.001 / (2 * 2));
}

TEST(Judge, WidensTheIntervalForEachResumption) {
  Judged run({kClaim});
  const auto width = [&] {
    const auto slices =
        slices_of(run.manifest.plan, 40, [&](const std::string& name, std::uint32_t round) {
          return name == "f/old" ? 200.0 + round * 7 % 40 : 100.0;
        });
    const auto found = judge(run.manifest, run.reg, {slices, {}, run.events});
    const Interval interval = found.experiments.at(0).comparisons.at(0).estimate.interval;
    return interval.high - interval.low;
  };
  const double before = width();
  run.events.resumptions = 8;
  EXPECT_GT(width(), before);
  EXPECT_EQ(looks_counted(run.reg.settings, 8), 10U);
  EXPECT_DOUBLE_EQ(look_plan(run.manifest, run.reg.settings, false, 8).alpha, 0.05 / 10);
}

TEST(Judge, NeedsAClaimToHoldAgainstEveryRival) {
  const Judged run({experiment("A", superiority(2), {"f/x", "f/y"})});
  const auto both = run.first({{"f/x", 3}, {"f/y", 5}});
  EXPECT_EQ(both.verdict, Verdict::kSupported);
  EXPECT_EQ(both.headline, 0U);  // the strongest rival is the least effect
  const auto one = run.first({{"f/x", 3}, {"f/y", 1.5}});
  EXPECT_EQ(one.verdict, Verdict::kRefuted);
  EXPECT_EQ(one.headline, 1U);
  EXPECT_EQ(one.comparisons.at(0).verdict, Verdict::kSupported);
  EXPECT_EQ(run.first({{"f/x", 3}, {"f/y", 2}}, 40, 0.1).verdict, Verdict::kInconclusive);
}

TEST(Judge, DoesNotSupportAClaimWhoseRivalWasNotRun) {
  Judged run({experiment("A", superiority(2), {"f/x", "f/y"})});
  run.events.failures = {{"f/y", FailureKind::kNotRun, "no AVX-512", 0}};
  const auto found = run.first({{"f/x", 3}, {"f/y", 3}});
  EXPECT_EQ(found.verdict, Verdict::kInconclusive);
  EXPECT_EQ(found.why, "the rival f/y was not run: f/y: no AVX-512");
  EXPECT_EQ(run.first({{"f/x", 1.5}}).verdict, Verdict::kRefuted);
  run.events.failures.push_back({"f/x", FailureKind::kNotRun, "no AVX-512", 0});
  const auto none = run.first({});
  EXPECT_EQ(none.verdict, Verdict::kNotRun);
  EXPECT_EQ(none.why, "f/x: no AVX-512");
}

TEST(Judge, CallsAFailedBenchmarkInvalidWhateverItMeasuredBefore) {
  for (const auto kind : {FailureKind::kError, FailureKind::kCrash, FailureKind::kHang}) {
    Judged run({kClaim});
    run.events.failures = {{"f/new", kind, "broke", 39}};
    const auto found = run.first({{"f/old", 3}});
    EXPECT_EQ(found.verdict, Verdict::kInvalid);
    EXPECT_EQ(found.why, "f/new: broke");
  }
}

TEST(Judge, TakesTheFirstFailureOfABenchmark) {
  Judged run({kClaim});
  run.events.failures = {{"f/new", FailureKind::kNotRun, "absent", 0},
                         {"f/new", FailureKind::kCrash, "later", 1}};
  EXPECT_EQ(run.first({}).verdict, Verdict::kNotRun);
}

TEST(Judge, SaysWhyNothingWasMeasured) {
  const Judged run({kClaim});
  const auto found = run.first({}, 0);
  EXPECT_EQ(found.verdict, Verdict::kNotRun);
  EXPECT_EQ(found.why, "the run ended before the first round was complete");
}

TEST(Judge, CallsARatioOfZeroInvalid) {
  const auto found = Judged({kClaim}).first({{"f/old", 0}});
  EXPECT_EQ(found.verdict, Verdict::kInvalid);
  EXPECT_THAT(found.why, HasSubstr("a ratio needs values above 0"));
}

TEST(Judge, CallsAnEffectThatDriftedInvalid) {
  Judged run({kClaim});
  const auto slices =
      slices_of(run.manifest.plan, 200, [](const std::string& name, std::uint32_t round) {
        return name == "f/old" && round >= 16 ? 300.0 : 100.0;
      });
  const auto found = judge(run.manifest, run.reg, {slices, {}, run.events}).experiments.at(0);
  EXPECT_EQ(found.verdict, Verdict::kInvalid);
  EXPECT_EQ(found.why,
            "the intervals of different looks contradict each other: the effect drifted");
}

TEST(Judge, JudgesAnEffectThatDriftedByAllThatAnyLookHeldPossible) {
  Judged run({kClaim});
  const auto slices =
      slices_of(run.manifest.plan, 200, [](const std::string& name, std::uint32_t round) {
        return name == "f/old" ? (round >= 16 ? 900.0 : 600.0) : 100.0;
      });
  const auto found = judge(run.manifest, run.reg, {slices, {}, run.events}).experiments.at(0);
  EXPECT_EQ(found.verdict, Verdict::kSupported);
  EXPECT_EQ(found.why, "the effect drifted: the interval is that of all looks");
  EXPECT_DOUBLE_EQ(found.comparisons[0].estimate.interval.low, 6);
  EXPECT_DOUBLE_EQ(found.comparisons[0].estimate.interval.high, 9);
}

TEST(Judge, CallsAnEntryThatWasChangedExploratory) {
  Judged run({kClaim});
  run.reg.experiments[0].hash = "another";
  run.reg.experiments[0].rule = superiority(4);
  const auto found = run.first({{"f/old", 3}});
  EXPECT_TRUE(found.is_exploratory);
  EXPECT_EQ(found.verdict, Verdict::kRefuted);  // by the register's present rule
}

TEST(Judge, CallsVerdictsAtAnotherLevelExploratory) {
  Judged run({kClaim});
  run.reg.settings.alpha = 0.5;
  run.reg.settings.hash = "another";
  EXPECT_TRUE(run.first({{"f/old", 3}}).is_exploratory);
}

TEST(Judge, LeavesOutEntriesThatTheRunDidNotSelect) {
  Judged run({kClaim});
  run.reg.experiments.push_back(experiment("B", superiority(2)));
  EXPECT_THAT(run.verdicts({}).experiments, SizeIs(1));
}

TEST(Judge, DoesNotAnswerAnotherQuestionThanWasMeasured) {
  const std::string why = "the entry now names other benchmarks or sizes than were measured";
  Judged run({kClaim});
  Experiment& entry = run.reg.experiments[0];
  entry.candidate = "f/other";
  EXPECT_EQ(run.first({}).verdict, Verdict::kInvalid);
  EXPECT_EQ(run.first({}).why, why);
  entry = kClaim;
  entry.baselines = {"f/other"};
  EXPECT_EQ(run.first({}).why, why);
  entry = kClaim;
  std::swap(entry.baselines[0], entry.candidate);  // the ratio would be upside down
  EXPECT_EQ(run.first({{"f/old", 3}}).why, why);
  entry = experiment("A", range(RuleKind::kBound, 1, 2), {});
  EXPECT_EQ(run.first({}).why, why);
}

TEST(Judge, DoesNotAnswerForOtherSizes) {
  for (const Rule& rule : {slope(1, 0.1), range(RuleKind::kCrossover, 1, 50)}) {
    Judged run({swept("X", rule)});
    EXPECT_NE(run.first({}).verdict, Verdict::kInvalid);
    run.reg.experiments[0].sizes = {1, 10, 1000};
    EXPECT_EQ(run.first({}).verdict, Verdict::kInvalid);
    run.reg.experiments[0].sizes = {1, 10};
    EXPECT_EQ(run.first({}).verdict, Verdict::kInvalid);
    run.reg.experiments[0].sizes = {100, 10, 1};
    EXPECT_EQ(run.first({}).verdict, Verdict::kInvalid);
  }
}

TEST(Judge, DoesNotSupportAClaimWithARivalThatWasAddedLater) {
  Judged run({kClaim});
  run.reg.experiments[0].baselines.emplace_back("f/stronger");
  const auto found = run.first({{"f/old", 3}});
  EXPECT_EQ(found.verdict, Verdict::kInconclusive);
  EXPECT_EQ(found.why, "the entry now names the rival f/stronger too, which was not measured");
  EXPECT_EQ(run.first({{"f/old", 1.5}}).verdict, Verdict::kRefuted);
}

// --- controls

/// A claim in family f that holds and one that is refuted, one in family g, and controls of f.
Judged guarded(std::vector<Experiment> controls) {
  std::vector<Experiment> entries = {experiment("GOOD", superiority(2), {"f/good"}),
                                     experiment("BAD", superiority(2), {"f/bad"}),
                                     experiment("OTHER", superiority(2), {"g/good"}, "g/new")};
  entries.insert(entries.begin() + 1, controls.begin(), controls.end());
  return Judged(std::move(entries));
}
const Experiment kControl = experiment("NULL", control(1, 1.1), {"c/a"}, "c/b");

std::map<std::string, ExperimentVerdict> by_id(const RunVerdicts& verdicts) {
  std::map<std::string, ExperimentVerdict> result;
  for (const auto& item : verdicts.experiments) result[item.experiment.id] = item;
  return result;
}
/// The run of one claim in which the candidate takes so many times as long after its rival.
ExperimentVerdict verdict_with_carry_over(double ratio, double factor, double noise = 0) {
  const Judged run({kClaim});
  SlicesByUnit slices =
      slices_of(run.manifest.plan, 40, [&](const std::string& name, std::uint32_t round) {
        return name == "f/old" ? ratio * (round % 2 == 0 ? 1 + noise : 1 - noise) : 1.0;
      });
  std::ranges::sort(slices[0], {}, [](const Slice& slice) {
    return std::tuple(slice.round, slice.block, slice.position);
  });
  for (std::size_t i = 1; i < slices[0].size(); ++i) {
    const Slice& before = slices[0][i - 1];
    Slice& slice = slices[0][i];
    if (slice.block == before.block && slice.round == before.round && slice.arm == 1 &&
        before.arm == 0)
      slice.value *= factor;
  }
  return judge(run.manifest, run.reg, {slices, {}, {}}).experiments.at(0);
}

TEST(CarryOverVerdict, StandsWhereTheShiftCouldNotChangeIt) {
  EXPECT_EQ(verdict_with_carry_over(4, 1.2).verdict, Verdict::kSupported);
  EXPECT_EQ(verdict_with_carry_over(1.2, 1.2).verdict, Verdict::kRefuted);
}

TEST(CarryOverVerdict, IsOpenWhereTheShiftCouldChangeItAndTheRatioAfterItselfIsOpen) {
  const auto found = verdict_with_carry_over(2.05, 1 / 1.15, 0.03);
  EXPECT_EQ(found.verdict, Verdict::kInconclusive);
  EXPECT_TRUE(found.why.starts_with(
      "would be supported, but what the rival leaves behind moves the ratio by 1.15 "))
      << found.why;
  EXPECT_EQ(verdict_with_carry_over(2.2, 1 / 1.15, 0.03).verdict, Verdict::kSupported);
}

TEST(CarryOverVerdict, IsInvalidWhereTheRatioAfterItselfAnswersTheOpposite) {
  const auto found = verdict_with_carry_over(2.2, 1.5);
  EXPECT_EQ(found.verdict, Verdict::kInvalid);
  EXPECT_TRUE(found.why.starts_with("would be refuted, but of slices that follow one of the same"))
      << found.why;
}

const std::map<std::string, double> kGood = {{"f/good", 3}, {"f/bad", 1.5}, {"g/good", 3}};

std::map<std::string, double> with(std::map<std::string, double> ratios,
                                   const std::map<std::string, double>& more) {
  ratios.insert(more.begin(), more.end());
  return ratios;
}

TEST(Controls, ThatHoldChangeNothing) {
  auto found = by_id(guarded({kControl}).verdicts(kGood));
  EXPECT_EQ(found["NULL"].verdict, Verdict::kHeld);
  EXPECT_EQ(found["GOOD"].verdict, Verdict::kSupported);
  EXPECT_EQ(found["BAD"].verdict, Verdict::kRefuted);
}

TEST(Controls, ThatHoldWithinAnErrorThatWouldChangeAVerdictAreACaveat) {
  auto found =
      by_id(guarded({kControl}).verdicts({{"f/good", 2.2}, {"f/bad", 0.5}, {"c/a", 1}}, 40, 0.07));
  EXPECT_EQ(found["NULL"].verdict, Verdict::kHeld);
  EXPECT_EQ(found["GOOD"].verdict, Verdict::kSupported);
  EXPECT_TRUE(found["GOOD"].caveat.starts_with("An error of 1.0")) << found["GOOD"].caveat;
  EXPECT_EQ(found["BAD"].caveat, "");
}

TEST(Controls, ThatFailMakeTheirFamilyInvalidAndNoOther) {
  auto found = by_id(guarded({kControl}).verdicts(with(kGood, {{"c/a", 1.5}})));
  EXPECT_EQ(found["NULL"].verdict, Verdict::kFailed);
  EXPECT_EQ(found["GOOD"].verdict, Verdict::kInvalid);
  EXPECT_EQ(found["GOOD"].why, "would be supported, but its control NULL failed");
  EXPECT_EQ(found["BAD"].verdict, Verdict::kInvalid);
  EXPECT_EQ(found["BAD"].why, "would be refuted, but its control NULL failed");
  EXPECT_EQ(found["OTHER"].verdict, Verdict::kSupported);
  EXPECT_EQ(found["OTHER"].why, "");
}

TEST(Controls, ThatFailMakeUnclearVerdictsInvalidToo) {
  const Judged run = guarded({kControl});
  std::map<std::string, double> ratios = with(kGood, {{"c/a", 1.5}});
  ratios["f/good"] = 2;
  auto found = by_id(run.verdicts(ratios, 40, 0.01));
  EXPECT_EQ(found["GOOD"].verdict, Verdict::kInvalid);
  EXPECT_EQ(found["GOOD"].why, "would be inconclusive, but its control NULL failed");
}

TEST(Controls, WhoseBenchmarkCrashedCountAsFailed) {
  Judged run = guarded({kControl});
  run.events.failures = {{"c/a", FailureKind::kCrash, "signal 11", 0}};
  auto found = by_id(run.verdicts(kGood));
  EXPECT_EQ(found["NULL"].verdict, Verdict::kInvalid);
  EXPECT_EQ(found["GOOD"].verdict, Verdict::kInvalid);
  EXPECT_EQ(found["OTHER"].verdict, Verdict::kSupported);
}

TEST(Controls, ThatAreTooWideLeaveWhatTheirErrorCouldNotChange) {
  const Judged run = guarded({kControl});
  auto found = by_id(run.verdicts({{"f/good", 20}, {"f/bad", 0.2}, {"c/a", 1}}, 40, 0.3));
  EXPECT_EQ(found["NULL"].verdict, Verdict::kInconclusive);
  EXPECT_EQ(found["GOOD"].verdict, Verdict::kSupported);
  EXPECT_EQ(found["GOOD"].why, "");
  EXPECT_EQ(found["BAD"].verdict, Verdict::kRefuted);
}

TEST(Controls, ThatAreTooWideDecideNothingWithinTheirError) {
  const Judged run = guarded({kControl});
  auto found =
      by_id(run.verdicts({{"f/good", 2.9}, {"f/bad", 1.4}, {"g/good", 2.9}, {"c/a", 1}}, 40, 0.3));
  EXPECT_EQ(found["NULL"].verdict, Verdict::kInconclusive);
  for (const std::string id : {"GOOD", "BAD"})
    EXPECT_EQ(found[id].verdict, Verdict::kInconclusive) << id;
  EXPECT_TRUE(found["GOOD"].why.starts_with(
      "would be supported, but its control NULL leaves an error of up to 1."))
      << found["GOOD"].why;
  EXPECT_EQ(found["OTHER"].verdict, Verdict::kSupported);
}

TEST(Controls, ThatWereNotRunDecideNothing) {
  Judged run = guarded({kControl});
  run.events.failures = {{"c/a", FailureKind::kNotRun, "absent", 0}};
  auto found = by_id(run.verdicts(kGood));
  EXPECT_EQ(found["NULL"].verdict, Verdict::kNotRun);
  EXPECT_EQ(found["BAD"].verdict, Verdict::kInconclusive);
  EXPECT_EQ(found["BAD"].why, "would be refuted, but its control NULL was not run");
  EXPECT_EQ(found["OTHER"].verdict, Verdict::kSupported);
}

TEST(Controls, ThatFailWinOverWideOnesInEitherOrder) {
  Experiment failing = kControl;
  Experiment absent = experiment("ABSENT", control(1, 1.1), {"d/a"}, "d/b");
  for (const bool first : {true, false}) {
    Judged run = guarded(first ? std::vector{failing, absent} : std::vector{absent, failing});
    run.events.failures = {{"d/a", FailureKind::kNotRun, "absent", 0}};
    auto found = by_id(run.verdicts(with(kGood, {{"c/a", 1.5}})));
    EXPECT_EQ(found["GOOD"].verdict, Verdict::kInvalid);
    EXPECT_EQ(found["GOOD"].why, "would be supported, but its control NULL failed");
  }
}

TEST(Controls, LeaveClaimsThatWereNotRunAlone) {
  Judged run = guarded({kControl});
  run.events.failures = {{"f/good", FailureKind::kNotRun, "no AVX-512", 0}};
  auto found = by_id(run.verdicts(with(kGood, {{"c/a", 1.5}})));
  EXPECT_EQ(found["GOOD"].verdict, Verdict::kNotRun);
  EXPECT_EQ(found["GOOD"].why, "f/good: no AVX-512");
}

}  // namespace
}  // namespace assay
