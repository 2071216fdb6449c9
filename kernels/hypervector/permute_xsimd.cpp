#include <cstring>
#include <xsimd/xsimd.hpp>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {
namespace {

using Words = xsimd::batch<std::uint64_t, xsimd::avx2>;
using Bytes = xsimd::batch<std::uint8_t, xsimd::avx2>;
constexpr std::size_t kWordBytes = sizeof(std::uint64_t);

// By bytes, which may lie anywhere.
inline Words load(const std::byte* from) {
  return xsimd::bitwise_cast<Words>(
      Bytes::load_unaligned(reinterpret_cast<const std::uint8_t*>(from)));
}
inline void store(std::byte* to, Words words) {
  xsimd::bitwise_cast<Bytes>(words).store_unaligned(reinterpret_cast<std::uint8_t*>(to));
}

/// `here` shifted up by 0 to 63 bits, and in their place the highest of `below`.
inline Words joined(Words here, Words below, int bits) {
  return (here << bits) | (below >> (64 - bits));
}

/// The input's words around its end: 0 is the first, -1 the last. xsimd 8.1 can neither slide nor
/// swizzle, so the one vector that takes from both ends is made of these.
struct Around {
  BitsView in;

  std::uint64_t operator[](std::ptrdiff_t i) const {
    const std::byte* const from =
        (i < 0 ? in.data() + in.size() : in.data()) + i * std::ptrdiff_t{kWordBytes};
    std::uint64_t word;
    std::memcpy(&word, from, sizeof word);
    return word;
  }
  Words from(std::ptrdiff_t i) const {
    return {(*this)[i], (*this)[i + 1], (*this)[i + 2], (*this)[i + 3]};
  }
};

}  // namespace

/// PermuteFn by xsimd batches for AVX2.
void permute_xsimd(BitsView in, std::size_t shift, BitsSpan out) noexcept {
  const std::size_t whole =
      shift / 64 % (in.size() == kHvBytes ? kHvWords : in.size() / kWordBytes);
  const std::size_t words = whole % Words::size;
  const int bits = static_cast<int>(shift % 64);
  std::byte* to = out.data() + (whole - words) * kWordBytes;
  const auto edge = -static_cast<std::ptrdiff_t>(words);
  const Around around{in};
  store(to, joined(around.from(edge), around.from(edge - 1), bits));
  for (std::size_t i = Bytes::size; i < in.size(); i += Bytes::size) {
    to = to + Bytes::size == out.data() + out.size() ? out.data() : to + Bytes::size;
    const std::byte* const here = in.data() + i - words * kWordBytes;
    store(to, joined(load(here), load(here - kWordBytes), bits));
  }
}

}  // namespace assay
