#pragma once

#include <cstddef>
#include <span>

#include "kernels/hypervector/variants.hpp"

namespace assay {

/// Multiplies a matrix by a vector: y[r] = sum over c of w[r * cols + c] * x[c].
/// Shape:  w: rows x cols, row-major, 4-byte aligned; x: cols; y: rows, apart from w and x.
/// Cost:   4 * rows * cols bytes read of w: what binds it beyond L1.
/// Errors: none; a variant run on a CPU without what it needs dies of SIGILL.
/// The order of summation is a variant's own: results differ in the last bits.
using GemvFn = void(const float* w, const float* x, float* y, std::size_t rows,
                    std::size_t cols) noexcept;

/// Every variant, the least preferred first. The first is `scalar`, the reference, which needs
/// nothing. By name:
///   scalar         a plain loop, not vectorised: what -O3 without -ffast-math makes of it
///   auto           the same, free to be summed in any order, vectorised by the compiler for AVX2
///   eigen          Eigen's product of a Map, compiled for AVX2 and FMA
///   eigen/avx512   the same for AVX-512
///   blas/gemm      cblas_sgemm with n = 1
///   blas/gemv      cblas_sgemv
///   avx512, avx2   by hand
/// The blas ones are there where OpenBLAS was when this was built, and run on one thread.
std::span<const Variant<GemvFn>> gemv_variants();

/// The most preferred variant that this CPU runs.
inline const Variant<GemvFn>& select_gemv() {
  return select_variant(gemv_variants());
}

/// c = w * x for `n` vectors at once. Shape: w: rows x cols, x: n x cols, c: n x rows, all
/// row-major. Errors and alignment as GemvFn. By OpenBLAS's sgemm, or nullptr without it.
using GemmFn = void(const float* w, const float* x, float* c, std::size_t rows, std::size_t cols,
                    std::size_t n) noexcept;
GemmFn* blas_gemm();

}  // namespace assay
