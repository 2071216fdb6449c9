#pragma once

/// What the fuzzers of the formats of weights run: bytes are refused with a word, or read within
/// their bounds. Each throws std::logic_error where a parser breaks its promise, and returns
/// whether the bytes were taken.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <span>
#include <stdexcept>
#include <utility>
#include <vector>

#include "kernels/weights/safetensors.hpp"
#include "kernels/weights/tokenizer.hpp"
#include "kernels/weights/transformer.hpp"

namespace assay::fuzz {

inline void demand(bool holds, const char* what) {
  if (!holds) throw std::logic_error(what);
}

/// The places of a layout lie one behind the other from the header to the end, in arithmetic that
/// cannot overflow.
inline void check_layout(const CheckpointLayout& layout) {
  __extension__ typedef unsigned __int128
      Wide;  // NOLINT(modernize-use-using): no using may be so marked
  const auto layers = static_cast<Wide>(layout.shape.layers);
  Wide at = kCheckpointHeaderBytes;
  const auto follow = [&](const TensorPlace& place, Wide count) {
    demand(place.offset == at, "a tensor lies elsewhere");
    at += Wide{place.rows} * place.cols * sizeof(float) * count;
  };
  follow(layout.embedding, 1);
  for (const TensorStack& stack : {layout.attention_norm, layout.wq, layout.wk, layout.wv,
                                   layout.wo, layout.ffn_norm, layout.w1, layout.w2, layout.w3})
    follow(stack.first, layers);
  for (const TensorPlace& place : {layout.final_norm, layout.freq_real, layout.freq_imag})
    follow(place, 1);
  if (layout.shape.has_classifier) follow(layout.classifier, 1);
  demand(at == layout.bytes, "the tensors do not end with the file");
}

/// Whether logits are the same but for what the order of a sum decides: a kernel may take another
/// for weights at another address. Where sums cancel or overflow that is anything, so only what is
/// finite and of moderate size is held against each other.
inline bool are_same_logits(std::span<const float> some, std::span<const float> others) {
  constexpr float kModerate = 1e6F;
  float largest = 1;
  for (const auto logits : {some, others})
    for (const float logit : logits) {
      if (!(std::abs(logit) <= kModerate)) return some.size() == others.size();
      largest = std::max(largest, std::abs(logit));
    }
  return std::ranges::equal(
      some, others, [largest](float a, float b) { return std::abs(a - b) <= 1e-2F * largest; });
}

/// Copies of views, and a token by each: of a file that was taken everything can be read.
inline void use_weights(const CheckpointLayout& layout, std::span<const std::byte> file) {
  const auto copies = load_weights<Owned>(layout, file);
  demand(copies.has_value(), "no copies");
  const auto views = load_weights<Viewed>(layout, file);
  demand(views.has_value() == is_viewable(file.data()), "views by the address");
  if (!views) return;
  auto activations = make_activations(layout.shape);
  GemvFn* const product = select_gemv().run;
  const auto viewed = forward(*views, activations, product, layout.shape.vocab - 1, 0);
  const std::vector<float> logits(viewed.begin(), viewed.end());
  const auto copied = forward(*copies, activations, product, layout.shape.vocab - 1, 0);
  demand(are_same_logits(logits, copied), "other logits of copies");
}

/// The shape of the header, whatever the length of the file, and then the file.
inline bool run_checkpoint(std::span<const std::uint8_t> input) {
  std::int32_t fields[7] = {};
  std::memcpy(fields, input.data(), std::min(input.size(), sizeof fields));
  const auto layout = layout_of({fields[0], fields[1], fields[2], fields[3], fields[4],
                                 std::max(fields[5], 0), fields[6], input.size() % 2 == 1});
  if (layout) {
    check_layout(*layout);
  } else {
    demand(!layout.error().empty(), "refused without a word");
  }
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  const auto file = std::as_bytes(std::span(bytes));
  const auto parsed = parse_checkpoint("file", file);
  if (!parsed) {
    demand(parsed.error().starts_with("file: "), "refused without a name");
    return false;
  }
  check_layout(*parsed);
  demand(parsed->bytes == file.size(), "another length than the file's");
  use_weights(*parsed, file);
  return true;
}

inline bool run_safetensors(std::span<const std::uint8_t> input) {
  const std::vector<std::uint8_t> bytes(input.begin(), input.end());
  const auto file = std::as_bytes(std::span(bytes));
  const auto parsed = parse_safetensors("file", file);
  if (!parsed) {
    demand(parsed.error().starts_with("file: "), "refused without a name");
    return false;
  }
  std::vector<std::pair<std::uint64_t, std::uint64_t>> places;
  for (const auto& [name, tensor] : parsed->tensors) {
    places.emplace_back(tensor.offset, tensor.offset + tensor.bytes);
    if (const auto copy = load_matrix<Owned>(tensor, file); copy)
      demand(static_cast<std::uint64_t>(copy->size()) * sizeof(float) == tensor.bytes,
             "a copy of another size");
    if (const auto view = load_matrix<Viewed>(tensor, file); view && view->size() > 0)
      demand(std::memcmp(view->data(), file.data() + tensor.offset, tensor.bytes) == 0,
             "a view of other values");
  }
  std::ranges::sort(places);
  std::uint64_t at = places.empty() ? file.size() : places.front().first;
  for (const auto& [begin, end] : places) {
    demand(begin == at && begin <= end, "tensors overlap or leave a hole");
    at = end;
  }
  demand(at == file.size(), "the tensors do not end with the file");
  return true;
}

/// A tokenizer of 5 tokens.
inline bool run_tokenizer(std::span<const std::uint8_t> input) {
  constexpr std::int32_t kVocab = 5;
  const auto parsed = Tokenizer::parse("file", std::as_bytes(input), kVocab);
  if (!parsed) {
    demand(parsed.error().starts_with("file: "), "refused without a name");
    return false;
  }
  std::size_t text = 0;
  for (std::int32_t token = 0; token < kVocab; ++token) text += parsed->text_of(0, token).size();
  demand(text <= input.size(), "more text than there are bytes");
  return true;
}

}  // namespace assay::fuzz
