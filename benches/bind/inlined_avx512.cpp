#include "benches/bind/inlined.hpp"
#include "benches/support/opaque.hpp"
#include "kernels/hypervector/bind_avx512.hpp"
#include "kernels/hypervector/permute_avx512.hpp"

// A file of its own, without Google Benchmark's headers: their inline functions would be emitted
// here for a CPU with AVX-512, and be the copies that the linker keeps.

namespace assay {

void time_bind_inlined_avx512(const HV16& a, const HV16& b, HV16& out, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) {
    hide(a, b);
    bind_body_avx512(view(a).data(), view(b).data(), view(out).data());
    consume(out);
  }
}

void time_permute_inlined_avx512(HvView in, std::size_t shift, HvSpan out, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) {
    hide(in.front());  // not the span, which would then be read anew
    asm volatile("" : "+r"(shift));
    permute_2048(in, shift, out);
    consume(out.front());
  }
}

}  // namespace assay
