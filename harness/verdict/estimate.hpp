#pragma once

/// From slices to intervals: pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/plan.hpp"
#include "record/slice.hpp"
#include "register/register.hpp"
#include "statistics/statistics.hpp"

namespace assay {

/// The interval as it stood after so many rounds, intersected with all looks before.
struct Look {
  std::uint32_t rounds = 0;
  Interval interval;
};

/// Level and times of the looks at one comparison.
struct LookPlan {
  double alpha = 0;  ///< of one look, after all corrections
  std::vector<std::uint32_t> after_rounds;
};

/// One arm of a sweep, for drawing.
struct SweepPoint {
  std::size_t arm = 0;
  std::int64_t size = 0;
  double value = 0;
  Interval interval;
};

/// What the data say of one comparison.
struct Estimate {
  std::vector<std::pair<std::uint32_t, double>> rounds;  ///< round, its value; complete rounds
  double value = 0;                                      ///< NaN without rounds
  Interval interval = everything();                      ///< intersected over looks
  /// What any look by itself held possible, of those that bound something on both sides; empty if
  /// there is none.
  Interval at_any_look = nothing();
  std::vector<Look> looks;
  std::string problem;  ///< why there can be no estimate; empty if there is none
};

/// A round's value is the median over its adjacent pairs (log ratio, or difference), or over its
/// slices where the candidate is judged alone, or the slope or crossover of the medians at each
/// size; ratios, slopes and crossovers are formed on log scales. The interval is the exact sign
/// interval of the rounds' median at each look, intersected. Of a behaviour the round's value is
/// the least of its slices, the interval goes from the least to the greatest round, and the value
/// is the least.
Estimate estimate(const Experiment& experiment, const Comparison& comparison, const Plan& plan,
                  const SlicesByUnit& slices, const LookPlan& looks);

/// A value over rounds: the median of theirs, and its sign interval.
struct OverRounds {
  double value = 0;
  Interval interval;
};

/// Of the medians of one arm's slices in each complete round of a unit; none without such a round.
std::optional<OverRounds> median_of_arm(const Plan& plan, std::uint32_t unit, std::size_t arm,
                                        const SlicesByUnit& slices, double alpha);

/// Median value at each size of a slope or crossover, over rounds.
std::vector<SweepPoint> sweep_points(const Experiment& experiment, const Comparison& comparison,
                                     const Plan& plan, const SlicesByUnit& slices, double alpha);

/// Baseline / candidate at each size of a crossover, over rounds: more than 1 where the candidate
/// is better. The points' arm is 1.
std::vector<SweepPoint> ratio_points(const Comparison& comparison, const Plan& plan,
                                     const SlicesByUnit& slices, double alpha);

}  // namespace assay
