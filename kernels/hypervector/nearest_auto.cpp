#include "kernels/hypervector/portable.hpp"

namespace assay {

/// NearestFn by the source of `scalar`, left to the compiler, for AVX2 and POPCNT.
Neighbour nearest_auto(BitsView query, BitsView rows) noexcept {
  return nearest_portable(query, rows);
}

}  // namespace assay
