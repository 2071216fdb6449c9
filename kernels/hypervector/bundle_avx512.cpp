#include <immintrin.h>

#include "kernels/hypervector/bundle.hpp"

namespace assay {
namespace {

/// Two vectors side by side: adders of one column wait for each other, and 32 registers hold two.
struct ZmmPair {
  static constexpr std::size_t kZmmBytes = 64, kBytes = 2 * kZmmBytes;
  __m512i low, high;

  static ZmmPair load(const std::byte* from) {
    return {_mm512_loadu_epi64(from), _mm512_loadu_epi64(from + kZmmBytes)};
  }
  static ZmmPair zero() { return {_mm512_setzero_si512(), _mm512_setzero_si512()}; }
  void store(std::byte* to) const {
    _mm512_storeu_epi64(to, low);
    _mm512_storeu_epi64(to + kZmmBytes, high);
  }
  ZmmPair operator&(ZmmPair other) const {
    return {_mm512_and_si512(low, other.low), _mm512_and_si512(high, other.high)};
  }
  ZmmPair operator|(ZmmPair other) const {
    return {_mm512_or_si512(low, other.low), _mm512_or_si512(high, other.high)};
  }
  ZmmPair operator^(ZmmPair other) const {
    return {_mm512_xor_si512(low, other.low), _mm512_xor_si512(high, other.high)};
  }
  static Sum<ZmmPair> add(ZmmPair x, ZmmPair y, ZmmPair z) {
    // Three instructions, though two would do (parity and majority): Zen 4 reads too few registers
    // a cycle for as many of three operands. The half sum comes straight from the unit that made
    // it.
    constexpr int kSecondIfFirst = 0xca;  // else the third: where x and y differ, z is the carry
    ZmmPair half = x ^ y;
    asm("" : "+v"(half.low), "+v"(half.high));  // the compiler would join the two
    return {half ^ z,
            {_mm512_ternarylogic_epi64(half.low, z.low, x.low, kSecondIfFirst),
             _mm512_ternarylogic_epi64(half.high, z.high, x.high, kSecondIfFirst)}};
  }
};

}  // namespace

/// BundleFn by AVX-512 intrinsics: a full adder is three instructions, one of them of three
/// operands.
void bundle_avx512(BitsView rows, BitsSpan out) noexcept {
  bundle_sliced<ZmmPair>(rows, out);
}

}  // namespace assay
