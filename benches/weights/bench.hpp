#pragma once

#include <benchmark/benchmark.h>

#include <exception>
#include <string>

#include "benches/support/opaque.hpp"

namespace assay {

/// Registers what `time` does; what it throws is the benchmark's error, or why it is not run.
template <typename Time>
benchmark::internal::Benchmark* add_benchmark(const std::string& name, const Time& time) {
  return benchmark::RegisterBenchmark(name.c_str(), [time](benchmark::State& state) {
    try {
      time(state);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
}

/// Makes the copies of a timed loop differ, so that each benchmark has a call site of its own.
template <int kSite>
[[gnu::always_inline]] inline void mark_site() {
  asm volatile("# call site %c0" : : "i"(kSite));
}

}  // namespace assay
