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

/// A kernel that a claim holds against a probe that is a roof here.
struct UnderRoof {
  const ExperimentVerdict* result = nullptr;
  std::string benchmark;
  double intensity = 0;   ///< operations for each byte that it moves
  OverRounds per_second;  ///< operations
};

/// Of one kind of operation. Roofs and kernels descend by what they reach, each benchmark once.
struct Roofline {
  std::string operation;        ///< "words"
  std::vector<Roof> bandwidth;  ///< the fastest probe of a claim, if it moves bytes alone: bytes
  std::vector<Roof> compute;    ///< the same, if it does nothing but these operations
  std::vector<UnderRoof> kernels;
};

/// The rooflines of what was measured and said what work it does (Manifest::work), by kind. What
/// has no kernel with a roof is none. The pointers are into `verdicts`.
std::vector<Roofline> rooflines_of(const Run& run, const RunVerdicts& verdicts);

}  // namespace assay
