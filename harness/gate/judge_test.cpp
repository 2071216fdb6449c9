#include "gate/judge.hpp"

#include <gmock/gmock.h>

#include <array>
#include <set>

#include "gate/cases.hpp"

namespace assay {
namespace {

/// A unit of one block a round, with what either side measured in each round.
struct Measured {
  Plan plan;
  SlicesByUnit slices{1};
  std::vector<SlicesByUnit> layouts;
  LookPlan looks{0.01 / 6, {16, 32}};
  BenchmarkRule rule{1.02, false, true, {"real_time"}};

  Measured() {
    plan.comparisons = {{"a/b", "a/b", "a/b", false, {0}}};
    plan.units = {{0, {}, {{"a/b", "baseline.x", 1}, {"a/b", "candidate.x", 1}}, 0, 1}};
  }

  static void add_round(SlicesByUnit& to, std::uint32_t round, double baseline, double candidate) {
    for (const std::uint16_t arm : std::array<std::uint16_t, 4>{0, 1, 1, 0}) {
      const auto position = static_cast<std::uint32_t>(to[0].size());
      const double value = arm == 0 ? baseline : candidate;
      to[0].push_back({0, arm, round, 0, position, value, value});
    }
  }

  GateResult judged(const std::string& metric = "real_time") const {
    return judge_gate_case({plan.comparisons[0], plan, slices, layouts, looks, rule, metric});
  }
};

/// `rounds` rounds whose ratio wavers a little around `change`.
Measured measured(double change, std::uint32_t rounds = 32) {
  Measured made;
  for (std::uint32_t round = 0; round < rounds; ++round)
    Measured::add_round(made.slices, round, 100, 100 * change * (1 + 0.001 * (round % 5 - 2.0)));
  return made;
}

TEST(GateJudge, FindsASlowdownAndSaysHowLarge) {
  const GateResult found = measured(1.05).judged();
  EXPECT_EQ(found.verdict, GateVerdict::kWorse);
  EXPECT_NEAR(found.change, 1.05, 0.001);
  EXPECT_GT(found.interval.low, 1.04);
  EXPECT_LT(found.interval.high, 1.06);
  EXPECT_EQ(found.rounds, 32);
}

TEST(GateJudge, FindsNoChangeAndASpeedup) {
  EXPECT_EQ(measured(1).judged().verdict, GateVerdict::kSame);
  EXPECT_EQ(measured(0.9).judged().verdict, GateVerdict::kBetter);
  EXPECT_EQ(measured(0.9).judged("items_per_second").verdict, GateVerdict::kWorse);
}

TEST(GateJudge, IsUnclearAfterTooFewRounds) {
  const GateResult found = measured(1.5, 5).judged();
  EXPECT_EQ(found.verdict, GateVerdict::kUnclear);
  EXPECT_EQ(found.why, "5 rounds bound nothing");
  EXPECT_EQ(measured(1, 0).judged().verdict, GateVerdict::kUnclear);
}

TEST(GateJudge, ComparesCountersThatMayBeZeroByTheirDifference) {
  Measured none = measured(1, 0), appears = measured(1, 0), grows = measured(1, 0);
  for (std::uint32_t round = 0; round < 32; ++round) {
    Measured::add_round(none.slices, round, 0, 0);
    Measured::add_round(appears.slices, round, 0, 3);
    Measured::add_round(grows.slices, round, round == 5 ? 0 : 10, 11);
  }
  EXPECT_EQ(none.judged("faults").verdict, GateVerdict::kSame);
  EXPECT_EQ(appears.judged("faults").verdict, GateVerdict::kWorse);
  EXPECT_EQ(appears.judged("faults").change, kInfinity);
  EXPECT_EQ(grows.judged("faults").verdict, GateVerdict::kWorse);
  EXPECT_NEAR(grows.judged("faults").change, 1.1, 1e-9);
}

TEST(GateJudge, OfCountersBelowZeroMoreIsWorseToo) {
  Measured rises = measured(1, 0);
  for (std::uint32_t round = 0; round < 32; ++round)
    Measured::add_round(rises.slices, round, -10, -9);
  EXPECT_EQ(rises.judged("balance").verdict, GateVerdict::kWorse);
  EXPECT_NEAR(rises.judged("balance").change, 1.1, 1e-9);
}

TEST(GateJudge, CallsADifferenceLayoutSizedThatRelinksShowToo) {
  Measured moved = measured(1.03);
  for (const double effect : {1.02, 0.97, 1.04, 0.99}) {
    SlicesByUnit link(1);
    for (std::uint32_t round = 40; round < 44; ++round)
      Measured::add_round(link, round, 100, 100 * effect);
    moved.layouts.push_back(link);
  }
  EXPECT_EQ(moved.judged().verdict, GateVerdict::kWorse);
  EXPECT_TRUE(moved.judged().is_layout_sized);
  Measured planted = moved;
  planted.slices = measured(1.5).slices;
  for (auto& link : planted.layouts)
    for (auto& slice : link[0])
      if (slice.arm == 1) slice.value *= 1.5;
  EXPECT_FALSE(planted.judged().is_layout_sized);
}

TEST(GateJudge, ARealChangeIsNotExcusedByOneRelinkOfMany) {
  EXPECT_FALSE(may_be_layout({1.03, 1.04, 0.99, 1.03, 1.05, 1.02, 1.04, 1.03}));
  EXPECT_TRUE(may_be_layout({1.03, 0.98, 0.99, 1.02, 1.01, 0.97, 1.04, 1.0}));
  EXPECT_FALSE(may_be_layout({1.03, 1.03}));
  EXPECT_TRUE(may_be_layout({1.0, 1.0}));
  EXPECT_FALSE(may_be_layout({1.0}));
}

TEST(GateJudge, ALateDriftIsNoContradictionThatHidesAChange) {
  Measured drifting = measured(1.10, 16);
  for (std::uint32_t round = 16; round < 64; ++round)
    Measured::add_round(drifting.slices, round, 100, 130 + 0.01 * (round % 3));
  const GateResult found = drifting.judged();
  EXPECT_EQ(found.verdict, GateVerdict::kWorse);
  EXPECT_THAT(found.why, testing::HasSubstr("drifted"));
}

Reports reports(std::set<std::string> metrics) {
  return [metrics](const std::string& metric) { return metrics.contains(metric); };
}

TEST(GateMetrics, OfOneSideAloneAreInvalid) {
  GateReport report;
  AskedCase both{"a", "a", {1.02, false, true, {"real_time", "bytes", "faults"}}};
  EXPECT_TRUE(keep_common_metrics(both, reports({"real_time", "bytes"}),
                                  reports({"real_time", "faults"}), report));
  EXPECT_THAT(both.rule.metrics, testing::ElementsAre("real_time"));
  ASSERT_EQ(report.results.size(), 2);
  EXPECT_EQ(report.results[0].metric, "bytes");
  EXPECT_EQ(report.results[0].verdict, GateVerdict::kInvalid);
  EXPECT_EQ(report.results[0].why, "only the baseline reports it");
  EXPECT_EQ(report.results[1].why, "only the candidate reports it");
}

TEST(GateMetrics, ThatNoBenchmarkReportsAreAskedForInVain) {
  GateReport report;
  GateRules rules;
  rules.metrics = {"byets"};
  AskedCase none{"a", "a", rule_for(rules, "a")};
  EXPECT_FALSE(keep_common_metrics(none, reports({"bytes"}), reports({"bytes"}), report));
  EXPECT_EQ(report.results.front().verdict, GateVerdict::kNotRun);
  const auto checked = check_metrics({{"a", "a"}}, rules, report);
  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, ExitCode::kUsage);
  rules.metrics = {"bytes"};
  AskedCase one{"b", "b", rule_for(rules, "b")};
  EXPECT_TRUE(keep_common_metrics(one, reports({"bytes"}), reports({"bytes"}), report));
  EXPECT_TRUE(check_metrics({{"a", "a"}, {"b", "b"}}, rules, report));
}

TEST(GateLooks, TheFirstCanBoundSomething) {
  for (const std::size_t intervals : {1UL, 60UL, 1000UL}) {
    const auto looks = gate_looks(0.01, intervals);
    ASSERT_EQ(looks.size(), 5);
    EXPECT_GE(looks.front(), rounds_to_decide(0.01 / static_cast<double>(6 * intervals)));
    for (std::size_t i = 1; i < looks.size(); ++i) EXPECT_EQ(looks[i], 2 * looks[i - 1]);
  }
}

}  // namespace
}  // namespace assay
