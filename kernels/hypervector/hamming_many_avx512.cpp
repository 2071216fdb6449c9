#include "kernels/hypervector/avx512.hpp"

namespace assay {

/// HammingManyFn by AVX-512 intrinsics and VPOPCNTDQ.
void hamming_many_avx512(BitsView query, BitsView rows,
                         std::span<std::uint32_t> distances) noexcept {
  hamming_many_body(query, rows, distances, rows.size() <= kCachedBytes);
}

}  // namespace assay
