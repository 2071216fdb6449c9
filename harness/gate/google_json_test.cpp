#include "gate/google_json.hpp"

#include <gmock/gmock.h>

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

TEST(ChangeOfMedians, IsTheQuotientOfBothIntervals) {
  const std::vector<double> before(20, 2.0), after(20, 3.0), none(20, 0.0);
  EXPECT_EQ(change_of_medians(before, after, 0.01), (Interval{1.5, 1.5}));
  EXPECT_EQ(change_of_medians({2}, {3}, 0.01), (Interval{0, kInfinity}));
  EXPECT_EQ(change_of_medians(none, none, 0.01), (Interval{1, 1}));
  EXPECT_EQ(change_of_medians(none, after, 0.01), (Interval{kInfinity, kInfinity}));
}

}  // namespace
}  // namespace assay
