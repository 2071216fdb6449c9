#include "kernels/hypervector/permute_avx512.hpp"

namespace assay {
namespace {

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
    permute_2048(in, shift, out);
  } else {
    permute_wide(in, Rotation(shift, shift / 64 % (in.size() / kWordBytes)), out);
  }
}

}  // namespace assay
