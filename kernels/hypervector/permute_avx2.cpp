#include "kernels/hypervector/avx2.hpp"

namespace assay {
namespace {

constexpr std::size_t kWordBytes = sizeof(std::uint64_t);
constexpr std::size_t kYmmWords = kYmmBytes / kWordBytes;

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
__m256i around_the_edge(__m256i first, __m256i last, std::size_t words) {
  static constexpr std::int32_t kLanes[] = {0, 1, 2, 3, 4, 5, 6, 7, 0, 1, 2, 3, 4, 5, 6, 7};
  static constexpr std::int64_t kFromLast[] = {-1, -1, -1, -1, 0, 0, 0, 0};
  const auto load = [](const auto* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
  };
  const __m256i lanes = load(kLanes + 8 - 2 * words);
  return _mm256_blendv_epi8(_mm256_permutevar8x32_epi32(first, lanes),
                            _mm256_permutevar8x32_epi32(last, lanes), load(kFromLast + 4 - words));
}

__m256i rotated_edge(BitsView in, const Rotation& by) {
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

void permute_2048(BitsView in, const Rotation& by, BitsSpan out) {
  const auto place = [&](std::size_t i) __attribute__((always_inline)) {
    return out.data() + (by.vectors + i) % kHvYmms * kYmmBytes;
  };
  store_ymm(place(0), rotated_edge(in, by));
#pragma GCC unroll 8
  for (std::size_t i = 1; i < kHvYmms; ++i) {
    store_ymm(place(i), rotated_inner(in, by, i));
  }
}

void permute_wide(BitsView in, const Rotation& by, BitsSpan out) {
  const std::size_t count = in.size() / kYmmBytes;
  std::byte* to = out.data() + by.vectors * kYmmBytes;
  store_ymm(to, rotated_edge(in, by));
  const std::size_t until_end = count - by.vectors;
  for (std::size_t i = 1; i < until_end; ++i) {
    store_ymm(to + i * kYmmBytes, rotated_inner(in, by, i));
  }
  to = out.data();
  for (std::size_t i = until_end; i < count; ++i) {
    store_ymm(to, rotated_inner(in, by, i));
    to += kYmmBytes;
  }
}

}  // namespace

/// PermuteFn by AVX2 intrinsics: unaligned loads skip the words, shifts the bits. Only one vector
/// takes from both ends of the input; it is made in registers, as words stored into a doubled copy
/// could not be forwarded to loads that span two stores.
void permute_avx2(BitsView in, std::size_t shift, BitsSpan out) noexcept {
  if (in.size() == kHvBytes) {
    permute_2048(in, Rotation(shift, shift / 64 % kHvWords), out);
  } else {
    permute_wide(in, Rotation(shift, shift / 64 % (in.size() / kWordBytes)), out);
  }
}

}  // namespace assay
