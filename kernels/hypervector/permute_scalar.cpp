#include "kernels/hypervector/portable.hpp"

namespace assay {

/// PermuteFn by the definition, for plain x86-64 and without the vectoriser: the reference.
void permute_scalar(BitsView in, std::size_t shift, BitsSpan out) noexcept {
  permute_portable(in, shift, out);
}

}  // namespace assay
