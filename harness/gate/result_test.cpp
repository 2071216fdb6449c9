#include "gate/result.hpp"

#include <gmock/gmock.h>

#include <limits>

namespace assay {
namespace {

using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;

TEST(GateVerdict, IsTheSameOnlyIfTheWholeIntervalLiesWithinTheMargin) {
  EXPECT_EQ(gate_verdict({0.99, 1.01}, 1, 1.02, false), GateVerdict::kSame);
  EXPECT_EQ(gate_verdict({1.005, 1.015}, 1.01, 1.02, false), GateVerdict::kSame);
  EXPECT_EQ(gate_verdict({0.99, 1.03}, 1.01, 1.02, false), GateVerdict::kUnclear);
}

TEST(GateVerdict, IsWorseIfTheIntervalLeavesOutNoChangeAndTheEstimateLiesBeyondTheMargin) {
  EXPECT_EQ(gate_verdict({1.01, 1.06}, 1.03, 1.02, false), GateVerdict::kWorse);
  EXPECT_EQ(gate_verdict({1.01, 1.06}, 1.03, 1.02, true), GateVerdict::kBetter);
  EXPECT_EQ(gate_verdict({0.9, 0.99}, 0.95, 1.02, false), GateVerdict::kBetter);
  EXPECT_EQ(gate_verdict({0.9, 0.99}, 0.95, 1.02, true), GateVerdict::kWorse);
  const double unknown = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(gate_verdict({1.02, 1.06}, unknown, 1.02, false), GateVerdict::kWorse);
  EXPECT_EQ(gate_verdict({kInfinity, kInfinity}, kInfinity, 1.02, false), GateVerdict::kWorse);
}

TEST(GateVerdict, IsUnclearOfADifferenceThatMayLieWithinTheMargin) {
  const Interval small = {1.0036, 1.021};
  EXPECT_EQ(gate_verdict(small, 1.012, 1.02, false), GateVerdict::kUnclear);
  EXPECT_EQ(gate_verdict({0.979, 0.9964}, 0.988, 1.02, false), GateVerdict::kUnclear);
  EXPECT_EQ(perhaps_within(small, "real_time"), "slower, perhaps within the margin");
  EXPECT_EQ(perhaps_within(small, "items_per_second"), "better, perhaps within the margin");
  EXPECT_EQ(perhaps_within({0.9, 1.1}, "real_time"), "");
}

TEST(GateVerdict, IsUnclearOfWhatIsNotBoundedOrContradictsItself) {
  EXPECT_EQ(gate_verdict({0, kInfinity}, 1.1, 1.02, false), GateVerdict::kUnclear);
  EXPECT_EQ(gate_verdict(nothing(), 1.1, 1.02, false), GateVerdict::kUnclear);
}

TEST(GateWarning, TellsOfTheftThatIsKnownAndMuch) {
  const auto told = [](const CpuTime& time) {
    GateReport report;
    report.cpu_time = time;
    warn_of_theft(report);
    return report.warnings;
  };
  EXPECT_THAT(told({}), IsEmpty());
  EXPECT_THAT(told({10, 1}), IsEmpty());
  EXPECT_THAT(told({10, 2.34}),
              ElementsAre("the hypervisor gave 23% of the measuring CPU's time to "
                          "other guests: intervals are wider for it"));
}

TEST(GateSettled, OnlyWhereNoFurtherRoundCouldChangeTheAnswer) {
  EXPECT_TRUE(is_settled({0.99, 1.01}, 1.02));
  EXPECT_TRUE(is_settled({1.03, 1.05}, 1.02));
  EXPECT_TRUE(is_settled({0.9, 0.95}, 1.02));
  EXPECT_FALSE(is_settled({1.001, 1.05}, 1.02));  // worse so far, but perhaps within the margin
  EXPECT_FALSE(is_settled({0, kInfinity}, 1.02));
  EXPECT_FALSE(is_settled(nothing(), 1.02));
}

GateResult result(const std::string& name, GateVerdict verdict, double change = 1.1) {
  GateResult made;
  made.benchmark = name;
  made.verdict = verdict;
  made.change = change;
  return made;
}

TEST(GateRegression, NeedsAGatedBenchmarkSoundEvidenceAndMoreThanLayout) {
  GateResult worse = result("a", GateVerdict::kWorse);
  EXPECT_TRUE(is_regression(worse));
  worse.is_gated = false;
  EXPECT_FALSE(is_regression(worse));
  worse = result("a", GateVerdict::kWorse);
  worse.evidence = GateEvidence::kRepetitions;
  EXPECT_FALSE(is_regression(worse));
  worse = result("a", GateVerdict::kWorse);
  worse.is_layout_sized = true;
  EXPECT_FALSE(is_regression(worse));
}

GateReport report_of(std::vector<GateResult> results) {
  GateReport report;
  report.results = std::move(results);
  return report;
}

TEST(GateExitCode, ARegressionOutweighsAllButAnInterruption) {
  GateReport report =
      report_of({result("a", GateVerdict::kWorse), result("b", GateVerdict::kInvalid)});
  report.has_failures = true;
  EXPECT_EQ(exit_code_of(report, false), ExitCode::kRegression);
  report.was_interrupted = true;
  EXPECT_EQ(exit_code_of(report, false), ExitCode::kInterrupted);
}

TEST(GateExitCode, UnclearPassesUnlessStrict) {
  GateReport report =
      report_of({result("a", GateVerdict::kUnclear), result("b", GateVerdict::kSame)});
  report.results[1].interval = {0.99, 1.01};
  EXPECT_EQ(exit_code_of(report, false), ExitCode::kDone);
  EXPECT_EQ(exit_code_of(report, true), ExitCode::kInvalid);
}

TEST(GateExitCode, AGateThatSawNothingIsNoPass) {
  const GateReport blind = report_of({result("a", GateVerdict::kUnclear)});
  EXPECT_EQ(exit_code_of(blind, false), ExitCode::kInvalid);
  EXPECT_EQ(exit_code_of(report_of({}), false), ExitCode::kDone);
  const GateReport not_run = report_of({result("a", GateVerdict::kNotRun)});
  EXPECT_EQ(exit_code_of(not_run, false), ExitCode::kInvalid);
}

TEST(GateExitCode, InvalidWeakAndFailedOnesAreNoPass) {
  EXPECT_EQ(exit_code_of(report_of({result("a", GateVerdict::kInvalid)}), false),
            ExitCode::kInvalid);
  GateReport failed = report_of({result("a", GateVerdict::kInvalid)});
  failed.has_failures = true;
  EXPECT_EQ(exit_code_of(failed, false), ExitCode::kInstrument);
  GateResult weak = result("a", GateVerdict::kWorse);
  weak.evidence = GateEvidence::kRepetitions;
  EXPECT_EQ(exit_code_of(report_of({weak}), false), ExitCode::kInvalid);
  weak.is_gated = false;
  weak.interval = {1.1, 1.2};
  EXPECT_EQ(exit_code_of(report_of({weak}), true), ExitCode::kDone);
}

TEST(GateExitCode, AnExecutableThatFailedIsNoPass) {
  GateReport report = report_of({result("a", GateVerdict::kSame)});
  report.results[0].interval = {0.99, 1.01};
  EXPECT_EQ(exit_code_of(report, false), ExitCode::kDone);
  report.failures = {"candidate: x: killed by signal 11"};
  EXPECT_EQ(exit_code_of(report, false), ExitCode::kInstrument);
}

TEST(GateExitCode, RemovedOnesPassUnlessStrict) {
  GateReport report = report_of({result("a", GateVerdict::kSame)});
  report.results[0].interval = {0.99, 1.01};
  report.removed = {{"b", ""}};
  EXPECT_EQ(exit_code_of(report, false), ExitCode::kDone);
  EXPECT_EQ(exit_code_of(report, true), ExitCode::kInvalid);
}

TEST(GateExitCode, LayoutSizedOnesPassUnlessStrict) {
  GateResult moved = result("a", GateVerdict::kWorse);
  moved.is_layout_sized = true;
  moved.interval = {1.1, 1.2};
  EXPECT_EQ(exit_code_of(report_of({moved}), false), ExitCode::kDone);
  EXPECT_EQ(exit_code_of(report_of({moved}), true), ExitCode::kInvalid);
}

TEST(GateOrder, WorstFirstAndTheGreaterChangeFirst) {
  std::vector<GateResult> results = {
      result("same", GateVerdict::kSame),          result("small", GateVerdict::kWorse, 1.1),
      result("better", GateVerdict::kBetter, 0.5), result("large", GateVerdict::kWorse, 2),
      result("invalid", GateVerdict::kInvalid),    result("unclear", GateVerdict::kUnclear)};
  GateResult moved = result("moved", GateVerdict::kWorse, 3);
  moved.is_layout_sized = true;
  results.push_back(moved);
  sort_worst_first(results);
  std::vector<std::string> names;
  for (const auto& each : results) names.push_back(each.benchmark);
  EXPECT_THAT(names,
              ElementsAre("large", "small", "moved", "invalid", "unclear", "better", "same"));
}

TEST(GateMatching, NamesWhatOnlyOneSideHasAndWhatItResembles) {
  const Matching found =
      match_names({"copy/old", "gone-entirely", "kept"}, {"copy/olds", "kept"}, {});
  EXPECT_THAT(found.pairs, ElementsAre(std::pair("kept", "kept")));
  EXPECT_THAT(found.removed,
              ElementsAre(Field(&Unpaired::maybe, "copy/olds"), Field(&Unpaired::maybe, "")));
  EXPECT_THAT(found.added, ElementsAre(Field(&Unpaired::maybe, "copy/old")));
}

TEST(GateMatching, PairsWhatTheRulesSayWasRenamed) {
  const Matching found = match_names({"a", "b"}, {"b", "c"}, {{"a", "c"}, {"x", "y"}});
  EXPECT_THAT(found.pairs, ElementsAre(std::pair("a", "c"), std::pair("b", "b")));
  EXPECT_THAT(found.added, IsEmpty());
  EXPECT_THAT(found.removed, IsEmpty());
}

TEST(GateNames, SayWhichWayIsBetter) {
  EXPECT_TRUE(is_more_better("items_per_second"));
  EXPECT_FALSE(is_more_better("real_time"));
  EXPECT_STREQ(name_of(GateVerdict::kWorse, true), "slower");
  EXPECT_STREQ(name_of(GateVerdict::kWorse, false), "worse");
}

}  // namespace
}  // namespace assay
