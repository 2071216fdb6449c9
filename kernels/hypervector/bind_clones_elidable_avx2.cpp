#include "kernels/hypervector/avx2.hpp"

namespace assay {
namespace {

// HV16 without its alignment, so that a struct copy can start from any address.
struct [[gnu::packed, gnu::may_alias]] UnalignedHv {
  std::uint64_t words[kHvWords];
};

}  // namespace

/// BindFn that first clones each operand by struct copy, which nothing forces: the compiler may
/// read the originals instead, and the machine code says whether it did.
void bind_clones_elidable_avx2(HvView a, HvView b, HvSpan out) noexcept {
  // g++ 12 drops these copies, as it does those of HV16; it keeps them if they are const, or arrays
  // of bytes instead of words.
  auto clone_of_a = *reinterpret_cast<const UnalignedHv*>(a.data());
  auto clone_of_b = *reinterpret_cast<const UnalignedHv*>(b.data());
  bind_body(reinterpret_cast<std::byte*>(&clone_of_a), reinterpret_cast<std::byte*>(&clone_of_b),
            out.data());
}

}  // namespace assay
