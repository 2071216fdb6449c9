#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingManyFn for vectors of 2,048 bits alone, that clones the query for every comparison, into
/// memory from malloc.
void hamming_many_clones_heap_avx2(BitsView query, BitsView rows,
                                   std::span<std::uint32_t> distances) noexcept {
  for (std::size_t row = 0; row < distances.size(); ++row) {
    std::byte* const clone = malloc_clone(query.data());
    distances[row] = hamming_body(clone, rows.data() + row * kHvBytes);
    std::free(clone);
  }
}

}  // namespace assay
