#include "verdict/estimate.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "testing/examples.hpp"

namespace assay {
namespace {

using namespace examples;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

const LookPlan kOneLook = {0.05, {}};

Estimate estimate_of(const Experiment& entry, std::uint32_t rounds, const ValueOf& value_of,
                     const LookPlan& looks = kOneLook) {
  const Plan plan = plan_of({entry});
  return estimate(entry, plan.comparisons[0], plan, slices_of(plan, rounds, value_of), looks);
}

/// The old side takes `ratio` times as long as the new, whose speed wanders between rounds.
ValueOf ratio_of(double ratio) {
  return [ratio](const std::string& name, std::uint32_t round) {
    return (100 + round) * (name == "f/old" ? ratio : 1.0);
  };
}

void expect_all(const Estimate& found, double value, std::size_t rounds) {
  EXPECT_EQ(found.problem, "");
  EXPECT_NEAR(found.value, value, 1e-9 * std::abs(value));
  EXPECT_NEAR(found.interval.low, value, 1e-9 * std::abs(value));
  EXPECT_NEAR(found.interval.high, value, 1e-9 * std::abs(value));
  EXPECT_THAT(found.rounds, SizeIs(rounds));
  for (const auto& [round, of_round] : found.rounds)
    EXPECT_NEAR(of_round, value, 1e-9 * std::abs(value));
}

TEST(Estimate, OfARatioIsExactWithoutNoise) {
  expect_all(estimate_of(experiment("A", superiority(2)), 10, ratio_of(2.5)), 2.5, 10);
  expect_all(estimate_of(experiment("A", equivalence(1.1)), 10, ratio_of(1)), 1, 10);
  expect_all(estimate_of(experiment("A", control(1.1, 1.01)), 10, ratio_of(1.1)), 1.1, 10);
}

TEST(Estimate, IsBaselineOverCandidate) {
  EXPECT_GT(estimate_of(experiment("A", superiority(2)), 10, ratio_of(3)).value, 1);
  EXPECT_LT(estimate_of(experiment("A", superiority(2)), 10, ratio_of(0.3)).value, 1);
}

TEST(Estimate, OfADifferenceMayBeZeroOrNegative) {
  Experiment entry = experiment("A", superiority(1));
  entry.compare = Compare::kDifference;
  const Estimate zero = estimate_of(entry, 10, [](const auto&, auto) { return 0.0; });
  EXPECT_EQ(zero.problem, "");
  EXPECT_EQ(zero.value, 0);
  EXPECT_EQ(zero.interval, (Interval{0, 0}));
  expect_all(estimate_of(entry, 10,
                         [](const std::string& name, auto) { return name == "f/old" ? 3.0 : 5.0; }),
             -2, 10);
}

TEST(Estimate, OfABoundIsTheValueItself) {
  const Experiment entry = experiment("A", range(RuleKind::kBound, 1, 2), {});
  expect_all(estimate_of(entry, 8, [](const auto&, auto) { return 123.0; }), 123, 8);
  EXPECT_EQ(estimate_of(entry, 8, [](const auto&, auto) { return 0.0; }).value, 0);
}

TEST(Estimate, OfASlopeIsTheElasticity) {
  for (const double elasticity : {0.0, 1.0, -0.5, 2.0}) {
    const Estimate found = estimate_of(
        swept("L", slope(1, 0.1)), 8, [&](const std::string& name, std::uint32_t round) {
          const double size = std::stod(name.substr(name.rfind('/') + 1));
          return (3 + round) * std::pow(size, elasticity);
        });
    EXPECT_NEAR(found.value, elasticity, 1e-9);
    EXPECT_NEAR(found.interval.low, elasticity, 1e-9);
    EXPECT_THAT(found.rounds, SizeIs(8));
  }
}

/// The candidate costs 30 and 1 a unit of size, the baseline 4 a unit: it wins from size 10 on.
double crossing(const std::string& name, std::uint32_t) {
  const double size = std::stod(name.substr(name.rfind('/') + 1));
  return name.starts_with("f/old") ? 4 * size : 30 + size;
}

TEST(Estimate, OfACrossoverIsTheSizeFromWhichTheCandidateWins) {
  expect_all(estimate_of(swept("X", range(RuleKind::kCrossover, 1, 50)), 8, crossing), 10, 8);
}

TEST(Estimate, OfACrossoverBetweenSizesIsInterpolatedOnLogScales) {
  // log ratio -log 2 at size 1 and log 2 at size 10: zero at the square root of 10.
  const Estimate found = estimate_of(swept("X", range(RuleKind::kCrossover, 1, 50)), 8,
                                     [](const std::string& name, auto) {
                                       const bool is_old = name.starts_with("f/old");
                                       if (name.ends_with("/1")) return is_old ? 1.0 : 2.0;
                                       return is_old ? 2.0 : 1.0;
                                     });
  EXPECT_NEAR(found.value, std::sqrt(10), 1e-9);
}

TEST(Estimate, OfACrossoverOutsideTheSizesIsUnbounded) {
  const Experiment entry = swept("X", range(RuleKind::kCrossover, 1, 50));
  const auto side = [](double old_side, double new_side) {
    return [=](const std::string& name, auto) {
      return name.starts_with("f/old") ? old_side : new_side;
    };
  };
  const Estimate never = estimate_of(entry, 8, side(1, 2));
  EXPECT_EQ(never.value, kInfinity);
  EXPECT_EQ(never.interval, (Interval{kInfinity, kInfinity}));
  const Estimate always = estimate_of(entry, 8, side(2, 1));
  EXPECT_EQ(always.value, 0);
  EXPECT_EQ(always.interval, (Interval{0, 0}));
}

TEST(Estimate, CancelsADriftThatRunsThroughTheBlock) {
  const Experiment entry = experiment("A", superiority(2));
  const Plan plan = plan_of({entry});
  SlicesByUnit slices = slices_of(plan, 10, ratio_of(1));
  for (Slice& slice : slices[0]) slice.value = std::exp(0.01 * slice.position);
  const Estimate found = estimate(entry, plan.comparisons[0], plan, slices, kOneLook);
  EXPECT_NEAR(found.value, 1, 1e-9);
  EXPECT_NEAR(found.interval.high, 1, 1e-9);
}

TEST(Estimate, IsTheMedianOverRoundsAndNotOverSlices) {
  // One round in four is twice as good; its many slices weigh no more than a round.
  const Estimate found = estimate_of(experiment("A", superiority(2)), 12,
                                     [](const std::string& name, std::uint32_t round) {
                                       if (name == "f/new") return 100.0;
                                       return round % 4 == 0 ? 400.0 : 200.0 + round;
                                     });
  EXPECT_NEAR(found.value, std::sqrt(2.07 * 2.09), 1e-9);  // geometric mean of the middle two
}

TEST(Estimate, WithTooFewRoundsIsUnbounded) {
  const Estimate ratio = estimate_of(experiment("A", superiority(2)), 5, ratio_of(3));
  EXPECT_NEAR(ratio.value, 3, 1e-9);
  EXPECT_EQ(ratio.interval, (Interval{0, kInfinity}));
  const Estimate bound =
      estimate_of(experiment("A", range(RuleKind::kBound, 1, 2), {}), 5, ratio_of(1));
  EXPECT_EQ(bound.interval, everything());
}

TEST(Estimate, WithoutARoundIsNoNumber) {
  const Estimate found = estimate_of(experiment("A", superiority(2)), 0, ratio_of(3));
  EXPECT_TRUE(std::isnan(found.value));
  EXPECT_EQ(found.interval, everything());
  EXPECT_THAT(found.rounds, IsEmpty());
  EXPECT_THAT(found.looks, IsEmpty());
  EXPECT_EQ(found.problem, "");
}

TEST(Estimate, LeavesOutRoundsThatAreNotComplete) {
  const Experiment entry = experiment("A", superiority(2));
  const Plan plan = plan_of({entry});
  const SlicesByUnit whole = slices_of(plan, 10, ratio_of(2));
  const auto rounds_of = [&](const SlicesByUnit& slices) {
    std::vector<std::uint32_t> rounds;
    for (const auto& [round, value] :
         estimate(entry, plan.comparisons[0], plan, slices, kOneLook).rounds)
      rounds.push_back(round);
    return rounds;
  };
  SlicesByUnit cut = whole;
  cut[0].resize(cut[0].size() - 1);  // killed in the last round
  EXPECT_THAT(rounds_of(cut), ElementsAre(0, 1, 2, 3, 4, 5, 6, 7, 8));
  cut[0].erase(cut[0].begin());  // a slice of the first failed
  EXPECT_THAT(rounds_of(cut), ElementsAre(1, 2, 3, 4, 5, 6, 7, 8));
  SlicesByUnit doubled = whole;
  doubled[0].insert(doubled[0].begin(), doubled[0].front());
  EXPECT_THAT(rounds_of(doubled), SizeIs(9));
}

TEST(Estimate, LeavesOutRoundsWhoseSlicesAreNotThoseOfThePlan) {
  const Experiment entry = experiment("A", superiority(2));
  const Plan plan = plan_of({entry});
  const SlicesByUnit whole = slices_of(plan, 2, ratio_of(2));
  for (const bool arm : {true, false}) {
    SlicesByUnit altered = whole;
    if (arm)
      altered[0].front().arm = altered[0].front().arm == 0 ? 1 : 0;
    else
      altered[0].front().block = 7;
    EXPECT_THAT(estimate(entry, plan.comparisons[0], plan, altered, kOneLook).rounds, SizeIs(1));
  }
}

TEST(Estimate, OfACrossoverNeedsARoundCompleteAtEverySize) {
  const Experiment entry = swept("X", range(RuleKind::kCrossover, 1, 50));
  const Plan plan = plan_of({entry});
  SlicesByUnit slices = slices_of(plan, 8, crossing);
  std::erase_if(slices[1], [](const Slice& slice) { return slice.round == 3; });
  const Estimate found = estimate(entry, plan.comparisons[0], plan, slices, kOneLook);
  EXPECT_THAT(found.rounds, SizeIs(7));
  EXPECT_NEAR(found.value, 10, 1e-9);
}

TEST(Estimate, CountsLooksInRoundsStartedWhereSomeAreIncomplete) {
  const Experiment entry = experiment("A", superiority(2));
  const Plan plan = plan_of({entry});
  SlicesByUnit slices = slices_of(plan, 20, ratio_of(2));
  std::erase_if(slices[0], [](const Slice& slice) { return slice.round == 2; });
  const Estimate found = estimate(entry, plan.comparisons[0], plan, slices, {0.05, {8, 16, 32}});
  ASSERT_THAT(found.looks, SizeIs(3));
  EXPECT_EQ(found.looks[0].rounds, 8U);
  EXPECT_EQ(found.looks[2].rounds, 20U);
  EXPECT_THAT(found.rounds, SizeIs(19));
}

TEST(Estimate, IntersectsTheLooks) {
  // Rounds 0 to 7 say 2 to 2.7, later ones 2.4 to 9: each look alone differs from what is kept.
  const auto value_of = [](const std::string& name, std::uint32_t round) {
    const double ratio = round < 8 ? 2 + 0.1 * round : 2.4 + 0.3 * (round - 8);
    return name == "f/old" ? 100 * ratio : 100.0;
  };
  const Experiment entry = experiment("A", superiority(2));
  const Estimate found = estimate_of(entry, 30, value_of, {0.05, {8}});
  ASSERT_THAT(found.looks, SizeIs(2));
  EXPECT_NEAR(found.looks[0].interval.low, 2.0, 1e-9);   // x1 of 8
  EXPECT_NEAR(found.looks[0].interval.high, 2.7, 1e-9);  // x8 of 8
  const Estimate alone = estimate_of(entry, 30, value_of);
  EXPECT_GT(alone.interval.high, 2.7);
  EXPECT_EQ(found.interval.low, std::max(found.looks[0].interval.low, alone.interval.low));
  EXPECT_NEAR(found.interval.high, 2.7, 1e-9);
  EXPECT_EQ(found.looks[1].interval, found.interval);
}

TEST(Estimate, OfAnEffectThatDriftsIsAnEmptyInterval) {
  const Estimate found = estimate_of(experiment("A", superiority(2)), 64,
                                     [](const std::string& name, std::uint32_t round) {
                                       return name == "f/old" && round >= 8 ? 300.0 : 100.0;
                                     },
                                     {0.05, {8}});
  EXPECT_TRUE(found.interval.is_empty());
}

TEST(Estimate, ALookAtTheEndIsNoSecondLook) {
  EXPECT_THAT(
      estimate_of(experiment("A", superiority(2)), 16, ratio_of(2), {0.05, {8, 16, 32}}).looks,
      SizeIs(2));
}

TEST(Estimate, OfARatioOfZeroIsAProblem) {
  Experiment entry = experiment("A", superiority(2));
  entry.metric = "faults";
  const Estimate found = estimate_of(
      entry, 8, [](const std::string& name, auto) { return name == "f/new" ? 0.0 : 3.0; });
  EXPECT_EQ(found.problem,
            "faults of f/new is 0: a ratio needs values above 0 (use compare = "
            "\"difference\")");
  EXPECT_TRUE(std::isnan(found.value));
  EXPECT_EQ(found.interval, everything());
}

TEST(Estimate, OfALogarithmOfNothingIsAProblemForSweepsToo) {
  const auto zero = [](const auto&, auto) { return 0.0; };
  EXPECT_THAT(estimate_of(swept("L", slope(1, 0.1)), 8, zero).problem, HasSubstr("above 0"));
  EXPECT_THAT(estimate_of(swept("X", range(RuleKind::kCrossover, 1, 50)), 8, zero).problem,
              HasSubstr("above 0"));
}

// --- sweeps for drawing

TEST(SweepPoints, OfASlopeHaveOneSeries) {
  const Experiment entry = swept("L", slope(1, 0.1));
  const Plan plan = plan_of({entry});
  const auto slices = slices_of(plan, 8, [](const std::string& name, std::uint32_t round) {
    return std::stod(name.substr(name.rfind('/') + 1)) * (1 + round);
  });
  const auto points = sweep_points(entry, plan.comparisons[0], plan, slices, 0.05);
  ASSERT_THAT(points, SizeIs(3));
  EXPECT_EQ(points[1].arm, 1U);
  EXPECT_EQ(points[1].size, 10);
  EXPECT_DOUBLE_EQ(points[1].value, 45);
  EXPECT_EQ(points[1].interval, (Interval{10, 80}));
}

TEST(SweepPoints, OfACrossoverHaveBothSidesAtEachSize) {
  const Experiment entry = swept("X", range(RuleKind::kCrossover, 1, 50));
  const Plan plan = plan_of({entry});
  SlicesByUnit slices = slices_of(plan, 8, crossing);
  auto points = sweep_points(entry, plan.comparisons[0], plan, slices, 0.05);
  ASSERT_THAT(points, SizeIs(6));
  EXPECT_EQ(std::tuple(points[2].arm, points[2].size, points[2].value), std::tuple(0U, 10, 40.0));
  EXPECT_EQ(std::tuple(points[3].arm, points[3].size, points[3].value), std::tuple(1U, 10, 40.0));
  slices[1].clear();
  EXPECT_THAT(sweep_points(entry, plan.comparisons[0], plan, slices, 0.05), SizeIs(4));
}

}  // namespace
}  // namespace assay
