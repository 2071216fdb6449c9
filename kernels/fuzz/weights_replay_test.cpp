#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <limits>

#include "kernels/fuzz/weights_target.hpp"
#include "kernels/weights/file_bytes_test.hpp"

namespace assay {
namespace {

using Target = bool(std::span<const std::uint8_t>);

struct Outcome {
  int taken = 0, refused = 0;
  bool operator==(const Outcome&) const = default;
};

Outcome replay(const char* corpus, Target* target) {
  Outcome outcome;
  const std::filesystem::path folder = std::filesystem::path(ASSAY_FUZZ_FOLDER) / corpus;
  for (const auto& item : std::filesystem::directory_iterator(folder)) {
    SCOPED_TRACE(item.path().string());
    const auto bytes = bytes_of_file(item.path());
    const std::span input(reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    try {
      ++(target(input) ? outcome.taken : outcome.refused);
    } catch (const std::logic_error& error) {
      ADD_FAILURE() << error.what();
    }
  }
  return outcome;
}

TEST(WeightsCorpus, IsReadWithinItsBoundsOrRefused) {
  EXPECT_EQ(replay("corpus_checkpoint", fuzz::run_checkpoint), (Outcome{3, 9}));
  EXPECT_EQ(replay("corpus_safetensors", fuzz::run_safetensors), (Outcome{5, 6}));
  EXPECT_EQ(replay("corpus_tokenizer", fuzz::run_tokenizer), (Outcome{1, 4}));
}

TEST(WeightsCorpus, IsToldFromALayoutThatIsWrong) {
  auto layout = layout_of({4, 3, 1, 2, 1, 3, 2}).value();
  EXPECT_NO_THROW(fuzz::check_layout(layout));
  ++layout.w2.first.cols;
  EXPECT_THROW(fuzz::check_layout(layout), std::logic_error);
}

TEST(WeightsCorpus, HoldsLogitsOfModerateSizeAgainstEachOther) {
  const float infinite = std::numeric_limits<float>::infinity();
  const std::vector<float> some = {1, -2, 3}, near = {1, -2.02F, 3}, other = {1, 2, 3};
  EXPECT_TRUE(fuzz::are_same_logits(some, near));
  EXPECT_FALSE(fuzz::are_same_logits(some, other));
  EXPECT_FALSE(fuzz::are_same_logits(some, std::vector<float>{1, -2}));
  EXPECT_TRUE(fuzz::are_same_logits(some, std::vector<float>{infinite, 2, 3}));
  EXPECT_TRUE(fuzz::are_same_logits(std::vector<float>{NAN, 2, 3}, some));
  EXPECT_FALSE(fuzz::are_same_logits(std::vector<float>{NAN, 2}, some));
}

}  // namespace
}  // namespace assay
