#include "kernels/hypervector/cycle_body.hpp"

namespace assay {

/// CycleFormsFn for AVX2, by moves of 32 bytes.
CycleForms cycle_forms_avx2() noexcept {
  return cycle_forms_here();
}

}  // namespace assay
