// g++ 12 takes the registers that its own intrinsics leave undefined on purpose for a mistake.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#ifndef __clang__
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#pragma GCC diagnostic pop

#include "kernels/weights/gemv_shifted.hpp"

namespace assay {
namespace {

constexpr std::size_t kLanes = 16;

__mmask16 first_lanes(std::size_t count) {
  return static_cast<__mmask16>((1U << count) - 1);
}

/// kRows rows from `w` on, of which `lead` columns come before a boundary of w; kApart sums a row.
template <std::size_t kRows, std::size_t kApart>
[[gnu::always_inline]] inline void rows_at_once(const float* w, const float* x, float* y,
                                                std::size_t cols, std::size_t lead) {
  __m512 sums[kRows][kApart];
  const __m512 first = _mm512_maskz_loadu_ps(first_lanes(lead), x);
  for (std::size_t r = 0; r < kRows; ++r) {
    const float* const row = w + r * cols;
    sums[r][0] = _mm512_mul_ps(_mm512_maskz_loadu_ps(first_lanes(lead), row), first);
    for (std::size_t k = 1; k < kApart; ++k) {
      sums[r][k] = _mm512_setzero_ps();
    }
  }
  std::size_t c = lead;
  for (; c + kApart * kLanes <= cols; c += kApart * kLanes) {
    for (std::size_t k = 0; k < kApart; ++k) {
      const std::size_t at = c + k * kLanes;
      const __m512 part = _mm512_loadu_ps(x + at);
      for (std::size_t r = 0; r < kRows; ++r) {
        const float* const row = w + r * cols;
        sums[r][k] = _mm512_fmadd_ps(_mm512_loadu_ps(row + at), part, sums[r][k]);
      }
    }
  }
  while (c < cols) {
    const std::size_t count = cols - c < kLanes ? cols - c : kLanes;
    const __m512 part = _mm512_maskz_loadu_ps(first_lanes(count), x + c);
    for (std::size_t r = 0; r < kRows; ++r) {
      const float* const row = w + r * cols;
      sums[r][0] =
          _mm512_fmadd_ps(_mm512_maskz_loadu_ps(first_lanes(count), row + c), part, sums[r][0]);
    }
    c += count;
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t k = 1; k < kApart; ++k) {
      sums[r][0] = _mm512_add_ps(sums[r][0], sums[r][k]);
    }
    y[r] = _mm512_reduce_add_ps(sums[r][0]);
  }
}

void all_rows(const float* w, const float* x, float* y, std::size_t rows, std::size_t cols,
              std::size_t lead) {
  constexpr std::size_t kAtOnce = 4;
  std::size_t r = 0;
  if (rows * cols * sizeof(float) <= kFewBytes) {
    for (; r + kAtOnce <= rows; r += kAtOnce) {
      rows_at_once<kAtOnce, 1>(w + r * cols, x, y + r, cols, lead);
    }
  }
  for (; r < rows; ++r) {
    rows_at_once<1, 4>(w + r * cols, x, y + r, cols, lead);
  }
}

}  // namespace

void gemv_avx512(const float* w, const float* x, float* y, std::size_t rows,
                 std::size_t cols) noexcept {
  const std::size_t lead = floats_to_boundary(w, 64);
  // Rows that end beside a boundary begin each at another place.
  if (cols % kLanes != 0 || cols > kMostShifted) {
    return all_rows(w, x, y, rows, cols, 0);
  }
  if (lead == 0 && floats_to_boundary(x, 64) == 0) {
    return all_rows(w, x, y, rows, cols, 0);
  }
  const ShiftedVector shifted(x, cols, lead, kLanes);
  all_rows(w, shifted.at, y, rows, cols, lead);
}

}  // namespace assay
