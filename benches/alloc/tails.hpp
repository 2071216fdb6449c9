#pragma once

/// Single operations, each timed: what one allocation, written, costs in the median and in the
/// tail.

#include <chrono>

#include "benches/alloc/batch.hpp"
#include "benches/alloc/mapped_memory.hpp"

#if defined(__x86_64__)
#include <x86intrin.h>
#endif

namespace assay {

/// A clock of some nanoseconds' resolution and cost: the time-stamp counter, where there is one.
/// Operations may overlap its reading by some cycles; what a user feels is longer.
inline std::uint64_t ticks() {
#if defined(__x86_64__)
  unsigned int cpu = 0;
  return __rdtscp(&cpu);
#else
  return static_cast<std::uint64_t>(std::chrono::steady_clock::now().time_since_epoch().count());
#endif
}

/// The value below which this share of the values lies. Reorders them; requires at least one.
inline double quantile_of(std::pmr::vector<std::uint32_t>& values, double share) {
  const auto rank = static_cast<std::size_t>(share * static_cast<double>(values.size() - 1));
  const auto at = values.begin() + static_cast<std::ptrdiff_t>(rank);
  std::ranges::nth_element(values, at);
  return *at;
}

/// The objects of a tail: 256 KB of them, so that fresh memory means faults, and two in a thousand
/// allocations of an arena that begins with 64 KB make it grow.
inline constexpr std::size_t kTailObjects = 1024;

/// Allocates and writes objects one by one, and reports p50_ns, p99_ns and p999_ns of an object.
/// Counters of the slice: what is timed beside them is the whole, clock included.
template <typename Allocator>
void time_tail(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  Allocator allocator(kTailObjects * (Size256{} + 16) + kSlackBytes);
  std::vector<Object*> objects(kTailObjects);
  std::pmr::vector<std::uint32_t> durations(mapped_memory());
  durations.reserve(static_cast<std::size_t>(state.max_iterations) * kTailObjects);
  const auto start = Clock::now();
  const std::uint64_t first = ticks();
  for (auto _ : state) {
    allocator.begin();
    for (Object*& object : objects) {
      const std::uint64_t before = ticks();
      object = static_cast<Object*>(allocator.allocate(Size256{}));
      if (object == nullptr) return state.SkipWithError("out of memory");
      write(object, Size256{}, before);
      asm volatile("" : : "r"(object) : "memory");
      durations.push_back(static_cast<std::uint32_t>(ticks() - before));
    }
    for (Object* const object : objects) allocator.deallocate(object, Size256{});
    allocator.end();
  }
  const double passed_ns = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  const double ns_a_tick = passed_ns / static_cast<double>(ticks() - first);
  state.counters["p50_ns"] = quantile_of(durations, 0.5) * ns_a_tick;
  state.counters["p99_ns"] = quantile_of(durations, 0.99) * ns_a_tick;
  state.counters["p999_ns"] = quantile_of(durations, 0.999) * ns_a_tick;
}

/// alloc/tail/<name>: 1,024 objects of 256 bytes an iteration, written, one by one.
template <typename Allocator>
void register_tails(const std::string& name) {
  add_benchmark("alloc/tail/" + name, time_tail<Allocator>);
}

}  // namespace assay
