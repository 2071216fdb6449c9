#include "gate/google_json.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace assay {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

TEST(GoogleJson, ReadsRepetitionsAndNoAggregates) {
  const auto records = runs_in(R"({"context": {}, "benchmarks": [
    {"name": "a/repeats:2", "run_type": "iteration", "real_time": 3, "time_unit": "us"},
    {"name": "a/repeats:2", "run_type": "iteration", "real_time": 1, "time_unit": "us"},
    {"name": "a/repeats:2_mean", "run_type": "aggregate", "aggregate_name": "mean"}]})",
                               "x.json");
  ASSERT_TRUE(records);
  EXPECT_THAT(records->records, SizeIs(2));
  EXPECT_EQ(plain_name(records->records.front()), "a");
  const auto middle = median_record(records->records, "a", "x.json");
  ASSERT_TRUE(middle);
  EXPECT_EQ((*middle)["real_time"], 1);  // the lower of two
  EXPECT_EQ((*middle)["name"], "a");
}

TEST(GoogleJson, ReadsWhatTheLibraryPrintsForNoNumber) {
  const auto records =
      runs_in("{\"benchmarks\": [{\"name\": \"a\",\n\"cv\": NaN,\n\"x\": -Infinity\n}]}", "x.json");
  ASSERT_TRUE(records) << records.error().message();
  EXPECT_TRUE(records->records.front()["cv"].is_null());
}

TEST(GoogleJson, TakesTheMedianWhereThereAreOnlyAggregates) {
  const auto runs = runs_in(R"({"benchmarks": [
    {"name": "a_mean", "run_name": "a", "run_type": "aggregate", "aggregate_name": "mean",
     "real_time": 9},
    {"name": "a_median", "run_name": "a", "run_type": "aggregate", "aggregate_name": "median",
     "real_time": 5}]})",
                            "x.json");
  ASSERT_TRUE(runs);
  ASSERT_THAT(runs->records, SizeIs(1));
  EXPECT_EQ(runs->records[0]["name"], "a");
  EXPECT_EQ(runs->records[0]["real_time"], 5);
}

TEST(GoogleJson, KeepsWhatStandsBehindTheRepetitions) {
  EXPECT_EQ(plain_name({{"name", "a/repeats:12/manual_time"}}), "a/manual_time");
}

TEST(GoogleJson, NamesTheFileThatIsCutOffAndTheBenchmarkThatErred) {
  EXPECT_THAT(runs_in("{\"benchmarks\": [", "x.json").error().message(),
              HasSubstr("x.json: is no JSON, or was cut off"));
  EXPECT_THAT(runs_in("[]", "x.json").error().message(), HasSubstr("no document"));
  EXPECT_THAT(runs_in("{\"benchmarks\": [{}]}", "x.json").error().message(),
              HasSubstr("without a name"));
  const auto erred = runs_in(
      R"({"benchmarks": [{"name": "a", "error_occurred": true, "error_message": "wrong"},
                         {"name": "b", "error_occurred": true, "error_message": "not run: no AVX"},
                         {"name": "c", "skipped": true, "skip_message": "small"}]})",
      "x");
  ASSERT_TRUE(erred);
  ASSERT_THAT(erred->failures, SizeIs(3));
  EXPECT_EQ(erred->failures[0].kind, FailureKind::kError);
  EXPECT_EQ(erred->failures[0].what, "wrong");
  EXPECT_EQ(erred->failures[1].kind, FailureKind::kNotRun);
  EXPECT_EQ(erred->failures[1].what, "no AVX");
  EXPECT_EQ(erred->failures[2].kind, FailureKind::kNotRun);
  EXPECT_FALSE(median_record({}, "a", "x"));
  EXPECT_FALSE(median_record({{{"name", "a"}, {"real_time", 0}, {"time_unit", "ns"}}}, "a", "x"));
}

/// Files of two sides, gated by their paths.
class GateFiles : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = std::filesystem::temp_directory_path() / fmt::format("assay-files-{}", ::getpid());
    std::filesystem::create_directories(folder_);
  }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  /// Writes a document of these records, one a line.
  std::string file(const std::string& name, const std::string& records,
                   const std::string& date = "2026-11-21T12:00:00+00:00") const {
    const auto path = (folder_ / name).string();
    std::ofstream(path) << fmt::format(R"({{"context": {{"date": "{}"}}, "benchmarks": [)", date)
                        << "\n"
                        << records << "\n]}";
    return path;
  }

  Result<void> gate(const std::vector<std::string>& baseline,
                    const std::vector<std::string>& candidate,
                    const std::vector<std::string>& metrics) {
    GateRules rules;
    rules.metrics = metrics;
    report_ = {};
    return gate_files(
        baseline, candidate, rules, [](Matching matching) -> Result<Matching> { return matching; },
        report_);
  }

  GateReport report_;
  std::filesystem::path folder_;
};

constexpr const char* kCounts = R"({"name": "a", "real_time": 5, "bytes": 7})";

TEST_F(GateFiles, AMetricOfOneSideOrNoneOrThatIsNoNumberIsNoPass) {
  const std::string with = file("with.json", kCounts);
  const std::string without = file("without.json", R"({"name": "a", "real_time": 5})");
  const std::string nan =
      file("nan.json", "{\"name\": \"a\", \"real_time\": 5,\n\"bytes\": NaN\n}");
  ASSERT_TRUE(gate({with}, {without}, {"bytes"}));
  EXPECT_EQ(report_.results.front().verdict, GateVerdict::kInvalid);
  EXPECT_EQ(exit_code_of(report_, false), ExitCode::kInvalid);
  ASSERT_TRUE(gate({with}, {nan}, {"bytes"}));
  EXPECT_EQ(report_.results.front().verdict, GateVerdict::kInvalid);
  const auto mistyped = gate({with}, {without}, {"byets"});
  ASSERT_FALSE(mistyped);
  EXPECT_EQ(mistyped.error().code, ExitCode::kUsage);
}

TEST_F(GateFiles, ABenchmarkThatErredIsInvalidAndTheOthersAreAnswered) {
  const std::string both = std::string(R"({"name": "b", "real_time": 5},)") + "\n";
  const std::string good = file("good.json", both + kCounts);
  const std::string bad = file("bad.json", both + R"({"name": "a", "error_occurred": true,
    "error_message": "wrong"})");
  ASSERT_TRUE(gate({good}, {bad}, {"real_time"}));
  ASSERT_THAT(report_.results, SizeIs(2));
  EXPECT_EQ(report_.results[0].verdict, GateVerdict::kInvalid);
  EXPECT_THAT(report_.results[0].why, HasSubstr("wrong"));
  EXPECT_NE(report_.results[1].verdict, GateVerdict::kInvalid);
  EXPECT_EQ(exit_code_of(report_, false), ExitCode::kInstrument);
}

TEST_F(GateFiles, OneSkippedByTheCandidateAloneIsNoPass) {
  const std::string good = file("good.json", kCounts);
  const std::string skipped =
      file("skipped.json", R"({"name": "a", "skipped": true, "skip_message": "small"})");
  ASSERT_TRUE(gate({good}, {skipped}, {"real_time"}));
  EXPECT_EQ(exit_code_of(report_, false), ExitCode::kInvalid);
}

TEST_F(GateFiles, OneFileCountsOnce) {
  const std::string one = file("one.json", kCounts), copy = file("copy.json", kCounts);
  const std::string other = file("other.json", R"({"name": "a", "real_time": 6})");
  for (const auto& paths : {std::vector{one, one}, std::vector{one, copy}}) {
    const auto compared = gate(paths, {other}, {"real_time"});
    ASSERT_FALSE(compared);
    EXPECT_EQ(compared.error().code, ExitCode::kUsage);
    EXPECT_THAT(compared.error().message(), HasSubstr("holds the same as"));
  }
}

TEST_F(GateFiles, TimesAreStrongOnlyWhereTheSidesTookTurns) {
  for (const bool take_turns : {true, false}) {
    std::vector<std::string> before, after;
    for (int i = 0; i < 16; ++i) {
      const auto at = [&](int minute) {
        return fmt::format("2026-11-21T12:{:02}:00+00:00", minute);
      };
      const auto record = [&](double time) {
        return fmt::format(R"({{"name": "a", "real_time": {}, "n_per_second": {}, "bytes": {}}})",
                           time + 0.001 * i, 1 / time, time);
      };
      const std::string name = fmt::format("{}-{}.json", i, take_turns);
      before.push_back(file("a" + name, record(5), at(take_turns ? 2 * i : i)));
      after.push_back(file("b" + name, record(8), at(take_turns ? 2 * i + 1 : 20 + i)));
    }
    ASSERT_TRUE(gate(before, after, {"real_time", "n_per_second"}));
    ASSERT_THAT(report_.results, SizeIs(2));
    for (const auto& result : report_.results) {
      EXPECT_EQ(result.verdict, GateVerdict::kWorse);
      EXPECT_EQ(is_regression(result), take_turns);
    }
    ASSERT_TRUE(gate(before, after, {"bytes"}));
    EXPECT_TRUE(is_regression(report_.results.front()));
  }
}

TEST_F(GateFiles, ACounterThatIsATotalOverUnequalIterationsIsInvalid) {
  const auto record = [](int iterations, int total) {
    return fmt::format(R"({{"name": "a", "real_time": 5, "iterations": {}, "bytes": {}}})",
                       iterations, total);
  };
  const auto verdict = [&](int iterations, int total) {
    const std::string before = file("before.json", record(1000, 64000));
    EXPECT_TRUE(gate({before}, {file("after.json", record(iterations, total))}, {"bytes"}));
    return report_.results.front().verdict;
  };
  EXPECT_EQ(verdict(1500, 96000), GateVerdict::kInvalid);
  EXPECT_NE(verdict(1500, 64000), GateVerdict::kInvalid);
  EXPECT_NE(verdict(1000, 96000), GateVerdict::kInvalid);
}

TEST(ChangeOfMedians, IsTheQuotientOfBothIntervals) {
  const std::vector<double> before(20, 2.0), after(20, 3.0), none(20, 0.0);
  EXPECT_EQ(change_of_medians(before, after, 0.01), (Interval{1.5, 1.5}));
  EXPECT_EQ(change_of_medians({2}, {3}, 0.01), (Interval{0, kInfinity}));
  EXPECT_EQ(change_of_medians(none, none, 0.01), (Interval{1, 1}));
  EXPECT_EQ(change_of_medians(none, after, 0.01), (Interval{kInfinity, kInfinity}));
  const std::vector<double> below(20, -2.0), less(20, -3.0);
  EXPECT_EQ(change_of_medians(below, less, 0.01), (Interval{0.5, 0.5}));
  EXPECT_EQ(change_of_medians(less, below, 0.01).low, relative_change(-3, -2));
  EXPECT_GT(relative_change(-3, -2), 1);
}

}  // namespace
}  // namespace assay
