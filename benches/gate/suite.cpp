/// A small suite that the gate's tests compare with itself. Its kernels are chains of dependent
/// multiplications, whose time is their number; what one build does otherwise than another is the
/// compile definition SUITE_EXTRA_PERCENT: extra work in one isolated kernel, bytes in one counter,
/// and names that come and go.

#include <benchmark/benchmark.h>

#include <array>
#include <cstdint>

#ifndef SUITE_EXTRA_PERCENT
#define SUITE_EXTRA_PERCENT 0
#endif

namespace {

constexpr bool kIsChanged = SUITE_EXTRA_PERCENT != 0;

/// The planted kernel is a function by itself, at a line of its own; its length is a constant that
/// all builds encode in as many bytes, so that nothing else moves.
[[gnu::noinline, gnu::aligned(64)]] std::uint64_t planted_chain(std::uint64_t x) {
  constexpr int kUnits = 1000 + 10 * SUITE_EXTRA_PERCENT;
  for (int i = 0; i < kUnits; ++i) {
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    benchmark::DoNotOptimize(x);
  }
  return x;
}

[[gnu::noinline, gnu::aligned(64)]] std::uint64_t chain(std::uint64_t x, std::int64_t units) {
  for (std::int64_t i = 0; i < units; ++i) {
    x = x * 6364136223846793005ULL + 1442695040888963407ULL;
    benchmark::DoNotOptimize(x);
  }
  return x;
}

void planted(benchmark::State& state) {
  std::uint64_t x = 1;
  for (auto _ : state) benchmark::DoNotOptimize(x = planted_chain(x));
}
BENCHMARK(planted)->Name("suite/planted");

void steady(benchmark::State& state) {
  std::uint64_t x = 1;
  for (auto _ : state) benchmark::DoNotOptimize(x = chain(x, state.range(0)));
}
BENCHMARK(steady)->Name("suite/steady")->Arg(500)->Arg(1000)->Arg(2000);
BENCHMARK(steady)->Name(kIsChanged ? "suite/renamed-now" : "suite/renamed")->Arg(700);
#if SUITE_EXTRA_PERCENT
BENCHMARK(steady)->Name("suite/of-the-candidate-alone")->Arg(700);
#else
BENCHMARK(steady)->Name("suite/gone")->Arg(700);
#endif

/// A deterministic counter.
void counts(benchmark::State& state) {
  std::uint64_t x = 1;
  for (auto _ : state) benchmark::DoNotOptimize(x = chain(x, 500));
  state.counters["bytes"] = 4096 + 40 * SUITE_EXTRA_PERCENT;
  state.counters["faults"] = kIsChanged ? 1 : 0;
}
BENCHMARK(counts)->Name("suite/counts");

}  // namespace
