#include "kernels/weights/gemv.hpp"

#include "kernels/weights/gemv_blas.hpp"

namespace assay {

GemvFn gemv_scalar, gemv_auto, gemv_eigen, gemv_eigen_avx512, gemv_avx2, gemv_avx512;

std::span<const Variant<GemvFn>> gemv_variants() {
  using enum CpuFeature;
  static constexpr Variant<GemvFn> kTable[] = {
      {"scalar", {}, gemv_scalar},
      {"auto", {kAvx2, kFma}, gemv_auto},
#ifdef ASSAY_HAVE_OPENBLAS
      {"blas/gemm", {}, gemv_blas_gemm},
      {"blas/gemv", {}, gemv_blas_gemv},
#endif
      {"eigen", {kAvx2, kFma}, gemv_eigen},
      {"eigen/avx512", {kAvx2, kFma, kAvx512}, gemv_eigen_avx512},
      {"avx512", {kAvx2, kFma, kAvx512}, gemv_avx512},
      // Preferred: as fast in caches, and from memory faster by a seventh where both were measured.
      {"avx2", {kAvx2, kFma}, gemv_avx2},
  };
  return kTable;
}

GemmFn* blas_gemm() {
#ifdef ASSAY_HAVE_OPENBLAS
  return gemm_blas;
#else
  return nullptr;
#endif
}

}  // namespace assay
