#include "kernels/hypervector/avx2.hpp"
#include "kernels/hypervector/bundle.hpp"

namespace assay {
namespace {

struct Ymm {
  static constexpr std::size_t kBytes = kYmmBytes;
  __m256i value;

  static Ymm load(const std::byte* from) { return {load_ymm(from)}; }
  static Ymm zero() { return {_mm256_setzero_si256()}; }
  void store(std::byte* to) const { store_ymm(to, value); }
  Ymm operator&(Ymm other) const { return {_mm256_and_si256(value, other.value)}; }
  Ymm operator|(Ymm other) const { return {_mm256_or_si256(value, other.value)}; }
  Ymm operator^(Ymm other) const { return {_mm256_xor_si256(value, other.value)}; }
  static Sum<Ymm> add(Ymm x, Ymm y, Ymm z) {
    const CarrySave added = add3(x.value, y.value, z.value);
    return {{added.sum}, {added.carry}};
  }
};

}  // namespace

/// BundleFn by AVX2 intrinsics: a full adder is five instructions of two operands.
void bundle_avx2(BitsView rows, BitsSpan out) noexcept {
  bundle_sliced<Ymm>(rows, out);
}

}  // namespace assay
