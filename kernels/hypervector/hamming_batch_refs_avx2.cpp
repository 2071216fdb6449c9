#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingBatchFn on references.
void hamming_batch_refs_avx2(HvView query, std::span<const HV16> database,
                             std::span<std::uint32_t> distances) noexcept {
  for (std::size_t row = 0; row < database.size(); ++row) {
    distances[row] = hamming_body(query.data(), view(database[row]).data());
  }
}

}  // namespace assay
