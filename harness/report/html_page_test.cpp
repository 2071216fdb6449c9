#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testing/judged_example.hpp"

namespace assay {
namespace {

using examples::JudgedExample;
using testing::HasSubstr;
using testing::Not;

std::string page_of(const JudgedExample& example) {
  return html_page(example.run, example.verdicts, example.figures, example.drawn);
}

TEST(InlineHtml, KnowsCodeAndStrongWordsAlone) {
  EXPECT_EQ(inline_html("`a<b>` is **fast**"), "<code>a&lt;b&gt;</code> is <strong>fast</strong>");
  EXPECT_EQ(inline_html("`` a`b ``"), "<code> a`b </code>");
  EXPECT_EQ(inline_html("2.1x [2, 2.2] & more"), "2.1x [2, 2.2] &amp; more");
  EXPECT_EQ(inline_html(""), "");
}

TEST(InlineHtml, ChangesNoOtherText) {
  for (const char* text : {"-", "# a", "1. a", "call.*(mem|_Zn) \\| b*", "a_b_c", "*a*",
                           "one ` alone", "**", "a\nb", "![x](y)"})
    EXPECT_EQ(inline_html(text), text);
  EXPECT_EQ(inline_html("<script>\"x\"</script>"), "&lt;script&gt;&quot;x&quot;&lt;/script&gt;");
  EXPECT_EQ(inline_html("`<b>**`"), "<code>&lt;b&gt;**</code>");
}

TEST(HtmlPage, HasEveryClaimItsSectionAndItsFigures) {
  const JudgedExample example;
  const std::string page = page_of(example);
  for (const auto& result : example.verdicts.experiments) {
    const std::string& id = result.experiment.id;
    const bool has_section = page.find("data-experiment=\"" + id + "\"") != std::string::npos;
    EXPECT_NE(has_section, result.experiment.is_control()) << id;
  }
  const std::string start = "<script type=\"application/json\" id=\"figures\">";
  const auto at = page.find(start) + start.size();
  const auto figures =
      nlohmann::ordered_json::parse(page.substr(at, page.find("</script>", at) - at));
  EXPECT_EQ(figures, example.figures);
}

TEST(HtmlPage, NeedsNothingBesideIt) {
  const std::string page = page_of(JudgedExample());
  for (const char* reference : {" src=", "<link", "@import", "url(", "https://"})
    EXPECT_THAT(page, Not(HasSubstr(reference)));
  EXPECT_THAT(page, Not(HasSubstr("{{")));
}

TEST(HtmlPage, ShowsTextsOfTheRunAsTheyAre) {
  JudgedExample example;
  example.run.collected.events.failures[0].what = "vector<int>::at *a* ![x](http://evil/x.png)";
  example.verdicts = judge(example.run.manifest, example.run.reg, example.run.collected);
  EXPECT_THAT(page_of(example), HasSubstr("vector&lt;int&gt;::at *a* ![x](http://evil/x.png)"));
  EXPECT_THAT(page_of(example), HasSubstr("a CPU | with a bar"));
}

TEST(HtmlPage, KeepsTheLinesOfMachineCode) {
  JudgedExample example;
  Experiment witness = examples::experiment("W", examples::witness_rule(), {}, "f/new");
  witness.witnesses = {{Side::kCandidate, "f", {"add"}, {}}};
  example.run.reg.experiments.push_back(witness);
  example.run.manifest.entry_hashes["W"] = witness.hash;
  const FunctionCode code{"f",       "f", "f",
                          {"f/new"}, "",  {{0x1000, "add eax,<sym>"}, {0x1004, "ret"}}};
  example.run.collected.machine_code = {code};
  example.verdicts = judge(example.run.manifest, example.run.reg, example.run.collected);
  const std::string page = page_of(example);
  const auto at = page.find("<pre>");
  ASSERT_NE(at, std::string::npos);
  const std::string text = page.substr(at, page.find("</pre>") - at);
  EXPECT_THAT(text, HasSubstr("add eax,&lt;sym&gt;\n"));
  EXPECT_THAT(text, HasSubstr("ret"));
}

TEST(HtmlPage, IsNotEndedByATextOfTheRun) {
  JudgedExample example;
  example.figures["subtitle"] = "</script><b>";
  EXPECT_THAT(page_of(example), Not(HasSubstr("</script><b>")));
}

}  // namespace
}  // namespace assay
