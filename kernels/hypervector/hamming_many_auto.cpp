#include "kernels/hypervector/portable.hpp"

namespace assay {

/// HammingManyFn by the source of `scalar`, left to the compiler, for AVX2 and POPCNT.
void hamming_many_auto(BitsView query, BitsView rows, std::span<std::uint32_t> distances) noexcept {
  hamming_many_portable(query, rows, distances);
}

}  // namespace assay
