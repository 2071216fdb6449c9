#include "kernels/hypervector/xsimd.hpp"

namespace assay {

/// HammingWideFn by xsimd batches for AVX2, with a byte lookup and a byte sum added.
std::uint64_t hamming_wide_xsimd(BitsView a, BitsView b) noexcept {
  return hamming_row(a.data(), b.data(), a.size());
}

}  // namespace assay
