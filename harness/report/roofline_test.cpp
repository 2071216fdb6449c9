#include "report/roofline.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "report/report.hpp"
#include "testing/examples.hpp"

namespace assay {
namespace {

using namespace examples;
using Json = nlohmann::ordered_json;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;

/// A run in which each benchmark takes so many ns, in each round a thousandth more than in the one
/// before, and says what it did.
struct MeasuredKernels {
  MeasuredKernels(std::vector<Experiment> entries, std::map<std::string, double> ns,
                  std::map<std::string, WorkByKind> work, std::uint32_t rounds = 21) {
    run.reg.experiments = std::move(entries);
    run.manifest = manifest_of(run.reg);
    run.manifest.work = std::move(work);
    run.collected.events.rounds_ended = rounds;
    run.collected.events.finish = "budget";
    run.collected.slices =
        slices_of(run.manifest.plan, rounds, [&](const std::string& name, std::uint32_t round) {
          return ns.at(name) * (1 + 0.001 * (round - (rounds - 1) / 2.0));
        });
    verdicts = judge(run.manifest, run.reg, run.collected);
  }

  std::vector<Roofline> rooflines() const { return rooflines_of(run, verdicts); }

  Run run;
  RunVerdicts verdicts;
};

Experiment limit(const std::string& id, std::vector<std::string> probes,
                 const std::string& kernel) {
  return experiment(id, range(RuleKind::kLimit, 0.5, std::nullopt), std::move(probes), kernel);
}

std::vector<std::string> names_of(const auto& shown) {
  std::vector<std::string> names;
  for (const auto& one : shown) names.push_back(one.benchmark);
  return names;
}

/// Two kernels that move 80 bytes for 10 and 40 words, two probes of the memory, one of the units.
MeasuredKernels example() {
  return {{limit("A", {"f/load", "f/load-slow"}, "f/xor"), limit("B", {"f/issue"}, "f/count"),
           limit("C", {"f/load", "f/load-slow"}, "f/count")},
          {{"f/load", 4}, {"f/load-slow", 8}, {"f/issue", 5}, {"f/xor", 8}, {"f/count", 10}},
          {{"f/load", {{"bytes", 80}}},
           {"f/load-slow", {{"bytes", 80}}},
           {"f/issue", {{"words", 100}}},
           {"f/xor", {{"bytes", 80}, {"words", 10}}},
           {"f/count", {{"bytes", 80}, {"words", 40}}}}};
}

TEST(Rooflines, HoldTheFastestProbesAndTheKernelsEachOnce) {
  const MeasuredKernels measured = example();
  const auto rooflines = measured.rooflines();
  ASSERT_THAT(rooflines, SizeIs(1));
  const Roofline& words = rooflines[0];
  EXPECT_EQ(words.operation, "words");
  ASSERT_THAT(names_of(words.bandwidth), ElementsAre("f/load"));
  EXPECT_NEAR(words.bandwidth[0].per_second.value, 80 / 4e-9, 1);
  ASSERT_THAT(names_of(words.compute), ElementsAre("f/issue"));
  EXPECT_NEAR(words.compute[0].per_second.value, 100 / 5e-9, 1);
  ASSERT_THAT(names_of(words.kernels), ElementsAre("f/count", "f/xor"));
  std::vector<std::string> claims;
  for (const auto* result : words.kernels[0].results) claims.push_back(result->experiment.id);
  EXPECT_THAT(claims, ElementsAre("B", "C"));
  EXPECT_DOUBLE_EQ(words.kernels[0].intensity, 0.5);
  EXPECT_DOUBLE_EQ(words.kernels[1].intensity, 0.125);
  EXPECT_NEAR(words.kernels[1].per_second.value, 10 / 8e-9, 1);
}

TEST(Rooflines, HaveIntervalsOfRatesWhoseEndsAreThoseOfTimesTurnedRound) {
  const auto [value, interval] = example().rooflines().at(0).kernels.at(0).per_second;
  EXPECT_NEAR(value, 40 / 10e-9, 1);
  EXPECT_GT(interval.low, 40 / 10.2e-9);
  EXPECT_LT(interval.low, value * 0.999);
  EXPECT_GT(interval.high, value * 1.001);
  EXPECT_LT(interval.high, 40 / 9.8e-9);
}

TEST(Rooflines, HaveNoIntervalWhereRoundsAreTooFew) {
  const MeasuredKernels few(
      {limit("A", {"f/load"}, "f/xor")}, {{"f/load", 4}, {"f/xor", 8}},
      {{"f/load", {{"bytes", 80}}}, {"f/xor", {{"bytes", 80}, {"words", 10}}}}, 3);
  const auto open = few.rooflines().at(0).kernels.at(0).per_second;
  EXPECT_NEAR(open.value, 10 / 8e-9, 1);
  EXPECT_EQ(open.interval.low, everything().low);
  EXPECT_EQ(open.interval.high, everything().high);
}

TEST(Rooflines, NeedAKernelAndARoofThatSayTheirWork) {
  const std::map<std::string, double> ns = {{"f/load", 4}, {"f/xor", 8}};
  const WorkByKind both = {{"bytes", 80}, {"words", 10}};
  const auto of = [&](std::map<std::string, WorkByKind> work) {
    return MeasuredKernels({limit("A", {"f/load"}, "f/xor")}, ns, std::move(work)).rooflines();
  };
  EXPECT_THAT(of({{"f/load", {{"bytes", 80}}}, {"f/xor", both}}), SizeIs(1));
  EXPECT_THAT(of({}), IsEmpty());
  EXPECT_THAT(of({{"f/xor", both}}), IsEmpty()) << "no roof";
  EXPECT_THAT(of({{"f/load", {{"bytes", 80}}}}), IsEmpty()) << "no kernel";
  EXPECT_THAT(of({{"f/load", {{"bytes", 80}}}, {"f/xor", {{"bytes", 80}}}}), IsEmpty());
  EXPECT_THAT(of({{"f/load", {{"bytes", 80}}}, {"f/xor", {{"words", 10}}}}), IsEmpty());
  EXPECT_THAT(of({{"f/load", both}, {"f/xor", both}}), IsEmpty()) << "a kernel is no roof";
  EXPECT_THAT(of({{"f/load", {{"flops", 80}}}, {"f/xor", both}}), IsEmpty()) << "another kind";
}

TEST(Rooflines, TellOfAKernelTheVerdictThatSaysTheLeastForIt) {
  std::vector<ExperimentVerdict> results(4);
  results[0].verdict = Verdict::kSupported;
  results[1].verdict = Verdict::kEquivalent;
  results[2].verdict = Verdict::kRefuted;
  results[3].verdict = Verdict::kInvalid;
  UnderRoof kernel;
  const auto with = [&](std::size_t i) {
    kernel.results.push_back(&results[i]);
    return least_favourable(kernel);
  };
  EXPECT_EQ(with(0), Verdict::kSupported);
  EXPECT_EQ(with(1), Verdict::kEquivalent);
  EXPECT_EQ(with(2), Verdict::kRefuted);
  EXPECT_EQ(with(0), Verdict::kRefuted);
  EXPECT_EQ(with(3), Verdict::kInvalid);
}

TEST(Rooflines, AreOfLimitsAlone) {
  EXPECT_THAT(
      MeasuredKernels({experiment("A", superiority(2), {"f/load"}, "f/xor")},
                      {{"f/load", 4}, {"f/xor", 8}},
                      {{"f/load", {{"bytes", 80}}}, {"f/xor", {{"bytes", 80}, {"words", 10}}}})
          .rooflines(),
      IsEmpty());
}

TEST(FiguresDocument, DrawsARooflineOfEachKind) {
  const MeasuredKernels measured = example();
  const auto document = figures_document(measured.run, measured.verdicts);
  Json roofline;
  for (const auto& figure : document["figures"])
    if (figure["kind"] == "roofline") roofline = figure;
  ASSERT_FALSE(roofline.is_null());
  EXPECT_FALSE(roofline.contains("experiment"));
  EXPECT_EQ(roofline["file"], "roofline-words");
  EXPECT_EQ(roofline["y_label"], "words a second");
  ASSERT_THAT(roofline["kernels"], SizeIs(2));
  EXPECT_EQ(roofline["kernels"][0]["claims"][1]["experiment"], "C");
  EXPECT_EQ(roofline["kernels"][1]["claims"][0]["experiment"], "A");
  EXPECT_EQ(roofline["kernels"][1]["claims"][0]["verdict"], "supported");
  EXPECT_EQ(roofline["kernels"][1]["intensity"], 0.125);
  EXPECT_NEAR(roofline["bandwidth"][0]["low"].get<double>(), 80 / 4e-9, 0.01 * 80 / 4e-9);
  EXPECT_EQ(roofline["compute"][0]["name"], "f/issue");
}

}  // namespace
}  // namespace assay
