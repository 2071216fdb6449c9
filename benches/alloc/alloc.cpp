/// The alloc family's arenas, what they are held against without another malloc, and the limits.
///
/// alloc/1000x256/<unwritten|written>/<allocator>    1,000 objects of 256 bytes
/// alloc/size/<allocator>/bytes:N                    written objects of N bytes
/// alloc/reset/<allocator>/objects:N                 N written objects of 256 bytes a reset
/// alloc/tail/<allocator>, alloc/trace/<kind>/<allocator>   as every malloc's (heap.cpp)
/// alloc/control/<allocator>/...                     comparisons of known truth
///
/// malloc serves what std::pmr takes from operator new here; its thresholds are pinned, as the
/// large blocks of the arenas would otherwise move them in the midst of a run.

#include <cstdio>
#include <cstdlib>

#include "benches/alloc/batch.hpp"
#include "benches/alloc/malloc_in_use.hpp"
#include "benches/alloc/tails.hpp"
#include "benches/alloc/trace.hpp"

namespace assay {

namespace {

template <typename Allocator, int kSite>
void add_twin(const std::string& name) {
  add_benchmark(name, [](benchmark::State& state) {
    check_and_time<Allocator, Written::kYes, Size256, kSite>(state, kBatch, Size256{},
                                                             Order::kFifo);
  });
}

/// More objects than 1,000: a known share of extra work.
template <typename Allocator>
void add_extra(const std::string& name) {
  auto* const added = add_benchmark(name, [](benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    check_and_time<Allocator, Written::kYes, Size256, 3>(state, count, Size256{}, Order::kFifo);
  });
  added->ArgName("objects")->Arg(1000)->Arg(1020)->Arg(1050);
}

template <typename Allocator>
void add_controls(const std::string& name) {
  add_twin<Allocator, 1>("alloc/control/" + name + "/twin-a");
  add_twin<Allocator, 2>("alloc/control/" + name + "/twin-b");
  add_extra<Allocator>("alloc/control/" + name);
}

void register_limits() {
  register_batch_of_1000<Nothing>("nothing");
  register_batch_of_1000<NothingForTwoCycles>("nothing-for-2-cycles");
  register_batch_of_1000<FixedBuffer>("buffer");
  register_sizes<FixedBuffer>("buffer", kSmallSizes);
  register_sizes<FixedBuffer>("buffer", kLargeSizes);
}

void register_arenas() {
  register_batches<ArenaReset>("arena");
  register_sizes<ArenaReset>("arena", kSmallSizes);
  register_sizes<ArenaReset>("arena", kLargeSizes);
  register_batch_of_1000<ArenaReleased>("arena/released");
  register_batch_of_1000<ArenaOfThread>("arena/of-thread");
  register_batch_of_1000<ArenaShared>("arena/shared");
  register_batch_of_1000<ArenaAsResource>("arena/pmr");
  register_batch_of_1000<BumpOnFreshPages>("fresh-pages");
  register_resets<ArenaMadeAnew>("arena-made-anew");
  register_tails<ArenaReset>("arena");
  register_tails<ArenaReleased>("arena/released");
  register_arena_traces();
}

void register_standard_resources() {
  register_batch_of_1000<MonotonicOnBuffer>("pmr-monotonic/buffer");
  register_batch_of_1000<MonotonicOnNew>("pmr-monotonic/new");
  register_batch_of_1000<Pool<std::pmr::unsynchronized_pool_resource>>("pmr-pool");
  register_batch_of_1000<Pool<std::pmr::synchronized_pool_resource>>("pmr-pool/synchronized");
  register_tails<MonotonicOnBuffer>("pmr-monotonic/buffer");
}

[[maybe_unused]] const bool kArenasRegistered = [] {
  try {
    require_malloc();
    start_trace_server();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::_Exit(1);
  }
  register_limits();
  register_arenas();
  register_standard_resources();
  add_controls<ArenaReset>("arena");
  add_controls<Malloc>("malloc");
  return true;
}();

}  // namespace
}  // namespace assay
