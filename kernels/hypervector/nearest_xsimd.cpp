#include "kernels/hypervector/nearest.hpp"
#include "kernels/hypervector/xsimd.hpp"

namespace assay {

/// NearestFn by xsimd batches for AVX2, with a byte lookup and a byte sum added.
Neighbour nearest_xsimd(BitsView query, BitsView rows) noexcept {
  return nearest_in_blocks(query, rows, hamming_many_body);
}

}  // namespace assay
