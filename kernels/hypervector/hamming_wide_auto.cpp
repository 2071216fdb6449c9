#include "kernels/hypervector/portable.hpp"

namespace assay {

/// HammingWideFn by the source of `scalar`, left to the compiler, for AVX2 and POPCNT.
std::uint64_t hamming_wide_auto(BitsView a, BitsView b) noexcept {
  return hamming_wide_portable(a.data(), b.data(), a.size());
}

}  // namespace assay
