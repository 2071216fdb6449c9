#include "kernels/hypervector/avx512.hpp"

namespace assay {

/// HammingFn by AVX-512 intrinsics and VPOPCNTDQ.
std::uint32_t hamming_avx512(HvView a, HvView b) noexcept {
  return static_cast<std::uint32_t>(total(count_differing(load_query(a.data()), b.data())));
}

}  // namespace assay
