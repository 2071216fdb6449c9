#include "kernels/hypervector/portable.hpp"

namespace assay {

/// BindWideFn by the source of `scalar`, left to the compiler, for AVX2 and POPCNT.
void bind_wide_auto(BitsView a, BitsView b, BitsSpan out) noexcept {
  bind_wide_portable(a, b, out);
}

}  // namespace assay
