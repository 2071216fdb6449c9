#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// CopyFn into a local whose existence is forced.
void copy_one_stack(HvView source) noexcept {
  alignas(HV16) std::byte clone[kHvBytes];
  copy_body(source.data(), clone);
  force_in_memory(clone);
}

}  // namespace assay
