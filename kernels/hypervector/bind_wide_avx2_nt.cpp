#include "kernels/hypervector/avx2.hpp"

namespace assay {
namespace {

inline __m256i bound_at(BitsView a, BitsView b, std::size_t at) {
  return _mm256_xor_si256(load_ymm(a.data() + at), load_ymm(b.data() + at));
}

}  // namespace

/// BindWideFn by AVX2 intrinsics with non-temporal stores, which write lines to memory without
/// first reading them: for vectors that the caches do not hold.
void bind_wide_avx2_nt(BitsView a, BitsView b, BitsSpan out) noexcept {
  if (out.empty()) {
    return;
  }
  // Such stores must be aligned. What that leaves at either end is computed first, and stored last:
  // `out` may be an operand, which the stores in between overwrite.
  const __m256i first = bound_at(a, b, 0);
  const __m256i last = bound_at(a, b, out.size() - kYmmBytes);
  std::size_t at = -reinterpret_cast<std::uintptr_t>(out.data()) % kYmmBytes;
  const auto store = [&](std::size_t i) __attribute__((always_inline)) {
    _mm256_stream_si256(reinterpret_cast<__m256i*>(out.data() + i), bound_at(a, b, i));
  };
  for (; at + kHvBytes <= out.size(); at += kHvBytes) {
#pragma GCC unroll 8
    for (std::size_t i = 0; i < kHvBytes; i += kYmmBytes) {
      store(at + i);
    }
  }
  for (; at + kYmmBytes <= out.size(); at += kYmmBytes) {
    store(at);
  }
  store_ymm(out.data(), first);
  store_ymm(out.data() + out.size() - kYmmBytes, last);
  _mm_sfence();
}

}  // namespace assay
