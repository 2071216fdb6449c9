#include "kernels/hypervector/portable.hpp"

namespace assay {

/// PermuteFn by the source of `scalar`, left to the compiler, for AVX2 and POPCNT.
void permute_auto(BitsView in, std::size_t shift, BitsSpan out) noexcept {
  permute_portable(in, shift, out);
}

}  // namespace assay
