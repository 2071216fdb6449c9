#include "statistics/statistics.hpp"

#include <algorithm>
#include <boost/math/distributions/binomial.hpp>
#include <cassert>
#include <limits>
#include <numeric>

namespace assay {

namespace {
constexpr double kInfinity = std::numeric_limits<double>::infinity();
}

Interval everything() {
  return {-kInfinity, kInfinity};
}

Interval intersect(const Interval& a, const Interval& b) {
  return {std::max(a.low, b.low), std::min(a.high, b.high)};
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
