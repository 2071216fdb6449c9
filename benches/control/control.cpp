/// Controls: comparisons whose truth is known, on the kernels of the bind family and on malloc.
///
/// Positive ones plant extra work: calls:102 beside calls:100. Null ones call the very same
/// kernel under two names, each from a copy of the loop and on inputs of its own.

#include <cstdlib>

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
const Variant<HammingManyFn>& batch_on_references() {
  return find_variant(hamming_many_variants(), "avx2");
}

/// `blocks` allocations of 256 bytes, one byte of each written, and then their releases in order.
template <int kSite>
[[gnu::noinline]] void time_allocations(benchmark::State& state, std::size_t blocks) {
  mark_site<kSite>();
  std::vector<void*> allocated(blocks);
  for (auto _ : state) {
    for (void*& block : allocated) {
      block = std::malloc(kHvBytes);
      if (block == nullptr) return state.SkipWithError("out of memory");
      hide(block);
      *static_cast<char*>(block) = 1;
    }
    consume(allocated);
    for (void* const block : allocated) std::free(block);
  }
}

void allocate_blocks(benchmark::State& state) {
  time_allocations<0>(state, static_cast<std::size_t>(state.range(0)));
}

void allocate_100_a(benchmark::State& state) {
  time_allocations<1>(state, 100);
}

void allocate_100_b(benchmark::State& state) {
  time_allocations<2>(state, 100);
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
             {100, 101, 102, 105, 110, 200, 201, 202, 204, 210, 220});
  with_calls(register_variant("control/similarity-1000", select_similarity,
                              time_similarity_calls<0>, batch_input<0>),
             {1000, 1005, 1010, 1020, 1050, 1100});
  register_variant("control/bind/twin-a", select_bind, time_bind<0>, pair_input<1>);
  register_variant("control/bind/twin-b", select_bind, time_bind<1>, pair_input<2>);
  register_variant("control/clone-heap/twin-a", heap_clones, time_bind<2>, pair_input<1>);
  register_variant("control/clone-heap/twin-b", heap_clones, time_bind<3>, pair_input<2>);
  register_variant("control/similarity-1000/twin-a", batch_on_references, time_batch<0>,
                   batch_input<1>);
  register_variant("control/similarity-1000/twin-b", batch_on_references, time_batch<1>,
                   batch_input<2>);
  auto* const blocks = benchmark::RegisterBenchmark("control/allocate", allocate_blocks);
  blocks->ArgName("blocks");
  for (const std::int64_t count : {200, 201, 202, 204, 210, 220}) blocks->Arg(count);
  benchmark::RegisterBenchmark("control/allocate/twin-a", allocate_100_a);
  benchmark::RegisterBenchmark("control/allocate/twin-b", allocate_100_b);
  return true;
}();

}  // namespace
}  // namespace assay
