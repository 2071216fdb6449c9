#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingManyFn for vectors of 2,048 bits alone, that clones the query for every comparison, into
/// a local forced to exist.
void hamming_many_clones_stack_avx2(BitsView query, BitsView rows,
                                    std::span<std::uint32_t> distances) noexcept {
  store_distances(distances, [&](std::size_t row) __attribute__((always_inline)) {
    alignas(HV16) std::byte clone[kHvBytes];
    copy_body(query.data(), clone);
    force_in_memory(clone);
    return count_differing(load_query(clone), rows.data() + row * kHvBytes);
  });
}

}  // namespace assay
