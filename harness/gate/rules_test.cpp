#include "gate/rules.hpp"

#include <gmock/gmock.h>

namespace assay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::StartsWith;

GateRules rules_in(const std::string& text) {
  GateRules rules;
  const auto parsed = parse_rules(text, "gate.toml", rules);
  EXPECT_TRUE(parsed) << parsed.error().message();
  return rules;
}

std::string error_in(const std::string& text) {
  GateRules rules;
  const auto parsed = parse_rules(text, "gate.toml", rules);
  return parsed ? "no error" : parsed.error().message();
}

TEST(GateMargin, IsAPercentage) {
  EXPECT_DOUBLE_EQ(*margin_from("3%"), 1.03);
  EXPECT_DOUBLE_EQ(*margin_from("3"), 1.03);
  EXPECT_DOUBLE_EQ(*margin_from("1"), 1.01);
  EXPECT_DOUBLE_EQ(*margin_from("0.5%"), 1.005);
  for (const char* wrong :
       {"", "%", "a", "-1%", "0", "0%", "0.03", "0.49", "0.5", "0.99", "200%", "3%x", "nan"})
    EXPECT_FALSE(margin_from(wrong)) << wrong;
  EXPECT_THAT(margin_from("0.03").error().message(), HasSubstr("write 3% or 0.03%"));
}

TEST(GateRulesFile, TheLaterOverrideCounts) {
  const GateRules rules = rules_in(R"(
margin = "1%"
alpha = 0.05
[[benchmark]]
match = "bind/.*"
margin = 5
metrics = ["real_time", "bytes"]
[[benchmark]]
match = "bind/noisy"
margin = 10
gate = false
[[benchmark]]
match = ".*/slow"
ignore = true
[renamed]
"old/name" = "new/name"
)");
  EXPECT_DOUBLE_EQ(rules.margin, 1.01);
  EXPECT_DOUBLE_EQ(rules.alpha, 0.05);
  EXPECT_DOUBLE_EQ(rule_for(rules, "other").margin, 1.01);
  EXPECT_DOUBLE_EQ(rule_for(rules, "bind/refs").margin, 1.05);
  EXPECT_THAT(rule_for(rules, "bind/refs").metrics, ElementsAre("real_time", "bytes"));
  EXPECT_DOUBLE_EQ(rule_for(rules, "bind/noisy").margin, 1.1);
  EXPECT_FALSE(rule_for(rules, "bind/noisy").is_gated);
  EXPECT_DOUBLE_EQ(rule_for(rules, "a/bind/refs").margin, 1.01);  // the whole name must match
  EXPECT_TRUE(rule_for(rules, "x/slow").is_ignored);
  EXPECT_THAT(rules.renamed, ElementsAre(std::pair("old/name", "new/name")));
}

TEST(GateRulesFile, RulesThatHitNothingAreNamed) {
  const GateRules rules = rules_in(R"(
[[benchmark]]
match = "a/.*"
[[benchmark]]
match = "a"
[renamed]
"b/old" = "b/new"
"c/old" = "c/new"
)");
  const Matching matching{{{"a/x", "a/x"}, {"b/old", "b/new"}}, {}, {{"c/old", ""}}};
  EXPECT_THAT(unused_rules(rules, matching),
              ElementsAre(HasSubstr("matches the rule \"a\""), HasSubstr("not in the candidate")));
}

TEST(GateRulesFile, ErrorsNameTheLineAndTheMend) {
  EXPECT_THAT(error_in("margn = 3"), StartsWith("gate.toml:1: unknown key \"margn\""));
  EXPECT_THAT(error_in("margn = 3"), HasSubstr("did you mean \"margin\"?"));
  EXPECT_THAT(error_in("\nmargin = \"x\""), StartsWith("gate.toml:2: \"x\" is no margin"));
  EXPECT_THAT(error_in("alpha = 2"), HasSubstr("no level between 0 and 1"));
  EXPECT_THAT(error_in("[[benchmark]]\nmargin = 3"), HasSubstr("names no benchmark"));
  EXPECT_THAT(error_in("[[benchmark]]\nmatch = \"(\""), HasSubstr("does not compile"));
  EXPECT_THAT(error_in("[[benchmark]]\nmatch = \"a\"\ngate = 1"), HasSubstr("neither true nor"));
  EXPECT_THAT(error_in("metrics = \"bytes\""), HasSubstr("no array of names"));
  EXPECT_THAT(error_in("benchmark = 3"), HasSubstr("[[benchmark]]"));
  EXPECT_THAT(error_in("renamed = 3"), HasSubstr("[renamed]"));
  EXPECT_THAT(error_in("margin = \n"), StartsWith("gate.toml:1: "));
}

}  // namespace
}  // namespace assay
