#pragma once

#include "kernels/hypervector/hypervector.hpp"
#include "kernels/hypervector/intrinsics.hpp"

// The body of bind_avx512, for those who inline it. Internal linkage, as in portable.hpp.
namespace assay {
namespace {

[[gnu::always_inline]] inline void bind_body_avx512(const std::byte* a, const std::byte* b,
                                                    std::byte* out) {
  constexpr std::size_t kZmmBytes = 64;
#pragma GCC unroll 4
  for (std::size_t at = 0; at < kHvBytes; at += kZmmBytes) {
    const __m512i bound = _mm512_xor_si512(_mm512_loadu_si512(a + at), _mm512_loadu_si512(b + at));
    // In halves: Zen 4 takes ten cycles, not eight, for four whole stores among eight loads.
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + at), _mm512_castsi512_si256(bound));
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(out + at + kZmmBytes / 2),
                        _mm512_extracti64x4_epi64(bound, 1));
  }
}

}  // namespace
}  // namespace assay
