#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// BindFn by AVX2 intrinsics, unrolled: 8 stores of 32 B, at one a cycle.
void bind_avx2(HvView a, HvView b, HvSpan out) noexcept {
  bind_body(a.data(), b.data(), out.data());
}

}  // namespace assay
