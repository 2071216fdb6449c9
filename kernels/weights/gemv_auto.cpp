#include "kernels/weights/gemv_portable.hpp"

namespace assay {

void gemv_auto(const float* w, const float* x, float* y, std::size_t rows,
               std::size_t cols) noexcept {
  gemv_portable(w, x, y, rows, cols);
}

}  // namespace assay
