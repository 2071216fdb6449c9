#include "kernels/hypervector/permute_avx2.hpp"

namespace assay {
namespace {

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
    permute_2048(in, shift, out);
  } else {
    permute_wide(in, Rotation(shift, shift / 64 % (in.size() / kWordBytes)), out);
  }
}

}  // namespace assay
