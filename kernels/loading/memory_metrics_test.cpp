#include "kernels/loading/memory_metrics.hpp"

#include <gmock/gmock.h>

#include "kernels/loading/buffers.hpp"

namespace assay {
namespace {

constexpr std::uint64_t kKib = 1024;
constexpr std::string_view kSmaps =
    "1000-3000 r--p 00000000 fe:00 1 /weights\n"
    "Size:                  8 kB\n"
    "Rss:                   8 kB\n"
    "Pss:                   3 kB\n"
    "Pss_Dirty:             1 kB\n"
    "Private_Clean:         4 kB\n"
    "Private_Dirty:         2 kB\n"
    "Anonymous:             0 kB\n"
    "Swap:                  0 kB\n"
    "VmFlags: rd mr mw me\n"
    "ff3000-ff5000 rw-p 00000000 00:00 0 [heap]\n"
    "Rss:                   4 kB\n"
    "Anonymous:             4 kB\n"
    "Swap:                 12 kB\n"
    "SwapPss:              12 kB\n";

TEST(MemoryUse, AddsUpTheMappings) {
  EXPECT_EQ(parse_memory_use(kSmaps),
            (MemoryUse{12 * kKib, 3 * kKib, 6 * kKib, 4 * kKib, 12 * kKib}));
}

TEST(MemoryUse, TakesTheMappingsThatOverlap) {
  EXPECT_EQ(parse_memory_use(kSmaps, 0x2fff, 0x3000),
            (MemoryUse{8 * kKib, 3 * kKib, 6 * kKib, 0, 0}));
  EXPECT_EQ(parse_memory_use(kSmaps, 0x3000, 0xff3000), MemoryUse{});
  EXPECT_EQ(parse_memory_use(kSmaps, 0xff3000, 0xff3001)->swapped, 12 * kKib);
}

TEST(MemoryUse, RefusesWhatIsNoNumber) {
  EXPECT_EQ(parse_memory_use("1000-3000 r--p\nRss: many kB\n"), std::nullopt);
  EXPECT_EQ(parse_memory_use("1000-3000 r--p\nRss:"), std::nullopt);
  EXPECT_EQ(parse_memory_use(""), MemoryUse{});
}

TEST(MemoryUse, SeesWhatThisProcessTouches) {
  const Buffer buffer(std::size_t{1} << 20, PageSize::kSmall);
  const auto before = memory_use(buffer.span());
  ASSERT_TRUE(before) << before.error();
  const PageFaults faults = page_faults();
  for (std::size_t at = 0; at < buffer.span().size(); at += 4096) buffer.span()[at] = std::byte{1};
  const auto after = memory_use(buffer.span());
  ASSERT_TRUE(after);
  EXPECT_GE(after->resident, before->resident + buffer.span().size());
  EXPECT_GE(after->anonymous, buffer.span().size());
  EXPECT_GE(page_faults().minor, faults.minor + 256);
  const auto in_memory = residency(buffer.span());
  ASSERT_TRUE(in_memory);
  EXPECT_TRUE(in_memory->is_whole());
  EXPECT_EQ(in_memory->pages, 256u);
  EXPECT_GE(memory_use()->resident, buffer.span().size());
}

TEST(Zram, HasThreeFigures) {
  const ZramUse expected{50238103552, 10149679679, 10536153088};
  EXPECT_EQ(parse_zram_use(" 50238103552 10149679679 10536153088        0 10536153088\n"),
            expected);
  EXPECT_EQ(parse_zram_use("4096 74"), std::nullopt);
  EXPECT_EQ(parse_zram_use("4096 74 -1"), std::nullopt);
  EXPECT_EQ(parse_zram_use(""), std::nullopt);
  EXPECT_THAT(zram_use("/nowhere/mm_stat").error(), testing::HasSubstr("/nowhere/mm_stat"));
}

}  // namespace
}  // namespace assay
