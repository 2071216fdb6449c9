#include "kernels/hypervector/cycle_body.hpp"

namespace assay {

/// CycleFormsFn for AVX-512, by moves of 64 bytes.
CycleForms cycle_forms_avx512() noexcept {
  return cycle_forms_here();
}

}  // namespace assay
