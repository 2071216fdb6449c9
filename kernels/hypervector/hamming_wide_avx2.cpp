#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingWideFn by AVX2 intrinsics and POPCNT.
std::uint64_t hamming_wide_avx2(BitsView a, BitsView b) noexcept {
  return total(count_differing_row(a.data(), b.data(), a.size()));
}

}  // namespace assay
