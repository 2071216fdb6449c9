#include "kernels/hypervector/avx512.hpp"

namespace assay {

/// HammingWideFn by AVX-512 intrinsics and VPOPCNTDQ.
std::uint64_t hamming_wide_avx512(BitsView a, BitsView b) noexcept {
  return total(count_differing_row(a.data(), b.data(), a.size()));
}

}  // namespace assay
