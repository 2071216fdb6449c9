#include "kernels/hypervector/portable.hpp"

namespace assay {

/// HammingWideFn by the definition, for plain x86-64 and without the vectoriser: the reference.
std::uint64_t hamming_wide_scalar(BitsView a, BitsView b) noexcept {
  return hamming_wide_portable(a.data(), b.data(), a.size());
}

}  // namespace assay
