#include "kernels/hypervector/portable.hpp"

namespace assay {

/// HammingFn by the source of `scalar`, left to the compiler, for AVX2 and POPCNT.
std::uint32_t hamming_auto(HvView a, HvView b) noexcept {
  return hamming_portable(a, b);
}

}  // namespace assay
