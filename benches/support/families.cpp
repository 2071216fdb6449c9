#include "families.hpp"

#include <functional>

using benchmark::internal::Benchmark;

extern "C" {
// The names are the linker's: GNU ld resolves calls of SYMBOL to __wrap_SYMBOL, and __real_SYMBOL
// to the library's own. NOLINTBEGIN(bugprone-reserved-identifier, readability-identifier-naming)
Benchmark* __real__ZN9benchmark8internal25RegisterBenchmarkInternalEPNS0_9BenchmarkE(Benchmark*);
Benchmark* __real__ZN9benchmark8internal9Benchmark7MinTimeEd(Benchmark*, double);
Benchmark* __real__ZN9benchmark8internal9Benchmark13MinWarmUpTimeEd(Benchmark*, double);

Benchmark* __wrap__ZN9benchmark8internal25RegisterBenchmarkInternalEPNS0_9BenchmarkE(Benchmark*);
Benchmark* __wrap__ZN9benchmark8internal9Benchmark7MinTimeEd(Benchmark*, double);
Benchmark* __wrap__ZN9benchmark8internal9Benchmark13MinWarmUpTimeEd(Benchmark*, double);
}

namespace assay {

std::vector<Benchmark*>& registered_families() {
  // Local, because families register while other translation units are still being initialised.
  static std::vector<Benchmark*> families;
  return families;
}

namespace {

std::vector<std::function<void()>>& held_back() {
  static std::vector<std::function<void()>> settings;
  return settings;
}

}  // namespace

void apply_minimum_times() {
  for (const auto& apply : held_back()) apply();
  held_back().clear();
}

}  // namespace assay

Benchmark* __wrap__ZN9benchmark8internal25RegisterBenchmarkInternalEPNS0_9BenchmarkE(
    Benchmark* family) {
  assay::registered_families().push_back(family);
  return __real__ZN9benchmark8internal25RegisterBenchmarkInternalEPNS0_9BenchmarkE(family);
}

Benchmark* __wrap__ZN9benchmark8internal9Benchmark7MinTimeEd(Benchmark* family, double seconds) {
  assay::held_back().emplace_back(
      [family, seconds] { __real__ZN9benchmark8internal9Benchmark7MinTimeEd(family, seconds); });
  return family;
}

Benchmark* __wrap__ZN9benchmark8internal9Benchmark13MinWarmUpTimeEd(Benchmark* family,
                                                                    double seconds) {
  assay::held_back().emplace_back([family, seconds] {
    __real__ZN9benchmark8internal9Benchmark13MinWarmUpTimeEd(family, seconds);
  });
  return family;
}
// NOLINTEND(bugprone-reserved-identifier, readability-identifier-naming)
