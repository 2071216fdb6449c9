#include "gate/report.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>

namespace assay {
namespace {

using testing::HasSubstr;
using testing::Not;

GateResult of(const std::string& name, GateVerdict verdict, double change, Interval interval) {
  GateResult result;
  result.benchmark = name;
  result.verdict = verdict;
  result.change = change;
  result.interval = interval;
  result.baseline = 1000;
  result.candidate = 1000 * change;
  return result;
}

GateReport mixed() {
  GateReport report;
  report.results = {of("quiet", GateVerdict::kSame, 1.001, {0.999, 1.002}),
                    of("slow<1>", GateVerdict::kWorse, 1.1, {1.05, 1.15}),
                    of("open", GateVerdict::kUnclear, 1, {0, kInfinity})};
  report.removed = {{"old", "new"}};
  report.added = {{"new", "old"}};
  return report;
}

std::string plain(const std::string& text, const char* /*colour*/) {
  return text;
}

TEST(GateReportForms, TheTerminalShowsTheWorstFirstAndFoldsWhatIsTheSame) {
  const std::string table = terminal_table(mixed(), false, plain);
  EXPECT_EQ(table.find("slower"), 0);
  EXPECT_THAT(table, HasSubstr("+10.0% [+5.0%, +15.0%]  1 us -> 1.1 us"));
  EXPECT_THAT(table, HasSubstr("[not bounded]"));
  EXPECT_THAT(table, HasSubstr("1 more (--all lists them)"));
  EXPECT_THAT(table, HasSubstr("removed   old (renamed? resembles new)"));
  EXPECT_THAT(table, HasSubstr("added     new"));
  EXPECT_THAT(table, Not(HasSubstr("quiet")));
  EXPECT_THAT(terminal_table(mixed(), true, plain), HasSubstr("quiet"));
}

TEST(GateReportForms, TheHeadlineCounts) {
  EXPECT_EQ(headline(mixed(), false),
            "1 regression: 1 slower, 1 same, 1 unclear; 1 removed; 1 added");
  GateReport weak = mixed();
  weak.results[1].evidence = GateEvidence::kRepetitions;
  EXPECT_THAT(headline(weak, false), HasSubstr("no answer for all benchmarks"));
  EXPECT_THAT(terminal_table(weak, false, plain), HasSubstr("weak evidence"));
}

TEST(GateReportForms, MarkdownFoldsWhatNeedsNoReader) {
  const std::string text = markdown_of(mixed(), false);
  const auto fold = text.find("<details>");
  EXPECT_LT(text.find("**slower**"), fold);
  EXPECT_LT(text.find("- removed: old"), fold);
  EXPECT_GT(text.find("`quiet`"), fold);
  EXPECT_THAT(text, HasSubstr("--filter"));  // what to do
}

pugi::xml_node suite_in(pugi::xml_document& document, const GateReport& report, bool is_strict) {
  EXPECT_TRUE(document.load_string(junit_of(report, is_strict).c_str()));
  return document.child("testsuite");
}

std::string counted(const GateReport& report, bool is_strict = false) {
  pugi::xml_document document;
  const auto suite = suite_in(document, report, is_strict);
  return fmt::format("{} tests, {} failures, {} errors, {} skipped",
                     suite.attribute("tests").value(), suite.attribute("failures").value(),
                     suite.attribute("errors").value(), suite.attribute("skipped").value());
}

TEST(GateReportForms, JunitCountsAndEscapes) {
  EXPECT_EQ(counted(mixed()), "4 tests, 1 failures, 0 errors, 2 skipped");
  EXPECT_EQ(counted(mixed(), true), "4 tests, 1 failures, 2 errors, 0 skipped");
  pugi::xml_document document;
  EXPECT_STREQ(suite_in(document, mixed(), false).child("testcase").attribute("name").value(),
               "slow<1>");
  GateReport report = mixed();
  report.results[1].benchmark = "a\x01\xff";
  EXPECT_STREQ(suite_in(document, report, false).child("testcase").attribute("name").value(),
               "a\xef\xbf\xbd\xef\xbf\xbd");
}

TEST(GateReportForms, JunitFailsWhereverTheGateDoes) {
  GateReport good;
  good.results = {of("quiet", GateVerdict::kSame, 1.001, {0.999, 1.002})};
  EXPECT_EQ(counted(good), "1 tests, 0 failures, 0 errors, 0 skipped");
  GateReport crashed = good;
  crashed.failures = {"candidate: x: killed"};
  EXPECT_EQ(counted(crashed), "2 tests, 0 failures, 1 errors, 0 skipped");
  GateReport interrupted = good;
  interrupted.was_interrupted = true;
  EXPECT_EQ(counted(interrupted), "2 tests, 0 failures, 1 errors, 0 skipped");
  GateReport blind;
  blind.results = {of("open", GateVerdict::kUnclear, 1, {0, kInfinity})};
  EXPECT_EQ(counted(blind), "2 tests, 0 failures, 1 errors, 1 skipped");
  GateReport failed = good;
  failed.has_failures = true;
  EXPECT_EQ(counted(failed), "2 tests, 0 failures, 1 errors, 0 skipped");
}

TEST(GateReportForms, AnnotationsAreOfRegressionsAndOfInvalidOnes) {
  GateReport report = mixed();
  report.results.push_back(of("broken", GateVerdict::kInvalid, 1, {0, kInfinity}));
  report.results.back().why = "100%\nsure";
  const std::string text = annotations_of(report);
  EXPECT_EQ(text.find("::error title=assay gate::slow<1>: slower +10.0%25"), 0);
  EXPECT_THAT(text, HasSubstr("\n::warning title=assay gate::broken"));
  EXPECT_THAT(text, HasSubstr("100%25%0Asure"));
  EXPECT_THAT(text, Not(HasSubstr("quiet")));
}

TEST(GateReportForms, JsonHasNamesThatAreNoUtf8) {
  GateReport report = mixed();
  report.results[0].benchmark =
      "a\xff"
      "b";
  EXPECT_THAT(json_text(report, false), HasSubstr("a\xef\xbf\xbd"
                                                  "b"));
}

TEST(GateReportForms, JsonHasNullForWhatIsNotBounded) {
  const auto json = to_json(mixed(), false);
  EXPECT_EQ(json["exit_code"], 1);
  EXPECT_EQ(json["results"][0]["benchmark"], "slow<1>");
  EXPECT_TRUE(json["results"][0]["is_regression"]);
  EXPECT_TRUE(json["results"][1]["interval"][1].is_null());
  EXPECT_EQ(json["removed"][0]["maybe"], "new");
}

}  // namespace
}  // namespace assay
