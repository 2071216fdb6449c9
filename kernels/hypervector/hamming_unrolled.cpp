#include "kernels/hypervector/portable.hpp"

namespace assay {

/// HammingFn without intrinsics, unrolled by hand into four sums, for POPCNT.
std::uint32_t hamming_unrolled(HvView a, HvView b) noexcept {
  return static_cast<std::uint32_t>(hamming_unrolled_portable(a.data(), b.data(), kHvBytes));
}

}  // namespace assay
