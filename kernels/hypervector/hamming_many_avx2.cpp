#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingManyFn by AVX2 intrinsics and POPCNT.
void hamming_many_avx2(BitsView query, BitsView rows, std::span<std::uint32_t> distances) noexcept {
  for (std::size_t row = 0; row < distances.size(); ++row) {
    distances[row] = hamming_row(query.data(), rows.data() + row * query.size(), query.size());
  }
}

}  // namespace assay
