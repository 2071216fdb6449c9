/// A simulation study: do the intervals cover the true median as often as they say, whatever the
/// noise, with the looks on? And does the study notice an analysis that does not?
///
/// The truth is 0 throughout: a paired comparison cancels what both sides share (drift, steps of
/// the machine's speed), and what is left has median 0 in each round, though its spread and skew
/// may change from round to round. Seeded, so that the figures are the same in every run.

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <numbers>
#include <random>

#include "testing/examples.hpp"
#include "verdict/estimate.hpp"

namespace assay {
namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr int kReplications = 1000;
#else
constexpr int kReplications = 2000;
#endif

using Rng = std::mt19937_64;
using Values = std::vector<double>;

double normal(Rng& rng) {
  return std::normal_distribution<double>()(rng);
}
double uniform(Rng& rng) {
  return std::uniform_real_distribution<double>()(rng);
}
double sign(Rng& rng) {
  return uniform(rng) < 0.5 ? -1 : 1;
}

/// Values of `n` rounds, median 0 in each.
struct Noise {
  const char* name;
  Values (*rounds)(std::size_t n, Rng& rng);
};

void PrintTo(const Noise& noise, std::ostream* out) {
  *out << noise.name;
}

Values each(std::size_t n, const std::function<double(double share)>& value) {
  Values values;
  for (std::size_t i = 0; i < n; ++i)
    values.push_back(value(static_cast<double>(i) / static_cast<double>(n)));
  return values;
}

Values normal_rounds(std::size_t n, Rng& rng) {
  return each(n, [&](double) { return normal(rng); });
}

Values log_normal_rounds(std::size_t n, Rng& rng) {  // exp(N(0, 1)) has median 1
  return each(n, [&](double) { return std::exp(normal(rng)) - 1; });
}

Values heavy_tailed_rounds(std::size_t n, Rng& rng) {  // no variance
  std::student_t_distribution<double> student(2);
  return each(n, [&](double) { return student(rng); });
}

/// One round in ten is disturbed, to one side only as bursts of a neighbour are; the quiet rounds'
/// centre moves so that the median stays 0: P(X < 0) = 0.9 * Phi(c) = 1/2.
Values contaminated_rounds(std::size_t n, Rng& rng) {
  constexpr double kCentre = -0.139710298881862;  // -Phi^-1(5/9)
  return each(n, [&](double) {
    return uniform(rng) < 0.1 ? 10 + 5 * std::abs(normal(rng)) : kCentre + normal(rng);
  });
}

/// Two modes of unequal height with a gap between them; the median lies in the left one's edge.
/// P(X < 0) = 0.6 * Phi(c) = 1/2.
Values bimodal_rounds(std::size_t n, Rng& rng) {
  constexpr double kLeft = -0.967421566101701;  // -Phi^-1(5/6)
  return each(n, [&](double) { return (uniform(rng) < 0.6 ? kLeft : 6) + normal(rng); });
}

/// The machine slows down along the run: noise grows fivefold, and within a pair the drift favours
/// whichever side the coin put first.
Values drifting_rounds(std::size_t n, Rng& rng) {
  return each(n,
              [&](double share) { return (1 + 4 * share) * normal(rng) + 2 * share * sign(rng); });
}

/// A neighbour comes and goes for many rounds at a time: quiet and symmetric, or loud and skewed
/// (an exponential less its median).
Values stepping_rounds(std::size_t n, Rng& rng) {
  bool loud = false;
  return each(n, [&](double) {
    if (uniform(rng) < 0.05) loud = !loud;
    if (!loud) return 0.1 * normal(rng);
    return 5 * (std::exponential_distribution<double>()(rng) - std::numbers::ln2);
  });
}

constexpr std::size_t kPairs = 24;  // of twelve blocks
constexpr double kCorrelation = 0.4;

/// Pairs of one round share its addresses and pages.
Values correlated_round(Rng& rng) {
  const double shared = std::sqrt(kCorrelation) * normal(rng);
  return each(kPairs, [&](double) { return shared + std::sqrt(1 - kCorrelation) * normal(rng); });
}

Values correlated_rounds(std::size_t n, Rng& rng) {
  return each(n, [&](double) { return median(correlated_round(rng)); });
}

constexpr Noise kNoises[] = {{"normal", normal_rounds},
                             {"log-normal", log_normal_rounds},
                             {"heavy-tailed", heavy_tailed_rounds},
                             {"contaminated", contaminated_rounds},
                             {"bimodal", bimodal_rounds},
                             {"drifting", drifting_rounds},
                             {"stepping", stepping_rounds},
                             {"correlated within rounds", correlated_rounds}};

constexpr double kAlpha = 0.05;
const std::vector<std::uint32_t> kLooks = {16, 32, 64, 128};

/// As verdict/estimate.cpp does it: an interval at each look and at the end, intersected.
Interval looked_at(const Values& values) {
  const double alpha = kAlpha / static_cast<double>(kLooks.size() + 1);
  Interval interval = everything();
  for (const auto look : kLooks)
    if (look < values.size())
      interval = intersect(
          interval,
          sign_interval({values.begin(), values.begin() + static_cast<std::ptrdiff_t>(look)},
                        alpha));
  return intersect(interval, sign_interval(values, alpha));
}

bool covers(const Interval& interval) {
  return interval.low <= 0 && 0 <= interval.high;
}

/// The share of replications for which `holds`.
double share_of(int replications, const std::function<bool()>& holds) {
  int count = 0;
  for (int i = 0; i < replications; ++i) count += holds() ? 1 : 0;
  return static_cast<double>(count) / replications;
}

/// One-sided 99% bounds of a share (Wilson), so that a verdict on it is no accident of the seed.
double bound(double share, int replications, double z) {
  const double n = replications;
  const double middle = share + z * z / (2 * n);
  return (middle + z * std::sqrt(share * (1 - share) / n + z * z / (4 * n * n))) / (1 + z * z / n);
}
double least(double share, int replications) {
  return bound(share, replications, -2.326);
}
double most(double share, int replications) {
  return bound(share, replications, 2.326);
}

class Coverage : public testing::TestWithParam<Noise> {};

TEST_P(Coverage, IsAtLeast94PercentWithTheLooksOn) {
  Rng rng(20260101);
  for (const std::size_t n : {14U, 40U, 150U, 600U}) {
    const double covered =
        share_of(kReplications, [&] { return covers(looked_at(GetParam().rounds(n, rng))); });
    RecordProperty(fmt::format("rounds_{}", n), fmt::format("{:.4f}", covered));
    fmt::print("    {}, {} rounds: {:.2f}%\n", GetParam().name, n, 100 * covered);
    EXPECT_GE(least(covered, kReplications), 0.94) << n << " rounds";
  }
}

/// Neither too narrow nor needlessly wide: the sign test's level is known exactly, as it depends on
/// nothing of the distribution. n = 40 at 5%: x14 to x27, P(Bin < 14) = 0.019.
TEST_P(Coverage, OfOneLookIsWhatTheBinomialSays) {
  Rng rng(20260102);
  constexpr double kExact = 1 - 2 * 0.0192387;
  const double covered = share_of(
      kReplications, [&] { return covers(sign_interval(GetParam().rounds(40, rng), kAlpha)); });
  EXPECT_LE(least(covered, kReplications), kExact);
  EXPECT_GE(most(covered, kReplications), kExact);
}

std::string noise_name(const testing::TestParamInfo<Noise>& info) {
  std::string name = info.param.name;
  std::erase_if(name, [](char c) { return c == '-' || c == ' '; });
  return name;
}
INSTANTIATE_TEST_SUITE_P(Study, Coverage, testing::ValuesIn(kNoises), noise_name);

/// From slices to the interval through estimate() itself: two sides with a common wandering speed
/// and skewed bursts, alike but for their names.
TEST(CoverageOfEstimates, IsAtLeast94PercentFromTheSlicesOn) {
  using namespace examples;
  const Experiment entry = experiment("A", superiority(2));
  const Plan plan = plan_of({entry});
  const LookPlan looks = {kAlpha / 5, kLooks};
  Rng rng(20260103);
  constexpr int kRuns = kReplications / 2;
  const double covered = share_of(kRuns, [&] {
    double speed = 0;
    double of_round = 0;
    std::uint32_t last = std::numeric_limits<std::uint32_t>::max();
    const SlicesByUnit slices =
        slices_of(plan, 40, [&](const std::string& name, std::uint32_t round) {
          if (round != last) of_round = 0.02 * normal(rng);
          last = round;
          speed += 0.01 * normal(rng);
          const double burst = uniform(rng) < 0.1 ? 0.5 * uniform(rng) : 0;
          return 100 *
                 std::exp(speed + (name == "f/new" ? of_round : 0) + 0.01 * normal(rng) + burst);
        });
    const Interval found = estimate(entry, plan.comparisons[0], plan, slices, looks).interval;
    return found.low <= 1 && 1 <= found.high;
  });
  fmt::print("    slices, 40 rounds: {:.2f}%\n", 100 * covered);
  EXPECT_GE(least(covered, kRuns), 0.94);
}

// --- the study bites: what a hasty analysis would get from the same noise

TEST(NaiveAnalysis, OfPooledSlicesRaisesFalseAlarms) {
  Rng rng(20260104);
  constexpr int kRuns = kReplications / 2;
  const double alarms = share_of(kRuns, [&] {
    Values pooled;
    for (int round = 0; round < 40; ++round)
      for (const double value : correlated_round(rng)) pooled.push_back(value);
    return !covers(sign_interval(pooled, kAlpha));
  });
  fmt::print("    pooled slices: {:.1f}% false alarms\n", 100 * alarms);
  EXPECT_GE(least(alarms, kRuns), 0.3);
}

TEST(NaiveAnalysis, AfterEveryRoundRaisesFalseAlarms) {
  Rng rng(20260105);
  constexpr int kRuns = kReplications / 4;
  const double alarms = share_of(kRuns, [&] {
    const Values values = normal_rounds(128, rng);
    for (std::ptrdiff_t n = 6; n <= 128; ++n)
      if (!covers(sign_interval({values.begin(), values.begin() + n}, kAlpha))) return true;
    return false;
  });
  fmt::print("    a test after every round: {:.1f}% false alarms\n", 100 * alarms);
  EXPECT_GE(least(alarms, kRuns), 0.12);
}

TEST(NaiveAnalysis, OfUncorrectedLooksRaisesFalseAlarms) {
  Rng rng(20260106);
  const double alarms = share_of(kReplications, [&] {
    const Values values = normal_rounds(256, rng);
    for (const std::ptrdiff_t n : {16, 32, 64, 128, 256})
      if (!covers(sign_interval({values.begin(), values.begin() + n}, kAlpha))) return true;
    return false;
  });
  fmt::print("    five uncorrected looks: {:.1f}% false alarms\n", 100 * alarms);
  EXPECT_GE(least(alarms, kReplications), 0.06);
}

TEST(NaiveAnalysis, ByTheMeanAndItsDeviationMissesSkewedNoise) {
  Rng rng(20260107);
  const double covered = share_of(kReplications, [&] {
    const Values values = contaminated_rounds(150, rng);
    double sum = 0;
    double squares = 0;
    for (const double value : values) {
      sum += value;
      squares += value * value;
    }
    const double n = static_cast<double>(values.size());
    const double error = std::sqrt((squares - sum * sum / n) / (n - 1) / n);
    return covers({sum / n - 1.976 * error, sum / n + 1.976 * error});
  });
  fmt::print("    mean and deviation: {:.1f}% coverage of the median\n", 100 * covered);
  EXPECT_LE(most(covered, kReplications), 0.5);
}

}  // namespace
}  // namespace assay
