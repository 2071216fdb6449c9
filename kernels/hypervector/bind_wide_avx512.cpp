#include <immintrin.h>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// BindWideFn by AVX-512 intrinsics, 256 bytes an iteration.
void bind_wide_avx512(BitsView a, BitsView b, BitsSpan out) noexcept {
  constexpr std::size_t kZmmBytes = 64;
  const std::byte* x = a.data();
  const std::byte* y = b.data();
  std::byte* to = out.data();
  std::byte* const end = to + out.size();
  while (to != end) {
#pragma GCC unroll 4
    for (std::size_t at = 0; at < kHvBytes; at += kZmmBytes) {
      _mm512_storeu_si512(to + at,
                          _mm512_xor_si512(_mm512_loadu_si512(x + at), _mm512_loadu_si512(y + at)));
    }
    x += kHvBytes;
    y += kHvBytes;
    to += kHvBytes;
    asm("" : "+r"(x), "+r"(y), "+r"(to));  // as in bind_wide_avx2
  }
}

}  // namespace assay
