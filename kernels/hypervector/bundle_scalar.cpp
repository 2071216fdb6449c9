#include "kernels/hypervector/portable.hpp"

namespace assay {

/// BundleFn by the definition, for plain x86-64 and without the vectoriser: the reference.
void bundle_scalar(BitsView rows, BitsSpan out) noexcept {
  bundle_portable(rows, out);
}

}  // namespace assay
