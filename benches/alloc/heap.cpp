/// The part of the alloc family that every malloc serves: compiled once for each, in an executable
/// that is linked with it. Where names of benchmarks end stands its name: "glibc", "jemalloc", ...
///
/// "glibc" is what ships, in a process that frees no large block: freeing one that was mapped would
/// raise the thresholds for mapping and trimming for good. Its objects of 128 KB and more are
/// therefore in an executable of their own (ASSAY_LARGE_OBJECTS).

#include <cstdio>
#include <cstdlib>

#include "benches/alloc/batch.hpp"
#include "benches/alloc/malloc_in_use.hpp"
#include "benches/alloc/tails.hpp"
#include "benches/alloc/trace.hpp"

namespace assay {
namespace {

void register_heap(const std::string& name) {
#if defined(ASSAY_LARGE_OBJECTS)
  register_sizes<Malloc>(name, kLargeSizes);
#else
  register_batches<Malloc>(name);
  register_batch_of_1000<OperatorNew>(name + "/new");
  register_batch_of_1000<AlignedNew>(name + "/aligned-new");
  register_sizes<Malloc>(name, kSmallSizes);
  if (name != "glibc") register_sizes<Malloc>(name, kLargeSizes);
  register_tails<Malloc>(name);
  register_heap_traces(name);
  if (name == "glibc-pinned")  // a twin in another process: see alloc.cpp
    add_benchmark("alloc/control/processes/twin", [](benchmark::State& state) {
      check_and_time<Malloc, Written::kYes, Size256, 1>(state, kBatch, Size256{}, Order::kFifo);
    });
#endif
}

[[maybe_unused]] const bool kHeapRegistered = [] {
  try {
    require_malloc();
#if !defined(ASSAY_LARGE_OBJECTS)
    start_trace_server();
#endif
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::_Exit(1);
  }
  register_heap(kMallocName);
  return true;
}();

}  // namespace
}  // namespace assay
