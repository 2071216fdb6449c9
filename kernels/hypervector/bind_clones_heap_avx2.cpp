#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// BindFn that first clones each operand into memory of its own from malloc, and frees both.
void bind_clones_heap_avx2(HvView a, HvView b, HvSpan out) noexcept {
  std::byte* const clone_of_a = malloc_clone(a.data());
  std::byte* const clone_of_b = malloc_clone(b.data());
  bind_body(clone_of_a, clone_of_b, out.data());
  std::free(clone_of_b);
  std::free(clone_of_a);
}

}  // namespace assay
