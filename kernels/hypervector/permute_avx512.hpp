#pragma once

#include "kernels/hypervector/hypervector.hpp"
#include "kernels/hypervector/intrinsics.hpp"

// The body of permute_avx512, for those who inline it. Internal linkage, as in portable.hpp.
namespace assay {
namespace {

inline constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
inline constexpr std::size_t kZmmBytes = 64;
inline constexpr std::size_t kZmmWords = kZmmBytes / kWordBytes;

/// A rotation: so many vectors, then so many words (less than a vector), then so many bits.
struct Rotation {
  std::size_t vectors;
  std::size_t words;
  __m512i bits;

  Rotation(std::size_t shift, std::size_t whole)
      : vectors(whole / kZmmWords),
        words(whole % kZmmWords),
        bits(_mm512_set1_epi64(static_cast<long long>(shift % 64))) {}

  /// `before` is the vector before `here`, of which one word reaches into it.
  __m512i joined(__m512i here, __m512i before) const {
    // With a mask, of all: of the plain form g++ 12 says that its own header reads what is not set.
    const __m512i below = _mm512_maskz_alignr_epi64(0xff, here, before, 7);
    return _mm512_shldv_epi64(here, below, bits);
  }
};

/// The vector that begins so many words before the input's first and takes those from its end.
[[gnu::always_inline]] inline __m512i around_the_edge(BitsView in, const Rotation& by) {
  const __m512i from = _mm512_sub_epi64(_mm512_setr_epi64(8, 9, 10, 11, 12, 13, 14, 15),
                                        _mm512_set1_epi64(static_cast<long long>(by.words)));
  return _mm512_permutex2var_epi64(_mm512_loadu_si512(in.data() + in.size() - kZmmBytes), from,
                                   _mm512_loadu_si512(in.data()));
}

/// Vector i > 0 of the input, the rotation's words earlier: no load leaves the input.
[[gnu::always_inline]] inline __m512i inner(BitsView in, const Rotation& by, std::size_t i) {
  return _mm512_loadu_si512(in.data() + i * kZmmBytes - by.words * kWordBytes);
}

/// PermuteFn for 2,048 bits.
[[gnu::always_inline]] inline void permute_2048(BitsView in, std::size_t shift, BitsSpan out) {
  const Rotation by(shift, shift / 64 % kHvWords);
  const __m512i v0 = around_the_edge(in, by);
  const __m512i v1 = inner(in, by, 1), v2 = inner(in, by, 2), v3 = inner(in, by, 3);
  const auto place = [&](std::size_t i) __attribute__((always_inline)) {
    return out.data() + (by.vectors + i) * kZmmBytes % kHvBytes;
  };
  _mm512_storeu_si512(place(0), by.joined(v0, v3));
  _mm512_storeu_si512(place(1), by.joined(v1, v0));
  _mm512_storeu_si512(place(2), by.joined(v2, v1));
  _mm512_storeu_si512(place(3), by.joined(v3, v2));
}

}  // namespace
}  // namespace assay
