#include "record/slice.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace assay {
namespace {

using nlohmann::json;
using testing::HasSubstr;

json answer() {
  return {{"name", "f/a"},
          {"family_index", 3},
          {"per_family_instance_index", 0},
          {"run_name", "f/a"},
          {"run_type", "iteration"},
          {"repetitions", 1},
          {"repetition_index", 0},
          {"threads", 1},
          {"label", "avx2"},
          {"iterations", 2000},
          {"real_time", 1.5},
          {"cpu_time", 1.25},
          {"time_unit", "us"},
          {"bytes", 256.0}};
}

Slice must_read(const std::string& line, const std::string& metric) {
  const auto slice = SliceReader({"real_time", metric}).read(line);
  EXPECT_TRUE(slice.has_value()) << (slice ? "" : slice.error().message());
  return slice.value_or(Slice{});
}

std::string line_of(const json& record) {
  return raw_line(record, {.unit = 1, .arm = 2, .block = 3, .is_warmup = false}, 4, 5);
}

/// The message for a record that `change` damages.
std::string refusal(const std::function<void(json&)>& change, const std::string& metric = "bytes") {
  json record = json::parse(line_of(answer()));
  change(record);
  const auto slice = SliceReader({"real_time", metric}).read(record.dump());
  if (slice) return "accepted";
  EXPECT_EQ(slice.error().code, ExitCode::kData);
  return slice.error().message();
}

TEST(RawLine, IsOneLineWithItsPlaceAndWithoutWhatAllSharePlusTheName) {
  const std::string line = line_of(answer());
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_TRUE(line.starts_with("{\"name\":\"f/a\","));
  const json record = json::parse(line);
  for (const char* key : {"family_index", "per_family_instance_index", "run_name", "repetitions",
                          "repetition_index", "label"})
    EXPECT_FALSE(record.contains(key)) << key;
  for (const char* key : {"iterations", "real_time", "cpu_time", "time_unit", "bytes", "run_type"})
    EXPECT_EQ(record[key], answer()[key]) << key;
}

TEST(SliceReader, GivesBackWhatWasWritten) {
  const Slice slice = must_read(line_of(answer()), "bytes");
  EXPECT_EQ(slice.unit, 1U);
  EXPECT_EQ(slice.arm, 2U);
  EXPECT_EQ(slice.block, 3U);
  EXPECT_EQ(slice.round, 4U);
  EXPECT_EQ(slice.position, 5U);
  EXPECT_EQ(slice.value, 256);
  EXPECT_EQ(slice.real_time_ns, 1500);
}

TEST(SliceReader, NormalisesTimesAndLeavesCountersAsTheyStand) {
  const std::pair<const char*, double> units[] = {{"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}};
  for (const auto& [unit, factor] : units) {
    json record = answer();
    record["time_unit"] = unit;
    EXPECT_DOUBLE_EQ(must_read(line_of(record), "cpu_time").value, 1.25 * factor) << unit;
    EXPECT_DOUBLE_EQ(must_read(line_of(record), "bytes").value, 256) << unit;
  }
  json record = answer();
  record.erase("time_unit");
  EXPECT_DOUBLE_EQ(must_read(line_of(record), "cpu_time").value, 1.25);
}

TEST(SliceReader, AcceptsACounterOfZeroAndAWholeNumber) {
  json record = answer();
  record["bytes"] = 0;
  EXPECT_EQ(must_read(line_of(record), "bytes").value, 0);
}

TEST(SliceReader, RefusesWhatIsNoObject) {
  for (const char* line : {"", "[]", "5", "[{}]", "\"{}\"", "{\"a\":1e999}", "{'a':1}",
                           "{\"name\": ", "{} {}", "null"}) {
    const auto slice = SliceReader({"real_time"}).read(line);
    ASSERT_FALSE(slice.has_value()) << line;
    EXPECT_EQ(slice.error().message(), "not a JSON object");
  }
}

TEST(SliceReader, TakesTheLastValueOfAKeyThatOccursTwice) {
  const std::string line = line_of(answer());
  const auto with = [&](const std::string& more) {
    return SliceReader({"real_time", "bytes"}).read(line.substr(0, line.size() - 1) + more + "}");
  };
  EXPECT_EQ(with(R"(,"bytes":7,"round":9)").value().value, 7);
  EXPECT_EQ(with(R"(,"bytes":7,"round":9)").value().round, 9U);
  EXPECT_EQ(with(R"(,"\u0075nit":0)").value().unit, 0U);
  EXPECT_EQ(with(R"(,"time_unit":"ms")").value().real_time_ns, 1.5e6);
  for (const char* more : {R"(,"round":"9")", R"(,"round":[9])", R"(,"round":{"round":9})"})
    EXPECT_FALSE(with(more).has_value()) << more;
}

TEST(SliceReader, LeavesOutWhatIsNested) {
  json record = json::parse(line_of(answer()));
  record["a"] = {{"unit", 0}, {"bytes", 1}, {"b", {{"real_time", 9}, {"round", 8}}}};
  record["z"] = json::array({7, {{"position", 6}}, json::array({5})});
  const Slice slice = must_read(record.dump(), "bytes");
  EXPECT_EQ(slice.unit, 1U);
  EXPECT_EQ(slice.round, 4U);
  EXPECT_EQ(slice.position, 5U);
  EXPECT_EQ(slice.value, 256);
  EXPECT_EQ(slice.real_time_ns, 1500);
}

TEST(SliceReader, TakesTheMetricOfTheRecordsOwnUnit) {
  const std::vector<std::string> metrics = {"bytes", "cpu_time", "bytes", "real_time", "round"};
  const std::vector<double> values = {256, 1250, 256, 1500, 4};
  json record = json::parse(line_of(answer()));
  for (std::size_t unit = 0; unit < metrics.size(); ++unit) {
    record["unit"] = unit;
    EXPECT_EQ(SliceReader(metrics).read(record.dump()).value().value, values[unit]) << unit;
  }
}

TEST(TakenName, IsAKeyOfTheSlicesPlace) {
  EXPECT_EQ(taken_name_in(answer()), "");
  for (const char* key : {"unit", "arm", "round", "block", "position"}) {
    json record = answer();
    record[key] = 1.5;
    EXPECT_EQ(taken_name_in(record), key);
  }
}

TEST(SliceReader, RefusesARecordWithoutItsPlace) {
  const std::string message = "the record does not say its place in the run";
  for (const char* key : {"unit", "arm", "round", "block", "position"}) {
    EXPECT_EQ(refusal([&](json& record) { record.erase(key); }), message) << key;
    for (const json& wrong : {json(-1), json(1.5), json("1"), json(4294967296), json(nullptr)})
      EXPECT_EQ(refusal([&](json& record) { record[key] = wrong; }), message) << key << wrong;
  }
  EXPECT_EQ(refusal([](json& record) { record["arm"] = 65536; }), message);
  // One more round than can be counted.
  EXPECT_EQ(refusal([](json& record) { record["round"] = 4294967295; }), message);
}

TEST(SliceReader, RefusesAUnitThatThePlanLacks) {
  EXPECT_EQ(refusal([](json& record) { record["unit"] = 2; }),
            "the record belongs to no comparison of the plan");
}

TEST(SliceReader, NamesTheMetricThatIsMissing) {
  EXPECT_EQ(refusal([](json&) {}, "swap"),
            "f/a: no metric \"swap\" in the record; name a time or a counter that the "
            "benchmark reports");
  EXPECT_THAT(refusal([](json& record) { record["bytes"] = "256"; }),
              HasSubstr("no metric \"bytes\""));
  EXPECT_THAT(refusal([](json& record) { record.erase("real_time"); }),
              HasSubstr("no metric \"real_time\""));
}

TEST(SliceReader, RefusesNumbersAndUnitsThatAreNone) {
  EXPECT_THAT(refusal([](json& record) { record["time_unit"] = "h"; }),
              HasSubstr("real_time is not a finite number"));
  EXPECT_THAT(refusal([](json& record) { record["time_unit"] = 7; }),
              HasSubstr("real_time is not a finite number"));
  EXPECT_THAT(refusal([](json& record) {
                record["real_time"] = 1e308;
                record["time_unit"] = "s";
              }),
              HasSubstr("real_time is not a finite number"));
}

TEST(SliceReader, SaysWhereANullStandsForWhatIsNoNumber) {
  EXPECT_EQ(refusal([](json& record) { record["bytes"] = nullptr; }),
            "f/a: bytes is not a finite number");
  EXPECT_EQ(refusal([](json& record) { record["swap"] = nullptr; }), "accepted") << "not asked for";
}

TEST(SliceReader, RefusesANameThatIsNoTextWithoutThrowing) {
  EXPECT_THAT(refusal([](json& record) { record["name"] = 5; }, "swap"),
              HasSubstr("?: no metric \"swap\""));
}

}  // namespace
}  // namespace assay
