#pragma once

#include <immintrin.h>

#include "kernels/hypervector/hypervector.hpp"

// The body of bind_avx512, for those who inline it. Internal linkage, as in portable.hpp.
namespace assay {
namespace {

[[gnu::always_inline]] inline void bind_body_avx512(const std::byte* a, const std::byte* b,
                                                    std::byte* out) {
  constexpr std::size_t kZmmBytes = 64;
#pragma GCC unroll 4
  for (std::size_t at = 0; at < kHvBytes; at += kZmmBytes) {
    _mm512_storeu_si512(out + at,
                        _mm512_xor_si512(_mm512_loadu_si512(a + at), _mm512_loadu_si512(b + at)));
  }
}

}  // namespace
}  // namespace assay
