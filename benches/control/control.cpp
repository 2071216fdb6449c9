/// Controls: comparisons whose truth is known, on the kernels of the bind family.
///
/// Positive ones plant extra work: calls:102 beside calls:100. Null ones call the very same
/// kernel under two names, each from a copy of the loop and on inputs of its own.

#include "benches/bind/loops.hpp"

namespace assay {
namespace {

template <std::uint64_t kSeed>
PairInput& pair_input() {
  static PairInput input = make_pair_input(kSeed);
  return input;
}

template <std::uint64_t kSeed>
BatchInput& batch_input() {
  static BatchInput input = make_batch_input(kSeed);
  return input;
}

const Variant<BindFn>& heap_clones() {
  return find_variant(bind_clones_variants(), "heap/avx2");
}
const Variant<HammingBatchFn>& batch_on_references() {
  return find_variant(hamming_batch_variants(), "refs/avx2");
}

void with_calls(benchmark::internal::Benchmark* registered,
                const std::vector<std::int64_t>& counts) {
  registered->ArgName("calls");
  for (const std::int64_t calls : counts) {
    registered->Arg(calls);
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  with_calls(register_variant("control/bind", select_bind, time_bind_calls<0>, pair_input<0>),
             {100, 101, 102, 105, 110});
  with_calls(register_variant("control/similarity-1000", select_similarity,
                              time_similarity_calls<0>, batch_input<0>),
             {1000, 1010, 1020, 1050, 1100});
  register_variant("control/bind/twin-a", select_bind, time_bind<0>, pair_input<1>);
  register_variant("control/bind/twin-b", select_bind, time_bind<1>, pair_input<2>);
  register_variant("control/clone-heap/twin-a", heap_clones, time_bind<2>, pair_input<1>);
  register_variant("control/clone-heap/twin-b", heap_clones, time_bind<3>, pair_input<2>);
  register_variant("control/similarity-1000/twin-a", batch_on_references, time_batch<0>,
                   batch_input<1>);
  register_variant("control/similarity-1000/twin-b", batch_on_references, time_batch<1>,
                   batch_input<2>);
  return true;
}();

}  // namespace
}  // namespace assay
