#include "kernels/fuzz/store_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  assay::fuzz::run_store({data, size});
  return 0;
}
