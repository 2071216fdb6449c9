#pragma once

/// From slices to the gate's results: pure functions.

#include <string>
#include <vector>

#include "gate/result.hpp"
#include "gate/rules.hpp"
#include "plan/plan.hpp"
#include "record/slice.hpp"
#include "verdict/estimate.hpp"

namespace assay {

/// The entry that a comparison of a metric on both sides is estimated by. Metrics that may be 0 are
/// compared by difference.
Experiment gate_entry(const std::string& id, const std::string& metric, double margin,
                      bool may_be_zero);

/// candidate / baseline, as an interval, from an estimate of baseline / candidate, or of baseline -
/// candidate where the entry compares by difference: then relative to the baseline's median, which
/// must be known; of a baseline below 0 relative to its amount; where it is 0, {1, 1} if nothing
/// was ever counted, infinite if not.
Interval change_of(const Experiment& entry, const Interval& found, double baseline);

/// True of the effects (> 0) of relinks whose mean may be none: the 95% t interval of their
/// logarithms' mean holds 0. A change in the code shows in the mean over layouts; one that only
/// moved it does not.
bool may_be_layout(const std::vector<double>& effects);

/// Everything that one result is made of.
struct GateCase {
  const Comparison& comparison;
  const Plan& plan;
  const SlicesByUnit& slices;                ///< with the values of `metric`
  const std::vector<SlicesByUnit>& layouts;  ///< likewise
  const LookPlan& looks;
  const BenchmarkRule& rule;
  std::string metric;
};

/// Estimates and judges one metric of one benchmark.
GateResult judge_gate_case(const GateCase& of);

}  // namespace assay
