/// An instrument of benchmarks that fail in every way a benchmark can, and of a few that work, so
/// that the experimenter's handling of each is tested against the real protocol.

#include <benchmark/benchmark.h>
#include <sys/mman.h>

#include <array>
#include <cmath>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <random>
#include <thread>

#include "work.hpp"

namespace {

/// A loop of known work: `units` dependent multiplications an iteration. The time that it reports
/// by hand is about what it takes, 2 ns a unit, and never far from that: a test that needs a
/// verdict has it on the busiest machine.
void steady(benchmark::State& state) {
  static std::minstd_rand noise;
  const double ns_a_unit = std::uniform_real_distribution<>(1.99, 2.01)(noise);
  std::uint64_t x = 1;
  for (auto _ : state) {
    state.SetIterationTime(static_cast<double>(state.range(0)) * ns_a_unit * 1e-9);
    for (std::int64_t i = 0; i < state.range(0); ++i) {
      x = x * 6364136223846793005ULL + 1442695040888963407ULL;
      benchmark::DoNotOptimize(x);
    }
  }
}
BENCHMARK(steady)
    ->Name("faulty/steady")
    ->ArgName("units")
    ->Arg(100)
    ->Arg(200)
    ->Arg(400)
    ->UseManualTime();
BENCHMARK(steady)->Name("faulty/min-time")->Arg(100)->MinTime(0.01)->MinWarmUpTime(0.01);
BENCHMARK(steady)->Name("faulty/repetitions")->Arg(100)->Repetitions(3);
BENCHMARK(steady)->Name("faulty/argument")->ArgName("iterations")->Arg(100);
BENCHMARK(steady)->Name("faulty/fixed")->Arg(100)->Iterations(7);
BENCHMARK(steady)->Name("faulty/threads")->Arg(100)->Threads(2)->UseRealTime();

void prints(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  std::puts("{\"not\": \"an answer\"}");
}
BENCHMARK(prints)->Name("faulty/prints");

void counts(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  state.counters["bytes"] = 0;
}
BENCHMARK(counts)->Name("faulty/counter");

/// One page fault an iteration: the kernel takes the page away, and the write needs it again.
void faults(benchmark::State& state) {
  constexpr std::size_t kPageBytes = 4096;
  alignas(kPageBytes) static std::array<unsigned char, kPageBytes> page;
  for (auto _ : state) {
    ::madvise(page.data(), page.size(), MADV_DONTNEED);
    page[0] = 1;
    benchmark::ClobberMemory();
  }
}
BENCHMARK(faults)->Name("faulty/page-fault");

void skips(benchmark::State& state) {
  state.SkipWithError("wrong result: 41 instead of 42");
}
BENCHMARK(skips)->Name("faulty/error");

void absent(benchmark::State& state) {
  state.SkipWithError("not run: this CPU has no AVX9");
}
BENCHMARK(absent)->Name("faulty/not-run");

void not_a_number(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  state.counters["bytes"] = std::numeric_limits<double>::quiet_NaN();
}
BENCHMARK(not_a_number)->Name("faulty/nan");

/// Fails only after a while, as real faults do: the first slices are measured.
bool is_late() {
  static int calls = 0;
  return ++calls > 12;
}

void becomes_not_a_number(benchmark::State& state) {
  static int calls = 0;
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  state.counters["bytes"] = ++calls > 3 ? std::numeric_limits<double>::quiet_NaN() : 64;
}
BENCHMARK(becomes_not_a_number)->Name("faulty/late-nan");

void crashes(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  if (is_late()) std::raise(SIGKILL);
}
BENCHMARK(crashes)->Name("faulty/crash");

void exits(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  if (is_late()) std::_Exit(9);
}
BENCHMARK(exits)->Name("faulty/exit");

/// What a roofline is drawn of: a kernel, and a probe that moves as many bytes in less time.
void works(benchmark::State& state) {
  for (auto _ : state)
    for (int i = 0; i < 20; ++i) benchmark::DoNotOptimize(i);
  assay::report_work(state, 800, "words", 100);
}
BENCHMARK(works)->Name("faulty/works");

void moves(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  assay::report_work(state, 800);
}
BENCHMARK(moves)->Name("faulty/moves");

/// What a behaviour is judged by: 1 where it holds, 0 where it does not, and what is neither.
void holds(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  state.counters["holds"] = 1;
}
BENCHMARK(holds)->Name("faulty/holds");

void breaks(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  state.counters["holds"] = is_late() ? 0 : 1;
}
BENCHMARK(breaks)->Name("faulty/breaks");

void holds_by_half(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  state.counters["holds"] = 0.5;
}
BENCHMARK(holds_by_half)->Name("faulty/holds-by-half");

void hangs(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(state.iterations());
  if (is_late()) std::this_thread::sleep_for(std::chrono::hours(1));
}
BENCHMARK(hangs)->Name("faulty/hang");

}  // namespace
