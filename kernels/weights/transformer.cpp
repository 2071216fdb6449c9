#include "kernels/weights/transformer.hpp"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

using Eigen::Index;
using ConstVector = Eigen::Map<const Eigen::VectorXf, Eigen::Unaligned>;
using MutableVector = Eigen::Map<Eigen::VectorXf, Eigen::Unaligned>;

/// Makes each tensor of the activations by make(rows, cols), whichever kind it is.
template <typename Storage, typename Make>
Activations<Storage> make_each(const ModelShape& shape, Make make) {
  using Vector = typename Storage::Vector;
  using Matrix = typename Storage::Matrix;
  const auto vector = [&](Index size) { return make.template operator()<Vector>(size, Index{1}); };
  const Index positions = Index{shape.layers} * shape.seq_len;
  const auto cache = [&] {
    return make.template operator()<Matrix>(positions, Index{shape.kv_dim()});
  };
  // Evaluated in this order, as within any braces.
  return Activations<Storage>{vector(shape.dim),
                              vector(shape.dim),
                              vector(shape.dim),
                              vector(shape.hidden_dim),
                              vector(shape.hidden_dim),
                              vector(shape.dim),
                              vector(shape.seq_len),
                              vector(shape.vocab),
                              vector(shape.head_dim() / 2),
                              vector(shape.head_dim() / 2),
                              cache(),
                              cache()};
}

/// Tensors begin at multiples of 64 bytes of the buffer.
std::size_t rounded_up(std::size_t floats) {
  constexpr std::size_t kLine = 64 / sizeof(float);
  return (floats + kLine - 1) / kLine * kLine;
}

template <typename Product, typename Matrix, typename In, typename Out>
void multiply(Product* product, const Matrix& w, const In& x, Out* out) {
  product(w.data(), x.data(), out, static_cast<std::size_t>(w.rows()),
          static_cast<std::size_t>(w.cols()));
}

/// out = x / sqrt(mean(x^2) + epsilon) * weight.
template <typename In, typename Weight, typename Out>
void normalise(const In& x, const Weight& weight, Out& out) {
  constexpr float kEpsilon = 1e-5F;
  const float mean = x.squaredNorm() / static_cast<float>(x.size());
  out = weight.array() * (x.array() * (1.0F / std::sqrt(mean + kEpsilon)));
}

/// The angles by which a position turns each pair of a head.
template <typename Vector>
void find_angles(std::int32_t position, std::int32_t head_dim, Vector& cosines, Vector& sines) {
  constexpr float kBase = 10000.0F;
  for (Index pair = 0; pair < cosines.size(); ++pair) {
    const float exponent = static_cast<float>(2 * pair) / static_cast<float>(head_dim);
    const float angle = static_cast<float>(position) * (1.0F / std::pow(kBase, exponent));
    cosines[pair] = std::cos(angle);
    sines[pair] = std::sin(angle);
  }
}

/// Turns the pairs of every head in `heads`.
template <typename Vector>
void rotate(MutableVector heads, const Vector& cosines, const Vector& sines) {
  const Index pairs = cosines.size();
  for (Index head = 0; head < heads.size(); head += 2 * pairs) {
    for (Index pair = 0; pair < pairs; ++pair) {
      const Index at = head + 2 * pair;
      const float a = heads[at], b = heads[at + 1];
      heads[at] = a * cosines[pair] - b * sines[pair];
      heads[at + 1] = a * sines[pair] + b * cosines[pair];
    }
  }
}

template <typename Scores>
void softmax(Scores scores) {
  scores.array() = (scores.array() - scores.maxCoeff()).exp();
  scores /= scores.sum();
}

/// Attention of every head of the query over `count` positions; keys and values are theirs.
template <typename Storage, typename Block>
void attend(const ModelShape& shape, const Block& keys, const Block& values,
            Activations<Storage>& a) {
  const Index head_dim = shape.head_dim(), count = keys.rows();
  const float scale = 1.0F / std::sqrt(static_cast<float>(head_dim));
  auto scores = a.scores.head(count);
  for (Index head = 0; head < shape.heads; ++head) {
    const Index kv = head / (shape.heads / shape.kv_heads) * head_dim;
    const auto query = a.query.segment(head * head_dim, head_dim);
    for (Index t = 0; t < count; ++t)
      scores[t] = keys.row(t).segment(kv, head_dim).dot(query) * scale;
    softmax(scores);
    auto out = a.normed.segment(head * head_dim, head_dim);
    out = scores[0] * values.row(0).segment(kv, head_dim).transpose();
    for (Index t = 1; t < count; ++t)
      out += scores[t] * values.row(t).segment(kv, head_dim).transpose();
  }
}

template <typename WeightStorage, typename ActivationStorage>
void run_attention(const ModelShape& shape, const LayerWeights<WeightStorage>& layer,
                   Activations<ActivationStorage>& a, GemvFn* product, Index first_row,
                   std::int32_t position) {
  normalise(a.x, layer.attention_norm, a.normed);
  auto key = a.keys.row(first_row + position);
  auto value = a.values.row(first_row + position);
  multiply(product, layer.wq, a.normed, a.query.data());
  multiply(product, layer.wk, a.normed, key.data());
  multiply(product, layer.wv, a.normed, value.data());
  rotate(MutableVector(a.query.data(), a.query.size()), a.cosines, a.sines);
  rotate(MutableVector(key.data(), key.size()), a.cosines, a.sines);
  attend(shape, a.keys.middleRows(first_row, position + 1),
         a.values.middleRows(first_row, position + 1), a);
  multiply(product, layer.wo, a.normed, a.product.data());
  a.x += a.product;
}

template <typename WeightStorage, typename ActivationStorage>
void run_feed_forward(const LayerWeights<WeightStorage>& layer, Activations<ActivationStorage>& a,
                      GemvFn* product) {
  normalise(a.x, layer.ffn_norm, a.normed);
  multiply(product, layer.w1, a.normed, a.hidden.data());
  multiply(product, layer.w3, a.normed, a.gate.data());
  // SwiGLU: the logistic function weighs its own argument.
  a.hidden.array() = a.hidden.array() / (1.0F + (-a.hidden.array()).exp()) * a.gate.array();
  multiply(product, layer.w2, a.hidden, a.product.data());
  a.x += a.product;
}

}  // namespace

Activations<Owned> make_activations(const ModelShape& shape) {
  return make_each<Owned>(shape, []<typename Tensor>(Index rows, Index cols) {
    Tensor tensor;
    tensor.resize(rows, cols);
    return tensor;
  });
}

std::size_t activation_floats(const ModelShape& shape) {
  const auto size = [](std::int32_t count) { return rounded_up(static_cast<std::size_t>(count)); };
  // Two caches beside vectors of less than 2^36 floats: half of that again leaves room for the sum.
  constexpr std::size_t kMostCached = std::size_t{1} << 60;
  std::size_t cache = 1;
  bool overflows = false;
  for (const std::int32_t factor : {shape.layers, shape.seq_len, shape.kv_dim()})
    overflows |= __builtin_mul_overflow(cache, static_cast<std::size_t>(factor), &cache);
  if (overflows || cache > kMostCached)
    throw std::length_error("keys and values of " + std::to_string(shape.layers) + " layers by " +
                            std::to_string(shape.seq_len) + " positions by " +
                            std::to_string(shape.kv_dim()) + " fit in no memory");
  return 4 * size(shape.dim) + 2 * size(shape.hidden_dim) + size(shape.seq_len) +
         size(shape.vocab) + 2 * size(shape.head_dim() / 2) + 2 * rounded_up(cache);
}

Activations<ViewedScratch> make_activations(const ModelShape& shape, std::span<float> buffer) {
  if (buffer.size() < activation_floats(shape))
    throw std::invalid_argument("activations need " + std::to_string(activation_floats(shape)) +
                                " floats, not " + std::to_string(buffer.size()));
  return make_each<ViewedScratch>(shape, [&]<typename Tensor>(Index rows, Index cols) {
    float* const at = buffer.data();
    buffer = buffer.subspan(rounded_up(static_cast<std::size_t>(rows * cols)));
    if constexpr (Tensor::IsVectorAtCompileTime)
      return Tensor(at, rows);
    else
      return Tensor(at, rows, cols);
  });
}

template <typename WeightStorage, typename ActivationStorage>
std::span<const float> forward(const Weights<WeightStorage>& weights,
                               Activations<ActivationStorage>& activations, GemvFn* product,
                               std::int32_t token, std::int32_t position) {
  const ModelShape& shape = weights.shape;
  if (token < 0 || token >= shape.vocab)
    throw std::out_of_range("token " + std::to_string(token) + " of " +
                            std::to_string(shape.vocab));
  if (position < 0 || position >= shape.seq_len)
    throw std::out_of_range("position " + std::to_string(position) + " of " +
                            std::to_string(shape.seq_len));
  auto& a = activations;
  a.x = weights.embedding.row(token).transpose();
  find_angles(position, shape.head_dim(), a.cosines, a.sines);
  for (std::size_t l = 0; l < weights.layers.size(); ++l) {
    run_attention(shape, weights.layers[l], a, product, static_cast<Index>(l) * shape.seq_len,
                  position);
    run_feed_forward(weights.layers[l], a, product);
  }
  normalise(a.x, weights.final_norm, a.normed);
  multiply(product, weights.classifier(), a.normed, a.logits.data());
  return {a.logits.data(), static_cast<std::size_t>(a.logits.size())};
}

template std::span<const float> forward(const Weights<Viewed>&, Activations<ViewedScratch>&,
                                        GemvFn*, std::int32_t, std::int32_t);
template std::span<const float> forward(const Weights<Viewed>&, Activations<Owned>&, GemvFn*,
                                        std::int32_t, std::int32_t);
template std::span<const float> forward(const Weights<Owned>&, Activations<Owned>&, GemvFn*,
                                        std::int32_t, std::int32_t);

std::int32_t most_likely(std::span<const float> logits) {
  return static_cast<std::int32_t>(std::ranges::max_element(logits) - logits.begin());
}

}  // namespace assay
