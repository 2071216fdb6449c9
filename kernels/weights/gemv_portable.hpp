#pragma once

#include <cstddef>

namespace assay {

/// The plain loop; static, as each file compiles it for another CPU.
static inline void gemv_portable(const float* w, const float* x, float* y, std::size_t rows,
                                 std::size_t cols) noexcept {
  for (std::size_t r = 0; r < rows; ++r) {
    float sum = 0;
    for (std::size_t c = 0; c < cols; ++c) {
      sum += w[r * cols + c] * x[c];
    }
    y[r] = sum;
  }
}

}  // namespace assay
