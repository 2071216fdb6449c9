#pragma once

#include <cstdint>
#include <span>
#include <stdexcept>
#include <string>
#include <vector>

#include "kernels/weights/gemv.hpp"
#include "kernels/weights/weights.hpp"

namespace assay {

/// What a forward pass writes: a few vectors, and the keys and values of all positions so far.
/// Storage is Owned, or ViewedScratch: then all of it lies in one buffer of the caller's.
template <typename Storage>
struct Activations {
  typename Storage::Vector x, normed, product, hidden, gate, query, scores, logits, cosines, sines;
  typename Storage::Matrix keys, values;  ///< layers * seq_len x kv_dim
};

/// As Viewed, to be written.
struct ViewedScratch {
  using Matrix = Eigen::Map<RowMajorMatrix, Eigen::Unaligned>;
  using Vector = Eigen::Map<Eigen::VectorXf, Eigen::Unaligned>;
};

/// Activations for a shape, of memory of their own. Throws: std::bad_alloc.
Activations<Owned> make_activations(const ModelShape& shape);

/// How many floats activations of a shape need. Throws: std::length_error, where that is more than
/// any memory could hold.
std::size_t activation_floats(const ModelShape& shape);

/// Activations in a buffer, which must outlive them.
/// Throws: std::invalid_argument, if it is smaller than activation_floats(shape).
Activations<ViewedScratch> make_activations(const ModelShape& shape, std::span<float> buffer);

/// One forward pass of a llama2 transformer: RMSNorm, rotary position embeddings, grouped-query
/// attention over all positions up to this one, SwiGLU; each product by `product`.
/// Shape:  token in [0, vocab), position in [0, seq_len), positions 0, 1, 2, ... in turn.
/// Returns: the logits, vocab of them; they lie in `activations`.
/// Cost:   all weights are read once, but for the embedding, of which one row is (and all where it
///         is the classifier, too).
/// Throws: std::out_of_range, for a token or position outside.
/// Source: Touvron et al. 2023, Llama 2; Shazeer 2020, GLU Variants; Su et al. 2021, RoFormer.
template <typename WeightStorage, typename ActivationStorage>
std::span<const float> forward(const Weights<WeightStorage>& weights,
                               Activations<ActivationStorage>& activations, GemvFn* product,
                               std::int32_t token, std::int32_t position);

// The forms: everything views; weights viewed, activations owned (hybrid); everything owned.
extern template std::span<const float> forward(const Weights<Viewed>&, Activations<ViewedScratch>&,
                                               GemvFn*, std::int32_t, std::int32_t);
extern template std::span<const float> forward(const Weights<Viewed>&, Activations<Owned>&, GemvFn*,
                                               std::int32_t, std::int32_t);
extern template std::span<const float> forward(const Weights<Owned>&, Activations<Owned>&, GemvFn*,
                                               std::int32_t, std::int32_t);

/// The token of the greatest logit; the first of equals.
std::int32_t most_likely(std::span<const float> logits);

inline constexpr std::int32_t kBeginOfSequence = 1;

/// Tokens by greedy decoding from BOS, until it comes again (not returned) or `most` tokens or
/// seq_len positions are reached.
template <typename WeightStorage, typename ActivationStorage>
std::vector<std::int32_t> decode_greedily(const Weights<WeightStorage>& weights,
                                          Activations<ActivationStorage>& activations,
                                          GemvFn* product, std::int32_t most) {
  std::vector<std::int32_t> tokens;
  std::int32_t token = kBeginOfSequence;
  for (std::int32_t position = 0; position < std::min(most, weights.shape.seq_len); ++position) {
    token = most_likely(forward(weights, activations, product, token, position));
    if (token == kBeginOfSequence) break;
    tokens.push_back(token);
  }
  return tokens;
}

}  // namespace assay
