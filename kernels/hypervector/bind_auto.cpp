#include "kernels/hypervector/portable.hpp"

namespace assay {

/// BindFn by the source of `scalar`, left to the compiler's own vectoriser, for AVX2.
void bind_auto(HvView a, HvView b, HvSpan out) noexcept {
  bind_portable(a, b, out);
}

}  // namespace assay
