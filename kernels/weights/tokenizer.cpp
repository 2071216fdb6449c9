#include "kernels/weights/tokenizer.hpp"

#include <charconv>
#include <cstring>
#include <optional>

#include "kernels/weights/transformer.hpp"

namespace assay {
namespace {

/// Takes a value from the front of the bytes; nothing, where they are too few.
template <typename Value>
std::optional<Value> take(std::span<const std::byte>& bytes) {
  Value value;
  if (bytes.size() < sizeof value) return std::nullopt;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes = bytes.subspan(sizeof value);
  return value;
}

/// The byte that a piece "<0x0A>" stands for.
std::optional<char> raw_byte(const std::string& piece) {
  constexpr std::size_t kLength = 6;
  if (piece.size() != kLength || !piece.starts_with("<0x") || !piece.ends_with('>'))
    return std::nullopt;
  unsigned value = 0;
  const char* const end = piece.data() + kLength - 1;
  const auto [at, error] = std::from_chars(piece.data() + 3, end, value, 16);
  if (error != std::errc{} || at != end) return std::nullopt;
  return static_cast<char>(value);
}

}  // namespace

std::expected<Tokenizer, WeightsError> Tokenizer::parse(const std::string& name,
                                                        std::span<const std::byte> file,
                                                        std::int32_t vocab) {
  const auto wrong = [&](const std::string& what) {
    return std::unexpected(name + ": " + what + "; copy or export it anew");
  };
  std::span<const std::byte> rest = file;
  const auto longest = take<std::int32_t>(rest);
  if (!longest || *longest <= 0) return wrong("no tokenizer: it has no longest length");
  Tokenizer tokenizer;
  for (std::int32_t token = 0; token < vocab; ++token) {
    const std::string which = "token " + std::to_string(token) + " of " + std::to_string(vocab);
    const auto score = take<float>(rest);
    const auto length = take<std::int32_t>(rest);
    if (!score || !length) return wrong("truncated at " + which);
    if (*length < 0 || *length > *longest)
      return wrong(which + " has a length of " + std::to_string(*length) + ", and the longest " +
                   std::to_string(*longest));
    const auto size = static_cast<std::size_t>(*length);
    if (rest.size() < size) return wrong("truncated at " + which);
    tokenizer.pieces_.emplace_back(reinterpret_cast<const char*>(rest.data()), size);
    rest = rest.subspan(size);
  }
  if (!rest.empty()) return wrong(std::to_string(rest.size()) + " bytes follow the last token");
  return tokenizer;
}

std::string Tokenizer::text_of(std::int32_t previous, std::int32_t token) const {
  if (token < 0 || static_cast<std::size_t>(token) >= pieces_.size())
    throw std::out_of_range("token " + std::to_string(token) + " of " +
                            std::to_string(pieces_.size()));
  const std::string& piece = pieces_[static_cast<std::size_t>(token)];
  if (const auto byte = raw_byte(piece)) return {*byte};
  const bool skips_space = previous == kBeginOfSequence && piece.starts_with(' ');
  return piece.substr(skips_space ? 1 : 0);
}

std::string Tokenizer::text_of(std::span<const std::int32_t> tokens) const {
  std::string text;
  std::int32_t previous = kBeginOfSequence;
  for (const std::int32_t token : tokens) {
    text += text_of(previous, token);
    previous = token;
  }
  return text;
}

}  // namespace assay
