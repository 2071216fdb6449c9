#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <vector>

#include "kernels/fuzz/compressed_target.hpp"

namespace assay {
namespace {

TEST(CompressedCorpus, IsOpenedOrRefused) {
  int opened = 0, refused = 0;
  for (const auto& item : std::filesystem::directory_iterator(ASSAY_COMPRESSED_CORPUS)) {
    SCOPED_TRACE(item.path().string());
    std::ifstream file(item.path(), std::ios::binary);
    const std::vector<std::uint8_t> input{std::istreambuf_iterator<char>(file), {}};
    ++(fuzz::run_compressed(input) ? opened : refused);
  }
  EXPECT_EQ(opened, 5);
  EXPECT_EQ(refused, 5);
}

}  // namespace
}  // namespace assay
