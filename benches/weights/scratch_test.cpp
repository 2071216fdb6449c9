#include "benches/weights/scratch.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <functional>
#include <thread>

#include "kernels/loading/temporary_file_test.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr ModelShape kSmallShape{16, 24, 2, 4, 2, 11, 8};

bool comes_true(const std::function<bool()>& holds) {
  for (int tenths = 0; tenths < 300; ++tenths) {
    if (holds()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  return holds();
}

/// A process that owns a scratch folder in `parent`, until it is killed.
class Owner {
 public:
  Owner(const fs::path& parent, const std::function<void()>& work) {
    std::array<int, 2> ends{};
    if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe");
    pid_ = ::fork();
    if (pid_ == 0) {
      ::setenv("ASSAY_SCRATCH_DIR", parent.c_str(), 1);
      char outcome = '.';
      try {
        work();
      } catch (const std::exception&) {
        outcome = '!';
      }
      if (::write(ends[1], &outcome, 1) != 1) ::_exit(1);
      ::close(ends[1]);
      for (;;) ::pause();
    }
    ::close(ends[1]);
    if (::read(ends[0], &outcome_, 1) != 1) outcome_ = '?';
    ::close(ends[0]);
    folder_ = parent / ("assay-weights-" + std::to_string(pid_));
  }
  Owner(const Owner&) = delete;
  Owner& operator=(const Owner&) = delete;
  ~Owner() { kill(); }

  void kill() {
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
    pid_ = -1;
  }
  /// '.' or, if the work threw, '!'.
  char outcome() const { return outcome_; }
  const fs::path& folder() const { return folder_; }

 private:
  pid_t pid_ = -1;
  char outcome_ = '?';
  fs::path folder_;
};

TEST(Scratch, IsGoneSomeSecondsAfterItsOwnerWasKilled) {
  const TemporaryFolderOfTest parent;
  Owner owner(parent.path(), [] { scratch_checkpoint("small", kSmallShape, false); });
  ASSERT_EQ(owner.outcome(), '.');
  ASSERT_TRUE(fs::exists(owner.folder() / "small.bin"));
  struct stat found{};
  ASSERT_EQ(::stat(owner.folder().c_str(), &found), 0);
  EXPECT_EQ(found.st_mode & 0777, 0700U);
  owner.kill();
  EXPECT_TRUE(comes_true([&] { return !fs::exists(owner.folder()); }));
}

TEST(Scratch, RefusesAFolderThatOthersMayWriteTo) {
  const TemporaryFolderOfTest parent;
  const Owner owner(parent.path(), [&] {
    const fs::path folder =
        fs::path(parent.path()) / ("assay-weights-" + std::to_string(::getpid()));
    fs::create_directory(folder);
    fs::permissions(folder, fs::perms::all);
    scratch_folder();
  });
  EXPECT_EQ(owner.outcome(), '!');
}

TEST(Scratch, TakesAFolderThatIsThereAndHasACaretakerThenToo) {
  const TemporaryFolderOfTest parent;
  Owner owner(parent.path(), [&] {
    const fs::path folder =
        fs::path(parent.path()) / ("assay-weights-" + std::to_string(::getpid()));
    if (::mkdir(folder.c_str(), 0700) != 0) throw std::runtime_error("no folder");
    scratch_folder();
  });
  ASSERT_EQ(owner.outcome(), '.');
  owner.kill();
  EXPECT_TRUE(comes_true([&] { return !fs::exists(owner.folder()); }));
}

TEST(Scratch, WritesAnewACheckpointThatIsNotWhole) {
  const TemporaryFolderOfTest parent;
  const Owner owner(parent.path(), [] {
    const fs::path path = scratch_folder() / "small.bin";
    std::ofstream(path) << "a truncated one";
    scratch_checkpoint("small", kSmallShape, false);
    // Nor is one of another shape taken.
    if (fs::file_size(path) != layout_of(kSmallShape)->bytes) throw std::runtime_error("left");
    ModelShape other = kSmallShape;
    other.vocab = 12;
    scratch_checkpoint("small", other, false);
    if (fs::file_size(path) != layout_of(other)->bytes) throw std::runtime_error("left");
  });
  EXPECT_EQ(owner.outcome(), '.');
}

}  // namespace
}  // namespace assay
