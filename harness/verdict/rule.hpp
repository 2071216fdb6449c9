#pragma once

/// The rules of the register, applied to intervals: pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "register/register.hpp"
#include "verdict/estimate.hpp"

namespace assay {

enum class Verdict {
  kSupported,
  kRefuted,
  kEquivalent,
  kInconclusive,  ///< measured soundly; the interval does not answer
  kInvalid,       ///< the measurement cannot be trusted: a control or a benchmark failed
  kNotRun,        ///< could not be measured here, with its reason
  kHeld,          ///< controls: the interval lies within the margin of the truth
  kFailed         ///< controls: it lies outside
};

const char* name_of(Verdict verdict);

/// A value held against an interval.
enum class CutState {
  kReached,  ///< the whole interval lies on the side that the cut asks for, or touches it
  kMissed,   ///< the whole interval lies on the other side
  kOpen
};

const char* name_of(CutState state);

struct Cut {
  std::string label;
  double value = 0;
  bool is_upper = false;  ///< asks for values at or below it, not at or above
};

CutState hold(const Cut& cut, const Interval& interval);

/// The values that the rule accepts; unbounded ends where it names none.
Interval accepted(const Experiment& experiment);

/// The values that the rule asks about: one for superiority, both ends for an equivalence.
std::vector<Cut> rule_cuts(const Experiment& experiment);

/// The rule's cuts, the entry's further cuts and the edges of its tiers.
std::vector<Cut> all_cuts(const Experiment& experiment, const RegisterSettings& settings);

/// How far the true value lies from either end of what the rule accepts, for rules with a margin;
/// on the scale of on_scale_of_margin().
std::optional<double> margin_of(const Experiment& experiment);

/// The rounds' values on the scale of the margin: logarithms of ratios.
std::vector<double> on_scale_of_margin(const Experiment& experiment, const Estimate& found);

/// True of verdicts by which the rule holds: supported, equivalent, held.
bool is_good(Verdict verdict);

/// The verdict by which a rule of this kind holds.
Verdict good_verdict(RuleKind kind);

/// What the registered rule says of an interval. An empty interval (looks that contradict each
/// other) is invalid.
Verdict judge_rule(const Experiment& experiment, const Interval& interval);

/// True when more rounds could change no answer: every cut is reached or missed.
bool is_decided(const Experiment& experiment, const RegisterSettings& settings,
                const Interval& interval);

/// A registered prediction beside the measurement.
struct Score {
  std::string tier;              ///< grade of the interval's lower end; empty without tiers
  std::string nearest_scenario;  ///< on a log scale; empty without predictions
  bool interval_holds_nearest = false;
  std::optional<double> overstated;  ///< greatest prediction / measured value
};
Score score(const Experiment& experiment, const RegisterSettings& settings, const Estimate& found);

}  // namespace assay
