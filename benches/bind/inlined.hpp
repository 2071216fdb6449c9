#pragma once

#include <cstdint>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// So many binds, one after the other, by the body of the kernel bind/avx2 (bind/avx512), which is
/// inlined in the loop; the operands and the result are as opaque as in the loops of loops.hpp.
/// Needs what the kernel needs.
using BindInlinedFn = void(const HV16& a, const HV16& b, HV16& out, std::int64_t times);
BindInlinedFn time_bind_inlined_avx2;
BindInlinedFn time_bind_inlined_avx512;

/// The same of permutations by `shift`, of which the loop knows nothing.
using PermuteInlinedFn = void(HvView in, std::size_t shift, HvSpan out, std::int64_t times);
PermuteInlinedFn time_permute_inlined_avx2;
PermuteInlinedFn time_permute_inlined_avx512;

}  // namespace assay
