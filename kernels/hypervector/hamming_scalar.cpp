#include "kernels/hypervector/portable.hpp"

namespace assay {

/// HammingFn by 64-bit words for plain x86-64, so std::popcount is a libgcc call, not POPCNT:
/// the reference, and the weakest baseline. The strong scalar one is `auto`.
std::uint32_t hamming_scalar(HvView a, HvView b) noexcept {
  return hamming_portable(a, b);
}

}  // namespace assay
