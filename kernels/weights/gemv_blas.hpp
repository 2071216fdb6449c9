#pragma once

#include "kernels/weights/gemv.hpp"

// By OpenBLAS, on one thread; there only where it is installed.
namespace assay {

GemvFn gemv_blas_gemv, gemv_blas_gemm;
GemmFn gemm_blas;

}  // namespace assay
