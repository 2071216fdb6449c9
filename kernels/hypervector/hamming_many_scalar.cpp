#include "kernels/hypervector/portable.hpp"

namespace assay {

/// HammingManyFn by the definition, for plain x86-64 and without the vectoriser: the reference.
void hamming_many_scalar(BitsView query, BitsView rows,
                         std::span<std::uint32_t> distances) noexcept {
  hamming_many_portable(query, rows, distances);
}

}  // namespace assay
