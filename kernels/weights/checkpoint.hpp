#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>

namespace assay {

/// What is wrong with a file of weights: its name, what, and the mend.
using WeightsError = std::string;

/// The dimensions of a transformer, as the header of a llama2.c checkpoint has them.
struct ModelShape {
  std::int32_t dim = 0;         ///< of an embedding; a multiple of 2 * heads
  std::int32_t hidden_dim = 0;  ///< of the feed-forward network
  std::int32_t layers = 0;
  std::int32_t heads = 0;       ///< of queries; a multiple of kv_heads
  std::int32_t kv_heads = 0;    ///< of keys and values
  std::int32_t vocab = 0;       ///< tokens
  std::int32_t seq_len = 0;     ///< most positions
  bool has_classifier = false;  ///< false: the embedding is the classifier, too

  std::int32_t head_dim() const { return dim / heads; }
  std::int32_t kv_dim() const { return head_dim() * kv_heads; }
  bool operator==(const ModelShape&) const = default;
};

/// Where one tensor lies: float32, row-major, `offset` bytes from the file's first.
struct TensorPlace {
  std::uint64_t offset = 0;
  std::uint64_t rows = 0;
  std::uint64_t cols = 0;

  std::uint64_t bytes() const { return rows * cols * sizeof(float); }
  bool operator==(const TensorPlace&) const = default;
};

/// The tensors of one kind, a layer after the other; `first` is that of layer 0.
struct TensorStack {
  TensorPlace first;

  TensorPlace at(std::int32_t layer) const {
    return {first.offset + static_cast<std::uint64_t>(layer) * first.bytes(), first.rows,
            first.cols};
  }
};

/// Where everything lies in a checkpoint of a shape. Products and sums were checked: no place
/// reaches beyond `bytes`.
struct CheckpointLayout {
  ModelShape shape;
  TensorPlace embedding;             ///< vocab x dim
  TensorStack attention_norm;        ///< 1 x dim
  TensorStack wq;                    ///< dim x dim
  TensorStack wk, wv;                ///< kv_dim x dim
  TensorStack wo;                    ///< dim x dim
  TensorStack ffn_norm;              ///< 1 x dim
  TensorStack w1;                    ///< hidden_dim x dim
  TensorStack w2;                    ///< dim x hidden_dim
  TensorStack w3;                    ///< hidden_dim x dim
  TensorPlace final_norm;            ///< 1 x dim
  TensorPlace freq_real, freq_imag;  ///< seq_len x head_dim / 2; of old writers, unused
  TensorPlace classifier;            ///< vocab x dim; the embedding's where that is shared
  std::uint64_t bytes = 0;           ///< of the whole file
};

inline constexpr std::size_t kCheckpointHeaderBytes = 28;

/// The layout of a shape, by 64-bit arithmetic that is checked for overflow.
/// Error: a field that is not above 0, one that does not divide another as it must, or a file that
/// would be larger than any.
std::expected<CheckpointLayout, std::string> layout_of(const ModelShape& shape);

/// Reads the header of a checkpoint and holds it against the length of the file: it must be exactly
/// as long as its header says. Reads no byte beyond the first 28; `name` goes into errors.
/// Source: the format of github.com/karpathy/llama2.c, version 0: seven int32 (dim, hidden_dim,
/// layers, heads, kv_heads, vocab, seq_len; vocab is negative where the classifier is not shared),
/// then float32, all little-endian.
std::expected<CheckpointLayout, WeightsError> parse_checkpoint(const std::string& name,
                                                               std::span<const std::byte> file);

/// Writes a checkpoint: to a temporary file beside it, then renamed. `values` are all its floats,
/// in the order of CheckpointLayout. Error: another number of values than the shape needs; what the
/// system says.
std::expected<void, WeightsError> write_checkpoint(const std::string& path, const ModelShape& shape,
                                                   std::span<const float> values);

/// Writes a checkpoint of pseudo-random values in +-0.05, the same each time: a stretch of some
/// 65,000 over and over, so that it costs little more than the writing. A model of no sense, for
/// timing.
std::expected<void, WeightsError> generate_checkpoint(const std::string& path,
                                                      const ModelShape& shape);

/// The same of zeros that take no disk: a sparse file.
std::expected<void, WeightsError> generate_sparse_checkpoint(const std::string& path,
                                                             const ModelShape& shape);

/// Shapes of published models in this format.
inline constexpr ModelShape kShape15M{288, 768, 6, 6, 6, 32000, 256};
inline constexpr ModelShape kShape110M{768, 2048, 12, 12, 12, 32000, 1024};
inline constexpr ModelShape kShape1100M{2048, 5632, 22, 32, 4, 32000, 2048, true};

}  // namespace assay
