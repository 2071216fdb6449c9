#include "kernels/hypervector/portable.hpp"

namespace assay {

/// BindFn by 64-bit words, the vectoriser off: the reference, and the baseline as claimed.
void bind_scalar(HvView a, HvView b, HvSpan out) noexcept {
  bind_portable(a, b, out);
}

}  // namespace assay
