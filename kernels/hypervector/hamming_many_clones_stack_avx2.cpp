#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingManyFn for vectors of 2,048 bits alone, that clones the query for every comparison, into
/// a local forced to exist.
void hamming_many_clones_stack_avx2(BitsView query, BitsView rows,
                                    std::span<std::uint32_t> distances) noexcept {
  for (std::size_t row = 0; row < distances.size(); ++row) {
    alignas(HV16) std::byte clone[kHvBytes];
    copy_body(query.data(), clone);
    force_in_memory(clone);
    distances[row] = hamming_body(clone, rows.data() + row * kHvBytes);
  }
}

}  // namespace assay
