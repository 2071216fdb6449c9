#include "kernels/hypervector/avx512.hpp"
#include "kernels/hypervector/nearest.hpp"

namespace assay {

/// NearestFn by AVX-512 intrinsics and VPOPCNTDQ.
Neighbour nearest_avx512(BitsView query, BitsView rows) noexcept {
  return nearest_in_blocks(query, rows, hamming_many_body);
}

}  // namespace assay
