/// The main of every instrument: an ordinary Google Benchmark program, which with --assay_serve
/// serves slices to the experimenter instead.

#include <benchmark/benchmark.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "families.hpp"
#include "serve.hpp"

namespace {

void describe_build() {
  benchmark::AddCustomContext("assay_compiler", ASSAY_COMPILER);
  benchmark::AddCustomContext("assay_flags", ASSAY_FLAGS);
  benchmark::AddCustomContext("assay_build_type", ASSAY_BUILD_TYPE);
  benchmark::AddCustomContext("assay_sanitizers", ASSAY_SANITIZERS);
}

/// Moves all that is allocated later by up to a page, by an amount that the experimenter draws anew
/// for each process, as it does for the stack. Where a heap's blocks lie is otherwise the same in
/// each process of a binary, and changes with whatever allocates before: a path that is one letter
/// longer made copies on the heap 17% faster.
void move_heap() {
  const char* const padding = std::getenv("ASSAY_PADDING");
  if (padding == nullptr) return;
  constexpr std::uint32_t kMixing = 2654435761;  // so that heap and stack do not move together
  constexpr std::size_t kPlaces = 256;
  const std::uint32_t mixed = static_cast<std::uint32_t>(std::strlen(padding)) * kMixing;
  static void* kept = nullptr;
  kept = std::malloc(16 * ((mixed >> 16U) % kPlaces));
  benchmark::DoNotOptimize(kept);
}

}  // namespace

int main(int argc, char** argv) {
  move_heap();
  describe_build();
  if (argc == 2 && std::strcmp(argv[1], "--assay_serve") == 0) return assay::serve(argv[0]);
  assay::apply_minimum_times();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const std::size_t matched = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return matched == 0 ? 1 : 0;  // the stock main exits 0 when the filter matches nothing
}
