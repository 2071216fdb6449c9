#include "kernels/hypervector/avx2.hpp"

namespace assay {

/// HammingFn by AVX2 intrinsics and POPCNT.
std::uint32_t hamming_avx2(HvView a, HvView b) noexcept {
  return hamming_body(a.data(), b.data());
}

}  // namespace assay
