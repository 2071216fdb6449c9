#pragma once

#include "kernels/hypervector/cycle_forms.hpp"

// The source of the forms. Internal linkage, as in portable.hpp.
namespace assay {
namespace {

using CycleRows = std::array<HV16, kWorkingMemory + 1>;

// Not inlined and not looked into, as an interface between two libraries is.
#if defined(__clang__)
#define ASSAY_INTERFACE [[gnu::noinline]]
#else
#define ASSAY_INTERFACE [[gnu::noipa]]
#endif

// `Vector` is HV16 or const HV16&, `Rows` likewise. A result is made where the caller wants it: by
// value it is copied where it is passed on.

template <typename Vector>
ASSAY_INTERFACE HV16 bound(BindFn* run, Vector a, Vector b) {
  HV16 out;
  run(view(a), view(b), view(out));
  return out;
}

template <typename Vector>
ASSAY_INTERFACE HV16 permuted(PermuteFn* run, Vector in, std::size_t shift) {
  HV16 out;
  run(view(in), shift, view(out));
  return out;
}

template <typename Rows>
ASSAY_INTERFACE HV16 bundled(BundleFn* run, Rows rows) {
  HV16 out;
  run(std::as_bytes(std::span(rows)), view(out));
  return out;
}

template <typename Vector>
ASSAY_INTERFACE std::uint32_t distance(HammingFn* run, Vector a, Vector b) {
  return run(view(a), view(b));
}

template <typename Vector, typename Rows>
Recognised cycle_by(const CycleKernels& run, const CycleInput& input) {
  CycleRows rows;
  rows[0] = permuted<Vector>(run.permute, bound<Vector>(run.bind, input.percept, input.role),
                             input.position);
  for (std::size_t i = 0; i < kWorkingMemory; ++i) rows[i + 1] = input.working_memory[i];
  const HV16 bundle = bundled<Rows>(run.bundle, rows);
  Neighbour nearest{0, ~std::uint32_t{0}};
  for (std::size_t row = 0; row < input.item_memory.size(); ++row) {
    const std::uint32_t bits = distance<Vector>(run.hamming, bundle, input.item_memory[row]);
    if (bits < nearest.distance) nearest = {row, bits};
  }
  return {nearest, bound<Vector>(run.bind, input.item_memory[nearest.row], input.role)};
}

#undef ASSAY_INTERFACE

[[maybe_unused]] CycleForms cycle_forms_here() {
  return {cycle_by<HV16, CycleRows>, cycle_by<const HV16&, const CycleRows&>};
}

}  // namespace
}  // namespace assay
