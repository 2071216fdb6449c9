#include "kernels/hypervector/avx512.hpp"
#include "kernels/hypervector/nearest.hpp"

namespace assay {

/// NearestFn by AVX-512 intrinsics and VPOPCNTDQ.
Neighbour nearest_avx512(BitsView query, BitsView rows) noexcept {
  const bool are_cached = rows.size() <= kCachedBytes;
  return nearest_in_blocks(query, rows,
                           [=](BitsView one, BitsView block, std::span<std::uint32_t> distances) {
                             hamming_many_body(one, block, distances, are_cached);
                           });
}

}  // namespace assay
