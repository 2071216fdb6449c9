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
  double sigma = 0;             ///< standard deviation of log effects over all links
};

struct Evidence {
  /// Share of the variance of a round's value that lies between rounds (process starts, pages,
  /// moments), not inside them. Nothing below 16 rounds, and for crossovers.
  std::optional<double> between_rounds;
  /// Rank correlation of the values of successive rounds; nothing below 16 rounds. Far above 0,
  /// rounds are no independent draws, and the interval is of this stretch of time alone.
  std::optional<double> serial;
  std::optional<CarryOver> carry_over;  ///< of ratios of pairs
  std::optional<LayoutSpread> layout;   ///< where relinks were measured
};

/// The rank correlation of the values of a round's halves, stepped up to the whole round
/// (Spearman-Brown): 1 if rounds differ and their halves agree, 0 if the halves differ as much as
/// rounds do. Source: Lord and Novick 1968, Statistical Theories of Mental Test Scores, 5.10.
std::optional<double> share_between_rounds(const Experiment& experiment,
                                           const Comparison& comparison, const Plan& plan,
                                           const SlicesByUnit& slices);

std::optional<double> serial_correlation(const Estimate& found);

/// True of a correlation that so many independent rounds would show once in 40 times.
bool is_serial(double correlation, std::size_t rounds);

std::optional<CarryOver> carry_over(const Experiment& experiment, const Comparison& comparison,
                                    const Plan& plan, const SlicesByUnit& slices, double alpha);

/// `ordinary` is the effect of the ordinary link, as shown. Nothing if fewer than two relinks have
/// three complete rounds or more, or effects are not above 0.
std::optional<LayoutSpread> layout_spread(const Experiment& experiment,
                                          const Comparison& comparison, const Plan& plan,
                                          const std::vector<SlicesByUnit>& layouts,
                                          double ordinary);

/// True of a ratio that other links of the same objects might show for code that does the same:
/// below 2 sqrt(2) sigma, as either side is one draw.
bool is_layout_sized(const LayoutSpread& spread, double ratio);

/// Drawn with replacement from the rounds measured, as a second run of the same length, with the
/// same looks, would draw them if these rounds are what rounds are like: the interval of each run.
/// Deterministic in `seed`.
std::vector<Interval> repeated_intervals(const Estimate& found, const LookPlan& looks,
                                         std::uint32_t runs, std::uint64_t seed);

}  // namespace assay
