#include "plan/plan.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>

#include "testing/examples.hpp"

namespace assay {
namespace {

using namespace examples;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

Cost cost(double ns, std::optional<std::uint64_t> fixed = std::nullopt) {
  return {"f", ns, 0, fixed};
}

// --- iterations

TEST(SliceIterations, FillAFifthOfAMillisecond) {
  EXPECT_THAT(slice_iterations({cost(100)}), ElementsAre(2000));
  EXPECT_THAT(slice_iterations({cost(3)}), ElementsAre(66667));  // rounded up
  EXPECT_THAT(slice_iterations({cost(0.25)}), ElementsAre(800000));
}

TEST(SliceIterations, AreAtLeastTenWhereTenFitIntoTwoMilliseconds) {
  EXPECT_THAT(slice_iterations({cost(20e3)}), ElementsAre(10));
  EXPECT_THAT(slice_iterations({cost(100e3)}), ElementsAre(10));
  EXPECT_THAT(slice_iterations({cost(200e3)}), ElementsAre(10));  // exactly 2 ms
}

TEST(SliceIterations, OfLongOperationsLastTwoMilliseconds) {
  EXPECT_THAT(slice_iterations({cost(300e3)}), ElementsAre(6));
  EXPECT_THAT(slice_iterations({cost(1.1e6)}), ElementsAre(1));
}

TEST(SliceIterations, OfAVeryLongOperationAreOne) {
  EXPECT_THAT(slice_iterations({cost(2e6)}), ElementsAre(1));
  EXPECT_THAT(slice_iterations({cost(5e9)}), ElementsAre(1));
}

TEST(SliceIterations, AreTheSameAsLongAsTheDearSliceLastsAMillisecond) {
  EXPECT_THAT(slice_iterations({cost(100), cost(500)}), ElementsAre(2000, 2000));
  EXPECT_THAT(slice_iterations({cost(500), cost(100)}), ElementsAre(2000, 2000));
}

TEST(SliceIterations, OfADearArmAreThoseOfAMillisecondBeyond) {
  EXPECT_THAT(slice_iterations({cost(100), cost(1000)}), ElementsAre(2000, 1000));
  EXPECT_THAT(slice_iterations({cost(10), cost(50), cost(200)}), ElementsAre(20000, 20000, 5000));
}

TEST(SliceIterations, HaveNoCliff) {
  // A cost that calibration finds a thousandth higher changes the counts by about as much.
  std::uint64_t before = slice_iterations({cost(2), cost(2)})[1];
  for (double ns = 2; ns < 5000; ns *= 1.001) {
    const std::uint64_t now = slice_iterations({cost(2), cost(ns)})[1];
    EXPECT_NEAR(static_cast<double>(now) / static_cast<double>(before), 1.0, 0.01) << ns;
    before = now;
  }
}

TEST(SliceIterations, OfAnArmAreNeverFewerThanItHasAlone) {
  EXPECT_THAT(slice_iterations({cost(100), cost(150e3)}), ElementsAre(2000, 10));
}

TEST(SliceIterations, ThatTheBenchmarkFixesAreKept) {
  EXPECT_THAT(slice_iterations({cost(100, 7), cost(100)}), ElementsAre(7, 2000));
}

// --- plans

std::vector<std::pair<std::string, Cost>> costs(const std::vector<Experiment>& experiments) {
  std::vector<std::pair<std::string, Cost>> result;
  for (const auto& entry : experiments)
    for (const auto& name : benchmarks_of(entry))
      result.push_back({name, {"of " + name, 100, 0, std::nullopt}});
  return result;
}

Plan plan_for(const std::vector<Experiment>& experiments, std::uint64_t seed = 1) {
  return make_plan(experiments, costs(experiments), seed);
}

std::vector<std::string> names(const Unit& unit) {
  std::vector<std::string> result;
  for (const auto& arm : unit.arms) result.push_back(arm.benchmark);
  return result;
}

TEST(MakePlan, ComparesAPairBaselineFirst) {
  const Plan plan = plan_for({experiment("A", superiority(2))}, 99);
  EXPECT_EQ(plan.seed, 99U);
  ASSERT_THAT(plan.comparisons, SizeIs(1));
  EXPECT_EQ(plan.comparisons[0].experiment, "A");
  EXPECT_EQ(plan.comparisons[0].baseline, "f/old");
  EXPECT_EQ(plan.comparisons[0].candidate, "f/new");
  EXPECT_FALSE(plan.comparisons[0].is_control);
  EXPECT_THAT(plan.comparisons[0].units, ElementsAre(0));
  ASSERT_THAT(plan.units, SizeIs(1));
  EXPECT_THAT(names(plan.units[0]), ElementsAre("f/old", "f/new"));
  EXPECT_EQ(plan.units[0].arms[1].instrument, "of f/new");
  EXPECT_EQ(plan.units[0].arms[1].iterations, 2000U);
  EXPECT_DOUBLE_EQ(plan.units[0].slice_ns, 0.2e6);
  EXPECT_FALSE(plan.units[0].size.has_value());
}

TEST(MakePlan, GivesEachRivalItsOwnComparison) {
  const Plan plan = plan_for({experiment("A", equivalence(1.1), {"f/x", "f/y"}),
                              experiment("C", control(1, 1.1), {"f/x"}, "f/x")});
  ASSERT_THAT(plan.comparisons, SizeIs(3));
  EXPECT_EQ(plan.comparisons[1].baseline, "f/y");
  EXPECT_TRUE(plan.comparisons[2].is_control);
  ASSERT_THAT(plan.units, SizeIs(3));
  EXPECT_THAT(names(plan.units[1]), ElementsAre("f/y", "f/new"));
  EXPECT_THAT(names(plan.units[2]), ElementsAre("f/x", "f/x"));
  for (std::uint32_t i = 0; i < 3; ++i) {
    EXPECT_THAT(plan.comparisons[i].units, ElementsAre(i));
    EXPECT_EQ(plan.units[i].comparison, i);
  }
}

TEST(MakePlan, MeasuresABoundAlone) {
  const Plan plan = plan_for({experiment("A", range(RuleKind::kBound, 1, 2), {})});
  ASSERT_THAT(plan.comparisons, SizeIs(1));
  EXPECT_EQ(plan.comparisons[0].baseline, "");
  EXPECT_THAT(names(plan.units.at(0)), ElementsAre("f/new"));
}

TEST(MakePlan, PutsTheSizesOfASlopeIntoOneUnit) {
  const Plan plan = plan_for({swept("L", slope(1, 0.1))});
  ASSERT_THAT(plan.units, SizeIs(1));
  EXPECT_THAT(names(plan.units[0]), ElementsAre("f/new/1", "f/new/10", "f/new/100"));
  EXPECT_EQ(plan.comparisons[0].candidate, "f/new/{size}");
}

TEST(MakePlan, PairsTheSidesOfACrossoverAtEachSize) {
  const Plan plan = plan_for({swept("X", range(RuleKind::kCrossover, 1, 50))});
  ASSERT_THAT(plan.comparisons, SizeIs(1));
  EXPECT_THAT(plan.comparisons[0].units, ElementsAre(0, 1, 2));
  ASSERT_THAT(plan.units, SizeIs(3));
  EXPECT_THAT(names(plan.units[1]), ElementsAre("f/old/10", "f/new/10"));
  EXPECT_EQ(plan.units[2].size, 100);
}

TEST(MakePlan, GivesALoneUnitMoreBlocks) {
  const Experiment one = experiment("A", superiority(2));
  EXPECT_EQ(plan_for({one}).blocks, 12U);
  EXPECT_EQ(plan_for({one, experiment("B", superiority(3))}).blocks, 4U);
}

TEST(MakePlan, GivesSlowUnitsFewerBlocks) {
  const std::vector<Experiment> one{experiment("A", superiority(2))};
  const auto blocks = [&](double ns) {
    return make_plan(one, {{"f/old", {"f", ns, 0, {}}}, {"f/new", {"f", 100, 0, {}}}}, 1)
        .units.front()
        .blocks;
  };
  EXPECT_EQ(blocks(100), 12U);
  EXPECT_EQ(blocks(2e6), 4U);  // 1.1 ms a slice in the mean of both sides: 4.4 ms a block
  EXPECT_EQ(blocks(50e6), 1U);
  EXPECT_EQ(blocks(50e9), 1U);
}

TEST(MakePlan, GivesTheUnitsOfALargeSuiteFewerBlocks) {
  const auto blocks_in_suite_of = [](std::size_t count) {
    std::vector<Experiment> all;
    for (std::size_t i = 0; i < count; ++i)
      all.push_back(experiment("A" + std::to_string(i), superiority(2)));
    return make_plan(all, {{"f/old", {"f", 1e5, 1e5, {}}}, {"f/new", {"f", 1e5, 1e5, {}}}}, 1)
        .units.back()
        .blocks;
  };
  EXPECT_EQ(blocks_in_suite_of(2), 4U);    // 1.1 ms a slice: 4.4 ms a block
  EXPECT_EQ(blocks_in_suite_of(300), 2U);  // 10 ms for each
}

TEST(MakePlan, ExpectsAWarmUpAndTwoSlicesABlockOfEachArm) {
  const Plan plan = plan_for({experiment("A", superiority(2)), experiment("B", superiority(2))});
  EXPECT_NEAR(expected_seconds(plan, {true, true}), 2 * 2 * (1 + 2 * 4) * 0.2e-3, 1e-12);
  EXPECT_NEAR(expected_seconds(plan, {false, true}), 2 * (1 + 2 * 4) * 0.2e-3, 1e-12);
}

TEST(MakePlan, MeasuresNothingOfAWitness) {
  const Plan plan = plan_for({experiment("W", witness_rule())});
  EXPECT_TRUE(plan.comparisons.empty());
  EXPECT_TRUE(plan.units.empty());
}

TEST(CountComparisons, CountsEveryRivalOfTheWholeRegister) {
  Register reg;
  reg.experiments = {experiment("A", superiority(2), {"f/x", "f/y", "f/z"}),
                     experiment("B", range(RuleKind::kBound, 1, 2), {}),
                     swept("X", range(RuleKind::kCrossover, 1, 50)),
                     experiment("W", witness_rule()),
                     experiment("H", behaviour(), {}),
                     experiment("C", control(1, 1.1)),
                     experiment("D", control(1, 1.1))};
  EXPECT_EQ(count_comparisons(reg, false), 5U);
  EXPECT_EQ(count_comparisons(reg, true), 2U);
  EXPECT_EQ(count_comparisons({}, false), 0U);
}

// --- schedules

/// A pair, a slope of three sizes and a bound.
Plan mixed() {
  return plan_for({experiment("A", superiority(2)), swept("L", slope(1, 0.1)),
                   experiment("B", range(RuleKind::kBound, 1, 2), {})},
                  12345);
}

std::vector<SliceRequest> blocks_of(const std::vector<SliceRequest>& slices) {
  std::vector<SliceRequest> recorded;
  std::ranges::copy_if(slices, std::back_inserter(recorded),
                       [](const auto& slice) { return !slice.is_warmup; });
  return recorded;
}

auto as_tuple(const SliceRequest& slice) {
  return std::tuple(slice.unit, slice.arm, slice.block, slice.is_warmup);
}

bool same(const std::vector<SliceRequest>& a, const std::vector<SliceRequest>& b) {
  return std::ranges::equal(a, b, {}, as_tuple, as_tuple);
}

TEST(ScheduleRound, WarmsEveryArmOnceBeforeAllElse) {
  const auto slices = schedule_round(mixed(), {true, true, true}, 0);
  std::set<std::pair<std::uint32_t, std::uint16_t>> warmed;
  for (std::size_t i = 0; i < slices.size(); ++i) {
    EXPECT_EQ(slices[i].is_warmup, i < 2 + 3 + 1);
    if (slices[i].is_warmup) {
      EXPECT_TRUE(warmed.insert({slices[i].unit, slices[i].arm}).second);
    }
  }
  EXPECT_THAT(warmed, SizeIs(6));
}

TEST(ScheduleRound, RunsEveryBlockAsAnOrderAndItsReverse) {
  const Plan plan = mixed();
  for (std::uint32_t round = 0; round < 20; ++round) {
    const auto slices = blocks_of(schedule_round(plan, {true, true, true}, round));
    std::set<std::pair<std::uint32_t, std::uint32_t>> seen;
    for (std::size_t first = 0; first < slices.size();) {
      const auto unit = slices[first].unit;
      const auto block = slices[first].block;
      const std::size_t arms = plan.units[unit].arms.size();
      ASSERT_LE(first + 2 * arms, slices.size());
      EXPECT_TRUE(seen.insert({unit, block}).second) << "a block ran in two parts";
      std::set<std::uint16_t> order;
      for (std::size_t i = 0; i < arms; ++i) {
        const auto& there = slices[first + i];
        const auto& back = slices[first + 2 * arms - 1 - i];
        EXPECT_EQ(std::tuple(there.unit, there.block), std::tuple(unit, block));
        EXPECT_EQ(std::tuple(back.unit, back.block), std::tuple(unit, block));
        EXPECT_EQ(there.arm, back.arm);
        order.insert(there.arm);
      }
      EXPECT_EQ(order.size(), arms);
      EXPECT_LT(*order.rbegin(), arms);
      first += 2 * arms;
    }
    EXPECT_EQ(seen.size(), 3U * plan.blocks);
    for (const auto& [unit, block] : seen) EXPECT_LT(block, plan.blocks);
  }
}

TEST(ScheduleRound, LeavesOutInactiveUnits) {
  const Plan plan = mixed();
  const auto slices = schedule_round(plan, {true, false, true}, 3);
  EXPECT_EQ(slices.size(), 3U * (1 + 2 * plan.blocks));
  EXPECT_TRUE(std::ranges::none_of(slices, [](const auto& slice) { return slice.unit == 1; }));
  EXPECT_THAT(schedule_round(plan, {false, false, false}, 0), IsEmpty());
}

TEST(ScheduleRound, DependsOnSeedAndRoundAlone) {
  Plan plan = mixed();
  const std::vector<bool> all(3, true);
  const auto first = schedule_round(plan, all, 5);
  EXPECT_TRUE(same(first, schedule_round(plan, all, 5)));
  EXPECT_FALSE(same(first, schedule_round(plan, all, 6)));
  plan.seed ^= std::uint64_t{1} << 40U;  // the upper half counts, too
  EXPECT_FALSE(same(first, schedule_round(plan, all, 5)));
}

TEST(ScheduleRound, LetsEachSideBeginHalfOfTheBlocks) {
  const Plan plan = plan_for({experiment("A", superiority(2)), experiment("B", superiority(2))}, 7);
  int blocks = 0;
  int baseline_first = 0;
  for (std::uint32_t round = 0; round < 500; ++round) {
    const auto slices = blocks_of(schedule_round(plan, {true, true}, round));
    for (std::size_t i = 0; i < slices.size(); i += 4) {
      ++blocks;
      baseline_first += slices[i].arm == 0 ? 1 : 0;
    }
  }
  ASSERT_EQ(blocks, 4000);
  EXPECT_NEAR(baseline_first, 2000, 4 * 31.6);  // four standard deviations
}

TEST(ScheduleRound, BalancesTheSidesInEveryRoundAndLeavesAnOddBlockToChance) {
  Plan plan = plan_for({experiment("A", superiority(2)), experiment("B", superiority(2))}, 7);
  for (const std::uint32_t blocks : {4U, 5U}) {
    for (auto& unit : plan.units) unit.blocks = blocks;
    std::map<int, int> rounds_with;  // so many blocks that the baseline began
    for (std::uint32_t round = 0; round < 200; ++round) {
      const auto slices = blocks_of(schedule_round(plan, {true, true}, round));
      int baseline_first = 0;
      for (std::size_t i = 0; i < slices.size(); i += 4)
        baseline_first += slices[i].unit == 1 && slices[i].arm == 0 ? 1 : 0;
      ++rounds_with[baseline_first];
    }
    if (blocks == 4) {
      EXPECT_EQ(rounds_with[2], 200);
    } else {
      EXPECT_EQ(rounds_with[2] + rounds_with[3], 200);
      EXPECT_NEAR(rounds_with[2], 100, 4 * 7.1);
    }
  }
}

TEST(ScheduleRound, SpreadsTheBlocksOfAUnitOverTheRound) {
  const Plan plan = plan_for({experiment("A", superiority(2)), experiment("B", superiority(2))}, 7);
  int alternations = 0;
  for (std::uint32_t round = 0; round < 200; ++round) {
    const auto slices = blocks_of(schedule_round(plan, {true, true}, round));
    for (std::size_t i = 4; i < slices.size(); i += 4)
      alternations += slices[i].unit != slices[i - 4].unit ? 1 : 0;
  }
  EXPECT_NEAR(alternations, 200 * 7 * 4.0 / 7, 100);  // 4 of 7 neighbours differ in a random order
}

}  // namespace
}  // namespace assay
