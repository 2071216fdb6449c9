#pragma once

#include <bit>
#include <cstring>

#include "kernels/hypervector/hypervector.hpp"

// The one source of `scalar` and `auto`, which differ in their compiler flags alone. Internal
// linkage, as each includer is compiled for other instructions, and the linker keeps one of
// several definitions: that of the wrong CPU, perhaps.
namespace assay {
namespace {

inline std::uint64_t load_word(const std::byte* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline void bind_portable(HvView a, HvView b, HvSpan out) {
  for (std::size_t i = 0; i < kHvBytes; i += sizeof(std::uint64_t)) {
    const std::uint64_t bound = load_word(a.data() + i) ^ load_word(b.data() + i);
    std::memcpy(out.data() + i, &bound, sizeof bound);
  }
}

inline std::uint32_t hamming_portable(HvView a, HvView b) {
  int bits = 0;
  for (std::size_t i = 0; i < kHvBytes; i += sizeof(std::uint64_t)) {
    bits += std::popcount(load_word(a.data() + i) ^ load_word(b.data() + i));
  }
  return static_cast<std::uint32_t>(bits);
}

}  // namespace
}  // namespace assay
