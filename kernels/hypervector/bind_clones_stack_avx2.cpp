#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// BindFn that first clones each operand into a local whose existence is forced.
void bind_clones_stack_avx2(HvView a, HvView b, HvSpan out) noexcept {
  alignas(HV16) std::byte clone_of_a[kHvBytes];
  alignas(HV16) std::byte clone_of_b[kHvBytes];
  copy_body(a.data(), clone_of_a);
  copy_body(b.data(), clone_of_b);
  force_in_memory(clone_of_a);
  force_in_memory(clone_of_b);
  bind_body(clone_of_a, clone_of_b, out.data());
}

}  // namespace assay
