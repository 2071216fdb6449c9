#include "kernels/fuzz/weights_target.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  assay::fuzz::run_safetensors({data, size});
  return 0;
}
