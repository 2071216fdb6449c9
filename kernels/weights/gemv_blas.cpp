#include "kernels/weights/gemv_blas.hpp"

#include <cblas.h>

namespace assay {
namespace {

/// Other threads would be another experiment. Asked once, as the call takes a lock.
void use_one_thread() noexcept {
  static const bool kOnce = [] {
    openblas_set_num_threads(1);
    return true;
  }();
  static_cast<void>(kOnce);
}

}  // namespace

void gemv_blas_gemv(const float* w, const float* x, float* y, std::size_t rows,
                    std::size_t cols) noexcept {
  use_one_thread();
  const auto height = static_cast<blasint>(rows), width = static_cast<blasint>(cols);
  cblas_sgemv(CblasRowMajor, CblasNoTrans, height, width, 1.0F, w, width, x, 1, 0.0F, y, 1);
}

void gemv_blas_gemm(const float* w, const float* x, float* y, std::size_t rows,
                    std::size_t cols) noexcept {
  use_one_thread();
  const auto height = static_cast<blasint>(rows), width = static_cast<blasint>(cols);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasNoTrans, height, 1, width, 1.0F, w, width, x, 1,
              0.0F, y, 1);
}

void gemm_blas(const float* w, const float* x, float* c, std::size_t rows, std::size_t cols,
               std::size_t n) noexcept {
  use_one_thread();
  const auto height = static_cast<blasint>(rows), width = static_cast<blasint>(cols),
             count = static_cast<blasint>(n);
  cblas_sgemm(CblasRowMajor, CblasNoTrans, CblasTrans, count, height, width, 1.0F, x, width, w,
              width, 0.0F, c, height);
}

}  // namespace assay
