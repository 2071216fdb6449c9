#pragma once

#include "kernels/hypervector/avx2.hpp"

// The body of permute_avx2, for those who inline it. Internal linkage, as in portable.hpp.
namespace assay {
namespace {

inline constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
inline constexpr std::size_t kYmmWords = kYmmBytes / kWordBytes;

/// A rotation: so many vectors, then so many words (less than a vector), then so many bits.
struct Rotation {
  std::size_t vectors;
  std::size_t words;
  __m128i bits, bits_below;  ///< `bits` and 64 - `bits`, as shifts take them

  Rotation(std::size_t shift, std::size_t whole)
      : vectors(whole / kYmmWords),
        words(whole % kYmmWords),
        bits(_mm_cvtsi64_si128(static_cast<long long>(shift % 64))),
        bits_below(_mm_cvtsi64_si128(static_cast<long long>(64 - shift % 64))) {}

  // A shift by 64 leaves nothing, as it should.
  __m256i joined(__m256i here, __m256i below) const {
    return _mm256_or_si256(_mm256_sll_epi64(here, bits), _mm256_srl_epi64(below, bits_below));
  }
};

/// The vector that begins `words` words (at most 4) before the input's first, of which it takes
/// those from the input's end.
[[gnu::always_inline]] inline __m256i around_the_edge(__m256i first, __m256i last,
                                                      std::size_t words) {
  static constexpr std::int32_t kLanes[] = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};
  static constexpr std::int64_t kFromLast[] = {-1, -1, -1, -1, 0, 0, 0, 0};
  const auto load = [](const auto* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  };
  const __m256i lanes = load(kLanes + 8 - 2 * words);
  return _mm256_blendv_epi8(_mm256_permutevar8x32_epi32(first, lanes),
                            _mm256_permutevar8x32_epi32(last, lanes), load(kFromLast + 4 - words));
}

[[gnu::always_inline]] inline __m256i rotated_edge(BitsView in, const Rotation& by) {
  const __m256i first = load_ymm(in.data()), last = load_ymm(in.data() + in.size() - kYmmBytes);
  return by.joined(around_the_edge(first, last, by.words),
                   around_the_edge(first, last, by.words + 1));
}

/// Vector i > 0 of the input from which the rotation has taken the words: no load leaves the input.
[[gnu::always_inline]] inline __m256i rotated_inner(BitsView in, const Rotation& by,
                                                    std::size_t i) {
  const std::byte* const here = in.data() + i * kYmmBytes - by.words * kWordBytes;
  return by.joined(load_ymm(here), load_ymm(here - kWordBytes));
}

/// PermuteFn for 2,048 bits.
[[gnu::always_inline]] inline void permute_2048(BitsView in, std::size_t shift, BitsSpan out) {
  const Rotation by(shift, shift / 64 % kHvWords);
  const auto place = [&](std::size_t i) __attribute__((always_inline)) {
    return out.data() + (by.vectors + i) * kYmmBytes % kHvBytes;
  };
  store_ymm(place(0), rotated_edge(in, by));
#pragma GCC unroll 8
  for (std::size_t i = 1; i < kHvYmms; ++i) {
    store_ymm(place(i), rotated_inner(in, by, i));
  }
}

}  // namespace
}  // namespace assay
