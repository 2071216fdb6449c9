#pragma once

/// From a run to its verdicts: pure functions, fixed rules.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "record/run.hpp"
#include "register/register.hpp"
#include "verdict/evidence.hpp"
#include "verdict/rule.hpp"
#include "verdict/witness.hpp"

namespace assay {

struct ComparisonVerdict {
  std::uint32_t comparison = 0;  ///< index into the plan
  Estimate estimate;
  Verdict verdict = Verdict::kInconclusive;
  std::string why;                     ///< for invalid and not run
  std::optional<FailureKind> failure;  ///< of one of its benchmarks
  Evidence evidence;
  /// The chance that a second run of the same length gives the same verdict, if the rounds measured
  /// are what rounds are like; of verdicts that the rule gave, from twice the rounds on that can
  /// bound anything.
  std::optional<double> agreement;
  /// Relinks whose effect answers the rule as the verdict does; of supported and refuted rules.
  std::optional<std::size_t> relinks_agreeing;
};

/// The answer to one entry of the register.
struct ExperimentVerdict {
  Experiment experiment;
  Verdict verdict = Verdict::kNotRun;
  std::string why;
  bool is_exploratory = false;  ///< entry or settings were changed after its data were taken
  std::vector<ComparisonVerdict> comparisons;  ///< none of a witness rule, at least one of others
  std::size_t headline = 0;                    ///< of `comparisons`: the strongest rival
  Score scored;                                ///< of the headline
  std::string caveat;  ///< where it turns on less than a control that held can tell
  std::vector<WitnessResult> witnesses;  ///< of each side whose machine code was asked about
};

/// True of a ratio that other links of the same objects might show for sides that do the same.
bool is_layout_sized(const ExperimentVerdict& result, const Plan& plan);

struct RunVerdicts {
  std::vector<ExperimentVerdict> experiments;  ///< claims and controls, in the register's order
  double alpha_of_look = 0;
  double control_alpha_of_look = 0;
  std::uint32_t looks = 0;  ///< that the level is divided by
};

/// Looks that the level is shared among: the register's, the end, and one for each resumption,
/// since whoever resumed a run may have seen its report.
std::uint32_t looks_counted(const RegisterSettings& settings, std::uint32_t resumptions);

LookPlan look_plan(const Manifest& manifest, const RegisterSettings& settings, bool is_control,
                   std::uint32_t resumptions);

/// Families of claims that a control could guard, and none of the run does, ascending.
std::vector<std::string> unguarded_families(const RunVerdicts& verdicts);

/// Judges a whole run. `reg` is the register whose rules apply; entries whose hash, or whose
/// register's settings, differ from those in the manifest are exploratory.
RunVerdicts judge(const Manifest& manifest, const Register& reg, const Collected& collected);

}  // namespace assay
