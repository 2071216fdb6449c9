/// The main of every instrument: an ordinary Google Benchmark program, which with --assay_serve
/// serves slices to the experimenter instead.

#include <benchmark/benchmark.h>

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

}  // namespace

int main(int argc, char** argv) {
  describe_build();
  if (argc == 2 && std::strcmp(argv[1], "--assay_serve") == 0) return assay::serve(argv[0]);
  assay::apply_minimum_times();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  const std::size_t matched = benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return matched == 0 ? 1 : 0;  // the stock main exits 0 when the filter matches nothing
}
