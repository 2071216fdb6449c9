#include <immintrin.h>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
constexpr std::size_t kZmmBytes = 64;
constexpr std::size_t kZmmWords = kZmmBytes / kWordBytes;
constexpr std::size_t kHvZmms = kHvBytes / kZmmBytes;

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
__m512i around_the_edge(BitsView in, const Rotation& by) {
  const __m512i from = _mm512_sub_epi64(_mm512_setr_epi64(8, 9, 10, 11, 12, 13, 14, 15),
                                        _mm512_set1_epi64(static_cast<long long>(by.words)));
  return _mm512_permutex2var_epi64(_mm512_loadu_si512(in.data() + in.size() - kZmmBytes), from,
                                   _mm512_loadu_si512(in.data()));
}

/// Vector i > 0 of the input, the rotation's words earlier: no load leaves the input.
[[gnu::always_inline]] inline __m512i inner(BitsView in, const Rotation& by, std::size_t i) {
  return _mm512_loadu_si512(in.data() + i * kZmmBytes - by.words * kWordBytes);
}

void permute_2048(BitsView in, const Rotation& by, BitsSpan out) {
  const __m512i v0 = around_the_edge(in, by);
  const __m512i v1 = inner(in, by, 1), v2 = inner(in, by, 2), v3 = inner(in, by, 3);
  const auto place = [&](std::size_t i) __attribute__((always_inline)) {
    return out.data() + (by.vectors + i) % kHvZmms * kZmmBytes;
  };
  _mm512_storeu_si512(place(0), by.joined(v0, v3));
  _mm512_storeu_si512(place(1), by.joined(v1, v0));
  _mm512_storeu_si512(place(2), by.joined(v2, v1));
  _mm512_storeu_si512(place(3), by.joined(v3, v2));
}

void permute_wide(BitsView in, const Rotation& by, BitsSpan out) {
  const std::size_t count = in.size() / kZmmBytes;
  const __m512i edge = around_the_edge(in, by);
  std::byte* to = out.data() + by.vectors * kZmmBytes;
  _mm512_storeu_si512(to, by.joined(edge, inner(in, by, count - 1)));
  __m512i before = edge;
  const auto rotate = [&](std::size_t i, std::byte* at) __attribute__((always_inline)) {
    const __m512i here = inner(in, by, i);
    _mm512_storeu_si512(at, by.joined(here, before));
    before = here;
  };
  const std::size_t until_end = count - by.vectors;
  for (std::size_t i = 1; i < until_end; ++i) {
    rotate(i, to + i * kZmmBytes);
  }
  for (std::size_t i = until_end; i < count; ++i) {
    rotate(i, out.data() + (i - until_end) * kZmmBytes);
  }
}

}  // namespace

/// PermuteFn by AVX-512 intrinsics, with VBMI2's shifts across words: as permute_avx2.
void permute_avx512(BitsView in, std::size_t shift, BitsSpan out) noexcept {
  if (in.size() == kHvBytes) {
    permute_2048(in, Rotation(shift, shift / 64 % kHvWords), out);
  } else {
    permute_wide(in, Rotation(shift, shift / 64 % (in.size() / kWordBytes)), out);
  }
}

}  // namespace assay
