#include "measure/instructions.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <filesystem>

#include "testing/temporary_folder.hpp"

namespace assay {
namespace {

using examples::TemporaryFolder;
using testing::HasSubstr;
using testing::StartsWith;

constexpr std::chrono::seconds kTimeout{60};
constexpr std::string_view kWhole =
    "desc: I1 cache: 32768 B\ncmd: ./bind summary: 7\nevents: Ir\nfl=a.cpp\nfn=f\n12 5\nsummary: "
    "5078929\n";

TEST(TotalInstructions, AreTheSummaryOfTheFile) {
  EXPECT_EQ(total_instructions(kWhole), 5078929U);
}

TEST(TotalInstructions, AreNotReadFromAFileThatWasCutOff) {
  for (std::size_t size = 0; size < kWhole.size(); ++size)
    EXPECT_FALSE(total_instructions(kWhole.substr(0, size))) << size;
}

TEST(TotalInstructions, AreNotReadFromAFileOfOtherEvents) {
  for (const char* text :
       {"", "x", "events: Ir", "\nevents: Ir I1mr\nsummary: 12 3\n", "\nevents: Ir\nsummary: \n",
        "\nevents: Ir\nsummary: -1\n", "\nevents: Ir\nsummary: 1.5\n",
        "\nevents: Ir\nsummary: 99999999999999999999\n"}) {
    const auto total = total_instructions(text);
    ASSERT_FALSE(total) << text;
    EXPECT_EQ(total.error().code, ExitCode::kOutput);
  }
}

TEST(InstructionsPerIteration, AreFreeOfWhatIsConstant) {
  EXPECT_EQ(instructions_per_iteration({5'000'320, 5'000'640, 5'001'280}, 10), 32);
  EXPECT_EQ(instructions_per_iteration({320, 640, 1280}, 10), 32);
}

TEST(InstructionsPerIteration, MayDifferByAThousandth) {
  EXPECT_TRUE(instructions_per_iteration({0, 999'500, 3'000'000 - 500}, 1000));
  EXPECT_FALSE(instructions_per_iteration({0, 998'000, 2'998'000}, 1000));
  EXPECT_FALSE(instructions_per_iteration({0, 1'002'000, 3'002'000}, 1000));
}

TEST(InstructionsPerIteration, AreRefusedWhereTheyGrowWithTheIterations) {
  const auto found = instructions_per_iteration({100, 400, 1600}, 10);
  ASSERT_FALSE(found);
  EXPECT_EQ(found.error().code, ExitCode::kInstrument);
  EXPECT_THAT(found.error().message(),
              StartsWith("its instructions are not constant per iteration: 30 from 10 to 20 "
                         "iterations, 60 from 20 to 40; "));
}

TEST(InstructionsPerIteration, AreMoreThanNone) {
  EXPECT_FALSE(instructions_per_iteration({7, 7, 7}, 10));
  EXPECT_FALSE(instructions_per_iteration({30, 20, 0}, 10));
}

TEST(IterationsToCount, TakeSomeMilliseconds) {
  EXPECT_EQ(iterations_to_count(2.5), 2'000'000U);
  EXPECT_EQ(iterations_to_count(1e5), 50U);
  EXPECT_EQ(iterations_to_count(1e9), 1U);
}

/// No kernel knows it, so no counter opens, and valgrind counts.
constexpr PerfEvent kNoEvent{0xFFFF'FFFF, 0};
/// A counter of it opens and stands still.
constexpr PerfEvent kStandsStill{PERF_TYPE_SOFTWARE, PERF_COUNT_SW_DUMMY};
constexpr PerfEvent kPageFaults{PERF_TYPE_SOFTWARE, PERF_COUNT_SW_PAGE_FAULTS};

/// A script that greets as an instrument does and then goes on as told.
InstrumentFile script_in(const TemporaryFolder& folder, std::string_view then) {
  const std::string path = folder.path("instrument");
  examples::write_text(
      path, fmt::format("#!/bin/sh\n"
                        R"(echo '{{"assay_protocol": 1, "benchmarks": [{{"name": "it"}}]}}')"
                        "\nread request\n{}\n",
                        then));
  std::filesystem::permissions(path, std::filesystem::perms::owner_all);
  return {"instrument", path};
}

/// Runs valgrind, whose temporary files go to a folder of the test's own.
class CountInstructions : public testing::Test {
 protected:
  void SetUp() override {
    if (std::string_view(ASSAY_SANITIZERS) != "")
      GTEST_SKIP() << "NOT TESTED: valgrind runs no instrument built with a sanitizer";
    if (!output_of({"valgrind", "--version"}, true))
      GTEST_SKIP() << "NOT TESTED: valgrind is not installed";
    std::signal(SIGPIPE, SIG_IGN);
    ::setenv("TMPDIR", folder_.path().c_str(), 1);
  }
  void TearDown() override {
    ::unsetenv("TMPDIR");
    EXPECT_EQ(temporary_files(), 0) << "left behind in " << folder_.path();
  }

  std::ptrdiff_t temporary_files() const {
    using Iterator = std::filesystem::directory_iterator;
    return std::distance(Iterator(folder_.path()), Iterator());
  }

  static Error error_of(const InstrumentFile& file, const std::string& benchmark,
                        std::chrono::milliseconds timeout = kTimeout) {
    const auto count = count_instructions(file, benchmark, 100, timeout, kNoEvent);
    EXPECT_FALSE(count);
    return count ? Error{} : count.error();
  }

  InstrumentFile script(std::string_view then) const { return script_in(scripts_, then); }

  const InstrumentFile control_{"control", ASSAY_CONTROL};
  const InstrumentFile faulty_{"faulty_instrument", ASSAY_FAULTY};

 private:
  TemporaryFolder folder_;
  TemporaryFolder scripts_;
};

double counted(const InstrumentFile& file, const std::string& benchmark) {
  constexpr std::uint64_t kIterations = 20'000;
  const auto count = count_instructions(file, benchmark, kIterations, kTimeout, kNoEvent);
  if (!count) {
    ADD_FAILURE() << count.error().message();
    return 0;
  }
  EXPECT_EQ(count->label, "avx2") << benchmark;
  EXPECT_EQ(count->counted_by, "valgrind");
  return count->per_iteration;
}

// An iteration of control/bind is `calls` equal calls, and a few instructions around them: fewer
// than a call has. So five more calls are the same number of instructions more, and ten more are
// just below a tenth more. What a process owes to chance is below one instruction an iteration.
TEST_F(CountInstructions, SeesTheCallsThatAPositiveControlAddsAndNothingElse) {
  const double with_100 = counted(control_, "control/bind/calls:100");
  const double with_105 = counted(control_, "control/bind/calls:105");
  const double with_110 = counted(control_, "control/bind/calls:110");
  EXPECT_NEAR(with_110 - with_105, with_105 - with_100, 1);
  EXPECT_GT(with_110 / with_100, 1.099);
  EXPECT_LT(with_110 / with_100, 1.100);
}

TEST_F(CountInstructions, TellsWhyABenchmarkRefuses) {
  const Error error = error_of(faulty_, "faulty/error");
  EXPECT_EQ(error.code, ExitCode::kInstrument);
  EXPECT_EQ(error.message(), "faulty/error: under valgrind: wrong result: 41 instead of 42");
  EXPECT_THAT(error_of(faulty_, "faulty/stedy").message(), HasSubstr("no benchmark has this name"));
}

TEST_F(CountInstructions, RefusesIterationsThatAreFixed) {
  EXPECT_THAT(error_of(faulty_, "faulty/fixed/100/iterations:7").message(),
              HasSubstr("ran another number of iterations than the 1 asked for"));
}

TEST_F(CountInstructions, TellsThatTheInstrumentCrashed) {
  const Error error = error_of(script("kill -SEGV $$"), "it");
  EXPECT_EQ(error.code, ExitCode::kInstrument);
  EXPECT_THAT(error.message(), HasSubstr("killed by signal 11"));
  EXPECT_THAT(error_of({"true", "/bin/true"}, "it").message(), HasSubstr("does not serve slices"));
}

TEST_F(CountInstructions, TellsThatTheInstrumentFailedAtItsEnd) {
  const std::string answer = R"(echo '{"name": "it", "real_time": 1, "iterations": )";
  const auto file = script(answer + "1}'\nread request\n" + answer + "100}'\nread request\nexit 3");
  EXPECT_THAT(error_of(file, "it").message(),
              HasSubstr("exited with code 3 under valgrind at its end"));
}

TEST_F(CountInstructions, WaitsNoLongerThanItIsTold) {
  EXPECT_THAT(error_of(script("while :; do :; done"), "it", std::chrono::seconds(5)).message(),
              HasSubstr("no answer within 5.0 s"));
}

TEST_F(CountInstructions, NeedsAFolderForTemporaryFiles) {
  ::setenv("TMPDIR", "/nowhere", 1);
  const Error error = error_of(faulty_, "faulty/counter");
  EXPECT_EQ(error.code, ExitCode::kOutput);
  EXPECT_THAT(error.message(), HasSubstr("TMPDIR"));
}

bool hardware_counts() {
  const auto counter = PerfCounter::open(0, kHardwareInstructions);
  return counter && counter->read().value_or(0) > 0;
}

TEST_F(CountInstructions, PrefersTheCountersOfTheHardwareWhereThereAreAny) {
  constexpr int kUnits = 400;
  const auto count =
      count_instructions(faulty_, "faulty/steady/units:400/manual_time", 1000, kTimeout);
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_EQ(count->counted_by, hardware_counts() ? "perf" : "valgrind");
  EXPECT_GT(count->per_iteration, 2 * kUnits);  // a multiplication and an addition a unit, at least
}

TEST_F(CountInstructions, LeavesItToValgrindWhereACounterStandsStill) {
  const auto count = count_instructions(faulty_, "faulty/steady/units:400/manual_time", 1000,
                                        kTimeout, kStandsStill);
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_EQ(count->counted_by, "valgrind");
}

/// The way through a counter, with an event that the kernel counts on any machine. A PATH without
/// programs shows that valgrind has no part in it.
class CountByACounter : public testing::Test {
 protected:
  void SetUp() override {
    if (const auto counter = PerfCounter::open(0, kPageFaults); !counter)
      GTEST_SKIP() << "NOT TESTED: " << counter.error().message();
    std::signal(SIGPIPE, SIG_IGN);
    path_ = std::getenv("PATH");
    ::setenv("PATH", "/nowhere", 1);
  }
  void TearDown() override {
    if (!path_.empty()) ::setenv("PATH", path_.c_str(), 1);
  }

  /// In slices so long that a fault of Google Benchmark's or a sanitizer's own is next to nothing.
  static Result<InstructionCount> counted(const std::string& benchmark) {
    return count_instructions({"faulty", ASSAY_FAULTY}, benchmark, 20'000, kTimeout, kPageFaults);
  }

 private:
  std::string path_;
};

TEST_F(CountByACounter, CountsWhatAnIterationDoes) {
  const auto count = counted("faulty/page-fault");
  ASSERT_TRUE(count) << count.error().message();
  EXPECT_NEAR(count->per_iteration, 1, kMostCountsDiffer);
  EXPECT_EQ(count->counted_by, "perf");
  EXPECT_EQ(count->label, "");
}

TEST_F(CountByACounter, TellsWhyABenchmarkRefuses) {
  const auto count = counted("faulty/error");
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().message(),
            "faulty/error: while it was counted: wrong result: 41 instead of 42");
}

TEST_F(CountByACounter, TellsThatTheInstrumentCrashed) {
  const TemporaryFolder scripts;
  const auto count =
      count_instructions(script_in(scripts, "kill -SEGV $$"), "it", 1, kTimeout, kPageFaults);
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, ExitCode::kInstrument);
  EXPECT_THAT(count.error().message(), HasSubstr("killed by signal 11"));
}

TEST_F(CountByACounter, RefusesIterationsThatAreFixed) {
  const auto count = counted("faulty/fixed/100/iterations:7");
  ASSERT_FALSE(count);
  EXPECT_THAT(count.error().message(), HasSubstr("ran another number of iterations than the 1"));
}

TEST(CountInstructionsWithoutValgrind, NamesThePackage) {
  const std::string path = std::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  const auto count = count_instructions({"true", "/bin/true"}, "it", 1, kTimeout, kNoEvent);
  ::setenv("PATH", path.c_str(), 1);
  ASSERT_FALSE(count);
  EXPECT_EQ(count.error().code, ExitCode::kInstrument);
  EXPECT_EQ(count.error().message(),
            "valgrind: instructions cannot be counted: it is not installed, or does not run; "
            "install the Debian package valgrind");
}

}  // namespace
}  // namespace assay
