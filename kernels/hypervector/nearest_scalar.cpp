#include "kernels/hypervector/portable.hpp"

namespace assay {

/// NearestFn by the definition, for plain x86-64 and without the vectoriser: the reference.
Neighbour nearest_scalar(BitsView query, BitsView rows) noexcept {
  return nearest_portable(query, rows);
}

}  // namespace assay
