#pragma once

#include "kernels/hypervector/hypervector.hpp"

// What others wrote for the same work, where it is installed; each is compiled with the care of a
// kernel (see CMakeLists.txt) and timed in the same loops on the same input.
namespace assay {

/// HammingFn by the same computer of FAISS's as below.
std::uint32_t hamming_faiss(HvView a, HvView b) noexcept;

/// HammingManyFn by FAISS's HammingComputerDefault, the fastest of its kernels for 256 bytes.
void hamming_many_faiss(BitsView query, BitsView rows, std::span<std::uint32_t> distances) noexcept;

}  // namespace assay
