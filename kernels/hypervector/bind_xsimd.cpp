#include <xsimd/xsimd.hpp>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// BindFn by xsimd batches for AVX2.
void bind_xsimd(HvView a, HvView b, HvSpan out) noexcept {
  using Batch = xsimd::batch<std::uint8_t, xsimd::avx2>;
  const auto* x = reinterpret_cast<const std::uint8_t*>(a.data());
  const auto* y = reinterpret_cast<const std::uint8_t*>(b.data());
  auto* bound = reinterpret_cast<std::uint8_t*>(out.data());
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kHvBytes; i += Batch::size) {
    (Batch::load_unaligned(x + i) ^ Batch::load_unaligned(y + i)).store_unaligned(bound + i);
  }
}

}  // namespace assay
