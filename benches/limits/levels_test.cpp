#include "benches/limits/levels.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

namespace assay {
namespace {

constexpr std::size_t kKiB = 1024;
constexpr CacheSizes kSizes{32 * kKiB, 1024 * kKiB, 32768 * kKiB};

TEST(CacheSize, IsReadAsSysfsWritesIt) {
  EXPECT_EQ(parse_cache_size("32K"), 32 * kKiB);
  EXPECT_EQ(parse_cache_size("2M"), 2048 * kKiB);
  EXPECT_EQ(parse_cache_size("512"), 512U);
  for (const char* wrong : {"", "K", "0K", "-1K", "32KB", "32k", "99999999999999999999"}) {
    EXPECT_EQ(parse_cache_size(wrong), std::nullopt) << wrong;
  }
}

void write(const std::filesystem::path& path, const std::string& text) {
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path) << text << '\n';
}

TEST(CacheSizes, AreThoseOfTheDataCaches) {
  const std::filesystem::path cpu = std::filesystem::path(testing::TempDir()) / "levels_test_cpu0";
  const char* const rows[][3] = {{"1", "Data", "48K"},
                                 {"1", "Instruction", "64K"},
                                 {"2", "Unified", "2M"},
                                 {"4", "Unified", "128M"}};
  for (int i = 0; i < 4; ++i) {
    const auto cache = cpu / "cache" / ("index" + std::to_string(i));
    write(cache / "level", rows[i][0]);
    write(cache / "type", rows[i][1]);
    write(cache / "size", rows[i][2]);
  }
  const CacheSizes sizes = read_cache_sizes(cpu);
  EXPECT_EQ(sizes.l1, 48 * kKiB);
  EXPECT_EQ(sizes.l2, 2048 * kKiB);
  EXPECT_EQ(sizes.l3, CacheSizes().l3);
  std::filesystem::remove_all(cpu);
}

TEST(CacheSizes, AreCommonOnesWhereTheSystemSaysNothing) {
  const CacheSizes sizes = read_cache_sizes("/nowhere");
  EXPECT_EQ(sizes.l1, CacheSizes().l1);
  EXPECT_EQ(sizes.l2, CacheSizes().l2);
}

TEST(Footprint, IsExactlyTheWorkWhereThatFillsTheLevelBelow) {
  EXPECT_EQ(footprint_bytes(Level::kL1, kSizes, 256), 256U);
  EXPECT_EQ(footprint_bytes(Level::kL1, kSizes, 32 * kKiB), 32 * kKiB);
  EXPECT_EQ(footprint_bytes(Level::kL2, kSizes, 256000), 256000U);
  EXPECT_EQ(footprint_bytes(Level::kL3, kSizes, 12288 * kKiB), 12288 * kKiB);
  EXPECT_EQ(footprint_bytes(Level::kDram, kSizes, 256000000), 256000000U);
}

TEST(Footprint, IsAWholeNumberOfSmallWorksThatLieInTheLevel) {
  EXPECT_EQ(footprint_bytes(Level::kL2, kSizes, 4096), 512 * kKiB);
  EXPECT_EQ(footprint_bytes(Level::kL2, kSizes, 3 * 256), 524544U);
  EXPECT_EQ(footprint_bytes(Level::kL3, kSizes, 4096), 8192 * kKiB);
  EXPECT_EQ(footprint_bytes(Level::kDram, kSizes, 4096), 256 * kKiB * kKiB);
  EXPECT_EQ(footprint_bytes(Level::kDram, {32 * kKiB, kKiB, 131072 * kKiB}, 4096), 524288 * kKiB);
}

TEST(Footprint, RefusesWhatDoesNotFit) {
  EXPECT_EQ(footprint_bytes(Level::kL1, kSizes, 33 * kKiB).error(),
            "33792 bytes do not fit a cache of 32768");
  EXPECT_FALSE(footprint_bytes(Level::kL2, kSizes, 1025 * kKiB).has_value());
  EXPECT_FALSE(footprint_bytes(Level::kL3, kSizes, 32769 * kKiB).has_value());
}

}  // namespace
}  // namespace assay
