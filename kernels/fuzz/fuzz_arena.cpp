#include "kernels/fuzz/arena_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  assay::fuzz::run_arena({data, size});
  assay::fuzz::run_shared_arena({data, size});
  return 0;
}
