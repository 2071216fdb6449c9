#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingManyFn by AVX2 intrinsics and POPCNT.
void hamming_many_avx2(BitsView query, BitsView rows, std::span<std::uint32_t> distances) noexcept {
  hamming_many_body(query, rows, distances);
}

}  // namespace assay
