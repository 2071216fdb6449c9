#pragma once

/// From slices to one value a round: pure functions.

#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "plan/plan.hpp"
#include "record/slice.hpp"
#include "register/register.hpp"

namespace assay {

/// A round of one unit in which every planned slice was measured.
struct CompleteRound {
  std::uint32_t round = 0;
  std::span<const Slice> slices;
};

/// The complete rounds of a unit, in order. Requires: slices in the order of the run.
std::vector<CompleteRound> complete_rounds(const Plan& plan, std::uint32_t unit,
                                           const SlicesByUnit& slices);

/// The slices of a round, block after block, each in the order in which it ran.
std::vector<Slice> in_block_order(std::span<const Slice> slices);

/// Two slices that ran one after the other.
struct SlicePair {
  Slice baseline;
  Slice candidate;
};

/// The adjacent pairs of a round, block after block: slices 0 and 1 of a block, then 2 and 3.
/// Requires: whole blocks of a unit of two arms.
std::vector<SlicePair> adjacent_pairs(std::span<const Slice> slices);

/// Values of one arm, in the order given.
std::vector<double> values_of_arm(std::span<const Slice> slices, std::size_t arm);

/// True where effects are formed and combined as logarithms.
bool is_logarithmic(const Experiment& experiment);

/// An effect as it is shown: the exponential where effects are logarithms. Order is kept.
double displayed(const Experiment& experiment, double value);

/// What value_of_slices() is the median of: the effect of each adjacent pair (log ratio, or
/// difference), or the value of each slice where the candidate is judged alone; block after block.
/// Requires: whole blocks; not for slopes, crossovers and behaviours.
std::vector<double> effects_of_slices(const Experiment& experiment, std::span<const Slice> slices);

/// One value of some slices of a unit: the median over adjacent pairs (log ratio, or difference),
/// over the slices where the candidate is judged alone, or the slope of the medians at each size.
/// Requires: whole blocks; not for crossovers and behaviours.
double value_of_slices(const Experiment& experiment, std::span<const Slice> slices);

using RoundValues = std::vector<std::pair<std::uint32_t, double>>;

/// Of each complete round of a unit with two arms, the median over its adjacent pairs of
/// log(baseline / candidate).
RoundValues log_ratios(const Plan& plan, std::uint32_t unit, const SlicesByUnit& slices);

/// A value of each complete round; for a crossover from the effects at all sizes; for a behaviour
/// the least of its slices, also of a round that was cut off if that is 0.
RoundValues round_values(const Experiment& experiment, const Comparison& comparison,
                         const Plan& plan, const SlicesByUnit& slices);

}  // namespace assay
