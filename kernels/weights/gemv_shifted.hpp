#pragma once

#include <cstddef>
#include <cstdint>

// What the hand-written products share; static, as each file compiles it for another CPU.
namespace assay {

/// A matrix of at most so many bytes is taken to lie in L2, where several rows at a time save loads
/// of x. A larger one may come from memory, where prefetchers follow one stream better than four.
inline constexpr std::size_t kFewBytes = std::size_t{256} << 10;

/// Most columns of which x is copied to the stack.
inline constexpr std::size_t kMostShifted = 8192;

/// How many floats lie from `at` to the next multiple of `bytes`.
static inline std::size_t floats_to_boundary(const float* at, std::size_t bytes) {
  return (bytes - reinterpret_cast<std::uintptr_t>(at) % bytes) % bytes / sizeof(float);
}

/// A copy of x as far from a 64-byte boundary as the rows of w are, so that both can be read by
/// aligned loads: where a checkpoint's tensors lie 28 bytes behind one, every load of 64 bytes and
/// every other of 32 would take two cache lines.
struct ShiftedVector {
  [[gnu::always_inline]] ShiftedVector(const float* x, std::size_t cols, std::size_t lead,
                                       std::size_t vector) {
    const std::size_t before = (vector - lead) % vector;
    at = values + before;
    for (std::size_t c = 0; c < cols; ++c) {
      at[c] = x[c];
    }
  }

  alignas(64) float values[kMostShifted + 16];
  float* at;
};

}  // namespace assay
