#include <immintrin.h>

#include "kernels/hypervector/bundle.hpp"

namespace assay {
namespace {

struct Zmm {
  static constexpr std::size_t kBytes = 64;
  __m512i value;

  static Zmm load(const std::byte* from) { return {_mm512_loadu_epi64(from)}; }
  static Zmm zero() { return {_mm512_setzero_si512()}; }
  void store(std::byte* to) const { _mm512_storeu_epi64(to, value); }
  Zmm operator&(Zmm other) const { return {_mm512_and_si512(value, other.value)}; }
  Zmm operator|(Zmm other) const { return {_mm512_or_si512(value, other.value)}; }
  Zmm operator^(Zmm other) const { return {_mm512_xor_si512(value, other.value)}; }
  static Sum<Zmm> add(Zmm x, Zmm y, Zmm z) {
    // Three instructions, though two would do (parity and majority): Zen 4 reads too few registers
    // a cycle for as many of three operands.
    constexpr int kMajority = 0xe8;
    Zmm half = x ^ y;
    asm("" : "+v"(half.value));  // the compiler would join the two
    return {half ^ z, {_mm512_ternarylogic_epi64(x.value, y.value, z.value, kMajority)}};
  }
};

}  // namespace

/// BundleFn by AVX-512 intrinsics: a full adder is three instructions, one of them of three
/// operands.
void bundle_avx512(BitsView rows, BitsSpan out) noexcept {
  bundle_sliced<Zmm>(rows, out);
}

}  // namespace assay
