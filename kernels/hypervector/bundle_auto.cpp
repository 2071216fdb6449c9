#include "kernels/hypervector/portable.hpp"

namespace assay {

/// BundleFn by the source of `scalar`, left to the compiler, for AVX2 and POPCNT.
void bundle_auto(BitsView rows, BitsSpan out) noexcept {
  bundle_portable(rows, out);
}

}  // namespace assay
