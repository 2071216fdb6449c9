#include "kernels/hypervector/xsimd.hpp"

namespace assay {

/// HammingFn by xsimd batches for AVX2, with a byte lookup and a byte sum added.
std::uint32_t hamming_xsimd(HvView a, HvView b) noexcept {
  return static_cast<std::uint32_t>(xsimd::hadd(count_differing(a.data(), b.data())));
}

}  // namespace assay
