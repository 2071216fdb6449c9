#pragma once

#include <benchmark/benchmark.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <utility>

namespace assay {

/// What this machine cannot measure, and why; becomes the benchmark's "not run: WHY".
class NotRun : public std::runtime_error {
 public:
  explicit NotRun(const std::string& why) : std::runtime_error("not run: " + why) {}
};

/// Registers what `time` does, by its own clock; what it throws is the benchmark's error.
template <typename Time>
benchmark::internal::Benchmark* add_load(const std::string& name, Time time) {
  return benchmark::RegisterBenchmark(name.c_str(),
                                      [=](benchmark::State& state) {
                                        try {
                                          time(state);
                                        } catch (const std::exception& error) {
                                          state.SkipWithError(error.what());
                                        }
                                      })
      ->UseManualTime();
}

/// Runs `prepare` untimed and `operation` timed in each iteration; what `operation` returns is
/// given to `check`, untimed, and lives until then, so that no release is timed.
template <typename Prepare, typename Operation, typename Check>
void time_prepared(benchmark::State& state, Prepare prepare, Operation operation, Check check) {
  using Clock = std::chrono::steady_clock;
  for (auto _ : state) {
    prepare();
    const auto start = Clock::now();
    auto result = operation();
    const auto end = Clock::now();
    state.SetIterationTime(std::chrono::duration<double>(end - start).count());
    check(result);
  }
}

}  // namespace assay
