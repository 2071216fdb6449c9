#include <xsimd/xsimd.hpp>

#include "kernels/hypervector/bundle.hpp"

namespace assay {
namespace {

struct Batch {
  using Words = xsimd::batch<std::uint64_t, xsimd::avx2>;
  static constexpr std::size_t kBytes = Words::size * sizeof(std::uint64_t);
  Words value;

  // By bytes, which may lie anywhere.
  static Batch load(const std::byte* from) {
    using Bytes = xsimd::batch<std::uint8_t, xsimd::avx2>;
    return {xsimd::bitwise_cast<Words>(
        Bytes::load_unaligned(reinterpret_cast<const std::uint8_t*>(from)))};
  }
  static Batch zero() { return {Words(std::uint64_t{0})}; }
  void store(std::byte* to) const {
    using Bytes = xsimd::batch<std::uint8_t, xsimd::avx2>;
    xsimd::bitwise_cast<Bytes>(value).store_unaligned(reinterpret_cast<std::uint8_t*>(to));
  }
  Batch operator&(Batch other) const { return {value & other.value}; }
  Batch operator|(Batch other) const { return {value | other.value}; }
  Batch operator^(Batch other) const { return {value ^ other.value}; }
  static Sum<Batch> add(Batch x, Batch y, Batch z) {
    const Batch half = x ^ y;
    return {half ^ z, (x & y) | (half & z)};
  }
};

}  // namespace

/// BundleFn by xsimd batches for AVX2.
void bundle_xsimd(BitsView rows, BitsSpan out) noexcept {
  bundle_sliced<Batch>(rows, out);
}

}  // namespace assay
