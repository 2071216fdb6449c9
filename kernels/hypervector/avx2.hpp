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

[[gnu::always_inline]] inline std::uint32_t sum_of_bytes(__m256i bytes) {
  const __m256i quarters = _mm256_sad_epu8(bytes, _mm256_setzero_si256());
  const __m128i halves =
      _mm_add_epi64(_mm256_castsi256_si128(quarters), _mm256_extracti128_si256(quarters, 1));
  return static_cast<std::uint32_t>(_mm_cvtsi128_si64(halves) + _mm_extract_epi64(halves, 1));
}

[[gnu::always_inline]] inline std::uint32_t popcount_words_from(const std::byte* a,
                                                                const std::byte* b,
                                                                std::size_t first_byte) {
  long long bits = 0;
#pragma GCC unroll 8
  for (std::size_t at = first_byte; at < kHvBytes; at += sizeof(std::uint64_t)) {
    std::uint64_t x, y;
    __builtin_memcpy(&x, a + at, sizeof x);
    __builtin_memcpy(&y, b + at, sizeof y);
    bits += __builtin_popcountll(x ^ y);
  }
  return static_cast<std::uint32_t>(bits);
}

// Two kinds of execution port at once: six vectors go through a carry-save adder, which leaves
// three to count in place of six, while the last 64 bytes go through the scalar POPCNT unit.
[[gnu::always_inline]] inline std::uint32_t hamming_body(const std::byte* a, const std::byte* b) {
  const auto differing = [&](std::size_t i) __attribute__((always_inline)) {
    return _mm256_xor_si256(load_ymm(a + i * kYmmBytes), load_ymm(b + i * kYmmBytes));
  };
  const CarrySave first = add3(differing(0), differing(1), differing(2));
  const CarrySave second = add3(differing(3), differing(4), differing(5));
  const __m256i ones = _mm256_xor_si256(first.sum, second.sum);
  const CarrySave twos = add3(first.carry, second.carry, _mm256_and_si256(first.sum, second.sum));
  // At most 8 * (1 + 2 + 4) = 56 a byte: no overflow.
  const __m256i counts = _mm256_add_epi8(
      _mm256_add_epi8(weighted_byte_counts<1>(ones), weighted_byte_counts<2>(twos.sum)),
      weighted_byte_counts<4>(twos.carry));
  return sum_of_bytes(counts) + popcount_words_from(a, b, 6 * kYmmBytes);
}

[[gnu::always_inline]] inline std::uint32_t hamming_row(const std::byte* a, const std::byte* b,
                                                        std::size_t bytes) {
  std::uint32_t bits = 0;
  for (std::size_t at = 0; at < bytes; at += kHvBytes) {
    bits += hamming_body(a + at, b + at);
  }
  return bits;
}

}  // namespace
}  // namespace assay
