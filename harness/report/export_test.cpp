#include "report/export.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "testing/judged_example.hpp"

namespace assay {
namespace {

using examples::JudgedExample;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

std::string exported(const JudgedExample& example, std::string_view format) {
  return export_format(format)->write(example.run, example.verdicts);
}

std::vector<std::string> records(const std::string& csv) {
  std::vector<std::string> lines;
  for (std::size_t from = 0; from < csv.size();) {
    const std::size_t end = csv.find("\r\n", from);
    lines.push_back(csv.substr(from, end - from));
    from = end + 2;
  }
  return lines;
}

TEST(ExportFormat, IsFoundByItsNameAlone) {
  EXPECT_EQ(export_format("junit")->name, "junit");
  EXPECT_EQ(export_format("JUnit"), nullptr);
  EXPECT_EQ(export_format(""), nullptr);
}

TEST(CsvField, IsQuotedWhereItMustBe) {
  EXPECT_EQ(csv_field("a b|c"), "a b|c");
  EXPECT_EQ(csv_field("a,b"), "\"a,b\"");
  EXPECT_EQ(csv_field("say \"a\""), "\"say \"\"a\"\"\"");
  EXPECT_EQ(csv_field("a\nb"), "\"a\nb\"");
}

TEST(ExportCsv, HasALineAComparisonWithAllDigits) {
  const JudgedExample example;
  const auto lines = records(exported(example, "csv"));
  std::size_t comparisons = 0;
  for (const auto& result : example.verdicts.experiments) comparisons += result.comparisons.size();
  ASSERT_EQ(lines.size(), comparisons + 1);
  EXPECT_THAT(lines[0], StartsWith("id,kind,family,claim,verdict,"));
  EXPECT_THAT(lines[1], StartsWith("C,control,c,claim of C,held,0,0,"));
  EXPECT_THAT(lines[2], StartsWith("A/b,claim,f,\"a | b\nand c\",refuted,0,0,"));
  const auto& part = example.verdicts.experiments[1].comparisons[0];
  EXPECT_THAT(lines[2],
              HasSubstr(fmt::format(",f/old|x,f/new,supported,0,ratio,{},", part.estimate.value)));
  EXPECT_THAT(lines[3], HasSubstr(",f/peer,f/new,refuted,1,ratio,"));
}

TEST(ExportCsv, LeavesFieldsEmptyWhereNothingWasMeasured) {
  const auto lines = records(exported(JudgedExample(0), "csv"));
  EXPECT_THAT(lines[1], Not(HasSubstr("nan")));
  EXPECT_THAT(lines[1], Not(HasSubstr("inf")));
}

TEST(ExportSlices, HasEverySlice) {
  const JudgedExample example;
  std::size_t slices = 0;
  for (const auto& unit : example.run.collected.slices) slices += unit.size();
  EXPECT_EQ(records(exported(example, "slices")).size(), slices + 1);
}

TEST(ExportJunit, CountsWhatItsCasesSay) {
  JudgedExample example;
  example.verdicts.experiments[1].verdict = Verdict::kInvalid;
  example.verdicts.experiments[2].comparisons[0].failure = FailureKind::kHang;
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(exported(example, "junit").c_str()));
  int tests = 0;
  for (const auto suite : document.child("testsuites").children("testsuite")) {
    int skipped = 0, failed = 0, errors = 0;
    for (const auto test : suite.children("testcase")) {
      ++tests;
      skipped += test.child("skipped") ? 1 : 0;
      failed += test.child("failure") ? 1 : 0;
      errors += test.child("error") ? 1 : 0;
    }
    EXPECT_EQ(suite.attribute("skipped").as_int(), skipped);
    EXPECT_EQ(suite.attribute("failures").as_int(), failed);
    EXPECT_EQ(suite.attribute("errors").as_int(), errors);
  }
  EXPECT_EQ(tests, static_cast<int>(example.verdicts.experiments.size()));
}

TEST(ExportJunit, IsXmlWhateverABenchmarkSaid) {
  JudgedExample example;
  example.verdicts.experiments[2].verdict = Verdict::kInvalid;
  example.verdicts.experiments[2].why = "\x1b[31mred\x1b[0m \xff <&>";
  const std::string text = exported(example, "junit");
  for (const char c : text)
    EXPECT_TRUE(static_cast<unsigned char>(c) >= 0x20 || c == '\n') << int{c};
  EXPECT_EQ(text.find("&#"), std::string::npos);
  EXPECT_THAT(text, HasSubstr("\xef\xbf\xbd[31mred"));
  pugi::xml_document document;
  EXPECT_TRUE(document.load_string(text.c_str()));
}

pugi::xml_node case_of(const pugi::xml_document& document, const char* id) {
  return document.select_node(fmt::format("//testcase[@name='{}']", id).c_str()).node();
}

TEST(ExportJunit, PassesWhatIsRefutedSkipsWhatIsNotRunAndFailsWhatIsInvalid) {
  JudgedExample example;
  example.verdicts.experiments[2].verdict = Verdict::kInvalid;
  example.verdicts.experiments[2].why = "a control failed";
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(exported(example, "junit").c_str()));
  const auto refuted = case_of(document, "A/b");
  ASSERT_TRUE(refuted);
  EXPECT_FALSE(refuted.child("failure"));
  EXPECT_FALSE(refuted.child("skipped"));
  EXPECT_STREQ(case_of(document, "B-1").child("failure").attribute("message").value(),
               "a control failed");
  EXPECT_THAT(case_of(document, "N").child("skipped").attribute("message").value(),
              HasSubstr("no AVX-512"));
}

TEST(ExportJunit, TellsAnErrorFromAFailure) {
  JudgedExample example;
  example.verdicts.experiments[2].comparisons[0].failure = FailureKind::kCrash;
  pugi::xml_document document;
  ASSERT_TRUE(document.load_string(exported(example, "junit").c_str()));
  EXPECT_TRUE(case_of(document, "B-1").child("error"));
}

TEST(ExportBencher, HasNumbersAndNoNull) {
  const auto results = nlohmann::json::parse(exported(JudgedExample(), "bencher"));
  EXPECT_NEAR(results["A/b"]["ratio"]["value"].get<double>(), 1, 1e-6);
  for (const auto& [name, measures] : results.items())
    for (const auto& [measure, metric] : measures.items())
      for (const auto& [key, value] : metric.items()) EXPECT_TRUE(value.is_number()) << name << key;
  EXPECT_FALSE(results.contains("N"));
}

TEST(ExportBencher, CallsEachQuantityByItsName) {
  const auto results = nlohmann::json::parse(exported(JudgedExample(), "bencher"));
  EXPECT_TRUE(results["B/1"].contains("latency"));
  EXPECT_TRUE(results["S"].contains("difference-latency"));
  EXPECT_TRUE(results["L"].contains("slope"));
  EXPECT_TRUE(results["X"].contains("crossover-size"));
}

TEST(ExportBencher, ClaimsNoBoundWhereThereIsNone) {
  const auto results = nlohmann::json::parse(exported(JudgedExample(3), "bencher"));
  EXPECT_TRUE(results["A/b"]["ratio"].contains("value"));
  EXPECT_FALSE(results["A/b"]["ratio"].contains("lower_value"));
  EXPECT_FALSE(results["A/b"]["ratio"].contains("upper_value"));
}

TEST(ExportOpenMetrics, HasNoSampleOfWhatIsNotBoundedAndNoFamilyWithoutSamples) {
  EXPECT_THAT(exported(JudgedExample(3), "openmetrics"),
              Not(HasSubstr("assay_effect_low{run=\"20260101T000000Z-0001\",id=\"A/b\"")));
  EXPECT_THAT(exported(JudgedExample(0), "openmetrics"), Not(HasSubstr("# TYPE assay_effect ")));
}

TEST(ExportGithubBenchmark, HasAMedianForEachBenchmarkThatRan) {
  const auto results = nlohmann::json::parse(exported(JudgedExample(), "github-action-benchmark"));
  bool found = false;
  for (const auto& row : results) {
    EXPECT_EQ(row["unit"], "ns/iter");
    EXPECT_NE(row["name"], "f/absent");
    found = found || (row["name"] == "f/old" && row["value"] == 309.5);
  }
  EXPECT_TRUE(found);
}

TEST(ExportOpenMetrics, EndsAndEscapes) {
  const std::string text = exported(JudgedExample(), "openmetrics");
  EXPECT_TRUE(text.ends_with("\n# EOF\n"));
  EXPECT_THAT(
      text,
      HasSubstr(
          "assay_effect{run=\"20260101T000000Z-0001\",id=\"A/b\",quantity=\"ratio\",baseline=\"f/"
          "old|x\",candidate=\"f/new\"} "));
  EXPECT_THAT(text, HasSubstr("id=\"A/b\",assay_verdict=\"refuted\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("id=\"A/b\",assay_verdict=\"supported\"} 0\n"));
}

}  // namespace
}  // namespace assay
