#pragma once

/// What qualifies an interval: where its noise lies, whether it would come out again, and what of
/// the effect may be owed to the way of measuring. Pure functions.

#include <cstdint>
#include <optional>
#include <vector>

#include "verdict/estimate.hpp"

namespace assay {

/// Slices run right after one of the rival are compared with slices run after one of the same
/// benchmark, which each block holds, too: what the rival leaves behind (caches, heap, frequency)
/// moves the ratio by `shift`.
struct CarryOver {
  double shift = 1;         ///< (ratio after the rival) / (ratio after itself); 1: none
  Interval shift_interval;  ///< of its median over rounds
  Interval itself;          ///< the ratio after itself, likewise
};

/// The same objects linked in another order: other draws of where the code lies.
struct LayoutSpread {
  std::vector<double> effects;  ///< of each relink, as shown
  double sigma = 0;  ///< standard deviation of their logarithms, less the noise of their rounds
};

struct Evidence {
  /// Share of the variance of a round's value that lies between rounds (process starts, pages,
  /// moments), not inside them. Nothing below 64 rounds, where it is noise, and for crossovers.
  std::optional<double> between_rounds;
  /// The p-value of "the quarters of the run have one distribution"; nothing below 16 rounds. Where
  /// it is tiny the effect drifts, and the interval is of this stretch of time alone. A drift
  /// slower than the run is not seen.
  std::optional<double> drift_p;
  std::optional<CarryOver> carry_over;  ///< of ratios of pairs
  std::optional<LayoutSpread> layout;   ///< where relinks were measured
};

/// The rank correlation of the values of a round's halves, stepped up to the whole round
/// (Spearman-Brown): 1 if rounds differ and their halves agree, 0 if the halves differ as much as
/// rounds do. Source: Lord and Novick 1968, Statistical Theories of Mental Test Scores, 5.10.
std::optional<double> share_between_rounds(const Experiment& experiment,
                                           const Comparison& comparison, const Plan& plan,
                                           const SlicesByUnit& slices);

/// Source: Kruskal and Wallis 1952, Use of Ranks in One-Criterion Variance Analysis.
std::optional<double> drift_p_value(const Estimate& found);

/// True where the effect is the ratio of the two benchmarks of a pair.
bool is_pair_ratio(const Experiment& experiment, const Comparison& comparison, const Plan& plan);

std::optional<CarryOver> carry_over(const Experiment& experiment, const Comparison& comparison,
                                    const Plan& plan, const SlicesByUnit& slices, double alpha);

/// Nothing if fewer than two relinks have three complete rounds or more, or effects are not above
/// 0. The ordinary link, whose effect is held against sigma, has no part in it.
std::optional<LayoutSpread> layout_spread(const Experiment& experiment,
                                          const Comparison& comparison, const Plan& plan,
                                          const std::vector<SlicesByUnit>& layouts);

/// True of a ratio that other links of the same objects might show for code that does the same:
/// within 2 sigma of 1, or relinks fall on both sides of 1.
bool is_layout_sized(const LayoutSpread& spread, double ratio);

/// The intervals of runs of the same length, with the same looks, whose rounds are drawn from a
/// smooth distribution around those measured (normal kernels of Silverman's width): drawn from the
/// values alone, no run could fall outside their range, which is what few rounds bound. On the
/// scale of the estimate. Deterministic in `seed`. Source: Silverman 1986, Density Estimation, 3.4.
std::vector<Interval> repeated_intervals(const Estimate& found, const LookPlan& looks,
                                         std::uint32_t runs, std::uint64_t seed);

}  // namespace assay
