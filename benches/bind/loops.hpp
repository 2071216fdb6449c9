#pragma once

#include <benchmark/benchmark.h>

#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "benches/support/opaque.hpp"
#include "benches/support/pages.hpp"
#include "benches/support/work.hpp"
#include "kernels/hypervector/variants.hpp"

namespace assay {

inline constexpr std::size_t kDatabaseSize = 1000;  ///< 256 KB: beyond L1, within most L2 caches

struct PairInput {
  HV16 a, b, out;
};
struct BatchInput {
  HV16 query;
  Pages pages;  ///< of the database; as the probes that it is held against have theirs
  std::vector<std::uint32_t> distances;

  std::span<HV16> database() const {
    return {reinterpret_cast<HV16*>(pages.span().data()), pages.span().size() / sizeof(HV16)};
  }
  BitsView rows() const { return pages.span(); }
};

/// Random inputs, the same from the same seed; make them once a process, not once a slice.
PairInput make_pair_input(std::uint64_t seed);
BatchInput make_batch_input(std::uint64_t seed);

/// The pair and the batch of the bind family: every variant of it, and every peer, runs on the same
/// bytes.
PairInput& pair_input();
BatchInput& batch_input();

/// Whether a kernel gives on this input what the scalar reference gives. Of a copy only the source
/// can be seen from outside.
bool matches_reference(BindFn* run, const PairInput& input);
bool matches_reference(HammingFn* run, const PairInput& input);
bool matches_reference(HammingFn* run, const BatchInput& input);
bool matches_reference(HammingManyFn* run, const BatchInput& input);
bool matches_reference(CopyFn* run, const PairInput& input);

inline void report_bytes(benchmark::State& state, std::size_t bytes_per_iteration) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes_per_iteration));
}

/// The same, and that so many words of 64 bits were XORed or counted.
inline void report_words(benchmark::State& state, std::size_t bytes_per_iteration,
                         std::size_t words) {
  report_bytes(state, bytes_per_iteration);
  report_work(state, static_cast<double>(bytes_per_iteration), "words", static_cast<double>(words));
}

/// Makes the copies of a loop differ, so that the compiler does not fold them into one.
template <int kSite>
[[gnu::always_inline]] inline void mark_site() {
  asm volatile("# call site %c0" : : "i"(kSite));
}

// The timed loops: one call an iteration, of the kernel that `run` points to, with its inputs
// hidden and its whole result consumed. Every registered benchmark has a copy of the loop, and so a
// call site, of its own: through a shared one the CPU predicts the target that the rival left
// there, and byte-identical kernels then differ by up to a fifth. The `_calls` forms make
// state.range(0) calls an iteration, a count that the compiler does not know; the similarities go
// round the database.

template <int kSite>
[[gnu::noinline]] void time_bind(benchmark::State& state, BindFn* run, PairInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input.a, input.b);
    run(view(input.a), view(input.b), view(input.out));
    consume(input.out);
  }
  report_words(state, 3 * kHvBytes, kHvWords);
}

template <int kSite>
[[gnu::noinline]] void time_similarity(benchmark::State& state, HammingFn* run, PairInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input.a, input.b);
    const std::uint32_t distance = run(view(input.a), view(input.b));
    consume(distance);
  }
  report_words(state, 2 * kHvBytes, 2 * kHvWords);
}

template <int kSite>
[[gnu::noinline]] void time_batch(benchmark::State& state, HammingManyFn* run, BatchInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input);
    run(view(input.query), input.rows(), input.distances);
    consume(input);
  }
  report_words(state, input.rows().size() + kHvBytes, 2 * input.rows().size() / 8);
}

template <int kSite>
[[gnu::noinline]] void time_copy(benchmark::State& state, CopyFn* run, PairInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input.a);
    run(view(input.a));
  }
  report_bytes(state, 2 * kHvBytes);
}

template <int kSite>
[[gnu::noinline]] void time_bind_calls(benchmark::State& state, BindFn* run, PairInput& input) {
  mark_site<kSite>();
  const std::int64_t calls = state.range(0);
  for (auto _ : state) {
    for (std::int64_t call = 0; call < calls; ++call) {
      hide(input.a, input.b);
      run(view(input.a), view(input.b), view(input.out));
      consume(input.out);
    }
  }
  report_bytes(state, static_cast<std::size_t>(calls) * 3 * kHvBytes);
}

template <int kSite>
[[gnu::noinline]] void time_similarity_calls(benchmark::State& state, HammingFn* run,
                                             BatchInput& input) {
  mark_site<kSite>();
  const std::int64_t calls = state.range(0);
  for (auto _ : state) {
    hide(input);
    const std::span<const HV16> database = input.database();
    std::size_t row = 0;
    for (std::int64_t call = 0; call < calls; ++call) {
      input.distances[row] = run(view(input.query), view(database[row]));
      row = row + 1 == database.size() ? 0 : row + 1;
    }
    consume(input);
  }
  report_bytes(state, static_cast<std::size_t>(calls) * kHvBytes);
}

/// Why the variant may not be timed here, in the protocol's words; empty when it may.
template <typename Fn, typename Input>
std::string refusal(const Variant<Fn>& variant, const Input& input) {
  if (const auto missing = first_missing(variant.needs, cpu_features())) {
    return "not run: this CPU has no " + std::string(*missing);
  }
  if (!matches_reference(variant.run, input)) {
    return "wrong result: " + std::string(variant.name) + " differs from the scalar reference";
  }
  return "";
}

/// Registers a benchmark of the variant that `pick` returns, on the input that `input` returns:
/// both are asked once a process, when the benchmark first runs, and the variant is checked then.
template <typename Pick, typename Fn, typename Input>
benchmark::internal::Benchmark* register_variant(const std::string& name, Pick pick,
                                                 void (*time)(benchmark::State&, Fn*, Input&),
                                                 Input& (*input)()) {
  std::optional<std::string> refused;
  return benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) mutable {
    try {
      const Variant<Fn>& variant = pick();
      if (!refused) {
        refused = refusal(variant, input());
      }
      if (!refused->empty()) {
        return state.SkipWithError(refused->c_str());
      }
      state.SetLabel(std::string(variant.name));
      time(state, variant.run, input());
    } catch (const std::invalid_argument& error) {
      state.SkipWithError(error.what());
    }
  });
}

}  // namespace assay
