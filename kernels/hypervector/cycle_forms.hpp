#pragma once

#include "kernels/hypervector/cycle.hpp"

namespace assay {

template <typename Fn>
struct Variant;

/// The kernels of a cycle.
struct CycleKernels {
  BindFn* bind;
  PermuteFn* permute;
  BundleFn* bundle;
  HammingFn* hamming;
  NearestFn* nearest;
};

/// A cycle whose every step is behind a function that is not inlined.
using CycleFormFn = Recognised(const CycleKernels& run, const CycleInput& input);

/// The forms of one source that differ in how vectors are passed alone.
struct CycleForms {
  CycleFormFn* by_value;
  CycleFormFn* by_reference;
};
using CycleFormsFn = CycleForms() noexcept;

/// The same source compiled for several CPUs: how wide the moves of a copy are is the compiler's to
/// decide, and a copy by moves narrower than the loads of the kernel that follows looks dearer than
/// it need be, as what narrower stores wrote is not forwarded.
std::span<const Variant<CycleFormsFn>> cycle_forms_variants();

}  // namespace assay
