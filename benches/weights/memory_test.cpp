#include "benches/weights/memory.hpp"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <cstring>
#include <stdexcept>

#include "benches/weights/small_pages.hpp"
#include "kernels/loading/memory_metrics.hpp"

namespace assay {
namespace {

constexpr std::size_t kPage = 4096, kPages = 64;

TEST(MappedBytes, CountsThePagesThatWereTouched) {
  const SmallPages pages(kPages * kPage);
  EXPECT_EQ(mapped_bytes(pages.span()), 0);
  for (const std::size_t page : {0U, 7U, 63U}) pages.span()[page * kPage] = std::byte{1};
  EXPECT_EQ(mapped_bytes(pages.span()), 3 * kPage);
  EXPECT_EQ(mapped_bytes(pages.span().subspan(kPage, 7 * kPage)), kPage);
  EXPECT_EQ(mapped_bytes(pages.span().subspan(7 * kPage + 100, 10)), kPage);
  EXPECT_EQ(mapped_bytes({}), 0);
}

TEST(WrittenBytes, CountsWhatAChildWrites) {
  const SmallPages pages(kPages * kPage);
  std::memset(pages.span().data(), 1, pages.span().size());
  const auto written_by = [&](std::size_t count, bool is_read_only) {
    return in_child([&] {
             written_bytes();
             const double before = written_bytes();
             for (std::size_t page = 0; page < count; ++page) {
               volatile std::byte* const at = &pages.span()[page * kPage];
               if (is_read_only)
                 static_cast<void>(*at);
               else
                 *at = std::byte{2};
             }
             return std::vector<double>{written_bytes() - before};
           })
        .front();
  };
  // The parent had them: a copy each on the first write. The measure itself takes a few.
  const double of_none = written_by(0, false);
  EXPECT_LT(of_none, kPages / 4 * kPage);
  EXPECT_GE(written_by(kPages, false), kPages * kPage);
  EXPECT_LT(written_by(kPages, false), (kPages + kPages / 2) * kPage);
  EXPECT_LT(written_by(kPages, true), kPages / 2 * kPage);
}

TEST(RequireFresh, TellsNewMemoryFromUsed) {
  constexpr std::size_t kBytes = std::size_t{4} << 20;
  const auto faults_of_writing = [](void* at) {
    const std::uint64_t before = page_faults().minor;
    std::memset(at, 1, kBytes);
    return page_faults().minor - before;
  };
  const SmallPages pages(kBytes);
  const std::uint64_t first = faults_of_writing(pages.span().data());
  EXPECT_NO_THROW(require_fresh(first, 0, kBytes));
  const std::uint64_t second = faults_of_writing(pages.span().data());
  EXPECT_THROW(require_fresh(second, 0, kBytes), std::runtime_error);
  EXPECT_THROW(require_fresh(100, 99, kBytes), std::runtime_error);
  EXPECT_NO_THROW(require_fresh(101, 99, kBytes));
}

/// Large blocks are mapped anew however many were freed before.
TEST(Malloc, NeverReusesLargeBlocks) {
  constexpr std::size_t kBytes = std::size_t{4} << 20;
  for (int i = 0; i < 3; ++i) {
    const std::uint64_t before = page_faults().minor;
    std::vector<std::byte> block(kBytes, std::byte{1});
    EXPECT_NE(block[kBytes / 2], std::byte{0});
    EXPECT_NO_THROW(require_fresh(page_faults().minor - before, 0, kBytes)) << i;
  }
}

TEST(InChildren, TellsWhatTheyThrew) {
  try {
    in_child([]() -> std::vector<double> { throw std::runtime_error("no such thing"); });
    FAIL() << "nothing was thrown";
  } catch (const std::runtime_error& error) {
    EXPECT_STREQ(error.what(), "no such thing");
  }
}

}  // namespace
}  // namespace assay
