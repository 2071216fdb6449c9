#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingBatchFn that clones the query for every comparison, into a local forced to exist.
void hamming_batch_clone_query_stack_avx2(HvView query, std::span<const HV16> database,
                                          std::span<std::uint32_t> distances) noexcept {
  for (std::size_t row = 0; row < database.size(); ++row) {
    alignas(HV16) std::byte clone[kHvBytes];
    copy_body(query.data(), clone);
    force_in_memory(clone);
    distances[row] = hamming_body(clone, view(database[row]).data());
  }
}

}  // namespace assay
