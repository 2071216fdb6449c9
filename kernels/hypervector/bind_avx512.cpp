#include <immintrin.h>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// BindFn by AVX-512 intrinsics. A store port of 32 B a cycle, as in Zen 4, makes it no faster than
/// AVX2.
void bind_avx512(HvView a, HvView b, HvSpan out) noexcept {
  constexpr std::size_t kZmmBytes = 64;
#pragma GCC unroll 4
  for (std::size_t at = 0; at < kHvBytes; at += kZmmBytes) {
    const __m512i bound =
        _mm512_xor_si512(_mm512_loadu_si512(a.data() + at), _mm512_loadu_si512(b.data() + at));
    _mm512_storeu_si512(out.data() + at, bound);
  }
}

}  // namespace assay
