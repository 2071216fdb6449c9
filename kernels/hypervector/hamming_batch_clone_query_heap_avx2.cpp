#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingBatchFn that clones the query for every comparison, into memory from malloc.
void hamming_batch_clone_query_heap_avx2(HvView query, std::span<const HV16> database,
                                         std::span<std::uint32_t> distances) noexcept {
  for (std::size_t row = 0; row < database.size(); ++row) {
    std::byte* const clone = malloc_clone(query.data());
    distances[row] = hamming_body(clone, view(database[row]).data());
    std::free(clone);
  }
}

}  // namespace assay
