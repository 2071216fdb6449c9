#pragma once

/// The statistics of verdicts: pure functions of numbers, without input or output. Values may be
/// infinite (a crossover outside the sizes swept) but never NaN.

#include <cstdint>
#include <span>
#include <vector>

namespace assay {

/// A closed interval; unbounded ends where the data cannot bound it.
struct Interval {
  double low;
  double high;

  bool is_empty() const { return low > high; }
  bool operator==(const Interval&) const = default;
};

/// The interval that excludes nothing.
Interval everything();

Interval intersect(const Interval& a, const Interval& b);

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
