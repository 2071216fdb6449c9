#include "kernels/weights/tokenizer.hpp"

#include <gmock/gmock.h>

#include <cstring>
#include <stdexcept>

#include "kernels/weights/transformer.hpp"

namespace assay {
namespace {

using testing::HasSubstr;

void put(std::vector<std::byte>& file, const void* data, std::size_t size) {
  const auto* const bytes = static_cast<const std::byte*>(data);
  file.insert(file.end(), bytes, bytes + size);
}

std::vector<std::byte> tokenizer_file(const std::vector<std::string>& pieces,
                                      std::int32_t longest) {
  std::vector<std::byte> file;
  put(file, &longest, sizeof longest);
  for (const std::string& piece : pieces) {
    const float score = -1;
    const auto length = static_cast<std::int32_t>(piece.size());
    put(file, &score, sizeof score);
    put(file, &length, sizeof length);
    put(file, piece.data(), piece.size());
  }
  return file;
}

const std::vector<std::string> kPieces = {"<unk>", "\n<s>\n", "\n</s>\n", "<0x0A>",
                                          " Once", " up",     "<0xZZ>"};

Tokenizer tokenizer() {
  return Tokenizer::parse("tok.bin", tokenizer_file(kPieces, 6), 7).value();
}

TEST(Tokenizer, LeavesOutOneSpaceAfterTheBeginning) {
  EXPECT_EQ(tokenizer().text_of(kBeginOfSequence, 4), "Once");
  EXPECT_EQ(tokenizer().text_of(4, 4), " Once");
  const std::vector<std::int32_t> tokens = {4, 5, 3};
  EXPECT_EQ(tokenizer().text_of(tokens), "Once up\n");
}

TEST(Tokenizer, TakesABytePieceForItsByte) {
  EXPECT_EQ(tokenizer().text_of(4, 3), "\n");
  EXPECT_EQ(tokenizer().text_of(4, 6), "<0xZZ>");
}

TEST(Tokenizer, RefusesATokenOutside) {
  EXPECT_THROW(tokenizer().text_of(4, 7), std::out_of_range);
  EXPECT_THROW(tokenizer().text_of(4, -1), std::out_of_range);
}

TEST(Tokenizer, RefusesATruncatedFileAtEveryLength) {
  const auto file = tokenizer_file(kPieces, 6);
  for (std::size_t size = 0; size < file.size(); ++size)
    ASSERT_FALSE(Tokenizer::parse("tok.bin", std::span(file).first(size), 7)) << size;
  EXPECT_EQ(Tokenizer::parse("tok.bin", file, 7)->size(), 7U);
}

TEST(Tokenizer, RefusesBytesThatFollowAndLengthsThatCannotBe) {
  const auto error_of = [](std::span<const std::byte> file, std::int32_t vocab) {
    const auto parsed = Tokenizer::parse("tok.bin", file, vocab);
    return parsed ? "" : parsed.error();
  };
  EXPECT_THAT(error_of(tokenizer_file(kPieces, 6), 6), HasSubstr("tok.bin: 14 bytes follow"));
  EXPECT_THAT(error_of(tokenizer_file(kPieces, 5), 7), HasSubstr("token 2 of 7 has a length of 6"));
  EXPECT_THAT(error_of(tokenizer_file(kPieces, 0), 7), HasSubstr("no longest length"));
  auto file = tokenizer_file({"a"}, 1);
  const std::int32_t negative = -1;
  std::memcpy(file.data() + 8, &negative, sizeof negative);
  EXPECT_THAT(error_of(file, 1), HasSubstr("has a length of -1"));
}

}  // namespace
}  // namespace assay
