#include "gate/sides.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>

#include <unistd.h>

namespace assay {
namespace {

namespace fs = std::filesystem;

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

constexpr std::chrono::seconds kPatience{10};

/// A folder of shell scripts that stand for executables.
class GateSides : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("assay-sides-" + std::to_string(::getpid()));
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void add(const std::string& name, const std::string& script) {
    const fs::path path = folder_ / name;
    std::ofstream(path) << "#!/bin/sh\n" << script << "\n";
    fs::permissions(path, fs::perms::owner_all);
    build_.programs.push_back({name, path.string()});
  }

  Result<GateSide> survey() const { return survey_side("candidate", build_, {}, kPatience); }

  Build build_{"build", {}, {}, {}};
  fs::path folder_;
};

TEST_F(GateSides, OneThatBreaksHasFailedAndOneWithoutBenchmarksIsSkipped) {
  add("crashes", "kill -SEGV $$");
  add("errs", "exit 3");
  add("none", "exit 0");
  add("works", "echo a/b");
  const auto side = survey();
  ASSERT_TRUE(side) << side.error().message();
  EXPECT_THAT(side->benchmarks, ElementsAre("a/b"));
  EXPECT_THAT(side->failed,
              ElementsAre(HasSubstr("killed by signal 11"), HasSubstr("exited with code 3")));
  EXPECT_THAT(side->skipped, ElementsAre(HasSubstr("none: does not serve slices")));
}

TEST_F(GateSides, WithoutAnyBenchmarkBothKindsAreNamed) {
  add("crashes", "kill -SEGV $$");
  add("none", "exit 0");
  const auto side = survey();
  ASSERT_FALSE(side);
  EXPECT_EQ(side.error().code, ExitCode::kInstrument);
  EXPECT_THAT(side.error().message(), HasSubstr("killed by signal 11"));
  EXPECT_THAT(side.error().message(), HasSubstr("lists no benchmarks"));
}

}  // namespace
}  // namespace assay
