/// libFuzzer's target for opening files that may be compressed: see docs/fuzzing.md.

#include "kernels/fuzz/compressed_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  assay::fuzz::run_compressed({data, size});
  return 0;
}
