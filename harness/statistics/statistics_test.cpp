#include "statistics/statistics.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <random>

namespace assay {
namespace {

/// n, n-1, ..., 1: so that the k-th smallest value is k, and the input is not sorted.
std::vector<double> ranks(std::size_t n) {
  std::vector<double> values(n);
  std::iota(values.rbegin(), values.rend(), 1.0);
  return values;
}

TEST(Median, OfAnOddCountIsTheMiddleValue) {
  EXPECT_EQ(median({3, 1, 2}), 2);
  EXPECT_EQ(median({7}), 7);
}

TEST(Median, OfAnEvenCountIsTheMeanOfTheMiddleTwo) {
  EXPECT_EQ(median({4, 1, 3, 2}), 2.5);
  EXPECT_EQ(median({-1, 2}), 0.5);
  EXPECT_EQ(median({5, 5, 5, 5}), 5);
}

TEST(Median, OfHugeValuesDoesNotOverflow) {
  EXPECT_DOUBLE_EQ(median({1.6e308, 1.7e308}), 1.65e308);
}

TEST(Median, OfInfinitiesIsNoNan) {
  EXPECT_EQ(median({kInfinity, kInfinity}), kInfinity);
  EXPECT_EQ(median({-kInfinity, -kInfinity, 1, -kInfinity}), -kInfinity);
  EXPECT_EQ(median({1, kInfinity}), kInfinity);
  EXPECT_EQ(median({1, 2, kInfinity}), 2);
}

TEST(Interval, IsEmptyOnlyWhenItsEndsCross) {
  EXPECT_TRUE((Interval{2, 1}.is_empty()));
  EXPECT_FALSE((Interval{1, 1}.is_empty()));
  EXPECT_FALSE(everything().is_empty());
}

TEST(Intersect, KeepsWhatBothHold) {
  EXPECT_EQ(intersect({1, 3}, {2, 4}), (Interval{2, 3}));
  EXPECT_EQ(intersect(everything(), {2, 4}), (Interval{2, 4}));
  EXPECT_TRUE(intersect({1, 2}, {3, 4}).is_empty());
}

/// By hand from the binomial table: k is the greatest with P(Bin(n, 1/2) < k) <= alpha / 2.
struct SignCase {
  std::size_t n;
  double alpha;
  std::size_t rank;  ///< 0: unbounded
};

void PrintTo(const SignCase& item, std::ostream* out) {
  *out << item.n << " at " << item.alpha;
}

class SignInterval : public testing::TestWithParam<SignCase> {};

TEST_P(SignInterval, RunsFromTheKthSmallestToTheKthLargest) {
  const auto [n, alpha, rank] = GetParam();
  const Interval expected =
      rank == 0 ? everything()
                : Interval{static_cast<double>(rank), static_cast<double>(n + 1 - rank)};
  EXPECT_EQ(sign_interval(ranks(n), alpha), expected);
}

INSTANTIATE_TEST_SUITE_P(Tables, SignInterval,
                         testing::Values(SignCase{5, 0.05, 0},     // 2 / 32 > 0.05
                                         SignCase{6, 0.05, 1},     // 2 / 64 = 0.031
                                         SignCase{7, 0.05, 1},     // 2 (1 + 7) / 128 = 0.125
                                         SignCase{8, 0.05, 1},     // 2 (1 + 8) / 256 = 0.0703
                                         SignCase{9, 0.05, 2},     // 2 (1 + 9) / 512 = 0.039
                                         SignCase{10, 0.05, 2},    // x2 to x9
                                         SignCase{20, 0.05, 6},    // x6 to x15
                                         SignCase{25, 0.05, 8},    // x8 to x18
                                         SignCase{50, 0.05, 18},   // x18 to x33
                                         SignCase{100, 0.05, 40},  // x40 to x61
                                         SignCase{7, 0.01, 0},     // 2 / 128 = 0.0156
                                         SignCase{8, 0.01, 1},     // 2 / 256 = 0.0078
                                         SignCase{20, 0.01, 4},    // x4 to x17
                                         SignCase{20, 0.001, 3},   // 2 (1 + 20 + 190) / 2^20
                                         SignCase{1, 1.0, 0},      // P(Bin < 1) = 0.5 = tail
                                         SignCase{2, 0.05, 0}));

TEST(SignIntervalOf, NothingHoldsEverything) {
  EXPECT_EQ(sign_interval({}, 0.05), everything());
}

TEST(SignIntervalOf, ValuesDoesNotDependOnTheirOrder) {
  std::vector<double> values = {9, 1, 8, 2, 7, 3, 6, 4, 5, 0};
  const Interval before = sign_interval(values, 0.05);
  std::ranges::sort(values);
  EXPECT_EQ(sign_interval(values, 0.05), before);
}

TEST(SignIntervalOf, EqualValuesIsThatValue) {
  EXPECT_EQ(sign_interval(std::vector<double>(16, 2.5), 0.001), (Interval{2.5, 2.5}));
}

TEST(SignIntervalOf, ValuesHoldsTheirMedianAndNarrowsWithAlpha) {
  for (std::size_t n = 6; n < 300; n += 7) {
    const Interval wide = sign_interval(ranks(n), 0.001);
    const Interval narrow = sign_interval(ranks(n), 0.05);
    EXPECT_LE(wide.low, narrow.low);
    EXPECT_GE(wide.high, narrow.high);
    const double middle = median(ranks(n));
    EXPECT_LE(narrow.low, middle);
    EXPECT_GE(narrow.high, middle);
  }
}

TEST(SignIntervalOf, InfiniteValuesMayEndInInfinity) {
  std::vector<double> values(20, kInfinity);
  EXPECT_EQ(sign_interval(values, 0.05), (Interval{kInfinity, kInfinity}));
  std::fill_n(values.begin(), 10, 4.0);
  EXPECT_EQ(sign_interval(values, 0.05), (Interval{4, kInfinity}));
}

TEST(SignIntervalOf, ManyRoundsAgreesWithTheNormalApproximation) {
  constexpr std::size_t kRounds = 10000;
  const Interval found = sign_interval(ranks(kRounds), 0.05);
  EXPECT_NEAR(found.low, kRounds / 2.0 - 1.96 * 50, 1.5);
  EXPECT_NEAR(found.high, kRounds / 2.0 + 1.96 * 50, 2.5);
}

TEST(RoundsToDecide, IsTheLeastCountThatBoundsTheInterval) {
  for (const double alpha : {0.5, 0.05, 0.01, 1e-4, 3.3e-5, 1e-9}) {
    const auto rounds = rounds_to_decide(alpha);
    EXPECT_NE(sign_interval(ranks(rounds), alpha), everything()) << alpha;
    EXPECT_EQ(sign_interval(ranks(rounds - 1), alpha), everything()) << alpha;
  }
}

TEST(RoundsToDecide, AgreesWithTheDesign) {
  EXPECT_EQ(rounds_to_decide(0.05), 6U);
  EXPECT_EQ(rounds_to_decide(0.05 / (5 * 60)), 14U);
  EXPECT_EQ(rounds_to_decide(0.05 / (5 * 300)), 16U);
}

TEST(LeastSquaresSlope, IsExactForALine) {
  const std::vector<double> x = {0, 1, 3, 7};
  EXPECT_DOUBLE_EQ(least_squares_slope(x, std::vector<double>{5, 3, -1, -9}), -2);
  EXPECT_DOUBLE_EQ(least_squares_slope(x, std::vector<double>{4, 4, 4, 4}), 0);
}

TEST(LeastSquaresSlope, AgreesWithAHandComputedFit) {
  // x mean 2, y mean 10 / 3: (-1)(-4/3) + 0 + (1)(5/3) over 2
  EXPECT_NEAR(least_squares_slope(std::vector<double>{1, 2, 3}, std::vector<double>{2, 3, 5}), 1.5,
              1e-15);
}

const std::vector<double> kSizes = {1, 2, 3, 4};

TEST(RisingZero, IsInterpolatedBetweenTheSizesAroundIt) {
  EXPECT_DOUBLE_EQ(rising_zero(kSizes, std::vector<double>{-3, -1, 1, 3}), 2.5);
  EXPECT_DOUBLE_EQ(rising_zero(kSizes, std::vector<double>{-3, -1, 3, 4}), 2.25);
}

TEST(RisingZero, IsBeforeAllSizesIfTheEffectIsAlwaysAbove) {
  EXPECT_EQ(rising_zero(kSizes, std::vector<double>{1, 2, 3, 4}), -kInfinity);
}

TEST(RisingZero, IsBeyondAllSizesIfTheEffectIsNeverAbove) {
  EXPECT_EQ(rising_zero(kSizes, std::vector<double>{-4, -3, -2, -1}), kInfinity);
  EXPECT_EQ(rising_zero(kSizes, std::vector<double>{-4, -3, -2, 0}), kInfinity);
}

TEST(RisingZero, IsTheSizeItselfWhereTheEffectIsExactlyZero) {
  EXPECT_DOUBLE_EQ(rising_zero(kSizes, std::vector<double>{-1, 0, 1, 2}), 2);
  EXPECT_DOUBLE_EQ(rising_zero(kSizes, std::vector<double>{0, 1, 2, 3}), 1);
  EXPECT_DOUBLE_EQ(rising_zero(kSizes, std::vector<double>{-1, 0, 0, 2}), 3);
}

TEST(RisingZero, IsNotInventedByNoiseAtOneSize) {
  // Pooled: {-2, 0, 0, 3} where 0.5 and -0.5 violate the order.
  EXPECT_DOUBLE_EQ(rising_zero(kSizes, std::vector<double>{-2, 0.5, -0.5, 3}), 3);
  // Pooled: all -1: never above, though one size lies above zero.
  EXPECT_EQ(rising_zero(kSizes, std::vector<double>{-1, 3, -3, -3}), kInfinity);
  // A falling effect is pooled to its mean: above zero everywhere.
  EXPECT_EQ(rising_zero(kSizes, std::vector<double>{4, 3, 0, -1}), -kInfinity);
}

TEST(RisingZero, OfOneSizeIsOneSideOrTheOther) {
  EXPECT_EQ(rising_zero(std::vector<double>{5}, std::vector<double>{1}), -kInfinity);
  EXPECT_EQ(rising_zero(std::vector<double>{5}, std::vector<double>{-1}), kInfinity);
}

TEST(RisingZero, StaysNearTheTruthUnderNoise) {
  std::mt19937_64 rng(7);
  std::normal_distribution<double> noise(0, 0.3);
  std::vector<double> x(11);
  std::iota(x.begin(), x.end(), 0.0);
  std::vector<double> found;
  for (int i = 0; i < 501; ++i) {
    std::vector<double> effect;
    for (const double at : x) effect.push_back(0.5 * (at - 4.2) + noise(rng));
    found.push_back(rising_zero(x, effect));
  }
  EXPECT_NEAR(median(found), 4.2, 0.1);
}

// --- attainability, rates, correlation

TEST(RoundsForMargin, FollowTheSquareOfNoiseOverMargin) {
  // (pi / 2) ((1.95996 + 1.96) 0.02 / 0.02)^2 = 24.14
  EXPECT_EQ(rounds_for_margin(0.02, 0.02, 0.05), 25);
  EXPECT_NEAR(rounds_for_margin(0.2, 0.02, 0.05) / 2414, 1, 0.01);
  EXPECT_EQ(rounds_for_margin(1e-6, 0.02, 0.05), 6);  // no fewer than can decide at all
  EXPECT_EQ(rounds_for_margin(0, 0.02, 0.05), 6);
  EXPECT_TRUE(std::isinf(rounds_for_margin(0.02, 0, 0.05)));
}

TEST(RoundsForMargin, AreEnoughForNormalValues) {
  std::mt19937_64 rng(5);
  std::normal_distribution<double> noise(0, 0.02);
  const auto rounds = static_cast<std::size_t>(rounds_for_margin(0.02, 0.01, 0.05));
  int inside = 0;
  constexpr int kRuns = 400;
  for (int run = 0; run < kRuns; ++run) {
    std::vector<double> values(rounds);
    for (double& value : values) value = noise(rng);
    const Interval found = sign_interval(values, 0.05);
    inside += found.low >= -0.01 && found.high <= 0.01 ? 1 : 0;
  }
  EXPECT_GE(inside, 370);  // about 95% are meant; half of the rounds give about 65%
}

TEST(RobustSd, IsThatOfNormalValuesAndDeafToBursts) {
  std::mt19937_64 rng(6);
  std::normal_distribution<double> noise(3, 0.5);
  std::vector<double> values(20000);
  for (double& value : values) value = noise(rng);
  EXPECT_NEAR(robust_sd(values), 0.5, 0.02);
  for (std::size_t i = 0; i < 1000; ++i) values[i] = 1e9;
  EXPECT_NEAR(robust_sd(values), 0.5, 0.05);
  EXPECT_EQ(robust_sd({7}), 0);
}

TEST(UpperBoundOfRate, IsExact) {
  // With none of n, (1 - p)^n = 0.05.
  EXPECT_NEAR(upper_bound_of_rate(0, 300, 0.95), 1 - std::pow(0.05, 1.0 / 300), 1e-9);
  EXPECT_LT(upper_bound_of_rate(0, 300, 0.95), 0.01);
  EXPECT_GT(upper_bound_of_rate(0, 298, 0.95), 0.01);
  // P(X <= 1) at the bound is 5%: (1-p)^n + n p (1-p)^(n-1).
  const double p = upper_bound_of_rate(1, 50, 0.95);
  EXPECT_NEAR(std::pow(1 - p, 50) + 50 * p * std::pow(1 - p, 49), 0.05, 1e-9);
  EXPECT_EQ(upper_bound_of_rate(5, 5, 0.95), 1);
}

TEST(RankCorrelation, SeesOrderAlone) {
  const std::vector<double> x = {1, 2, 3, 4};
  EXPECT_DOUBLE_EQ(rank_correlation(x, std::vector<double>{1, 10, 100, 1e6}), 1);
  EXPECT_DOUBLE_EQ(rank_correlation(x, std::vector<double>{4, 3, 2, -9}), -1);
  EXPECT_DOUBLE_EQ(rank_correlation(x, std::vector<double>{2, 1, 4, 3}), 0.6);
  EXPECT_DOUBLE_EQ(rank_correlation(x, std::vector<double>{5, 5, 5, 5}), 0);
  // Ties share their rank: ranks 0.5 0.5 2 3 against 0 1 2 3, by hand 4.5 / sqrt(4.5 * 5).
  EXPECT_DOUBLE_EQ(rank_correlation(x, std::vector<double>{1, 1, 2, 3}), 4.5 / std::sqrt(22.5));
}

TEST(KruskalWallis, IsThatOfTheBooks) {
  // Ranks 1 2 3 against 4 5 6: H = 12 / 42 (2 * 3 * 1.5^2) = 3.857, one degree of freedom.
  EXPECT_NEAR(kruskal_wallis_p({{1, 2, 3}, {4, 5, 6}}), 0.0495, 1e-3);
  EXPECT_NEAR(kruskal_wallis_p({{1, 4, 5}, {2, 3, 6}}), 0.8273, 1e-3);
}

TEST(KruskalWallis, KeepsItsLevel) {
  std::mt19937_64 rng(8);
  std::normal_distribution<double> noise;
  int alarms = 0;
  for (int run = 0; run < 2000; ++run) {
    std::vector<std::vector<double>> groups(4, std::vector<double>(8));
    for (auto& group : groups)
      for (double& value : group) value = noise(rng);
    alarms += kruskal_wallis_p(groups) < 0.05 ? 1 : 0;
  }
  EXPECT_NEAR(alarms, 100, 35);
}

}  // namespace
}  // namespace assay
