#include <immintrin.h>

#include <xsimd/xsimd.hpp>

#include "kernels/hypervector/hypervector.hpp"

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

}  // namespace

/// HammingFn by xsimd batches for AVX2, with a byte lookup and a byte sum added.
std::uint32_t hamming_xsimd(HvView a, HvView b) noexcept {
  const auto* x = reinterpret_cast<const std::uint8_t*>(a.data());
  const auto* y = reinterpret_cast<const std::uint8_t*>(b.data());
  Bytes counts(std::uint8_t{0});  // at most 8 * 8 a byte: no overflow
#pragma GCC unroll 8
  for (std::size_t i = 0; i < kHvBytes; i += Bytes::size) {
    counts += byte_counts(Bytes::load_unaligned(x + i) ^ Bytes::load_unaligned(y + i));
  }
  return static_cast<std::uint32_t>(xsimd::hadd(sum_each_word(counts)));
}

}  // namespace assay
