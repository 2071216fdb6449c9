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

TEST(InlineHtml, KnowsCodeAndEmphasisAlone) {
  EXPECT_EQ(inline_html("`a<b>` is **fast**"), "<code>a&lt;b&gt;</code> is <strong>fast</strong>");
  EXPECT_EQ(inline_html("2.1x [2, 2.2] & more"), "2.1x [2, 2.2] &amp; more");
  EXPECT_EQ(inline_html(""), "");
}

TEST(InlineHtml, TakesNoTextForABlock) {
  for (const char* text : {"-", "# a", "1. a", "> a", "+ a"})
    EXPECT_THAT(inline_html(text), Not(HasSubstr("<"))) << text;
  EXPECT_EQ(inline_html("a\n\nb"), "a  b");
}

TEST(InlineHtml, LetsNoMarkupThrough) {
  EXPECT_THAT(inline_html("<script>alert(1)</script>"), Not(HasSubstr("<script")));
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

TEST(HtmlPage, IsNotEndedByATextOfTheRun) {
  JudgedExample example;
  example.figures["subtitle"] = "</script><b>";
  EXPECT_THAT(page_of(example), Not(HasSubstr("</script><b>")));
}

}  // namespace
}  // namespace assay
