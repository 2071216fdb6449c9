#pragma once

/// The statistics of verdicts: pure functions of numbers, without input or output. Values may be
/// infinite (a crossover outside the sizes swept) but never NaN.

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace assay {

inline constexpr double kInfinity = std::numeric_limits<double>::infinity();

/// A closed interval; unbounded ends where the data cannot bound it.
struct Interval {
  double low;
  double high;

  bool is_empty() const { return low > high; }
  bool operator==(const Interval&) const = default;
};

/// The interval that excludes nothing.
Interval everything();

/// The empty interval: the hull of it and another is the other.
Interval nothing();

Interval intersect(const Interval& a, const Interval& b);

/// The smallest interval that holds both.
Interval hull(const Interval& a, const Interval& b);

/// The middle value; the mean of the two middle ones for an even count (which Google Benchmark
/// 1.7.1 does not compute). Requires: values is not empty.
double median(std::vector<double> values);

/// Exact two-sided confidence interval of the median from the signs of the differences: the k-th
/// smallest and k-th largest value, k being the largest for which the binomial tail of fewer than
/// k successes in n at 1/2 is at most alpha / 2. Assumes independent values with one median and
/// nothing else of their distribution. everything() if n is too small for alpha.
/// Source: Conover 1999, Practical Nonparametric Statistics, 3.2.
Interval sign_interval(std::vector<double> values, double alpha);

/// The smallest n at which sign_interval can bound anything: 2 * 2^-n <= alpha.
std::uint32_t rounds_to_decide(double alpha);

/// The rounds that bring the sign interval of a median inside +-margin around its true value with a
/// chance of 97.5% at each end, for normal values: (pi / 2) ((z + 1.96) sd / margin)^2, z being the
/// normal quantile of alpha / 2; at least rounds_to_decide(alpha). Infinite for a margin of 0.
/// Requires: sd >= 0, margin >= 0.
double rounds_for_margin(double sd, double margin, double alpha);

/// Standard deviation of normal values, estimated from the median absolute deviation, so that
/// bursts do not count. Requires: values is not empty.
double robust_sd(std::vector<double> values);

/// Exact one-sided upper confidence bound of a rate of which k of n were seen (Clopper-Pearson);
/// 0 of 300 at 95%: 0.0099. Requires: k <= n, n > 0.
double upper_bound_of_rate(std::uint64_t k, std::uint64_t n, double confidence);

/// Spearman's rank correlation, ties sharing their mean rank; 0 where one side does not vary.
/// Requires: same length, at least two.
double rank_correlation(std::span<const double> x, std::span<const double> y);

/// The p-value of Kruskal and Wallis's test that groups have one distribution, by the chi-squared
/// approximation (groups of four values or more), without a correction for ties.
/// Requires: at least two groups, none empty.
double kruskal_wallis_p(const std::vector<std::vector<double>>& groups);

/// Least-squares slope of y over x. Requires: same length, at least two different x.
double least_squares_slope(std::span<const double> x, std::span<const double> y);

/// The x at which an effect that grows with x passes zero.
///
/// The effects are first made monotone (isotonic least squares, pool adjacent violators), so that
/// noise at one x cannot invent a crossing; between two x the crossing is interpolated linearly.
/// -infinity where every pooled effect is above zero, +infinity where none is.
/// Requires: x ascending; same length; at least one.
/// Source: Barlow et al. 1972, Statistical Inference under Order Restrictions, 1.2.
double rising_zero(std::span<const double> x, std::span<const double> effect);

}  // namespace assay
