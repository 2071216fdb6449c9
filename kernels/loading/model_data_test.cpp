#include "kernels/loading/model_data.hpp"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <thread>

#include "kernels/loading/memory_metrics.hpp"
#include "kernels/loading/temporary_file_test.hpp"

namespace assay {
namespace {

using testing::AllOf;
using testing::HasSubstr;

constexpr std::size_t kPage = 4096;

std::vector<std::byte> zstd_of(ByteView bytes) {
  std::vector<std::byte> out(ZSTD_compressBound(bytes.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), bytes.data(), bytes.size(), 1));
  return out;
}

/// The same without the size in the frame's header, as a stream that is compressed on the way has.
std::vector<std::byte> zstd_stream_of(ByteView bytes) {
  std::vector<std::byte> out(ZSTD_compressBound(bytes.size()));
  ZSTD_CCtx* const context = ZSTD_createCCtx();
  ZSTD_CCtx_setParameter(context, ZSTD_c_contentSizeFlag, 0);
  out.resize(ZSTD_compress2(context, out.data(), out.size(), bytes.data(), bytes.size()));
  ZSTD_freeCCtx(context);
  return out;
}

std::vector<std::byte> gzip_of(ByteView bytes) {
  z_stream stream{};
  deflateInit2(&stream, 6, Z_DEFLATED, 16 + MAX_WBITS, 8, Z_DEFAULT_STRATEGY);
  std::vector<std::byte> out(deflateBound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

std::vector<std::byte> joined(std::vector<std::byte> a, const std::vector<std::byte>& b) {
  a.insert(a.end(), b.begin(), b.end());
  return a;
}

std::string error_of(const std::expected<ModelData, LoadError>& data) {
  return data ? "" : data.error().message();
}

class ModelDataTest : public testing::Test {
 protected:
  std::string write(ByteView bytes) { return folder_.file("model", bytes); }

  TemporaryFolderOfTest folder_;
  std::vector<std::byte> content_ = random_file_bytes(37 * kPage + 123);
};

TEST_F(ModelDataTest, MapsAFile) {
  const std::string path = write(content_);
  const auto data = ModelData::open(path);
  ASSERT_TRUE(data) << error_of(data);
  EXPECT_TRUE(data->is_mapped());
  EXPECT_FALSE(data->empty());
  EXPECT_EQ(data->size(), content_.size());
  EXPECT_EQ(data->path(), path);
  EXPECT_EQ(data->compression(), Compression::kNone);
  EXPECT_TRUE(std::ranges::equal(data->bytes(), content_));
  EXPECT_TRUE(data->check_unchanged());
}

TEST_F(ModelDataTest, ReadsAPrivateCopyWhereAsked) {
  const std::string path = write(content_);
  const auto data = ModelData::open(path, {.is_mapped = false});
  ASSERT_TRUE(data) << error_of(data);
  EXPECT_FALSE(data->is_mapped());
  ASSERT_EQ(::truncate(path.c_str(), 5), 0);
  EXPECT_TRUE(std::ranges::equal(data->bytes(), content_)) << "the file is nothing to it any more";
  EXPECT_TRUE(data->guarded([](ByteView bytes) { return bytes.back(); }));
  EXPECT_TRUE(data->check_unchanged());
}

TEST_F(ModelDataTest, TakesBytesOver) {
  const std::byte* const at = content_.data();
  const std::vector<std::byte> expected = content_;
  const ModelData data = ModelData::from_bytes(std::move(content_));
  EXPECT_EQ(data.bytes().data(), at) << "nothing is copied";
  EXPECT_TRUE(std::ranges::equal(data.bytes(), expected));
  EXPECT_FALSE(data.is_mapped());
  EXPECT_TRUE(ModelData::from_bytes({}).empty());
}

TEST_F(ModelDataTest, AdvisesAndReleasesOwnedBytesWithoutEffect) {
  const std::vector<std::byte> expected = content_;
  const ModelData data = ModelData::from_bytes(std::move(content_));
  EXPECT_TRUE(data.release_pages());
  EXPECT_TRUE(data.advise_sequential());
  EXPECT_TRUE(data.advise_random());
  EXPECT_TRUE(data.advise_normal());
  EXPECT_TRUE(data.advise_will_need());
  EXPECT_TRUE(data.populate());
  EXPECT_TRUE(std::ranges::equal(data.bytes(), expected));
}

TEST_F(ModelDataTest, IsMovedWithItsBytes) {
  auto data = ModelData::open(write(content_));
  ASSERT_TRUE(data);
  const std::byte* const at = data->bytes().data();
  ModelData moved = std::move(*data);
  EXPECT_EQ(moved.bytes().data(), at);
  EXPECT_TRUE(data->empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_FALSE(data->is_mapped());
  moved = ModelData::from_bytes(std::vector<std::byte>(3));
  EXPECT_EQ(moved.size(), 3u);
  static_assert(!std::is_copy_constructible_v<ModelData>);
}

TEST_F(ModelDataTest, LeavesNoMappingAndNoDescriptorBehind) {
  const std::string path = write(content_);
  const auto mappings = [&] {
    const std::string maps = *content_of_file("/proc/self/maps");
    std::size_t count = 0;
    for (auto at = maps.find(path); at != std::string::npos; at = maps.find(path, at + 1)) ++count;
    return count;
  };
  const auto descriptors = [] {
    return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
  };
  const auto before = descriptors();
  {
    auto one = ModelData::open(path);
    auto two = ModelData::open(path);
    EXPECT_EQ(mappings(), 2u);
    *one = std::move(*two);
    EXPECT_EQ(mappings(), 1u);
    EXPECT_FALSE(ModelData::open(path, {.least_bytes = content_.size() + 1}));
  }
  EXPECT_EQ(mappings(), 0u);
  EXPECT_EQ(descriptors(), before);
}

TEST_F(ModelDataTest, ReleasesAndPopulatesItsPages) {
  const auto data = ModelData::open(write(content_));
  ASSERT_TRUE(data);
  const auto resident = [&] { return memory_use(data->bytes())->resident; };
  ASSERT_TRUE(data->populate());
  EXPECT_EQ(resident(), 38 * kPage);
  ASSERT_TRUE(data->release_pages(kPage + 1, 3 * kPage));
  EXPECT_EQ(resident(), 36 * kPage) << "two pages lie wholly in the range";
  ASSERT_TRUE(data->release_pages(36 * kPage));
  EXPECT_EQ(resident(), 34 * kPage) << "the last page goes, too";
  ASSERT_TRUE(data->release_pages());
  EXPECT_EQ(resident(), 0u);
  EXPECT_TRUE(residency(data->bytes())->is_whole()) << "they stay in the page cache";
  EXPECT_TRUE(std::ranges::equal(data->bytes(), content_)) << "and are faulted in again";
  ASSERT_TRUE(data->release_pages());
  ASSERT_TRUE(data->populate(5, kPage));
  EXPECT_GE(resident(), 2 * kPage);
}

TEST_F(ModelDataTest, TakesEveryAdvice) {
  const auto data = ModelData::open(write(content_));
  ASSERT_TRUE(data);
  EXPECT_TRUE(data->advise_sequential());
  EXPECT_TRUE(data->advise_random());
  EXPECT_TRUE(data->advise_will_need());
  EXPECT_TRUE(data->advise_will_need(3 * kPage + 7, 100));
  EXPECT_TRUE(data->advise_normal());
  EXPECT_TRUE(std::ranges::equal(data->bytes(), content_));
}

TEST_F(ModelDataTest, DecompressesByTheSameCall) {
  const std::vector<std::byte> half(content_.begin(), content_.begin() + 999);
  const std::vector<std::byte> rest(content_.begin() + 999, content_.end());
  const std::vector<std::pair<Compression, std::vector<std::byte>>> files = {
      {Compression::kZstd, zstd_of(content_)},
      {Compression::kZstd, zstd_stream_of(content_)},
      {Compression::kZstd, joined(zstd_of(half), zstd_of(rest))},
      {Compression::kGzip, gzip_of(content_)},
      {Compression::kGzip, joined(gzip_of(half), gzip_of(rest))}};
  for (const auto& [compression, bytes] : files)
    for (const bool is_mapped : {true, false}) {
      const auto data = ModelData::open(write(bytes), {.is_mapped = is_mapped});
      ASSERT_TRUE(data) << error_of(data);
      EXPECT_EQ(data->compression(), compression);
      EXPECT_FALSE(data->is_mapped());
      EXPECT_TRUE(std::ranges::equal(data->bytes(), content_));
    }
}

TEST_F(ModelDataTest, TakesACompressedFileAsItIsWhereAsked) {
  const auto bytes = zstd_of(content_);
  const auto data = ModelData::open(write(bytes), {.decompresses = false});
  ASSERT_TRUE(data);
  EXPECT_TRUE(data->is_mapped());
  EXPECT_TRUE(std::ranges::equal(data->bytes(), bytes));
}

TEST_F(ModelDataTest, DecompressesNothingToNothing) {
  const auto data = ModelData::open(write(zstd_of({})));
  ASSERT_TRUE(data) << error_of(data);
  EXPECT_TRUE(data->empty());
  EXPECT_THAT(error_of(ModelData::open(write(zstd_of({})), {.least_bytes = 1})),
              HasSubstr("truncated: 0 of 1 bytes are there"));
}

TEST_F(ModelDataTest, RefusesDamagedAndTruncatedCompression) {
  for (const auto& whole : {zstd_of(content_), gzip_of(content_)}) {
    const std::vector<std::byte> cut(whole.begin(), whole.end() - 20);
    EXPECT_THAT(error_of(ModelData::open(write(cut))),
                AllOf(HasSubstr(folder_.path()), HasSubstr("decompress"), HasSubstr("truncated"),
                      HasSubstr("compress the file anew")));
    std::vector<std::byte> tail = joined(whole, random_file_bytes(50));
    EXPECT_THAT(error_of(ModelData::open(write(tail))), HasSubstr("decompress"));
  }
  std::vector<std::byte> damaged = gzip_of(content_);
  damaged[damaged.size() - 6] ^= std::byte{1};
  EXPECT_THAT(error_of(ModelData::open(write(damaged))), HasSubstr("gzip: incorrect"));
}

TEST_F(ModelDataTest, NamesAWindowThatIsTooLarge) {
  // A frame without a size, whose window is 256 MiB, and its last block, which is empty.
  std::vector<std::byte> frame;
  for (const int byte : {0x28, 0xb5, 0x2f, 0xfd, 0x00, 0x90, 0x01, 0x00, 0x00})
    frame.push_back(static_cast<std::byte>(byte));
  EXPECT_THAT(error_of(ModelData::open(write(frame))),
              AllOf(HasSubstr("decompress: zstd: needs a window above 128 MiB"),
                    HasSubstr("zstd -d --long=31"), testing::Not(HasSubstr("anew"))));
  frame[5] = std::byte{0x88};  // 128 MiB
  EXPECT_TRUE(ModelData::open(write(frame)));
}

TEST_F(ModelDataTest, RefusesMoreThanIsAllowed) {
  const std::string path = write(content_);
  EXPECT_THAT(
      error_of(ModelData::open(path, {.is_mapped = false, .most_owned_bytes = 1000})),
      AllOf(HasSubstr("read: too large: "), HasSubstr("1000 are allowed"), HasSubstr("map it")));
  for (const auto& bytes : {zstd_of(content_), zstd_stream_of(content_), gzip_of(content_)}) {
    EXPECT_THAT(error_of(ModelData::open(write(bytes), {.most_owned_bytes = content_.size() - 1})),
                AllOf(HasSubstr("holds more than the"), HasSubstr("raise the limit")));
    EXPECT_TRUE(ModelData::open(write(bytes), {.most_owned_bytes = content_.size()}));
  }
}

TEST_F(ModelDataTest, NamesWhatCannotBeOpened) {
  const std::string missing = folder_.path() + "/missing";
  EXPECT_THAT(
      error_of(ModelData::open(missing)),
      AllOf(HasSubstr(missing), HasSubstr("open: No such file"), HasSubstr("check the path")));
  EXPECT_EQ(ModelData::open(missing).error().error_number, ENOENT);
  EXPECT_THAT(error_of(ModelData::open(folder_.path())),
              AllOf(HasSubstr("a directory"), HasSubstr("name a file in it")));
  EXPECT_THAT(error_of(ModelData::open("/dev/null")), HasSubstr("no regular file"));
  EXPECT_THAT(error_of(ModelData::open(write({}))), HasSubstr("empty; copy or write"));
  const std::string pipe = folder_.path() + "/pipe";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  EXPECT_THAT(error_of(ModelData::open(pipe)), HasSubstr("no regular file")) << "and does not wait";
}

TEST_F(ModelDataTest, NamesAFileThatIsTooShort) {
  EXPECT_THAT(error_of(ModelData::open(write(content_), {.least_bytes = 1000000})),
              AllOf(HasSubstr("truncated: 151675 of 1000000 bytes"), HasSubstr("anew")));
}

/// Runs `check` in a child, which may spoil itself, and fails unless that returns true.
template <typename Check>
void expect_in_child(Check check) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(check() ? 0 : 1);
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status)) << "signal " << WTERMSIG(status);
  EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(ModelDataTest, NamesWhatIsNotPermitted) {
  const std::string path = write(content_);
  ASSERT_EQ(::chmod(path.c_str(), 0), 0);
  expect_in_child([&] {
    constexpr uid_t kNobody = 65534;
    if (::geteuid() == 0 && ::setuid(kNobody) != 0) return false;
    const auto data = ModelData::open(path);
    return !data && data.error().error_number == EACCES &&
           data.error().message().find("allow this user") != std::string::npos;
  });
}

TEST_F(ModelDataTest, NamesDescriptorsThatRanOut) {
  const std::string path = write(content_);
  expect_in_child([&] {
    const struct rlimit none{0, 0};
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto data = ModelData::open(path);
    return !data && data.error().message().find("ulimit -n") != std::string::npos;
  });
}

// The sanitizers' own memory cannot live with these limits.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define ASSAY_SANITIZED
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define ASSAY_SANITIZED
#endif
#endif
#ifndef ASSAY_SANITIZED
TEST_F(ModelDataTest, NamesMemoryThatZstdLacks) {
  const std::vector<std::byte> bytes = zstd_of(content_);
  expect_in_child([&] {
    ZSTD_DCtx* const context = ZSTD_createDCtx();
    const std::size_t needed = ZSTD_sizeof_DCtx(context);
    ZSTD_freeDCtx(context);
    const struct rlimit none{0, 0};
    ::setrlimit(RLIMIT_AS, &none);
    // What is left then is smaller pieces, as the error's text needs them.
    void* volatile taken = nullptr;  // or the compiler drops what nobody uses
    do taken = std::malloc(needed / 2);
    while (taken != nullptr);
    const auto result = decompress(bytes, Compression::kZstd, content_.size());
    return !result && result.error().reason == "no memory for zstd";
  });
}

TEST_F(ModelDataTest, NamesMappingsThatRanOut) {
  const std::string path = write(content_);
  expect_in_child([&] {
    const int fd = ::open(path.c_str(), O_RDONLY);
    // The same page again and again, which the kernel cannot join.
    while (::mmap(nullptr, kPage, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED) {
    }
    const auto data = ModelData::open(path);
    const std::string what = data ? "" : data.error().message();
    return what.find("vm.max_map_count=") != std::string::npos;
  });
}

TEST_F(ModelDataTest, NamesAnAddressSpaceThatIsTooSmall) {
  const std::string path = write(content_);
  ASSERT_EQ(::truncate(path.c_str(), off_t{1} << 40), 0);
  expect_in_child([&] {
    const struct rlimit space{rlim_t{1} << 33, rlim_t{1} << 33};
    ::setrlimit(RLIMIT_AS, &space);
    const auto data = ModelData::open(path);
    return !data && data.error().message().find("ulimit -v") != std::string::npos;
  });
  const auto copied = ModelData::open(path, {.is_mapped = false, .most_owned_bytes = 1ULL << 50U});
  ASSERT_FALSE(copied);
  EXPECT_THAT(error_of(copied), AnyOf(HasSubstr("no memory for"), HasSubstr("truncated")));
}

TEST_F(ModelDataTest, NamesAFileLargerThanAnyAddressSpace) {
  const std::string path = write(content_);
  // As far as ext4 goes with 4 KiB blocks; that is less than the address space.
  ASSERT_EQ(::truncate(path.c_str(), (off_t{1} << 44) - off_t{kPage}), 0);
  std::vector<ModelData> all;
  std::string what;
  while (what.empty() && all.size() < 64) {
    auto data = ModelData::open(path);
    if (data) {
      all.push_back(std::move(*data));
    } else {
      what = data.error().message();
    }
  }
  EXPECT_THAT(what, AllOf(HasSubstr("map: too large"), HasSubstr("in parts")));
}
#endif

TEST_F(ModelDataTest, SurvivesAFileThatIsTruncatedWhileItIsMapped) {
  const std::string path = write(content_);
  const auto data = ModelData::open(path);
  ASSERT_TRUE(data);
  const auto sum = [](ByteView bytes) {
    unsigned all = 0;
    for (const std::byte byte : bytes) all += std::to_integer<unsigned>(byte);
    return all;
  };
  EXPECT_TRUE(data->guarded(sum));
  ASSERT_EQ(::truncate(path.c_str(), 2 * kPage + 10), 0);
  EXPECT_FALSE(data->is_damaged()) << "nobody has read what is missing";
  const auto unchanged = data->check_unchanged();
  ASSERT_FALSE(unchanged);
  EXPECT_THAT(unchanged.error().message(),
              AllOf(HasSubstr(path), HasSubstr("8202 of 151675 bytes"), HasSubstr("by rename")));
  const auto start = data->guarded([](ByteView bytes) { return bytes[2 * kPage + 9]; });
  ASSERT_TRUE(start);
  EXPECT_EQ(*start, content_[2 * kPage + 9]);
  const auto result = data->guarded(sum);
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(), AllOf(HasSubstr(path), HasSubstr("truncated while")));
  EXPECT_TRUE(data->is_damaged());
  EXPECT_EQ(data->bytes()[30 * kPage], std::byte{0}) << "zeros, unguarded, too";
  EXPECT_EQ(data->bytes()[kPage], content_[kPage]) << "what is there is there";
  EXPECT_FALSE(data->guarded([](ByteView) {})) << "it stays damaged";
}

TEST_F(ModelDataTest, FailsToPopulateATruncatedFile) {
  const std::string path = write(content_);
  const auto data = ModelData::open(path);
  ASSERT_TRUE(data);
  ASSERT_EQ(::truncate(path.c_str(), kPage), 0);
  const auto populated = data->populate();
  ASSERT_FALSE(populated);
  EXPECT_THAT(populated.error().message(), HasSubstr("populate: truncated"));
  EXPECT_TRUE(data->populate(0, kPage));
}

TEST_F(ModelDataTest, BlamesTheDiskWhereTheFileIsAsItWas) {
  const std::string path = write(content_);
  struct stat was{};
  ASSERT_EQ(::stat(path.c_str(), &was), 0);
  const auto data = ModelData::open(path);
  ASSERT_TRUE(data);
  // A page that is not given, as from a broken disk: it is cut off, read, and put back.
  ASSERT_EQ(::truncate(path.c_str(), kPage), 0);
  EXPECT_FALSE(data->guarded([](ByteView bytes) {
    const volatile std::byte& missing = bytes[2 * kPage];  // or the compiler drops what nobody uses
    return missing == std::byte{1};
  }));
  ASSERT_EQ(::truncate(path.c_str(), was.st_size), 0);
  const auto without_times = data->guarded([](ByteView) {});
  ASSERT_FALSE(without_times);
  EXPECT_THAT(without_times.error().message(), HasSubstr("truncated while")) << "by its time";
  const struct timespec times[2] = {was.st_atim, was.st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  const auto result = data->guarded([](ByteView) {});
  ASSERT_FALSE(result);
  EXPECT_THAT(result.error().message(),
              AllOf(HasSubstr(path), HasSubstr("read: a page cannot be read"),
                    HasSubstr("check the disk"), testing::Not(HasSubstr("truncated"))));
  EXPECT_EQ(result.error().error_number, EIO);
  EXPECT_THAT(data->check_unchanged().error().message(), HasSubstr("check: a page cannot be read"));
}

TEST_F(ModelDataTest, MendsAdviceByItsError) {
  const std::string path = write(content_);
  expect_in_child([&] {
    const auto data = ModelData::open(path);
    // A hole in the mapping, which the kernel reports as it does a lack of memory.
    if (!data || ::munmap(const_cast<std::byte*>(data->bytes().data()) + kPage, kPage) != 0)
      return false;
    const auto advised = data->advise_will_need();
    const auto populated = data->populate();
    return !advised && advised.error().error_number == ENOMEM &&
           advised.error().message().find("free memory") != std::string::npos && !populated &&
           populated.error().message().find("free memory") != std::string::npos;
  });
}

TEST_F(ModelDataTest, TellsThatAFileWasWrittenTo) {
  const std::string path = write(content_);
  const auto data = ModelData::open(path);
  ASSERT_TRUE(data);
  const struct timespec times[2] = {{1, 0}, {1, 0}};
  ASSERT_EQ(::utimensat(AT_FDCWD, path.c_str(), times, 0), 0);
  const auto unchanged = data->check_unchanged();
  ASSERT_FALSE(unchanged);
  EXPECT_THAT(unchanged.error().message(), HasSubstr("written to while it is mapped"));
}

TEST_F(ModelDataTest, StaysWholeWhenTheFileIsReplaced) {
  const std::string path = write(content_);
  const auto data = ModelData::open(path);
  ASSERT_TRUE(data);
  const std::string other = folder_.file("new", random_file_bytes(10));
  ASSERT_EQ(::rename(other.c_str(), path.c_str()), 0);
  EXPECT_TRUE(data->check_unchanged());
  EXPECT_TRUE(std::ranges::equal(data->bytes(), content_));
}

TEST_F(ModelDataTest, PassesOnTheSignalsOfOthers) {
  const std::string path = write(content_);
  const auto data = ModelData::open(path);
  ASSERT_TRUE(data);
  const pid_t child = ::fork();
  if (child == 0) {
    const int fd = ::open(path.c_str(), O_RDONLY);
    const auto* const at =
        static_cast<const volatile char*>(::mmap(nullptr, 8 * kPage, PROT_READ, MAP_SHARED, fd, 0));
    if (::truncate(path.c_str(), 0) != 0) ::_exit(2);
    ::_exit(at[4 * kPage] == 0 ? 3 : 4);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
#ifdef ASSAY_SANITIZED
  EXPECT_FALSE(WIFEXITED(status) && WEXITSTATUS(status) >= 2 && WEXITSTATUS(status) <= 4);
#else
  EXPECT_TRUE(WIFSIGNALED(status));
  EXPECT_EQ(WTERMSIG(status), SIGBUS);
#endif
}

TEST_F(ModelDataTest, IsReadByManyThreads) {
  const std::string path = write(content_);
  const auto data = ModelData::open(path);
  ASSERT_TRUE(data);
  std::atomic<int> whole = 0, damaged = 0;
  const auto read = [&] {
    for (int i = 0; i < 200; ++i) {
      const auto equal =
          data->guarded([&](ByteView bytes) { return std::ranges::equal(bytes, content_); });
      if (!equal) {
        ++damaged;
      } else if (*equal) {
        ++whole;
      } else {
        ADD_FAILURE() << "other bytes, and no error";
      }
      if (i % 8 == 0) {
        EXPECT_TRUE(data->release_pages());
      }
      if (i % 8 == 4) {
        EXPECT_TRUE(data->advise_will_need());
      }
    }
  };
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back(read);
    while (whole < 100) std::this_thread::yield();
    // At a page's end, as what is cut off within a page cannot be noticed by reading.
    ASSERT_EQ(::truncate(path.c_str(), 3 * kPage), 0);
  }
  EXPECT_GT(damaged, 0);
  EXPECT_EQ(whole + damaged, 800);
}

TEST_F(ModelDataTest, IsOpenedAndClosedByManyThreads) {
  const std::string path = write(content_);
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (int k = 0; k < 100; ++k) {
        const auto data = ModelData::open(path);
        ASSERT_TRUE(data);
        const auto last = data->guarded([](ByteView bytes) { return bytes.back(); });
        ASSERT_TRUE(last);
        EXPECT_EQ(*last, content_.back());
      }
    });
}

TEST(DetectCompression, GoesByTheFirstBytes) {
  const auto detect = [](std::initializer_list<int> values) {
    std::vector<std::byte> bytes;
    for (const int value : values) bytes.push_back(static_cast<std::byte>(value));
    return detect_compression(bytes);
  };
  EXPECT_EQ(detect({0x28, 0xb5, 0x2f, 0xfd}), Compression::kZstd);
  EXPECT_EQ(detect({0x5a, 0x2a, 0x4d, 0x18}), Compression::kZstd);
  EXPECT_EQ(detect({0x1f, 0x8b, 8}), Compression::kGzip);
  EXPECT_EQ(detect({0x1f, 0x8b, 7}), Compression::kNone);
  EXPECT_EQ(detect({0x28, 0xb5, 0x2f}), Compression::kNone);
  EXPECT_EQ(detect({}), Compression::kNone);
  EXPECT_STREQ(name_of(Compression::kZstd), "zstd");
}

}  // namespace
}  // namespace assay
