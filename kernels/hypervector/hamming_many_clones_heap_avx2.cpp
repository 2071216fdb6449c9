#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingManyFn for vectors of 2,048 bits alone, that clones the query for every comparison, into
/// memory from malloc.
void hamming_many_clones_heap_avx2(BitsView query, BitsView rows,
                                   std::span<std::uint32_t> distances) noexcept {
  store_distances(distances, [&](std::size_t row) __attribute__((always_inline)) {
    std::byte* const clone = malloc_clone(query.data());
    const Counts counts = count_differing(load_query(clone), rows.data() + row * kHvBytes);
    std::free(clone);
    return counts;
  });
}

}  // namespace assay
