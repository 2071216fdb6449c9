#include "kernels/hypervector/portable.hpp"

namespace assay {

/// BindWideFn by the definition, for plain x86-64 and without the vectoriser: the reference.
void bind_wide_scalar(BitsView a, BitsView b, BitsSpan out) noexcept {
  bind_wide_portable(a, b, out);
}

}  // namespace assay
