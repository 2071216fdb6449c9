/// A suite of one benchmark, registered as in any Google Benchmark program.

#include <benchmark/benchmark.h>

#include <cstddef>
#include <cstdint>
#include <string>

namespace {

std::size_t count_words(const std::string& text) {
  std::size_t words = 0;
  bool is_inside = false;
  for (const char c : text) {
    if (c != ' ' && !is_inside) ++words;
    is_inside = c != ' ';
  }
  return words;
}

void words(benchmark::State& state) {
  std::string text;
  for (std::int64_t i = 0; i < state.range(0); ++i) text += i % 7 == 0 ? ' ' : 'x';
  for (auto _ : state) {
    benchmark::DoNotOptimize(text);
    benchmark::DoNotOptimize(count_words(text));
#ifdef EXAMPLE_SLOW
    benchmark::DoNotOptimize(count_words(text));
#endif
  }
  state.counters["bytes"] = static_cast<double>(text.size());
}
BENCHMARK(words)->Arg(100)->Arg(10000);

}  // namespace
