#include "kernels/hypervector/bind_avx512.hpp"

namespace assay {

/// BindFn by AVX-512 intrinsics. A store port of 32 B a cycle, as in Zen 4, makes it no faster than
/// AVX2.
void bind_avx512(HvView a, HvView b, HvSpan out) noexcept {
  bind_body_avx512(a.data(), b.data(), out.data());
}

}  // namespace assay
