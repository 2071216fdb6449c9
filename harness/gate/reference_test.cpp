#include "gate/reference.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <thread>

namespace assay {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

class GateReference : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("assay-log-{}", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }
  std::string text(const std::string& name) const {
    std::ostringstream all;
    all << std::ifstream(path(name)).rdbuf();
    return all.str();
  }

  std::filesystem::path folder_;
};

/// True of a process that runs: not gone, and no zombie.
bool is_running(int pid) {
  std::ifstream file(fmt::format("/proc/{}/stat", pid));
  std::string stat;
  std::getline(file, stat);
  const auto name_end = stat.rfind(')');
  return name_end != std::string::npos && stat.at(name_end + 2) != 'Z';
}

TEST_F(GateReference, ACommandMayTakeLongerThanThePatienceForItsEnd) {
  const auto done = run_logged(path("log"), {"sh", "-c", "sleep 0.5; echo done; echo err >&2"}, "x",
                               {seconds(60), milliseconds(100)});
  EXPECT_TRUE(done) << done.error().message();
  EXPECT_EQ(text("log"), "done\nerr\n");
}

TEST_F(GateReference, OneThatTakesTooLongIsKilledWithWhatItStarted) {
  const auto done =
      run_logged(path("log"), {"sh", "-c", "sleep 600 & echo $! > \"$0\"; wait", path("pid")},
                 "the commit", {seconds(2), milliseconds(100)});
  ASSERT_FALSE(done);
  EXPECT_EQ(done.error().code, ExitCode::kInvalid);
  EXPECT_THAT(done.error().message(), HasSubstr("took too long"));
  int pid = 0;
  ASSERT_TRUE(std::istringstream(text("pid")) >> pid);
  for (int tries = 0; tries < 1000 && is_running(pid); ++tries)
    std::this_thread::sleep_for(milliseconds(10));
  EXPECT_FALSE(is_running(pid));
}

TEST_F(GateReference, ACommandThatFailsNamesItsLog) {
  const auto done = run_logged(path("log"), {"sh", "-c", "echo broken; exit 7"}, "the commit");
  ASSERT_FALSE(done);
  EXPECT_THAT(done.error().message(), HasSubstr("exited with code 7"));
  EXPECT_THAT(done.error().message(), HasSubstr(path("log")));
  EXPECT_EQ(text("log"), "broken\n");
}

}  // namespace
}  // namespace assay
