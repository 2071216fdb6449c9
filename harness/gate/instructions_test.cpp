#include "gate/instructions.hpp"

#include <gtest/gtest.h>

namespace assay {
namespace {

GateResult judged(double baseline, double candidate, const std::string& label = "") {
  return judge_instructions("a", {}, {baseline, "", "valgrind"}, {candidate, label, "valgrind"});
}

TEST(GateInstructions, FindsOnePercentAndPassesATenth) {
  EXPECT_EQ(judged(1000, 1010).verdict, GateVerdict::kWorse);
  EXPECT_EQ(judged(1000, 990).verdict, GateVerdict::kBetter);
  EXPECT_EQ(judged(1000, 1001).verdict, GateVerdict::kSame);
  EXPECT_EQ(judged(1000, 1000).interval, (Interval{1, 1}));
  EXPECT_TRUE(is_regression(judged(1000, 1010)));
}

TEST(GateInstructions, AtTheMarginAreUnclear) {
  EXPECT_EQ(judged(10000, 10052).verdict, GateVerdict::kUnclear);
  EXPECT_EQ(judged(10000, 10065).verdict, GateVerdict::kWorse);
  EXPECT_EQ(judged(10052, 10000).verdict, GateVerdict::kUnclear);
}

TEST(GateInstructions, OfOtherKernelsAreInvalid) {
  EXPECT_EQ(judged(1000, 500, "avx2").verdict, GateVerdict::kInvalid);
}

TEST(GateInstructions, StandBesideTheTimesOfTheSameBenchmark) {
  GateReport report;
  report.results = {judged(1000, 1500), {}, {}};
  report.results[1].benchmark = "a";
  report.results[2].benchmark = "b";
  note_instructions(report);
  EXPECT_EQ(report.results[1].instructions, 1.5);
  EXPECT_FALSE(report.results[0].instructions);
  EXPECT_FALSE(report.results[2].instructions);
}

}  // namespace
}  // namespace assay
