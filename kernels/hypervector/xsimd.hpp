#pragma once

#include <immintrin.h>

#include <xsimd/xsimd.hpp>

#include "kernels/hypervector/hypervector.hpp"

// Internal linkage, as in portable.hpp.
namespace assay {
namespace {

using Bytes = xsimd::batch<std::uint8_t, xsimd::avx2>;
using Words = xsimd::batch<std::uint64_t, xsimd::avx2>;

// xsimd 8.1 has neither a population count nor a byte lookup, nor a sum of bytes: these two
// intrinsics, on the batch's own register, are all that is not xsimd here.
inline Bytes look_up(Bytes table, Bytes index) {
  return _mm256_shuffle_epi8(table, index);
}
inline Words sum_each_word(Bytes bytes) {
  return _mm256_sad_epu8(bytes, Bytes(std::uint8_t{0}));
}

inline Bytes byte_counts(Bytes bits) {
  alignas(32) static constexpr std::uint8_t kNibbleCounts[Bytes::size] = {
      0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4,
      0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4};
  const Bytes table = Bytes::load_aligned(kNibbleCounts);
  const Bytes low_nibble(std::uint8_t{0x0f});
  return look_up(table, bits & low_nibble) + look_up(table, (bits >> 4) & low_nibble);
}

// The differing bits of 256 bytes, as a sum for each word of a batch.
inline Words count_differing(const std::byte* a, const std::byte* b) {
  const auto* x = reinterpret_cast<const std::uint8_t*>(a);
  const auto* y = reinterpret_cast<const std::uint8_t*>(b);
  Bytes counts(std::uint8_t{0});  // at most 8 * 8 a byte: no overflow
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kHvBytes; i += Bytes::size) {
    counts += byte_counts(Bytes::load_unaligned(x + i) ^ Bytes::load_unaligned(y + i));
  }
  return sum_each_word(counts);
}

inline std::uint64_t hamming_row(const std::byte* a, const std::byte* b, std::size_t bytes) {
  Words sums(std::uint64_t{0});
  for (std::size_t at = 0; at < bytes; at += kHvBytes) {
    sums += count_differing(a + at, b + at);
  }
  return xsimd::hadd(sums);
}

inline void hamming_many_body(BitsView query, BitsView rows, std::span<std::uint32_t> distances) {
  for (std::size_t row = 0; row < distances.size(); ++row) {
    distances[row] = static_cast<std::uint32_t>(
        hamming_row(query.data(), rows.data() + row * query.size(), query.size()));
  }
}

}  // namespace
}  // namespace assay
