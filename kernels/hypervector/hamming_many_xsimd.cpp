#include "kernels/hypervector/xsimd.hpp"

namespace assay {

/// HammingManyFn by xsimd batches for AVX2, with a byte lookup and a byte sum added.
void hamming_many_xsimd(BitsView query, BitsView rows,
                        std::span<std::uint32_t> distances) noexcept {
  hamming_many_body(query, rows, distances);
}

}  // namespace assay
