#pragma once

/// Break-even surfaces: crossovers that differ in one more number, side by side.

#include <string>
#include <vector>

#include "record/run.hpp"
#include "verdict/judge.hpp"

namespace assay {

/// A crossover among those of its surface.
struct Section {
  const ExperimentVerdict* result = nullptr;
  const ComparisonVerdict* part = nullptr;
  double at = 0;  ///< the number in which it differs from the others
};

/// At least three crossovers of the same benchmarks over the same parameter, which differ in one
/// other parameter alone: "f/bytes:64/percent:{size}" and "f/bytes:256/percent:{size}".
struct Surface {
  std::string baseline;           ///< the pattern, "*" for the number in which the sections differ
  std::string candidate;          ///< likewise
  std::string swept;              ///< what the pattern calls {size}: "percent"
  std::string other;              ///< what it calls the other: "bytes"
  std::vector<Section> sections;  ///< by rising number, each once: the first in the register
};

/// "percent" of "f/bytes:64/percent:{size}"; "size" where the pattern gives it no name.
std::string swept_name(const std::string& pattern);

/// The surfaces of what was measured, by their patterns. The pointers are into `verdicts`.
std::vector<Surface> surfaces_of(const Plan& plan, const RunVerdicts& verdicts);

}  // namespace assay
