#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// BindWideFn by AVX2 intrinsics, 256 bytes an iteration.
void bind_wide_avx2(BitsView a, BitsView b, BitsSpan out) noexcept {
  const std::byte* x = a.data();
  const std::byte* y = b.data();
  std::byte* to = out.data();
  std::byte* const end = to + out.size();
  while (to != end) {
    bind_body(x, y, to);
    x += kHvBytes;
    y += kHvBytes;
    to += kHvBytes;
    // Three pointers, not one index: an indexed store takes an address port from the loads.
    asm("" : "+r"(x), "+r"(y), "+r"(to));
  }
}

}  // namespace assay
