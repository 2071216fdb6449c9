#include "statistics/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/normal.hpp>
#include <cassert>
#include <cmath>
#include <numbers>
#include <numeric>

namespace assay {

namespace {}

Interval everything() {
  return {-kInfinity, kInfinity};
}

Interval nothing() {
  const Interval all = everything();
  return {all.high, all.low};
}

Interval intersect(const Interval& a, const Interval& b) {
  return {std::max(a.low, b.low), std::min(a.high, b.high)};
}

Interval hull(const Interval& a, const Interval& b) {
  return {std::min(a.low, b.low), std::max(a.high, b.high)};
}

double median(std::vector<double> values) {
  assert(!values.empty());
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  if (values.size() % 2 == 1) return *middle;
  const double below = *std::max_element(values.begin(), middle);
  // Equal infinities have no mean by arithmetic.
  return below == *middle ? below : below + (*middle - below) / 2;
}

namespace {

/// The largest k with P(Binomial(n, 1/2) < k) <= tail; 0 if there is none.
std::size_t sign_rank(std::size_t n, double tail) {
  const boost::math::binomial_distribution<double> signs(static_cast<double>(n), 0.5);
  std::size_t low = 0;
  std::size_t high = n / 2;
  while (low < high) {
    const std::size_t k = low + (high - low + 1) / 2;
    if (boost::math::cdf(signs, static_cast<double>(k - 1)) <= tail)
      low = k;
    else
      high = k - 1;
  }
  return low;
}

}  // namespace

Interval sign_interval(std::vector<double> values, double alpha) {
  if (values.empty()) return everything();
  const std::size_t rank = sign_rank(values.size(), alpha / 2);
  if (rank == 0) return everything();
  const auto kth = [&](std::size_t index) {
    const auto at = values.begin() + static_cast<std::ptrdiff_t>(index);
    std::ranges::nth_element(values, at);
    return *at;
  };
  return {kth(rank - 1), kth(values.size() - rank)};
}

std::uint32_t rounds_to_decide(double alpha) {
  std::uint32_t rounds = 1;
  for (double attained = 1; attained > alpha; attained /= 2) ++rounds;
  return rounds;
}

double rounds_for_margin(double sd, double margin, double alpha) {
  constexpr double kMedianAgainstMean = std::numbers::pi / 2;  // variances, for normal values
  constexpr double kInside = 1.96;
  const boost::math::normal_distribution<double> normal;
  const double z = boost::math::quantile(boost::math::complement(normal, alpha / 2));
  const double least = rounds_to_decide(alpha);
  if (sd == 0) return least;
  const double deviations = (z + kInside) * sd / margin;
  return std::max(least, std::ceil(kMedianAgainstMean * deviations * deviations));
}

double robust_sd(std::vector<double> values) {
  constexpr double kNormal = 1.4826;  // 1 / the normal quantile of 3/4
  const double middle = median(values);
  for (double& value : values) value = std::abs(value - middle);
  return kNormal * median(std::move(values));
}

double upper_bound_of_rate(std::uint64_t k, std::uint64_t n, double confidence) {
  if (k >= n) return 1;
  return boost::math::binomial_distribution<double>::find_upper_bound_on_p(
      static_cast<double>(n), static_cast<double>(k), 1 - confidence);
}

namespace {

/// Ranks from 0; equal values share the mean of theirs.
std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::ranges::sort(order, {}, [&](std::size_t i) { return values[i]; });
  std::vector<double> ranks(values.size());
  for (std::size_t first = 0; first < order.size();) {
    std::size_t end = first + 1;
    while (end < order.size() && values[order[end]] == values[order[first]]) ++end;
    const double shared = static_cast<double>(first + end - 1) / 2;
    for (; first < end; ++first) ranks[order[first]] = shared;
  }
  return ranks;
}

}  // namespace

double rank_correlation(std::span<const double> x, std::span<const double> y) {
  assert(x.size() == y.size() && x.size() > 1);
  const std::vector<double> ranks_x = ranks_of(x);
  const std::vector<double> ranks_y = ranks_of(y);
  const double mean = static_cast<double>(x.size() - 1) / 2;
  double covariance = 0;
  double variance_x = 0;
  double variance_y = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    covariance += (ranks_x[i] - mean) * (ranks_y[i] - mean);
    variance_x += (ranks_x[i] - mean) * (ranks_x[i] - mean);
    variance_y += (ranks_y[i] - mean) * (ranks_y[i] - mean);
  }
  if (variance_x == 0 || variance_y == 0) return 0;
  return covariance / std::sqrt(variance_x * variance_y);
}

double kruskal_wallis_p(const std::vector<std::vector<double>>& groups) {
  std::vector<double> all;
  for (const auto& group : groups) all.insert(all.end(), group.begin(), group.end());
  const std::vector<double> ranks = ranks_of(all);
  const auto n = static_cast<double>(all.size());
  const double mean = (n - 1) / 2;
  double between = 0;
  std::size_t first = 0;
  for (const auto& group : groups) {
    double sum = 0;
    for (std::size_t i = 0; i < group.size(); ++i) sum += ranks[first + i] - mean;
    between += sum * sum / static_cast<double>(group.size());
    first += group.size();
  }
  const double statistic = 12 * between / (n * (n + 1));
  const boost::math::chi_squared_distribution<double> chi(static_cast<double>(groups.size() - 1));
  return boost::math::cdf(boost::math::complement(chi, statistic));
}

double least_squares_slope(std::span<const double> x, std::span<const double> y) {
  assert(x.size() == y.size() && x.size() > 1);
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double covariance = 0;
  double variance = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    covariance += (x[i] - mean_x) * (y[i] - mean_y);
    variance += (x[i] - mean_x) * (x[i] - mean_x);
  }
  return covariance / variance;
}

namespace {

std::vector<double> isotonic(std::span<const double> values) {
  struct Pool {
    double sum;
    std::size_t count;
    double mean() const { return sum / static_cast<double>(count); }
  };
  std::vector<Pool> pools;
  for (const double value : values) {
    pools.push_back({value, 1});
    while (pools.size() > 1 && pools[pools.size() - 2].mean() > pools.back().mean()) {
      pools[pools.size() - 2].sum += pools.back().sum;
      pools[pools.size() - 2].count += pools.back().count;
      pools.pop_back();
    }
  }
  std::vector<double> fitted;
  for (const Pool& pool : pools) fitted.insert(fitted.end(), pool.count, pool.mean());
  return fitted;
}

}  // namespace

double rising_zero(std::span<const double> x, std::span<const double> effect) {
  assert(x.size() == effect.size() && !x.empty());
  const std::vector<double> fitted = isotonic(effect);
  const auto above = std::ranges::find_if(fitted, [](double value) { return value > 0; });
  if (above == fitted.begin()) return -kInfinity;
  if (above == fitted.end()) return kInfinity;
  const auto i = static_cast<std::size_t>(above - fitted.begin());
  const double share = -fitted[i - 1] / (fitted[i] - fitted[i - 1]);
  return x[i - 1] + share * (x[i] - x[i - 1]);
}

}  // namespace assay
