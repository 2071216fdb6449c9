#include "kernels/hypervector/portable.hpp"

namespace assay {

/// HammingManyFn without intrinsics, unrolled by hand into four sums, for POPCNT.
void hamming_many_unrolled(BitsView query, BitsView rows,
                           std::span<std::uint32_t> distances) noexcept {
  for (std::size_t row = 0; row < distances.size(); ++row) {
    distances[row] = static_cast<std::uint32_t>(
        hamming_unrolled_portable(query.data(), rows.data() + row * query.size(), query.size()));
  }
}

}  // namespace assay
