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
  const auto records = records_in(R"({"context": {}, "benchmarks": [
    {"name": "a/repeats:2", "run_type": "iteration", "real_time": 3, "time_unit": "us"},
    {"name": "a/repeats:2", "run_type": "iteration", "real_time": 1, "time_unit": "us"},
    {"name": "a/repeats:2_mean", "run_type": "aggregate", "aggregate_name": "mean"}]})",
                                  "x.json");
  ASSERT_TRUE(records);
  EXPECT_THAT(*records, SizeIs(2));
  EXPECT_EQ(plain_name(records->front()), "a");
  const auto middle = median_record(*records, "a", "x.json");
  ASSERT_TRUE(middle);
  EXPECT_EQ((*middle)["real_time"], 1);  // the lower of two
  EXPECT_EQ((*middle)["name"], "a");
}

TEST(GoogleJson, ReadsWhatTheLibraryPrintsForNoNumber) {
  const auto records = records_in(
      "{\"benchmarks\": [{\"name\": \"a\",\n\"cv\": NaN,\n\"x\": -Infinity\n}]}", "x.json");
  ASSERT_TRUE(records) << records.error().message();
  EXPECT_TRUE(records->front()["cv"].is_null());
}

TEST(GoogleJson, KeepsWhatStandsBehindTheRepetitions) {
  EXPECT_EQ(plain_name({{"name", "a/repeats:12/manual_time"}}), "a/manual_time");
}

TEST(GoogleJson, NamesTheFileThatIsCutOffAndTheBenchmarkThatErred) {
  EXPECT_THAT(records_in("{\"benchmarks\": [", "x.json").error().message(),
              HasSubstr("x.json: is no JSON, or was cut off"));
  EXPECT_THAT(records_in("[]", "x.json").error().message(), HasSubstr("no document"));
  EXPECT_THAT(records_in("{\"benchmarks\": [{}]}", "x.json").error().message(),
              HasSubstr("without a name"));
  const auto erred = records_in(
      R"({"benchmarks": [{"name": "a", "error_occurred": true, "error_message": "wrong"}]})", "x");
  EXPECT_EQ(erred.error().code, ExitCode::kInstrument);
  EXPECT_THAT(erred.error().message(), HasSubstr("wrong"));
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

TEST(ChangeOfMedians, IsTheQuotientOfBothIntervals) {
  const std::vector<double> before(20, 2.0), after(20, 3.0), none(20, 0.0);
  EXPECT_EQ(change_of_medians(before, after, 0.01), (Interval{1.5, 1.5}));
  EXPECT_EQ(change_of_medians({2}, {3}, 0.01), (Interval{0, kInfinity}));
  EXPECT_EQ(change_of_medians(none, none, 0.01), (Interval{1, 1}));
  EXPECT_EQ(change_of_medians(none, after, 0.01), (Interval{kInfinity, kInfinity}));
}

}  // namespace
}  // namespace assay
