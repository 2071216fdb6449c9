#include <xsimd/xsimd.hpp>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// BindWideFn by xsimd batches for AVX2, 256 bytes an iteration.
void bind_wide_xsimd(BitsView a, BitsView b, BitsSpan out) noexcept {
  using Batch = xsimd::batch<std::uint8_t, xsimd::avx2>;
  const auto* x = reinterpret_cast<const std::uint8_t*>(a.data());
  const auto* y = reinterpret_cast<const std::uint8_t*>(b.data());
  auto* bound = reinterpret_cast<std::uint8_t*>(out.data());
  for (std::size_t at = 0; at < out.size(); at += kHvBytes) {
#pragma GCC unroll 8
    for (std::size_t i = at; i < at + kHvBytes; i += Batch::size) {
      (Batch::load_unaligned(x + i) ^ Batch::load_unaligned(y + i)).store_unaligned(bound + i);
    }
  }
}

}  // namespace assay
