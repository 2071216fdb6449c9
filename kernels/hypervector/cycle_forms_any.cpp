#include "kernels/hypervector/cycle_body.hpp"

namespace assay {

/// CycleFormsFn for any x86-64.
CycleForms cycle_forms_any() noexcept {
  return cycle_forms_here();
}

}  // namespace assay
