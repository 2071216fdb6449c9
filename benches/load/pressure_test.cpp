#include "benches/load/pressure.hpp"

#include <gmock/gmock.h>
#include <linux/magic.h>
#include <sys/resource.h>
#include <sys/vfs.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <sstream>
#include <string>
#include <vector>

#include "benches/load/files.hpp"
#include "kernels/loading/buffers.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

TEST(ProcessStart, IsField22) {
  EXPECT_EQ(parse_start_ticks("12 (a) b) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4242 20\n"),
            4242u);
  EXPECT_EQ(parse_start_ticks("12 (a) R 1 2 3"), std::nullopt);
  EXPECT_EQ(parse_start_ticks(""), std::nullopt);
  EXPECT_EQ(parse_start_ticks("12 (a) R 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 x 20"),
            std::nullopt);
}

TEST(ChangeNote, ComesBackAsItWas) {
  const Change change{{123, 456789}, "zram", "3"};
  EXPECT_EQ(parse_change(to_text(change)), change);
  const std::string text = to_text(change);
  EXPECT_EQ(parse_change(text.substr(0, text.size() - 1)), std::nullopt) << "cut off";
  EXPECT_EQ(parse_change("assay-change 2\n1 2\nzram\n3\n"), std::nullopt);
  EXPECT_EQ(parse_change("assay-change 1\n1\nzram\n3\n"), std::nullopt);
  EXPECT_EQ(parse_change("assay-change 1\n1 -2\nzram\n3\n"), std::nullopt);
  EXPECT_EQ(parse_change("assay-change 1\n1 2\nzram\n\n"), std::nullopt);
  EXPECT_EQ(parse_change(""), std::nullopt);
}

constexpr std::string_view kV1Mounts =
    "25 20 0:22 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n"
    "26 25 0:23 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
    "27 25 0:24 / /sys/fs/cgroup/memory rw,relatime shared:9 - cgroup cgroup rw,memory\n"
    "28 25 0:25 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n";
constexpr std::string_view kV1Own = "4:memory:/user/me\n1:cpu:/\n0::/\n";
constexpr std::string_view kV2Mounts =
    "28 20 0:25 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw,nsdelegate\n";

std::string no_controllers(const std::string& /*folder*/) {
  return "\n";
}

TEST(MemoryControllerSearch, FindsVersion1) {
  EXPECT_EQ(find_memory_controller(kV1Mounts, kV1Own, no_controllers),
            (MemoryController{1, "/sys/fs/cgroup/memory/user/me"}));
  EXPECT_STREQ((MemoryController{1, ""}.limit_file()), "memory.limit_in_bytes");
}

TEST(MemoryControllerSearch, SeesAContainersPartOfTheTree) {
  EXPECT_EQ(find_memory_controller(
                "27 25 0:24 /docker/1 /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n",
                "4:memory:/docker/1/me\n", no_controllers),
            (MemoryController{1, "/sys/fs/cgroup/memory/me"}));
}

TEST(MemoryControllerSearch, FindsVersion2BesideTheOwnCgroup) {
  std::string asked;
  const auto controllers = [&](const std::string& folder) {
    asked = folder;
    return "cpu io memory pids\n";
  };
  EXPECT_EQ(find_memory_controller(kV2Mounts, "0::/user.slice/session.scope\n", controllers),
            (MemoryController{2, "/sys/fs/cgroup/user.slice"}));
  EXPECT_EQ(asked, "/sys/fs/cgroup/user.slice");
  EXPECT_EQ(find_memory_controller(kV2Mounts, "0::/\n", controllers)->folder, "/sys/fs/cgroup/");
  EXPECT_STREQ((MemoryController{2, ""}.limit_file()), "memory.max");
}

TEST(MemoryControllerSearch, SaysWhyThereIsNone) {
  EXPECT_THAT(find_memory_controller(kV2Mounts, "0::/a/b\n", no_controllers).error(),
              HasSubstr("/sys/fs/cgroup/a (v2) has no memory controller"));
  EXPECT_THAT(find_memory_controller("", "", no_controllers).error(),
              HasSubstr("no controller is mounted"));
  EXPECT_THAT(find_memory_controller("27 25 0:24 / /x rw - cgroup cgroup rw,memory\n", "broken\n",
                                     no_controllers)
                  .error(),
              HasSubstr("no controller is mounted"));
}

class Changes : public testing::Test {
 protected:
  ~Changes() override {
    restore_leftovers(state_);
    fs::remove_all(state_);
  }
  std::size_t notes() const {
    return fs::exists(state_)
               ? static_cast<std::size_t>(std::distance(fs::directory_iterator(state_), {}))
               : 0;
  }
  /// Whether a device of device_bytes_ bytes is swapped to: other tests, at the same time, make and
  /// remove devices of other sizes, and may be given the number that this one had.
  bool is_swapped_to() const {
    // The first page is the header's.
    const std::string size = std::to_string((device_bytes_ - page_) / 1024);
    std::istringstream lines(*content_of_file("/proc/swaps"));
    for (std::string line; std::getline(lines, line);) {
      std::istringstream words(line);
      const std::vector<std::string> columns(std::istream_iterator<std::string>(words), {});
      if (columns.size() > 2 && columns[0].starts_with("/dev/zram") && columns[2] == size)
        return true;
    }
    return false;
  }

  const std::size_t page_ = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  const std::size_t device_bytes_ =
      (std::size_t{64} << 20) + static_cast<std::size_t>(::getpid() % 4096) * page_;
  std::string state_ =
      (fs::temp_directory_path() / ("assay_changes_" + std::to_string(::getpid()))).string();
};

TEST_F(Changes, AreUndoneInOrder) {
  std::string folder;
  {
    const auto swap = ZramSwap::create(device_bytes_, state_);
    if (!swap) GTEST_SKIP() << "not run: " << swap.error();
    EXPECT_TRUE(is_swapped_to());
    EXPECT_LT(swap->use().original, std::size_t{1} << 20);
    EXPECT_EQ(notes(), 1u);
  }
  EXPECT_FALSE(is_swapped_to());
  {
    const auto cgroup = MemoryCgroup::create(device_bytes_, state_);
    if (!cgroup) GTEST_SKIP() << "not run: " << cgroup.error();
    folder = cgroup->folder();
    EXPECT_TRUE(fs::exists(folder));
  }
  EXPECT_FALSE(fs::exists(folder));
  EXPECT_EQ(notes(), 0u);
}

/// A process that makes both changes and waits to be killed; whether it could.
struct Maker {
  pid_t pid = -1;
  bool is_made = false;
  std::string cgroup;
};
Maker start_maker(const std::string& state, std::size_t device) {
  std::array<int, 2> ready{};
  if (::pipe(ready.data()) != 0) return {};
  const pid_t child = ::fork();
  if (child == 0) {
    const auto swap = ZramSwap::create(device, state);
    const auto cgroup = MemoryCgroup::create(device, state);
    const char is_made = swap && cgroup && cgroup->enter() ? 1 : 0;
    if (::write(ready[1], &is_made, 1) != 1) ::_exit(1);
    ::pause();
  }
  char is_made = 0;
  const bool is_told = ::read(ready[0], &is_made, 1) == 1;
  const auto controller = find_memory_controller();
  return {child, is_told && is_made == 1,
          controller ? (fs::path(controller->folder) / ("assay-" + std::to_string(child))).string()
                     : ""};
}

TEST_F(Changes, OfAKilledProcessAreUndone) {
  const Maker maker = start_maker(state_, device_bytes_);
  EXPECT_EQ(restore_leftovers(state_), 0u) << "its owner lives";
  EXPECT_TRUE(!maker.is_made || is_swapped_to());
  EXPECT_TRUE(!maker.is_made || fs::exists(maker.cgroup)) << maker.cgroup;
  ::kill(maker.pid, SIGKILL);
  ::waitpid(maker.pid, nullptr, 0);
  if (!maker.is_made) GTEST_SKIP() << "not run: this machine lets no such changes be made";
  for (int tries = 0; tries < 500 && is_swapped_to(); ++tries) ::usleep(10'000);
  EXPECT_FALSE(is_swapped_to()) << "by the watcher";
  for (int tries = 0; tries < 500 && notes() > 0; ++tries) ::usleep(10'000);
  EXPECT_EQ(notes(), 0u) << "the cgroup, too";
  EXPECT_FALSE(fs::exists(maker.cgroup)) << maker.cgroup;
}

TEST_F(Changes, OfAKilledProcessAndItsWatcherAreUndoneByTheNext) {
  const Maker maker = start_maker(state_, device_bytes_);
  // The maker's only children.
  std::ifstream children("/proc/" + std::to_string(maker.pid) + "/task/" +
                         std::to_string(maker.pid) + "/children");
  const std::vector<pid_t> watchers(std::istream_iterator<pid_t>(children), {});
  for (const pid_t watcher : watchers) ::kill(watcher, SIGKILL);
  ::kill(maker.pid, SIGKILL);
  ::waitpid(maker.pid, nullptr, 0);
  if (!maker.is_made) GTEST_SKIP() << "not run: this machine lets no such changes be made";
  ASSERT_EQ(watchers.size(), 2u);
  EXPECT_EQ(notes(), 2u);
  EXPECT_TRUE(is_swapped_to());
  EXPECT_EQ(restore_leftovers(state_), 2u);
  EXPECT_EQ(notes(), 0u);
  EXPECT_FALSE(is_swapped_to());
}

TEST_F(Changes, ThatAssayNeverMakesAreLeftAlone) {
  fs::create_directories(state_ + "/precious");
  std::ofstream(state_ + "/cgroup-x") << to_text({{1, 1}, "cgroup", state_ + "/precious"});
  std::ofstream(state_ + "/zram-x") << to_text({{1, 1}, "zram", "0/../../x"});
  std::ofstream(state_ + "/other") << "no note\n";
  EXPECT_EQ(restore_leftovers(state_), 0u);
  EXPECT_TRUE(fs::exists(state_ + "/precious"));
}

TEST(LoadFile, IsWarmOrCold) {
  constexpr std::size_t kBytes = std::size_t{1} << 20;
  std::vector<std::byte> content(kBytes);
  fill_with_weights(content, 3);
  std::unique_ptr<LoadFile> file;
  try {
    file = std::make_unique<LoadFile>(content, 3 * kBytes);
    file->make_cold();
  } catch (const NotRun& why) {
    GTEST_SKIP() << why.what();
  }
  EXPECT_EQ(file->cached_bytes(), 0u);
  file->make_warm(kBytes);
  EXPECT_GE(file->cached_bytes(), kBytes);
  EXPECT_EQ(file->size(), 3 * kBytes);
  std::ifstream stream(file->path(), std::ios::binary);
  std::vector<char> read(kBytes);
  ASSERT_TRUE(stream.read(read.data(), kBytes));
  EXPECT_TRUE(std::ranges::equal(std::as_bytes(std::span(read)), content));
}

TEST(LoadFile, IsNotMadeOnAFullDisk) {
  const char* const given = std::getenv("ASSAY_LOAD_DIR");
  const std::string before = given == nullptr ? "" : given;
  ::setenv("ASSAY_LOAD_DIR", "/proc", 1);
  std::string why;
  try {
    const LoadFile file(std::vector<std::byte>(8));
  } catch (const NotRun& refused) {
    why = refused.what();
  }
  if (given == nullptr)
    ::unsetenv("ASSAY_LOAD_DIR");
  else
    ::setenv("ASSAY_LOAD_DIR", before.c_str(), 1);
  EXPECT_THAT(why,
              testing::AllOf(testing::StartsWith("not run: /proc"), HasSubstr("ASSAY_LOAD_DIR")));
}

std::ptrdiff_t open_descriptors() {
  return std::distance(fs::directory_iterator("/proc/self/fd"), {});
}

TEST(LoadFile, LeavesNothingOpenWhereItIsRefused) {
  struct rlimit most{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &most), 0);
  const struct rlimit small{4096, most.rlim_max};
  const auto earlier = std::signal(SIGXFSZ, SIG_IGN);
  const auto before = open_descriptors();
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  std::string why;
  try {
    static_cast<void>(weights_file(std::size_t{24} << 10));
  } catch (const NotRun& refused) {
    why = refused.what();
  }
  ::setrlimit(RLIMIT_FSIZE, &most);
  std::signal(SIGXFSZ, earlier);
  EXPECT_THAT(why, HasSubstr("cannot be written to"));
  EXPECT_EQ(open_descriptors(), before);
  EXPECT_NO_THROW(static_cast<void>(weights_file(std::size_t{24} << 10))) << "asked again";
}

TEST(LoadFile, OfATmpfsIsWarmAndNeverCold) {
  struct statfs system{};
  constexpr const char* kFolder = "/dev/shm";
  if (::statfs(kFolder, &system) != 0 || system.f_type != TMPFS_MAGIC)
    GTEST_SKIP() << "not run: " << kFolder << " is no tmpfs";
  const char* const given = std::getenv("ASSAY_LOAD_DIR");
  const std::string before = given == nullptr ? "" : given;
  ::setenv("ASSAY_LOAD_DIR", kFolder, 1);
  constexpr std::size_t kBytes = std::size_t{40} << 10;
  std::string why, unexpected;
  std::size_t cached = 0;
  try {
    const LoadFile& evictable = evictable_weights_file(kBytes);
    try {
      evictable.make_cold();
    } catch (const NotRun& refused) {
      why = refused.what();
    }
    weights_file(kBytes).make_warm();
    cached = weights_file(kBytes).cached_bytes();
  } catch (const NotRun& refused) {
    unexpected = refused.what();
  }
  if (given == nullptr)
    ::unsetenv("ASSAY_LOAD_DIR");
  else
    ::setenv("ASSAY_LOAD_DIR", before.c_str(), 1);
  if (unexpected.contains("has no room")) GTEST_SKIP() << unexpected;
  EXPECT_EQ(unexpected, "");
  EXPECT_THAT(why, HasSubstr("a tmpfs?"));
  EXPECT_EQ(cached, kBytes);
}

TEST(LoadFile, OfTheSameSizeIsAnotherForThoseWhoEvict) {
  constexpr std::size_t kBytes = std::size_t{48} << 10;
  try {
    const LoadFile& warm = weights_file(kBytes);
    EXPECT_EQ(warm.cached_bytes(), kBytes) << "from the start";
    evictable_weights_file(kBytes).make_cold();
    EXPECT_EQ(warm.cached_bytes(), kBytes);
    EXPECT_NE(warm.sum(), evictable_weights_file(kBytes).sum());
  } catch (const NotRun& why) {
    GTEST_SKIP() << why.what();
  }
}

TEST(Weights, HaveTheirDeviation) {
  std::vector<std::byte> bytes(std::size_t{1} << 20);
  fill_with_weights(bytes, 5);
  double sum = 0, squares = 0;
  const std::size_t count = bytes.size() / sizeof(float);
  for (std::size_t i = 0; i < count; ++i) {
    float value = 0;
    std::memcpy(&value, bytes.data() + i * sizeof value, sizeof value);
    sum += static_cast<double>(value);
    squares += static_cast<double>(value) * static_cast<double>(value);
  }
  EXPECT_NEAR(sum / static_cast<double>(count), 0, 1e-4);
  EXPECT_NEAR(std::sqrt(squares / static_cast<double>(count)), 0.02, 2e-4);
  fill_with_weights(bytes, 5, true);
  EXPECT_EQ(bytes[0], std::byte{0});
  EXPECT_EQ(bytes[5], std::byte{0});
}

}  // namespace
}  // namespace assay
