#include "verdict/evidence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "testing/examples.hpp"
#include "verdict/rounds.hpp"

namespace assay {
namespace {

using namespace examples;
using testing::ElementsAre;
using testing::Optional;
using testing::SizeIs;

const Experiment kPair = experiment("A", superiority(2));
const Plan kPlan = plan_of({kPair});

/// Slices with a factor of each round and a factor of each slice on the baseline's side.
SlicesByUnit noisy(std::uint32_t rounds, double between, double within) {
  std::mt19937_64 rng(3);
  std::normal_distribution<double> noise;
  std::vector<double> of_round(rounds);
  for (double& value : of_round) value = std::exp(between * noise(rng));
  return slices_of(kPlan, rounds, [&](const std::string& name, std::uint32_t round) {
    return (name == "f/old" ? 2 * of_round[round] : 1.0) * std::exp(within * noise(rng));
  });
}

double share(const SlicesByUnit& slices) {
  return share_between_rounds(kPair, kPlan.comparisons[0], kPlan, slices).value_or(-1);
}

// --- where the variance lies

TEST(ShareBetweenRounds, IsOneWhereRoundsDifferAndSlicesDoNot) {
  EXPECT_GT(share(noisy(400, 0.1, 0.0001)), 0.99);
}

TEST(ShareBetweenRounds, IsNoneWhereRoundsDifferByTheirSlicesAlone) {
  EXPECT_LT(share(noisy(400, 0, 0.05)), 0.15);
}

TEST(ShareBetweenRounds, IsBetweenWhereBothDo) {
  // Two blocks a round, a pair effect of sd 0.05 sqrt(2): a half's median over two pairs has
  // variance 0.0025, the whole's median over four somewhat more than half of that.
  const double found = share(noisy(2000, 0.05, 0.05));
  EXPECT_GT(found, 0.5);
  EXPECT_LT(found, 0.8);
}

TEST(ShareBetweenRounds, NeedsRounds) {
  EXPECT_EQ(share(noisy(63, 0.1, 0.001)), -1);
  EXPECT_NE(share(noisy(64, 0.1, 0.001)), -1);
}

// --- rounds that resemble each other

Estimate estimate_of(const std::vector<double>& values) {
  Estimate found;
  for (const double value : values)
    found.rounds.emplace_back(static_cast<std::uint32_t>(found.rounds.size()), value);
  return found;
}

TEST(DriftPValue, TellsDriftFromIndependentDraws) {
  std::mt19937_64 rng(4);
  std::normal_distribution<double> noise;
  std::vector<double> independent(64);
  std::vector<double> drifting(64);
  for (std::size_t i = 0; i < drifting.size(); ++i) {
    independent[i] = noise(rng);
    drifting[i] = noise(rng) + static_cast<double>(i) / 16;
  }
  EXPECT_GT(drift_p_value(estimate_of(independent)).value_or(0), 0.01);
  EXPECT_LT(drift_p_value(estimate_of(drifting)).value_or(1), 1e-4);
  EXPECT_FALSE(drift_p_value(estimate_of({1, 2, 3})));
}

// --- carry-over

/// Slices whose candidate is slower by a factor where the baseline ran right before it.
SlicesByUnit with_carry_over(std::uint32_t rounds, double factor) {
  SlicesByUnit slices = slices_of(kPlan, rounds, [](const std::string& name, std::uint32_t) {
    return name == "f/old" ? 2.0 : 1.0;
  });
  for (std::uint32_t round = 0; round < rounds; ++round)
    for (std::uint32_t block = 0; block < kPlan.units.front().blocks; ++block) {
      std::vector<Slice*> of_block;
      for (Slice& slice : slices[0])
        if (slice.round == round && slice.block == block) of_block.push_back(&slice);
      std::ranges::sort(of_block, {}, [](const Slice* slice) { return slice->position; });
      for (std::size_t i = 1; i < of_block.size(); ++i)
        if (of_block[i]->arm == 1 && of_block[i - 1]->arm == 0) of_block[i]->value *= factor;
    }
  return slices;
}

std::optional<CarryOver> carry_over_of(const SlicesByUnit& slices) {
  return carry_over(kPair, kPlan.comparisons[0], kPlan, slices, 0.01);
}

TEST(CarryOver, IsNoneWhereOrderDoesNotMatter) {
  const auto found = carry_over_of(with_carry_over(20, 1));
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->shift, 1);
  EXPECT_DOUBLE_EQ(found->itself.low, 2);
  EXPECT_DOUBLE_EQ(found->itself.high, 2);
}

TEST(CarryOver, SeesWhatTheRivalLeavesBehind) {
  const auto found = carry_over_of(with_carry_over(20, 1.25));
  ASSERT_TRUE(found);
  EXPECT_DOUBLE_EQ(found->shift, 0.8);  // the candidate is slower after the baseline
  EXPECT_LT(found->shift_interval.high, 0.9);
  EXPECT_DOUBLE_EQ(found->itself.low, 2);  // and as ever after itself
}

TEST(CarryOver, IsOfPairsAndRatiosAlone) {
  const Experiment bound = experiment("B", range(RuleKind::kBound, 1, 2), {});
  const Plan plan = plan_of({bound});
  const auto slices = slices_of(plan, 20, [](const std::string&, std::uint32_t) { return 1.0; });
  EXPECT_FALSE(carry_over(bound, plan.comparisons[0], plan, slices, 0.01));
  EXPECT_FALSE(carry_over_of(with_carry_over(15, 1)));  // too few rounds
}

// --- layout

SlicesByUnit of_ratio(double ratio, std::uint32_t rounds = 4) {
  return slices_of(kPlan, rounds, [ratio](const std::string& name, std::uint32_t) {
    return name == "f/old" ? ratio : 1.0;
  });
}

std::optional<LayoutSpread> spread_of(const std::vector<SlicesByUnit>& relinks) {
  return layout_spread(kPair, kPlan.comparisons[0], kPlan, relinks);
}

TEST(LayoutSpread, IsThatOfTheRelinks) {
  const auto found =
      spread_of({of_ratio(2), of_ratio(2 * std::exp(0.1)), of_ratio(2 * std::exp(-0.1))});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->effects, SizeIs(3));
  EXPECT_NEAR(found->sigma, 0.1, 1e-12);
}

TEST(LayoutSpread, HasNoNoiseOfRoundsInIt) {
  // Eight relinks that do not differ, each of 8 rounds with a deviation of 2%: their medians differ
  // by about 0.9%.
  std::mt19937_64 rng(9);
  std::normal_distribution<double> noise(0, 0.02);
  std::vector<SlicesByUnit> relinks;
  for (int link = 0; link < 8; ++link) {
    std::vector<double> of_round(8);
    for (double& value : of_round) value = std::exp(noise(rng));
    relinks.push_back(slices_of(kPlan, 8, [&](const std::string& name, std::uint32_t round) {
      return name == "f/old" ? of_round[round] : 1.0;
    }));
  }
  EXPECT_LT(spread_of(relinks).value().sigma, 0.006);
}

TEST(LayoutSpread, LeavesOutRelinksOfTooFewRounds) {
  EXPECT_FALSE(spread_of({of_ratio(2), of_ratio(2, 2)}));
  EXPECT_FALSE(spread_of({}));
  const auto found = spread_of({of_ratio(2), of_ratio(2), of_ratio(9, 2)});
  ASSERT_TRUE(found);
  EXPECT_THAT(found->effects, ElementsAre(testing::DoubleEq(2), testing::DoubleEq(2)));
}

TEST(LayoutSized, IsWithinTwoSigmaOrOfRelinksOnBothSides) {
  const LayoutSpread above{{1.05, 1.06}, 0.01};
  EXPECT_TRUE(is_layout_sized(above, std::exp(0.0199)));
  EXPECT_TRUE(is_layout_sized(above, std::exp(-0.0199)));
  EXPECT_FALSE(is_layout_sized(above, std::exp(0.0201)));
  const LayoutSpread around{{0.99, 1.01}, 0.01};
  EXPECT_TRUE(is_layout_sized(around, 1.05));
}

TEST(LayoutSized, IsAnEffectOfTheOrdinaryLinkAlone) {
  // All of the 5% is this link's layout: the relinks show none of it.
  const auto found = spread_of({of_ratio(1.0001), of_ratio(0.9999), of_ratio(1), of_ratio(1)});
  EXPECT_TRUE(is_layout_sized(found.value(), 1.05));
}

// --- repetition

TEST(RepeatedIntervals, AreTheSameForTheSameSeed) {
  const Estimate found = estimate_of({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  const LookPlan looks{0.1, {8}};
  EXPECT_EQ(repeated_intervals(found, looks, 20, 7), repeated_intervals(found, looks, 20, 7));
  EXPECT_NE(repeated_intervals(found, looks, 20, 7), repeated_intervals(found, looks, 20, 8));
}

TEST(RepeatedIntervals, VaryAsARunWould) {
  // Values around 0: an interval that excludes 0 at a level of 5% comes once in 20 at the most
  // where the middle of the values is 0, and nearly always where it is far from 0.
  std::vector<double> values(101);
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<double>(i) - 50;
  const auto excluding_zero = [](const std::vector<Interval>& intervals) {
    return std::ranges::count_if(
        intervals, [](const Interval& interval) { return interval.low > 0 || interval.high < 0; });
  };
  const auto centred = repeated_intervals(estimate_of(values), {0.05, {}}, 400, 1);
  EXPECT_LE(excluding_zero(centred), 30);
  for (double& value : values) value += 30;
  const auto shifted = repeated_intervals(estimate_of(values), {0.05, {}}, 400, 1);
  EXPECT_GE(excluding_zero(shifted), 395);
}

TEST(RepeatedIntervals, AreNotCertainWhereARunWasDecidedNarrowly) {
  // One in five of all rounds lies beyond the cut; of 32 at most 5 may, for a run to be decided: a
  // second run agrees with a chance of about 37%, and whoever was decided cannot know that well.
  std::mt19937_64 rng(11);
  std::normal_distribution<double> noise;
  constexpr double kCut = -0.8416;
  const LookPlan looks{5.2e-4, {}};
  double told = 0;
  int decided = 0;
  while (decided < 100) {
    std::vector<double> values(32);
    for (double& value : values) value = noise(rng);
    if (sign_interval(values, looks.alpha).low < kCut) continue;
    ++decided;
    const auto repeated = repeated_intervals(estimate_of(values), looks, 100, 1);
    told += static_cast<double>(std::ranges::count_if(
                repeated, [&](const Interval& interval) { return interval.low >= kCut; })) /
            100;
  }
  EXPECT_LT(told / decided, 0.75);
}

TEST(RepeatedIntervals, OfNothingAreNone) {
  EXPECT_TRUE(repeated_intervals({}, {0.05, {16}}, 10, 1).empty());
}

}  // namespace
}  // namespace assay
