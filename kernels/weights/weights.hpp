#pragma once

#include <Eigen/Core>
#include <cstring>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "kernels/weights/checkpoint.hpp"

namespace assay {

using RowMajorMatrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

/// Tensors that own their values.
struct Owned {
  using Matrix = RowMajorMatrix;
  using Vector = Eigen::VectorXf;
};

/// Tensors that lie in somebody else's bytes, which must outlive them. They may lie at any multiple
/// of 4 bytes: to promise Eigen more would be undefined behaviour in a checkpoint, whose tensors
/// begin 28 bytes behind a page.
struct Viewed {
  using Matrix = Eigen::Map<const RowMajorMatrix, Eigen::Unaligned>;
  using Vector = Eigen::Map<const Eigen::VectorXf, Eigen::Unaligned>;
};

/// A view of rows x cols float32 values at `values`, or a copy of them.
/// Requires: for a view, values is a multiple of 4.
template <typename Tensor>
Tensor make_tensor(const std::byte* values, std::uint64_t rows, std::uint64_t cols) {
  const auto height = static_cast<Eigen::Index>(rows), width = static_cast<Eigen::Index>(cols);
  if constexpr (requires(const float* at) { Tensor(at, height, width); }) {
    const auto* const at = reinterpret_cast<const float*>(values);
    if constexpr (Tensor::IsVectorAtCompileTime)
      return Tensor(at, height * width);
    else
      return Tensor(at, height, width);
  } else {
    Tensor tensor;
    if constexpr (Tensor::IsVectorAtCompileTime)
      tensor.resize(height * width);
    else
      tensor.resize(height, width);
    std::memcpy(tensor.data(), values, rows * cols * sizeof(float));
    return tensor;
  }
}

/// Whether a view may be made of values at that address.
inline bool is_viewable(const std::byte* values) {
  return reinterpret_cast<std::uintptr_t>(values) % alignof(float) == 0;
}

/// The weights of one layer; shapes as in CheckpointLayout.
template <typename Storage>
struct LayerWeights {
  typename Storage::Vector attention_norm;
  typename Storage::Matrix wq, wk, wv, wo;
  typename Storage::Vector ffn_norm;
  typename Storage::Matrix w1, w2, w3;
};

/// All weights of a checkpoint, as views into it or as copies.
template <typename Storage>
struct Weights {
  ModelShape shape;
  typename Storage::Matrix embedding;
  std::vector<LayerWeights<Storage>> layers;
  typename Storage::Vector final_norm;
  std::optional<typename Storage::Matrix> own_classifier;

  const typename Storage::Matrix& classifier() const {
    return own_classifier ? *own_classifier : embedding;
  }
};

/// The weights of a checkpoint whose layout parse_checkpoint() gave for exactly these bytes. Reads
/// none of them for views.
/// Error: views of bytes that do not begin at a multiple of 4.
/// Throws: std::bad_alloc, for copies.
template <typename Storage>
std::expected<Weights<Storage>, std::string> load_weights(const CheckpointLayout& layout,
                                                          std::span<const std::byte> file) {
  using Matrix = typename Storage::Matrix;
  using Vector = typename Storage::Vector;
  if (std::is_same_v<Storage, Viewed> && !is_viewable(file.data()))
    return std::unexpected("the checkpoint lies at an address that is no multiple of 4: copy it");
  const auto matrix = [&](const TensorPlace& place) {
    return make_tensor<Matrix>(file.data() + place.offset, place.rows, place.cols);
  };
  const auto vector = [&](const TensorPlace& place) {
    return make_tensor<Vector>(file.data() + place.offset, place.rows, place.cols);
  };
  Weights<Storage> weights{
      layout.shape, matrix(layout.embedding), {}, vector(layout.final_norm), std::nullopt};
  weights.layers.reserve(static_cast<std::size_t>(layout.shape.layers));
  for (std::int32_t l = 0; l < layout.shape.layers; ++l)
    weights.layers.push_back(
        {vector(layout.attention_norm.at(l)), matrix(layout.wq.at(l)), matrix(layout.wk.at(l)),
         matrix(layout.wv.at(l)), matrix(layout.wo.at(l)), vector(layout.ffn_norm.at(l)),
         matrix(layout.w1.at(l)), matrix(layout.w2.at(l)), matrix(layout.w3.at(l))});
  if (layout.shape.has_classifier) weights.own_classifier.emplace(matrix(layout.classifier));
  return weights;
}

}  // namespace assay
