#pragma once

/// Rooflines: what the kernels of limit claims do a second, against the operations that they do for
/// each byte, under what probes moved and did in the same run.

#include <string>
#include <vector>

#include "record/run.hpp"
#include "verdict/judge.hpp"

namespace assay {

/// What a probe of the run reached.
struct Roof {
  std::string benchmark;
  OverRounds per_second;  ///< bytes, or operations
};

/// A kernel that claims hold against probes that are roofs here; measured beside the first's.
struct UnderRoof {
  std::vector<const ExperimentVerdict*> results;  ///< at least one
  std::string benchmark;
  double intensity = 0;   ///< operations for each byte that it moves
  OverRounds per_second;  ///< operations
};

/// Of one kind of operation. Roofs and kernels descend by what they reach, each benchmark once, as
/// it was measured for the first claim that names it.
struct Roofline {
  std::string operation;        ///< "words"
  std::vector<Roof> bandwidth;  ///< the fastest probe of a claim, if it moves bytes alone: bytes
  std::vector<Roof> compute;    ///< the same, if it does nothing but these operations
  std::vector<UnderRoof> kernels;
};

/// The rooflines of what was measured and said what work it does (Manifest::work), by kind. What
/// has no kernel with a roof is none. The pointers are into `verdicts`.
std::vector<Roofline> rooflines_of(const Run& run, const RunVerdicts& verdicts);

/// Of the claims of a kernel, the verdict that says the least for it.
Verdict least_favourable(const UnderRoof& kernel);

}  // namespace assay
