#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "kernels/fuzz/store_target.hpp"
#include "kernels/fuzz/targets.hpp"

namespace assay {
namespace {

std::vector<std::uint8_t> content_of(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST(FuzzCorpus, FindsEveryKernelEqualToItsReference) {
  int count = 0;
  for (const auto& item : std::filesystem::directory_iterator(ASSAY_KERNELS_CORPUS)) {
    SCOPED_TRACE(item.path().string());
    const std::vector<std::uint8_t> input = content_of(item.path());
    EXPECT_FALSE(input.empty());
    EXPECT_NO_THROW(fuzz::run_kernels(input));
    ++count;
  }
  EXPECT_GE(count, 5);
}

TEST(FuzzCorpus, LeavesTheStoreItsPromises) {
  int opened = 0, refused = 0;
  for (const auto& item : std::filesystem::directory_iterator(ASSAY_STORE_CORPUS)) {
    SCOPED_TRACE(item.path().string());
    const std::vector<std::uint8_t> input = content_of(item.path());
    ++(fuzz::run_store(input) ? opened : refused);
  }
  EXPECT_GE(opened, 2);
  EXPECT_GE(refused, 3);
}

TEST(FuzzTarget, TellsAVariantThatDiffers) {
  const std::uint8_t one = 1;
  const Variant<HammingFn> wrong{"wrong", {}, [](HvView, HvView) noexcept { return 7U; }};
  const auto run = [&](HammingFn* hamming) {
    const HV16 hv{};
    return hamming(view(hv), view(hv));
  };
  EXPECT_THROW(fuzz::compare<HammingFn>("hamming", std::span(&wrong, 1),
                                        hamming_variants().front().run, run),
               std::logic_error);
  EXPECT_NO_THROW(fuzz::run_kernels({}));
  EXPECT_NO_THROW(fuzz::run_kernels({&one, 1}));
}

TEST(FuzzTarget, TellsAWriteBeyondTheResult) {
  Room room(3, 256);
  EXPECT_EQ(fuzz::content_of(room).size(), 256U);
  *(room.span().data() + 256) = std::byte{0};
  EXPECT_THROW(fuzz::content_of(room), std::logic_error);
}

}  // namespace
}  // namespace assay
