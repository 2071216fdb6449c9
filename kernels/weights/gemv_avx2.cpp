#include <immintrin.h>

#include "kernels/weights/gemv_shifted.hpp"

namespace assay {
namespace {

constexpr std::size_t kLanes = 8;

/// A mask of the first `count` lanes.
__m256i first_lanes(std::size_t count) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(count)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}

float sum_of(__m256 lanes) {
  const __m128 four = _mm_add_ps(_mm256_castps256_ps128(lanes), _mm256_extractf128_ps(lanes, 1));
  const __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

/// kRows rows from `w` on, of which `lead` columns come before a boundary of w; kApart sums a row.
template <std::size_t kRows, std::size_t kApart>
[[gnu::always_inline]] inline void rows_at_once(const float* w, const float* x, float* y,
                                                std::size_t cols, std::size_t lead) {
  __m256 sums[kRows][kApart];
  const __m256 first = _mm256_maskload_ps(x, first_lanes(lead));
  for (std::size_t r = 0; r < kRows; ++r) {
    const float* const row = w + r * cols;
    sums[r][0] = _mm256_mul_ps(_mm256_maskload_ps(row, first_lanes(lead)), first);
    for (std::size_t k = 1; k < kApart; ++k) {
      sums[r][k] = _mm256_setzero_ps();
    }
  }
  std::size_t c = lead;
  const auto step = [&]<std::size_t kSums>() {
    for (std::size_t k = 0; k < kSums; ++k) {
      const std::size_t at = c + k * kLanes;
      const __m256 part = _mm256_loadu_ps(x + at);
      for (std::size_t r = 0; r < kRows; ++r) {
        const float* const row = w + r * cols;
        sums[r][k] = _mm256_fmadd_ps(_mm256_loadu_ps(row + at), part, sums[r][k]);
      }
    }
    c += kSums * kLanes;
  };
  while (c + kApart * kLanes <= cols) {
    step.template operator()<kApart>();
  }
  while (c + kLanes <= cols) {
    step.template operator()<1>();
  }
  if (c < cols) {
    const __m256i last = first_lanes(cols - c);
    const __m256 part = _mm256_maskload_ps(x + c, last);
    for (std::size_t r = 0; r < kRows; ++r) {
      const float* const row = w + r * cols;
      sums[r][0] = _mm256_fmadd_ps(_mm256_maskload_ps(row + c, last), part, sums[r][0]);
    }
  }
  for (std::size_t r = 0; r < kRows; ++r) {
    for (std::size_t k = 1; k < kApart; ++k) {
      sums[r][0] = _mm256_add_ps(sums[r][0], sums[r][k]);
    }
    y[r] = sum_of(sums[r][0]);
  }
}

void all_rows(const float* w, const float* x, float* y, std::size_t rows, std::size_t cols,
              std::size_t lead) {
  constexpr std::size_t kAtOnce = 4;
  std::size_t r = 0;
  if (rows * cols * sizeof(float) <= kFewBytes) {
    for (; r + kAtOnce <= rows; r += kAtOnce) {
      rows_at_once<kAtOnce, 2>(w + r * cols, x, y + r, cols, lead);
    }
  }
  for (; r < rows; ++r) {
    rows_at_once<1, 8>(w + r * cols, x, y + r, cols, lead);
  }
}

}  // namespace

void gemv_avx2(const float* w, const float* x, float* y, std::size_t rows,
               std::size_t cols) noexcept {
  const std::size_t lead = floats_to_boundary(w, 32);
  // Rows that end beside a boundary begin each at another place.
  if (cols % kLanes != 0 || cols > kMostShifted) {
    return all_rows(w, x, y, rows, cols, 0);
  }
  if (lead == 0 && floats_to_boundary(x, 32) == 0) {
    return all_rows(w, x, y, rows, cols, 0);
  }
  const ShiftedVector shifted(x, cols, lead, kLanes);
  all_rows(w, shifted.at, y, rows, cols, lead);
}

}  // namespace assay
