#include "gate/cases.hpp"

#include <gmock/gmock.h>

namespace assay {
namespace {

using testing::ElementsAre;

AskedCase asked(const std::string& name, bool is_control = false) {
  return {name, name, BenchmarkRule{1.02, false, true, {"real_time"}}, is_control};
}

std::string executable_of(const std::string& benchmark) {
  return benchmark.substr(0, benchmark.find('/'));
}

GateResult result(const std::string& benchmark, GateVerdict verdict, Interval interval,
                  const std::string& metric = "real_time") {
  GateResult made;
  made.benchmark = benchmark;
  made.metric = metric;
  made.verdict = verdict;
  made.interval = interval;
  return made;
}
const GateResult kSettled = result("", GateVerdict::kSame, {0.999, 1.001});
const GateResult kOpen = result("", GateVerdict::kUnclear, {0.9, 1.1});
const GateResult kSlower = result("", GateVerdict::kWorse, {1.04, 1.06});

TEST(NullControls, AreTheBenchmarkOfMiddlingCostOfEachExecutable) {
  const BenchmarkRule rule{1.05, false, true, {"bytes", "real_time"}};
  std::vector<AskedCase> cases = {asked("a/1")};
  add_null_controls(
      {{"a/3", "a", 3, rule}, {"b/9", "b", 9, rule}, {"a/1", "a", 1, rule}, {"a/2", "a", 2, rule}},
      cases);
  ASSERT_EQ(cases.size(), 3u);
  EXPECT_FALSE(cases[0].is_control);
  for (const std::size_t i : {1U, 2U}) {
    EXPECT_TRUE(cases[i].is_control);
    EXPECT_EQ(cases[i].baseline, i == 1 ? "a/2" : "b/9");
    EXPECT_EQ(cases[i].candidate, cases[i].baseline);
    EXPECT_THAT(cases[i].rule.metrics, ElementsAre("real_time"));
    EXPECT_EQ(cases[i].rule.margin, 1.05);
  }
}

class OpenCases : public testing::Test {
 protected:
  std::vector<bool> open(bool is_fail_fast = false) const {
    return open_cases(cases_, is_fail_fast, [this](std::size_t i) { return now_[i]; });
  }

  std::vector<AskedCase> cases_ = {asked("a/1"), asked("a/2"), asked("a/1", true)};
  std::vector<std::optional<GateResult>> now_ = {kOpen, kSettled, kSettled};
};

TEST_F(OpenCases, AreThoseNotSettledAndTheControlsBesideThem) {
  EXPECT_THAT(open(), ElementsAre(true, false, true));
}

TEST_F(OpenCases, AreNoneWhereOnlyAControlIsOpen) {
  now_ = {kSettled, kSlower, kOpen};
  EXPECT_THAT(open(), ElementsAre(false, false, false));
}

TEST_F(OpenCases, AreNoneThatFailedAndNoControlIsKeptForThem) {
  now_[0] = std::nullopt;
  EXPECT_THAT(open(), ElementsAre(false, false, false));
  now_ = {kOpen, kSettled, std::nullopt};
  EXPECT_THAT(open(), ElementsAre(true, false, false)) << "the control itself failed";
}

TEST_F(OpenCases, AreNoneAfterARegressionWhereItIsToFailFast) {
  now_[1] = kSlower;
  EXPECT_THAT(open(false), ElementsAre(true, false, true));
  EXPECT_THAT(open(true), ElementsAre(false, false, false));
  now_ = {kOpen, kSettled, kSlower};
  EXPECT_THAT(open(true), ElementsAre(true, false, true)) << "a control is no regression";
}

class JudgedControls : public testing::Test {
 protected:
  void judge(std::optional<GateResult> control) {
    report_.results = {result("a/1", GateVerdict::kSame, {0.99, 1.01}),
                       result("a/1", GateVerdict::kWorse, {2, 2}, "bytes"),
                       result("a/1", GateVerdict::kWorse, {0.5, 0.5}, "bytes_per_second"),
                       result("a/2", GateVerdict::kNotRun, everything()),
                       result("b/1", GateVerdict::kWorse, {1.1, 1.2}),
                       result("other/part", GateVerdict::kSame, {0.99, 1.01})};
    judge_controls(cases_, [&](std::size_t) { return control; }, executable_of, report_);
  }
  std::vector<GateVerdict> verdicts() const {
    std::vector<GateVerdict> found;
    for (const auto& each : report_.results) found.push_back(each.verdict);
    return found;
  }

  std::vector<AskedCase> cases_ = {asked("a/1"), asked("a/2"), asked("b/1"), asked("a/1", true)};
  GateReport report_;
};

TEST_F(JudgedControls, TakeTheTimesOfTheirExecutableWithThem) {
  judge(result("a/1", GateVerdict::kUnclear, {1.001, 1.03}));
  EXPECT_THAT(verdicts(),
              ElementsAre(GateVerdict::kInvalid, GateVerdict::kWorse, GateVerdict::kInvalid,
                          GateVerdict::kNotRun, GateVerdict::kWorse, GateVerdict::kSame));
  EXPECT_EQ(report_.results[0].why, "would be same, but a/1 differs from itself");
  ASSERT_EQ(report_.controls.size(), 1u);
  EXPECT_TRUE(report_.controls[0].has_failed);
}

TEST_F(JudgedControls, HoldWhereTheyMayBeEqualOrAreWithinTheMargin) {
  for (const auto& control : {result("a/1", GateVerdict::kUnclear, {0.9, 1.1}),
                              result("a/1", GateVerdict::kSame, {1.001, 1.002})}) {
    judge(control);
    EXPECT_EQ(report_.results[0].verdict, GateVerdict::kSame);
    ASSERT_FALSE(report_.controls.empty());
    EXPECT_FALSE(report_.controls.back().has_failed);
  }
}

TEST_F(JudgedControls, ThatFailedToRunSayNothing) {
  judge(std::nullopt);
  EXPECT_EQ(report_.results[0].verdict, GateVerdict::kSame);
  EXPECT_TRUE(report_.controls.empty());
}

}  // namespace
}  // namespace assay
