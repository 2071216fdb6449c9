#pragma once

#include <immintrin.h>

#include <cstdlib>

#include "kernels/hypervector/hypervector.hpp"

// The AVX2 bodies, shared by the kernels and by the clone forms, so that a clone form is its
// kernel plus the clone and nothing else. Internal linkage, as in portable.hpp.
namespace assay {
namespace {

inline constexpr std::size_t kYmmBytes = 32;
inline constexpr std::size_t kHvYmms = kHvBytes / kYmmBytes;

// Unaligned forms cost nothing on aligned data, and malloc aligns to 16 bytes only.
[[gnu::always_inline]] inline __m256i load_ymm(const std::byte* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

[[gnu::always_inline]] inline void store_ymm(std::byte* to, __m256i value) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), value);
}

[[gnu::always_inline]] inline void bind_body(const std::byte* a, const std::byte* b,
                                             std::byte* out) {
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kHvYmms; ++i) {
    const std::size_t at = i * kYmmBytes;
    store_ymm(out + at, _mm256_xor_si256(load_ymm(a + at), load_ymm(b + at)));
  }
}

// 32-byte moves by hand: g++ 12 copies a struct by 16-byte moves unless told -mmove-max, and the
// 32-byte loads that follow then miss store forwarding, which would make copying look dearer.
[[gnu::always_inline]] inline void copy_body(const std::byte* from, std::byte* to) {
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kHvYmms; ++i) {
    store_ymm(to + i * kYmmBytes, load_ymm(from + i * kYmmBytes));
  }
}

// Tells the compiler that someone else may read and write the object: it must be in memory now,
// and be read from there afterwards.
[[gnu::always_inline]] inline void force_in_memory(void* object) {
  asm volatile("" : "+r"(object) : : "memory");
}

[[gnu::always_inline]] inline std::byte* malloc_clone(const std::byte* from) {
  auto* clone = static_cast<std::byte*>(std::malloc(kHvBytes));
  if (clone == nullptr) {
    std::abort();
  }
  copy_body(from, clone);
  force_in_memory(clone);
  return clone;
}

// `weight` times the population count of each byte, by two lookups of a nibble each (Mula,
// Kurz and Lemire 2018, Computer Journal 61(1)); the weight lies in the table and costs nothing.
template <char kWeight>
[[gnu::always_inline]] inline __m256i weighted_byte_counts(__m256i bits) {
  constexpr char k0 = 0, k1 = kWeight, k2 = 2 * kWeight, k3 = 3 * kWeight, k4 = 4 * kWeight;
  const __m256i table =
      _mm256_setr_epi8(k0, k1, k1, k2, k1, k2, k2, k3, k1, k2, k2, k3, k2, k3, k3, k4, k0, k1, k1,
                       k2, k1, k2, k2, k3, k1, k2, k2, k3, k2, k3, k3, k4);
  const __m256i low_nibble = _mm256_set1_epi8(0x0f);
  const __m256i low = _mm256_and_si256(bits, low_nibble);
  const __m256i high = _mm256_and_si256(_mm256_srli_epi16(bits, 4), low_nibble);
  return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

struct CarrySave {
  __m256i sum;
  __m256i carry;
};

[[gnu::always_inline]] inline CarrySave add3(__m256i x, __m256i y, __m256i z) {
  const __m256i half = _mm256_xor_si256(x, y);
  return {_mm256_xor_si256(half, z),
          _mm256_or_si256(_mm256_and_si256(x, y), _mm256_and_si256(half, z))};
}

// What one vector brings to the counting of 256 bytes: seven registers for the carry-save adder,
// four words for the scalar unit. A batch loads it once.
struct Query {
  __m256i vectors[7];
  std::uint64_t words[4];
};

[[gnu::always_inline]] inline std::uint64_t word_at(const std::byte* from) {
  std::uint64_t word;
  __builtin_memcpy(&word, from, sizeof word);
  return word;
}

[[gnu::always_inline]] inline Query load_query(const std::byte* from) {
  Query query;
#pragma GCC unroll 7
  for (std::size_t i = 0; i < 7; ++i) {
    query.vectors[i] = load_ymm(from + i * kYmmBytes);
  }
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) {
    query.words[i] = word_at(from + 7 * kYmmBytes + i * sizeof(std::uint64_t));
  }
  return query;
}

// Differing bits, not yet added up: four sums of 64 bits, and what the scalar unit counted.
struct Counts {
  __m256i quarters;
  std::uint64_t scalar;
};

[[gnu::always_inline]] inline std::uint64_t total(Counts counts) {
  const __m128i halves = _mm_add_epi64(_mm256_castsi256_si128(counts.quarters),
                                       _mm256_extracti128_si256(counts.quarters, 1));
  return static_cast<std::uint64_t>(_mm_cvtsi128_si64(halves)) +
         static_cast<std::uint64_t>(_mm_extract_epi64(halves, 1)) + counts.scalar;
}

[[gnu::always_inline]] inline std::uint64_t popcount_word(std::uint64_t word) {
  return static_cast<std::uint64_t>(__builtin_popcountll(word));
}

[[gnu::always_inline]] inline std::uint64_t popcount_words(__m256i bits) {
  const __m128i low = _mm256_castsi256_si128(bits);
  const __m128i high = _mm256_extracti128_si256(bits, 1);
  return popcount_word(static_cast<std::uint64_t>(_mm_cvtsi128_si64(low))) +
         popcount_word(static_cast<std::uint64_t>(_mm_extract_epi64(low, 1))) +
         popcount_word(static_cast<std::uint64_t>(_mm_cvtsi128_si64(high))) +
         popcount_word(static_cast<std::uint64_t>(_mm_extract_epi64(high, 1)));
}

// Vector and integer units share the work. Seven vectors fill a carry-save adder and leave three:
// twos and fours are counted by lookups, and the ones, like the last 32 bytes, by POPCNT.
[[gnu::always_inline]] inline Counts count_differing(const Query& query, const std::byte* row) {
  const auto differing = [&](std::size_t i) __attribute__((always_inline)) {
    return _mm256_xor_si256(query.vectors[i], load_ymm(row + i * kYmmBytes));
  };
  const CarrySave first = add3(differing(0), differing(1), differing(2));
  const CarrySave second = add3(differing(3), differing(4), differing(5));
  const CarrySave ones = add3(first.sum, second.sum, differing(6));
  const CarrySave twos = add3(first.carry, second.carry, ones.carry);
  // At most 8 * (2 + 4) = 48 a byte: no overflow.
  const __m256i bytes =
      _mm256_add_epi8(weighted_byte_counts<2>(twos.sum), weighted_byte_counts<4>(twos.carry));
  std::uint64_t scalar = popcount_words(ones.sum);
#pragma GCC unroll 4
  for (std::size_t i = 0; i < 4; ++i) {
    scalar +=
        popcount_word(query.words[i] ^ word_at(row + 7 * kYmmBytes + i * sizeof(std::uint64_t)));
  }
  return {_mm256_sad_epu8(bytes, _mm256_setzero_si256()), scalar};
}

[[gnu::always_inline]] inline std::uint32_t hamming_body(const std::byte* a, const std::byte* b) {
  return static_cast<std::uint32_t>(total(count_differing(load_query(a), b)));
}

// Of any multiple of 256 bytes.
[[gnu::always_inline]] inline Counts count_differing_row(const std::byte* a, const std::byte* b,
                                                         std::size_t bytes) {
  Counts sum{_mm256_setzero_si256(), 0};
  for (std::size_t at = 0; at < bytes; at += kHvBytes) {
    const Counts counts = count_differing(load_query(a + at), b + at);
    sum = {_mm256_add_epi64(sum.quarters, counts.quarters), sum.scalar + counts.scalar};
  }
  return sum;
}

// The totals of four rows but for their scalar parts; lane i is row i's. Rows are transposed while
// they are added, which takes half of the instructions of four totals.
[[gnu::always_inline]] inline __m128i sums_of_4(const __m256i* quarters) {
  const __m256i low = _mm256_or_si256(quarters[0], _mm256_slli_epi64(quarters[1], 32));
  const __m256i high = _mm256_or_si256(quarters[2], _mm256_slli_epi64(quarters[3], 32));
  const __m256i halves =
      _mm256_add_epi32(_mm256_unpacklo_epi64(low, high), _mm256_unpackhi_epi64(low, high));
  return _mm_add_epi32(_mm256_castsi256_si128(halves), _mm256_extracti128_si256(halves, 1));
}

// Adds the quarters of each row to its distance, which holds the scalar part.
[[gnu::always_inline]] inline void add_quarters(const __m256i* quarters,
                                                std::span<std::uint32_t> distances) {
  std::size_t row = 0;
#pragma GCC unroll 1
  for (; row + 4 <= distances.size(); row += 4) {
    auto* const four = reinterpret_cast<__m128i*>(distances.data() + row);
    _mm_storeu_si128(four, _mm_add_epi32(_mm_loadu_si128(four), sums_of_4(quarters + row)));
  }
#pragma GCC unroll 1
  for (; row < distances.size(); ++row) {
    distances[row] += static_cast<std::uint32_t>(total({quarters[row], 0}));
  }
}

// `counts(row)` gives the Counts of a row. They are added up a block later: a distance is then in
// the cache, where a vector can read what four narrower stores wrote, and not in the store queue.
template <typename CountsOf>
[[gnu::always_inline]] inline void store_distances(std::span<std::uint32_t> distances,
                                                   CountsOf&& counts) {
  constexpr std::size_t kBlock = 64;
  __m256i quarters[kBlock];
  for (std::size_t first = 0; first < distances.size(); first += kBlock) {
    const std::size_t left = distances.size() - first;
    const std::size_t size = left < kBlock ? left : kBlock;
#pragma GCC unroll 1
    for (std::size_t i = 0; i < size; ++i) {
      const Counts of_row = counts(first + i);
      quarters[i] = of_row.quarters;
      distances[first + i] = static_cast<std::uint32_t>(of_row.scalar);
    }
    add_quarters(quarters, distances.subspan(first, size));
  }
}

inline void hamming_many_body(BitsView query, BitsView rows, std::span<std::uint32_t> distances) {
  if (query.size() == kHvBytes) {
    const Query loaded = load_query(query.data());
    store_distances(distances, [&](std::size_t row) __attribute__((always_inline)) {
      return count_differing(loaded, rows.data() + row * kHvBytes);
    });
    return;
  }
  store_distances(distances, [&](std::size_t row) __attribute__((always_inline)) {
    return count_differing_row(query.data(), rows.data() + row * query.size(), query.size());
  });
}

}  // namespace
}  // namespace assay
