#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// CopyFn into fresh memory from malloc, freed at once.
void copy_one_heap(HvView source) noexcept {
  std::free(malloc_clone(source.data()));
}

}  // namespace assay
