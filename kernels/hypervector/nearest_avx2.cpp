#include "kernels/hypervector/avx2.hpp"
#include "kernels/hypervector/nearest.hpp"

namespace assay {

/// NearestFn by AVX2 intrinsics and POPCNT.
Neighbour nearest_avx2(BitsView query, BitsView rows) noexcept {
  return nearest_in_blocks(query, rows, hamming_many_body);
}

}  // namespace assay
