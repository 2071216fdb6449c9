#pragma once

#include "kernels/hypervector/hypervector.hpp"
#include "kernels/hypervector/intrinsics.hpp"

// The bodies for AVX-512 (F, BW, DQ, VL) with VPOPCNTDQ. Internal linkage, as in portable.hpp.
namespace assay {
namespace {

inline constexpr std::size_t kZmmBytes = 64;
inline constexpr std::size_t kHvZmms = kHvBytes / kZmmBytes;

[[gnu::always_inline]] inline __m512i load_zmm(const std::byte* from) {
  return _mm512_loadu_si512(from);
}

/// 256 bytes of a vector; a batch loads its query once.
struct Query {
  __m512i vectors[kHvZmms];
};

[[gnu::always_inline]] inline Query load_query(const std::byte* from) {
  Query query;
#pragma GCC unroll 4
  for (std::size_t i = 0; i < kHvZmms; ++i) {
    query.vectors[i] = load_zmm(from + i * kZmmBytes);
  }
  return query;
}

/// Differing bits of 256 bytes, as eight sums of 64 bits.
[[gnu::always_inline]] inline __m512i count_differing(const Query& query, const std::byte* row) {
  // No compiler reorders volatile statements, so rows are read line by line upwards. Left to it, it
  // reads the four lines, and where it can the rows, in another order, which costs the prefetchers
  // 7% of L2's bandwidth and two thirds of the memory's.
  const auto counts = [&](std::size_t i) __attribute__((always_inline)) {
    __m512i differing = _mm512_xor_si512(query.vectors[i], load_zmm(row + i * kZmmBytes));
    asm volatile("" : "+v"(differing));
    return _mm512_popcnt_epi64(differing);
  };
  const __m512i first = counts(0), second = counts(1), third = counts(2), fourth = counts(3);
  return _mm512_add_epi64(_mm512_add_epi64(first, second), _mm512_add_epi64(third, fourth));
}

/// The same of any multiple of 256 bytes.
[[gnu::always_inline]] inline __m512i count_differing_row(const std::byte* a, const std::byte* b,
                                                          std::size_t bytes) {
  __m512i sums = _mm512_setzero_si512();
  for (std::size_t at = 0; at < bytes; at += kHvBytes) {
    sums = _mm512_add_epi64(sums, count_differing(load_query(a + at), b + at));
  }
  return sums;
}

[[gnu::always_inline]] inline std::uint64_t total(__m512i sums) {
  return static_cast<std::uint64_t>(_mm512_reduce_add_epi64(sums));
}

/// Adds up the eight sums of each of eight rows, each total below 2^32; lane i is row i's. Rows are
/// transposed while they are added, which takes a third of the instructions of eight totals.
[[gnu::always_inline]] inline __m256i totals_of_8(const __m512i (&rows)[8]) {
  const auto side_by_side = [](__m512i low, __m512i high) __attribute__((always_inline)) {
    return _mm512_or_si512(low, _mm512_slli_epi64(high, 32));
  };
  const auto add_neighbours = [](__m512i x, __m512i y) __attribute__((always_inline)) {
    return _mm512_add_epi32(_mm512_unpacklo_epi64(x, y), _mm512_unpackhi_epi64(x, y));
  };
  // Of each 128 bits of a source: the sums of rows 0 to 3, and of 4 to 7.
  const __m512i low =
      add_neighbours(side_by_side(rows[0], rows[1]), side_by_side(rows[2], rows[3]));
  const __m512i high =
      add_neighbours(side_by_side(rows[4], rows[5]), side_by_side(rows[6], rows[7]));
  const __m512i halves = _mm512_add_epi32(_mm512_shuffle_i64x2(low, high, _MM_SHUFFLE(2, 0, 2, 0)),
                                          _mm512_shuffle_i64x2(low, high, _MM_SHUFFLE(3, 1, 3, 1)));
  const __m512i sums =
      _mm512_add_epi32(halves, _mm512_shuffle_i64x2(halves, halves, _MM_SHUFFLE(2, 3, 0, 1)));
  const __m512i every_other_128 = _mm512_setr_epi64(0, 1, 4, 5, 0, 1, 4, 5);
  return _mm512_castsi512_si256(_mm512_permutexvar_epi64(every_other_128, sums));
}

/// What a core's own caches are taken to hold at most.
inline constexpr std::size_t kCachedBytes = std::size_t{1} << 20;

/// `counts(row)` gives the eight sums of a row. Rows in a core's own caches are read fastest
/// unrolled, with the sums in registers. On rows beyond them that form takes a quarter longer than
/// the loop that keeps its sums in memory, which in turn takes 2% longer on cached rows.
template <bool kCached, typename CountsOf>
[[gnu::always_inline]] inline void store_distances(std::span<std::uint32_t> distances,
                                                   CountsOf&& counts) {
  std::size_t row = 0;
  for (; row + 8 <= distances.size(); row += 8) {
    __m512i sums[8];
    if constexpr (kCached) {
#pragma GCC unroll 8
      for (std::size_t i = 0; i < 8; ++i) {
        sums[i] = counts(row + i);
      }
    } else {
#pragma GCC unroll 1
      for (std::size_t i = 0; i < 8; ++i) {
        sums[i] = counts(row + i);
      }
      asm volatile("" : "+m"(sums));
    }
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(distances.data() + row), totals_of_8(sums));
  }
  for (; row < distances.size(); ++row) {
    distances[row] = static_cast<std::uint32_t>(total(counts(row)));
  }
}

/// HammingManyFn. `are_cached`: whether the rows lie in the core's own caches; a matter of speed.
inline void hamming_many_body(BitsView query, BitsView rows, std::span<std::uint32_t> distances,
                              bool are_cached) {
  if (query.size() != kHvBytes) {
    return store_distances<false>(distances, [&](std::size_t row) __attribute__((always_inline)) {
      return count_differing_row(query.data(), rows.data() + row * query.size(), query.size());
    });
  }
  const Query loaded = load_query(query.data());
  const auto counts = [&](std::size_t row) __attribute__((always_inline)) {
    return count_differing(loaded, rows.data() + row * kHvBytes);
  };
  are_cached ? store_distances<true>(distances, counts) : store_distances<false>(distances, counts);
}

}  // namespace
}  // namespace assay
