#pragma once

#include <cstdint>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// So many binds, one after the other, by the body of the kernel bind/avx2, which is inlined in the
/// loop; the operands and the result are as opaque as in the loops of loops.hpp. Needs AVX2.
void time_bind_inlined_avx2(const HV16& a, const HV16& b, HV16& out, std::int64_t times);

}  // namespace assay
