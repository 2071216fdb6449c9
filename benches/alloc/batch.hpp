#pragma once

/// The body that is measured: a batch of objects is allocated, perhaps written, and released. One
/// template over the allocator, which is all that differs.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <exception>
#include <numeric>
#include <random>
#include <span>
#include <string>
#include <type_traits>
#include <vector>

#include "benches/alloc/policies.hpp"
#include "benches/support/opaque.hpp"

namespace assay {

/// What is allocated. Of a type of its own and written by words, so that neither the table of
/// objects nor their contents may alias an allocator's own pointers: those stay in registers where
/// the allocator lets them.
struct Object {
  std::uint64_t word;
};

enum class Written : bool { kNo, kYes };
enum class Order { kFifo, kLifo, kRandom };

/// The size as the compiler knows it from sizeof, or as a variable.
using Size256 = std::integral_constant<std::size_t, 256>;

/// Writes every word of an object. `bytes` is a multiple of 8.
[[gnu::always_inline]] inline void write(Object* object, std::size_t bytes, std::uint64_t word) {
  for (std::size_t i = 0; i < bytes / sizeof(Object); ++i) object[i].word = word;
}

/// The order of release of so many objects; the random one is the same in every process.
inline std::vector<std::uint32_t> release_order(std::size_t count, Order order) {
  std::vector<std::uint32_t> indices(count);
  std::iota(indices.begin(), indices.end(), 0U);
  if (order == Order::kLifo) std::ranges::reverse(indices);
  if (order == Order::kRandom) std::ranges::shuffle(indices, std::mt19937_64(7));
  return indices;
}

/// What is wrong with what the allocator gives to a batch: every object must be at a multiple of 16
/// and keep what is written to it. Empty if nothing is.
template <typename Allocator>
std::string fault_of(std::size_t count, std::size_t bytes) {
  if constexpr (!Allocator::kGivesMemory) return "";
  Allocator allocator(count * (bytes + 16) + kSlackBytes);
  for (int batch = 0; batch < 2; ++batch) {
    allocator.begin();
    std::vector<Object*> objects(count);
    for (std::size_t i = 0; i < count; ++i) {
      objects[i] = static_cast<Object*>(allocator.allocate(bytes));
      if (objects[i] == nullptr) return "out of memory";
      if (reinterpret_cast<std::uintptr_t>(objects[i]) % 16 != 0) return "wrong result: alignment";
      write(objects[i], bytes, i + 1);
    }
    for (std::size_t i = 0; i < count; ++i) {
      const std::span words(objects[i], bytes / sizeof(Object));
      if (!std::ranges::all_of(words, [&](const Object& word) { return word.word == i + 1; }))
        return "wrong result: objects overlap";
      allocator.deallocate(objects[i], bytes);
    }
    allocator.end();
  }
  return "";
}

/// One batch. False if memory ran out.
template <Written kWritten, typename Allocator, typename Size>
[[gnu::always_inline]] inline bool run_batch(Allocator& allocator, Size bytes,
                                             std::span<Object*> objects,
                                             std::span<const std::uint32_t> order) {
  allocator.begin();
  for (Object*& object : objects) {
    auto* const made = static_cast<Object*>(allocator.allocate(bytes));
    if constexpr (kWritten == Written::kYes) {
      if (made == nullptr) [[unlikely]]
        return false;
      write(made, bytes, 0x5a5a5a5a12345678);
    }
    object = made;
  }
  asm volatile("" : : "r"(objects.data()) : "memory");
  for (const std::uint32_t index : order) allocator.deallocate(objects[index], bytes);
  allocator.end();
  return true;
}

/// Memory that is new to a slice would weigh more in one of few batches. Not inlined: what entries
/// ask of a timed loop's machine code, this one has, too.
template <typename Allocator, typename Size>
[[gnu::noinline]] bool warm_up(Allocator& allocator, Size bytes, std::span<Object*> objects,
                               std::span<const std::uint32_t> order) {
  return run_batch<Written::kYes>(allocator, bytes, objects, order);
}

/// Its symbol is what entries ask for when they look at machine code, so it is not to be cloned.
#if defined(__clang__)
#define ASSAY_KEPT_WHOLE [[gnu::noinline]]
#else
#define ASSAY_KEPT_WHOLE [[gnu::noipa]]
#endif
template <typename Allocator, Written kWritten, typename Size, int kSite = 0>
ASSAY_KEPT_WHOLE void time_batch(benchmark::State& state, std::size_t count, Size bytes,
                                 Order order) {
  asm volatile("# call site %c0" : : "i"(kSite));  // twins must not be folded into one
  Allocator allocator(count * (std::size_t{bytes} + 16) + kSlackBytes);
  std::vector<Object*> objects(count);
  const std::vector<std::uint32_t> indices = release_order(count, order);
  bool has_memory = warm_up(allocator, bytes, std::span(objects), std::span(indices));
  for (auto _ : state)
    has_memory = run_batch<kWritten>(allocator, bytes, objects, indices) && has_memory;
  if (!has_memory) state.SkipWithError("out of memory");
}

#if defined(ASSAY_ABSENT)
inline constexpr const char* kWhyNotRun = "not run: there is no " ASSAY_ABSENT;
#else
inline constexpr const char* kWhyNotRun = nullptr;
#endif

/// Registers what `time` does; what it throws is the benchmark's error. In an executable whose
/// allocator is missing (ASSAY_ABSENT), it says so instead.
template <typename Time>
benchmark::internal::Benchmark* add_benchmark(const std::string& name, Time time) {
  return benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    if (kWhyNotRun != nullptr) return state.SkipWithError(kWhyNotRun);
    try {
      time(state);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
}

/// Times a batch after a check of what the allocator gives.
template <typename Allocator, Written kWritten, typename Size, int kSite = 0>
void check_and_time(benchmark::State& state, std::size_t count, Size bytes, Order order) {
  static std::pair<std::size_t, std::size_t> checked;
  if (const std::pair batch(count, std::size_t{bytes}); checked != batch) {
    if (const std::string fault = fault_of<Allocator>(count, bytes); !fault.empty())
      return state.SkipWithError(fault.c_str());
    checked = batch;
  }
  time_batch<Allocator, kWritten, Size, kSite>(state, count, bytes, order);
}

inline constexpr std::size_t kBatch = 1000;

/// Objects of a size in a batch: 256 KB of them, at most 1,000 and at least 4.
inline std::size_t objects_of(std::size_t bytes) {
  return std::clamp<std::size_t>(256'000 / bytes, 4, kBatch);
}

inline constexpr std::array<std::int64_t, 7> kSmallSizes{16, 64, 256, 1024, 4096, 16384, 65536};
inline constexpr std::array<std::int64_t, 2> kLargeSizes{262144, 1048576};

/// alloc/1000x256/<written>/<name>: 1,000 objects of 256 bytes, released in the order of allocation
template <typename Allocator>
void register_batch_of_1000(const std::string& name) {
  add_benchmark("alloc/1000x256/unwritten/" + name, [](benchmark::State& state) {
    check_and_time<Allocator, Written::kNo>(state, kBatch, Size256{}, Order::kFifo);
  });
  add_benchmark("alloc/1000x256/written/" + name, [](benchmark::State& state) {
    check_and_time<Allocator, Written::kYes>(state, kBatch, Size256{}, Order::kFifo);
  });
}

/// alloc/size/<name>/bytes:N: written objects of N bytes
template <typename Allocator>
void register_sizes(const std::string& name, std::span<const std::int64_t> sizes) {
  auto* const added = add_benchmark("alloc/size/" + name, [](benchmark::State& state) {
    const auto bytes = static_cast<std::size_t>(state.range(0));
    check_and_time<Allocator, Written::kYes>(state, objects_of(bytes), bytes, Order::kFifo);
  });
  added->ArgName("bytes");
  for (const std::int64_t bytes : sizes) added->Arg(bytes);
}

/// alloc/reset/<name>/objects:N: N written objects of 256 bytes a batch
template <typename Allocator>
void register_resets(const std::string& name) {
  auto* const added = add_benchmark("alloc/reset/" + name, [](benchmark::State& state) {
    const auto count = static_cast<std::size_t>(state.range(0));
    check_and_time<Allocator, Written::kYes>(state, count, Size256{}, Order::kFifo);
  });
  added->ArgName("objects");
  for (const std::int64_t count : {1, 2, 4, 8, 16, 32, 64, 256, 1000}) added->Arg(count);
}

/// The batch of 1,000; alloc/order/<order>/<name>: the same, written, released in another order;
/// and the resets.
template <typename Allocator>
void register_batches(const std::string& name) {
  register_batch_of_1000<Allocator>(name);
  for (const auto& [order, word] : {std::pair(Order::kLifo, "lifo"), {Order::kRandom, "random"}})
    add_benchmark("alloc/order/" + std::string(word) + "/" + name,
                  [order](benchmark::State& state) {
                    check_and_time<Allocator, Written::kYes>(state, kBatch, Size256{}, order);
                  });
  register_resets<Allocator>(name);
}

}  // namespace assay
