#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <vector>

#include "kernels/weights/checkpoint.hpp"

namespace assay {

/// The pieces of text that tokens stand for.
class Tokenizer {
 public:
  /// Reads a llama2.c tokenizer of `vocab` tokens: int32 length of the longest, then for each
  /// token float32 score, int32 length and so many bytes, all little-endian.
  /// Error: truncated, bytes that follow, a length that is negative or above the longest; `name`
  /// goes into it.
  static std::expected<Tokenizer, WeightsError> parse(const std::string& name,
                                                      std::span<const std::byte> file,
                                                      std::int32_t vocab);

  std::size_t size() const { return pieces_.size(); }

  /// The text of a token that follows `previous`: a piece "<0x0A>" is that byte, and after BOS one
  /// leading space is left out.
  /// Throws: std::out_of_range, for a token outside.
  std::string text_of(std::int32_t previous, std::int32_t token) const;

  /// The text of tokens that follow BOS.
  std::string text_of(std::span<const std::int32_t> tokens) const;

 private:
  std::vector<std::string> pieces_;
};

}  // namespace assay
