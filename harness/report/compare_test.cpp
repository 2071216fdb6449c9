#include "report/compare.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testing/judged_example.hpp"

namespace assay {
namespace {

using examples::JudgedExample;
using testing::HasSubstr;
using testing::Not;

/// The example as two runs, of which the second may be changed.
std::vector<JudgedRun> two_runs() {
  std::vector<JudgedRun> runs;
  for (const char* id : {"first", "second"}) {
    JudgedExample example;
    example.run.manifest.run_id = id;
    example.run.manifest.machine["fingerprint"] = "one";
    runs.push_back({std::move(example.run), std::move(example.verdicts)});
  }
  return runs;
}

std::string line_of(const std::string& text, const std::string& start) {
  const auto at = text.find("\n" + start);
  return at == std::string::npos ? "" : text.substr(at + 1, text.find('\n', at + 1) - at - 1);
}

TEST(Comparison, OfARunWithItselfOverlaps) {
  const std::string text = comparison_markdown(two_runs());
  EXPECT_THAT(line_of(text, "| A/b |"), HasSubstr("| overlap; last / first "));
  EXPECT_THAT(text, Not(HasSubstr("differ, or")));
  EXPECT_THAT(text, Not(HasSubstr("> The ")));
  EXPECT_EQ(line_of(text, "| C |"), "") << "a control is no claim";
}

TEST(Comparison, ShowsIntervalsThatAreApart) {
  auto runs = two_runs();
  auto& found = runs[1].verdicts.experiments[1].comparisons[1].estimate;
  found.interval = {found.interval.high + 1, found.interval.high + 2};
  const std::string text = comparison_markdown(runs);
  EXPECT_THAT(line_of(text, "| A/b |"), HasSubstr("| **apart**; last / first "));
}

TEST(Comparison, ShowsVerdictsThatContradictEachOther) {
  auto runs = two_runs();
  runs[1].verdicts.experiments[1].verdict = Verdict::kSupported;
  EXPECT_THAT(line_of(comparison_markdown(runs), "| A/b |"), HasSubstr("**other verdicts**"));
  runs[1].verdicts.experiments[1].verdict = Verdict::kInconclusive;
  EXPECT_THAT(line_of(comparison_markdown(runs), "| A/b |"), HasSubstr("| overlap; last / first "));
}

TEST(Comparison, SaysNothingOfIntervalsThatBoundNothingOrOfInvalidVerdicts) {
  for (const Interval& interval : {Interval{0, kInfinity}, everything(), nothing()}) {
    auto runs = two_runs();
    runs[1].verdicts.experiments[1].comparisons[1].estimate.interval = interval;
    EXPECT_THAT(line_of(comparison_markdown(runs), "| A/b |"), testing::EndsWith("| - |"));
  }
  auto runs = two_runs();
  runs[1].verdicts.experiments[1].verdict = Verdict::kInvalid;
  EXPECT_THAT(line_of(comparison_markdown(runs), "| A/b |"), testing::EndsWith("| - |"));
}

TEST(Comparison, IsAgainstOneRivalThroughout) {
  auto runs = two_runs();
  auto& result = runs[1].verdicts.experiments[1];
  result.headline = 0;
  const std::string line = line_of(comparison_markdown(runs), "| A/b |");
  EXPECT_THAT(line, HasSubstr("overlap"));
  EXPECT_THAT(line, HasSubstr("another rival is the strongest"));
  result.comparisons.erase(result.comparisons.begin() + 1);
  EXPECT_THAT(line_of(comparison_markdown(runs), "| A/b |"),
              testing::EndsWith("| another rival is the strongest |"));
}

TEST(Comparison, ComparesByDifferenceWhatMayBeZero) {
  auto runs = two_runs();
  for (auto& judged : runs)
    judged.verdicts.experiments[4].comparisons[0].estimate.interval = {-1, 1};
  EXPECT_THAT(line_of(comparison_markdown(runs), "| S |"), HasSubstr("last - first 0 [-2, 2]"));
}

TEST(Comparison, WarnsOfWhatEachRunWarnsOf) {
  auto runs = two_runs();
  runs[0].run.manifest.source["dirty"] = true;
  runs[1].run.manifest.has_cores_alone = false;
  const std::string text = comparison_markdown(runs);
  EXPECT_THAT(text, HasSubstr("> first: made with uncommitted changes."));
  EXPECT_THAT(text,
              HasSubstr("> second: another run of this program was measuring on the same CPU."));
  EXPECT_THAT(text, HasSubstr("> first: a warning."));
}

TEST(Comparison, TellsOtherBinaries) {
  auto runs = two_runs();
  for (auto& judged : runs) judged.run.manifest.instruments = {{"f", {{"sha256", "one"}}}};
  EXPECT_THAT(comparison_markdown(runs), Not(HasSubstr("The binaries differ")));
  runs[1].run.manifest.instruments["f"]["sha256"] = "two";
  EXPECT_THAT(comparison_markdown(runs), HasSubstr("> The binaries differ"));
}

TEST(Comparison, SaysWhatDiffersBeforeTheTable) {
  auto runs = two_runs();
  runs[1].run.manifest.machine["fingerprint"] = "another";
  runs[1].run.manifest.source["commit"] = "another";
  runs[1].run.reg.hash = "another";
  runs[1].verdicts.experiments[1].experiment.hash = "another";
  runs[1].verdicts.experiments[0].verdict = Verdict::kFailed;
  const std::string text = comparison_markdown(runs);
  EXPECT_THAT(text, HasSubstr("> The machines differ"));
  EXPECT_THAT(text, HasSubstr("> The commits differ"));
  EXPECT_THAT(text, HasSubstr("> The registers differ; reworded: A/b."));
  EXPECT_THAT(text, HasSubstr("> second: the control C failed."));
  EXPECT_THAT(line_of(text, "| A/b |"), HasSubstr("reworded between the runs"));
}

TEST(Comparison, LeavesOutWhatOneRunAloneJudged) {
  auto runs = two_runs();
  std::erase_if(runs[1].verdicts.experiments,
                [](const auto& result) { return result.experiment.id != "S"; });
  const std::string text = comparison_markdown(runs);
  EXPECT_NE(line_of(text, "| S |"), "");
  EXPECT_EQ(line_of(text, "| A/b |"), "");
  runs[1].verdicts.experiments.clear();
  EXPECT_THAT(comparison_markdown(runs), HasSubstr("No claim was judged by two of these runs."));
}

TEST(ComparisonFigures, HaveARowAClaimAndRun) {
  const auto figures = comparison_figures(two_runs())["figures"];
  std::vector<std::string> files;
  for (const auto& figure : figures) files.push_back(figure["file"]);
  EXPECT_THAT(files, testing::ElementsAre(
                         "compare-ratios", "compare-times", "compare-slopes", "compare-crossovers",
                         "compare-baseline---candidate--real_time--ns-an-iteration"));
  EXPECT_EQ(figures[0]["file"], "compare-ratios");
  EXPECT_EQ(figures[0]["reference"], 1.0);
  EXPECT_EQ(figures[0]["rows"][0]["label"], "A/b in first");
  EXPECT_EQ(figures[0]["rows"][1]["label"], "A/b in second");
  EXPECT_EQ(figures[2]["log"], false);
  EXPECT_NEAR(figures[3]["rows"][0]["value"].get<double>(), 10, 1e-9);
}

}  // namespace
}  // namespace assay
