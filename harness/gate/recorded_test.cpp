#include "gate/recorded.hpp"

#include <gmock/gmock.h>

namespace assay {
namespace {

const std::vector<double> kHundred(20, 100.0);
const std::vector<double> kDouble(20, 200.0);

GateResult judged(const std::string& metric, const Interval& shift) {
  return judge_recorded("a", metric, {}, kHundred, kDouble, shift, 0.01);
}

TEST(GateRecorded, CountersAreComparedAsTheyAre) {
  const GateResult found = judged("bytes", everything());
  EXPECT_EQ(found.verdict, GateVerdict::kWorse);
  EXPECT_EQ(found.interval, (Interval{2, 2}));
  EXPECT_TRUE(is_regression(found));
}

TEST(GateRecorded, TimesAreDividedByTheShiftOfTheControlsAndStayWeak) {
  EXPECT_EQ(judged("real_time", {2, 2}).verdict, GateVerdict::kSame);
  EXPECT_EQ(judged("real_time", {1.5, 2.5}).verdict, GateVerdict::kUnclear);
  const GateResult slower = judged("real_time", {1, 1.1});
  EXPECT_EQ(slower.verdict, GateVerdict::kWorse);
  EXPECT_FALSE(is_regression(slower));
  EXPECT_THAT(slower.why, testing::HasSubstr("the controls moved by"));
}

TEST(GateRecorded, RatesFallAsTimesGrow) {
  const auto rate = [](const Interval& shift) {
    return judge_recorded("a", "n_per_second", {}, kDouble, kHundred, shift, 0.01);
  };
  EXPECT_EQ(rate({2, 2}).verdict, GateVerdict::kSame);
  EXPECT_EQ(rate({1, 1}).verdict, GateVerdict::kWorse);
  EXPECT_FALSE(is_regression(rate({1, 1})));
  EXPECT_EQ(rate(everything()).verdict, GateVerdict::kUnclear);
}

TEST(GateRecorded, WithoutControlsTimesHaveNoAnswer) {
  const GateResult found = judged("real_time", everything());
  EXPECT_EQ(found.verdict, GateVerdict::kUnclear);
  EXPECT_THAT(found.why, testing::HasSubstr("no two controls"));
}

TEST(GateRecorded, TheShiftSpansAllControlsInBothRuns) {
  const auto run = [](double a, double b) {
    return RoundMedians{{"control/a", {{"real_time", {a}}}},
                        {"control/b", {{"real_time", {b}}}},
                        {"other", {{"real_time", {1}}}}};
  };
  EXPECT_EQ(shift_of_controls(run(1, 2), run(2, 3)), (Interval{1.5, 2}));
  EXPECT_EQ(shift_of_controls(run(1, 2), {{"control/a", {{"real_time", {1}}}}}), everything());
}

}  // namespace
}  // namespace assay
