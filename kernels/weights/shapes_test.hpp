#pragma once

#include <cstring>
#include <random>
#include <vector>

#include "kernels/weights/checkpoint.hpp"

namespace assay {

/// A model of grouped heads, small enough for every test.
inline constexpr ModelShape kTinyShape{16, 24, 2, 4, 2, 11, 8};

/// A checkpoint's bytes, its values random; begins at a multiple of 16.
inline std::vector<std::byte> checkpoint_bytes(const ModelShape& shape, std::uint32_t seed = 1) {
  const auto layout = layout_of(shape).value();
  std::vector<std::byte> file(layout.bytes);
  const std::int32_t header[] = {shape.dim,      shape.hidden_dim,
                                 shape.layers,   shape.heads,
                                 shape.kv_heads, shape.has_classifier ? -shape.vocab : shape.vocab,
                                 shape.seq_len};
  std::memcpy(file.data(), header, sizeof header);
  std::mt19937 engine(seed);
  std::normal_distribution<float> normal;
  for (std::size_t at = sizeof header; at < file.size(); at += sizeof(float)) {
    const float value = normal(engine) * 0.5F;
    std::memcpy(file.data() + at, &value, sizeof value);
  }
  return file;
}

}  // namespace assay
