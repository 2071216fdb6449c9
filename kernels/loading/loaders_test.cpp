#include "kernels/loading/loaders.hpp"

#include <gmock/gmock.h>

#include <cstring>

#include "kernels/loading/buffers.hpp"
#include "kernels/loading/temporary_file_test.hpp"

namespace assay {
namespace {

Buffer buffer_for(const Loader& loader, std::size_t file_bytes) {
  return {reused_bytes(loader, file_bytes) + 1, PageSize::kSmall};
}

TEST(SumWords, CountsWhatIsMissingAsZeros) {
  std::vector<std::byte> bytes(173);
  std::uint64_t expected = 0;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    bytes[i] = static_cast<std::byte>(i * 7 + 1);
    expected += std::to_integer<std::uint64_t>(bytes[i]) << (8 * (i % 8));
  }
  EXPECT_EQ(sum_words(bytes), expected);
  EXPECT_EQ(sum_words({}), 0u);
}

TEST(Loaders, AllGiveTheSameSum) {
  const TemporaryFolderOfTest folder;
  for (const std::size_t size : {std::size_t{1}, std::size_t{4096}, std::size_t{3} << 20U,
                                 (std::size_t{11} << 20U) + 4099}) {
    const auto bytes = random_file_bytes(size, size);
    const std::string path = folder.file("weights", bytes);
    const std::uint64_t expected = sum_words(bytes);
    for (const Loader& loader : loaders()) {
      const Buffer buffer = buffer_for(loader, size);
      const auto sum = loader.run(path, buffer.span());
      if (!sum && sum.error().error_number == EINVAL) continue;  // a file system without O_DIRECT
      ASSERT_TRUE(sum) << loader.name << ": " << sum.error().message();
      EXPECT_EQ(*sum, expected) << loader.name << ", " << size << " bytes";
    }
  }
}

TEST(Loaders, SayWhatIsMissing) {
  for (const Loader& loader : loaders()) {
    const Buffer buffer = buffer_for(loader, 4096);
    const auto sum = loader.run("/nowhere/weights", buffer.span());
    ASSERT_FALSE(sum) << loader.name;
    EXPECT_THAT(sum.error().message(), testing::HasSubstr("/nowhere/weights: open: No such file"))
        << loader.name;
  }
}

TEST(Loaders, RefuseMemoryThatIsTooSmall) {
  const TemporaryFolderOfTest folder;
  const std::string path = folder.file("weights", random_file_bytes(100000));
  for (const Loader& loader : loaders()) {
    if (loader.reused == Reused::kNothing) continue;
    const Buffer buffer(4096, PageSize::kSmall);
    const auto sum = loader.run(path, buffer.span());
    ASSERT_FALSE(sum) << loader.name;
    EXPECT_TRUE(sum.error().error_number == ENOMEM || sum.error().error_number == EINVAL);
  }
}

TEST(IoUring, IsMissingForAReason) {
  EXPECT_THAT(why_no_io_uring(ENOSYS), testing::HasSubstr("Linux 5.1)"));
  EXPECT_THAT(why_no_io_uring(EPERM), testing::HasSubstr("io_uring_disabled"));
  EXPECT_THAT(why_no_io_uring(ENOMEM), testing::HasSubstr("ulimit -l"));
  EXPECT_THAT(why_no_io_uring(EOPNOTSUPP), testing::HasSubstr("IORING_OP_READ"));
  EXPECT_EQ(why_no_io_uring(EINVAL), std::strerror(EINVAL));
}

#ifdef ASSAY_HAVE_URING
TEST(IoUring, ReadsOnAfterAFailure) {
  const TemporaryFolderOfTest folder;
  const auto bytes = random_file_bytes(3 * kLoadChunk + 8);
  const std::string path = folder.file("weights", bytes);
  const Loader& loader = find_loader("uring/chunk-huge");
  const Buffer buffer = buffer_for(loader, bytes.size());
  const auto before = loader.run(path, buffer.span());
  if (!before && before.error().operation == "set up io_uring")
    GTEST_SKIP() << "not run: " << before.error().message();
  ASSERT_TRUE(before) << before.error().message();
  const auto failed = loader.run(folder.path(), buffer.span());  // a folder opens, and has no bytes
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().operation, "read");
  const auto after = loader.run(path, buffer.span());
  ASSERT_TRUE(after) << after.error().message();
  EXPECT_EQ(*after, sum_words(bytes));
}
#endif

TEST(Loaders, AreFoundByName) {
  EXPECT_EQ(find_loader("pread/chunk").reused, Reused::kChunks);
  EXPECT_THROW(find_loader("pread"), std::invalid_argument);
}

}  // namespace
}  // namespace assay
