#include "verdict/calibration.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "testing/examples.hpp"

namespace assay {
namespace {

using namespace examples;
using nlohmann::json;
using testing::HasSubstr;
using testing::SizeIs;

Trial trial(double extra, Interval interval, double seconds, double offered = 5) {
  Trial made;
  made.run_id = "r";
  made.started_at = "2026-01-01T00:00:00Z";
  made.fingerprint = "here";
  made.kernel = "k";
  made.extra = extra;
  made.offered = offered;
  made.value = std::sqrt(interval.low * interval.high);
  made.interval = interval;
  made.verdict = extra == 0 ? "equivalent" : "supported";
  made.rounds = 32;
  made.seconds = seconds;
  return made;
}

TEST(Trial, KnowsWhatItsIntervalSays) {
  EXPECT_FALSE(trial(0, {0.99, 1.01}, 1).is_different());
  EXPECT_FALSE(trial(0, {1, 1.01}, 1).is_different());
  EXPECT_TRUE(trial(0, {1.0001, 1.01}, 1).is_different());
  EXPECT_TRUE(trial(0, {0.98, 0.999}, 1).is_different());
  EXPECT_TRUE(trial(0.02, {1.001, 1.03}, 1).is_found());
  EXPECT_FALSE(trial(0.02, {0.999, 1.03}, 1).is_found());
  EXPECT_TRUE(trial(0.02, {1.001, 1.03}, 1).covers());
  EXPECT_FALSE(trial(0.02, {1.03, 1.04}, 1).covers());
}

TEST(Trial, IsReadAsItWasWritten) {
  Trial made = trial(0.05, {1.01, 1.09}, 2);
  made.seconds_to_1_percent = 0.5;
  made.disturbance = "both";
  Trial unbounded = trial(0, everything(), 2);
  unbounded.value = std::numeric_limits<double>::quiet_NaN();
  const auto read =
      trials_from(to_json(made).dump() + "\n" + to_json(unbounded).dump() + "\n", "c.jsonl");
  ASSERT_TRUE(read.has_value());
  ASSERT_THAT(*read, SizeIs(2));
  EXPECT_EQ(to_json(read->at(0)), to_json(made));
  EXPECT_EQ(read->at(0).disturbance, "both");
  EXPECT_EQ(read->at(1).interval, everything());
  EXPECT_TRUE(std::isnan(read->at(1).value));
  EXPECT_FALSE(read->at(1).seconds_to_1_percent);
}

TEST(Trial, OfADamagedLineIsRefusedByItsNumber) {
  const std::string good = to_json(trial(0, {1, 1}, 1)).dump() + "\n";
  for (const std::string damaged : {"nonsense\n", "{}\n", "[]\n"}) {
    const auto read = trials_from(good + damaged + good, "c.jsonl");
    ASSERT_FALSE(read.has_value());
    EXPECT_THAT(read.error().message(), HasSubstr("c.jsonl:2: "));
  }
  EXPECT_THAT(*trials_from(good + good.substr(0, 20), "c.jsonl"), SizeIs(1));
}

TEST(Summary, CountsFalseAlarmsWithTheirExactBound) {
  std::vector<Trial> trials(300, trial(0, {0.99, 1.01}, 1));
  NullPool nulls = summarise(trials, "here", "")->nulls.at(0);
  EXPECT_EQ(nulls.n, 300U);
  EXPECT_EQ(nulls.different, 0U);
  EXPECT_LT(nulls.different_at_most, 0.01);
  trials[7].interval = {1.001, 1.01};
  trials[8].verdict = "refuted";
  trials[9].seconds = 6;
  nulls = summarise(trials, "here", "")->nulls.at(0);
  EXPECT_EQ(nulls.different, 1U);
  EXPECT_GT(nulls.different_at_most, 0.01);
  EXPECT_EQ(nulls.beyond_margin, 1U);
  EXPECT_EQ(nulls.equivalent_in_5_s, 298U);
}

TEST(Summary, CountsATrialWithinTheSecondsThatItWasOffered) {
  const std::vector<Trial> trials = {
      trial(0.01, {1.001, 1.02}, 4), trial(0.01, {1.001, 1.02}, 14, 15),
      trial(0.01, {0.99, 1.02}, 15, 15), trial(0.01, {0.9, 0.99}, 1, 15)};
  const PositivePool found = summarise(trials, "here", "")->positives.at(0);
  EXPECT_EQ(found.in_5_s.n, 4U);
  EXPECT_EQ(found.in_5_s.found, 1U);
  EXPECT_EQ(found.in_15_s.n, 3U);
  EXPECT_EQ(found.in_15_s.found, 1U);
  EXPECT_EQ(found.wrong_sign, 1U);
  EXPECT_EQ(found.interval_holds_truth, 3U);
}

TEST(Summary, IsOfOneMachineAndOneDisturbance) {
  std::vector<Trial> trials = {trial(0, {0.99, 1.01}, 1), trial(0, {0.99, 1.01}, 1),
                               trial(0, {0.99, 1.01}, 1)};
  trials[1].fingerprint = "there";
  trials[2].disturbance = "both";
  EXPECT_EQ(summarise(trials, "here", "")->nulls.at(0).n, 1U);
  EXPECT_EQ(summarise(trials, "here", "both")->nulls.at(0).n, 1U);
  EXPECT_FALSE(summarise(trials, "nowhere", ""));
}

TEST(Summary, IsReadAsItWasWritten) {
  const std::vector<Trial> trials = {trial(0, {0.99, 1.01}, 1), trial(0.01, {0.99, 1.02}, 5)};
  const json written = to_json(*summarise(trials, "here", ""));
  EXPECT_EQ(to_json(calibration_summary_from(written)), written);
  json damaged = written;
  damaged["nulls"][0].erase("different");
  EXPECT_THROW(calibration_summary_from(damaged), json::exception);
}

TEST(Summary, HasNoMedianTimeWhereHalfWereNotFound) {
  const std::vector<Trial> trials = {trial(0.01, {0.99, 1.02}, 5), trial(0.01, {0.99, 1.02}, 5),
                                     trial(0.01, {1.001, 1.02}, 1)};
  EXPECT_FALSE(summarise(trials, "here", "")->positives.at(0).median_seconds);
}

TEST(TrialsOf, TakeKernelAndTruthFromTheId) {
  Experiment positive = experiment("positive/bind/0.5", superiority(1));
  Experiment null = experiment("null/allocate", equivalence(1.03), {"f/a"}, "f/b");
  assay::Run run;
  run.reg.experiments = {positive, null};
  run.reg.settings.looks = {16, 32};
  run.manifest = manifest_of(run.reg);
  run.manifest.machine["fingerprint"] = "here";
  run.collected.events.elapsed_seconds = 8;
  run.collected.slices = slices_of(
      run.manifest.plan, 40,
      [](const std::string& name, std::uint32_t) { return name == "f/old" ? 1.005 : 1.0; });
  const auto trials = trials_of(run, judge(run.manifest, run.reg, run.collected), "memory");
  ASSERT_THAT(trials, SizeIs(2));
  EXPECT_EQ(trials[0].kernel, "bind");
  EXPECT_DOUBLE_EQ(trials[0].extra, 0.005);
  EXPECT_EQ(trials[0].disturbance, "memory");
  EXPECT_EQ(trials[0].verdict, "supported");
  EXPECT_DOUBLE_EQ(trials[0].offered, 5);
  EXPECT_DOUBLE_EQ(trials[0].seconds, 1.6);  // the first look of 16 rounds, of 8 s for 80 rounds
  EXPECT_EQ(trials[1].kernel, "allocate");
  EXPECT_EQ(trials[1].extra, 0);
  EXPECT_DOUBLE_EQ(*trials[1].seconds_to_1_percent, 0.6);  // 6 rounds, the first that bound
}

}  // namespace
}  // namespace assay
