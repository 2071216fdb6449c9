#define Eigen assay_eigen_avx512

#include "kernels/weights/gemv_eigen.hpp"

namespace assay {

void gemv_eigen_avx512(const float* w, const float* x, float* y, std::size_t rows,
                       std::size_t cols) noexcept {
  gemv_by_eigen(w, x, y, rows, cols);
}

}  // namespace assay
