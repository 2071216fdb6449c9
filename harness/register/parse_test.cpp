#include "register/parse.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "register/markdown.hpp"
#include "text.hpp"

namespace assay {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

ParsedRegister parse(std::string_view text) {
  return parse_register("R.md", text);
}

std::string fenced(std::string_view toml) {
  return fmt::format("```toml\n{}\n```\n", toml);
}

/// "where: what; mend" of every error.
std::vector<std::string> messages(std::string_view text) {
  std::vector<std::string> lines;
  for (const auto& error : parse(text).errors) lines.push_back(error.message());
  return lines;
}

constexpr std::string_view kMeans =
    "means = { supported = \"s\", equivalent = \"e\", refuted = \"r\" }";

/// A sound claim, its rule on line 7 of the block, which `changes` may follow.
std::string claim_with_rule(std::string_view rule, std::string_view changes = "") {
  return fenced(
      fmt::format("id = \"A-1\"\nclaim = \"c\"\nsource = \"s\"\nbaseline = \"f/a\"\n"
                  "candidate = \"f/b\"\n{}\nrule = {}\n{}",
                  kMeans, rule, changes));
}
constexpr std::string_view kSuperior = "{ kind = \"superiority\", threshold = 2.0 }";
std::string claim(std::string_view changes = "") {
  return claim_with_rule(kSuperior, changes);
}

/// A sound claim of a rule that judges the candidate alone; the rule on line 6.
std::string alone(std::string_view rule, std::string_view candidate, std::string_view more = "") {
  return fenced(fmt::format(
      "id = \"A-1\"\nclaim = \"c\"\nsource = \"s\"\ncandidate = \"{}\"\n{}\nrule = {}\n{}",
      candidate, kMeans, rule, more));
}

std::string control_block(
    std::string_view rule = "{ kind = \"control\", truth = 1.0, margin = 1.02 }",
    std::string_view more = "guards = [\"f\"]") {
  return fenced(
      fmt::format("id = \"C\"\nclaim = \"c\"\nbaseline = \"f/a\"\ncandidate = \"f/a\"\n"
                  "rule = {}\n{}",
                  rule, more));
}

// --- what is read

TEST(ParseRegister, ReadsEveryKeyOfAClaim) {
  const auto parsed = parse(R"(# Title

Prose above.

```toml
id        = "BIND-1/stack"
claim     = "cloning costs more than the bind"
source    = "a plan"
baseline  = ["bind/clone/avx2", "bind/clone/scalar"]
candidate = "bind/refs/avx2"
metric    = "cpu_time"
compare   = "difference"
predicted = { realistic = 1.5, optimistic = 201, none = -1 }
cuts      = { worthwhile = 2 }
tiers     = "plan"
tags      = ["copy", "heap"]
prior_figure_known = true
rule      = { kind = "superiority", threshold = 5 }

[means]
supported = "redesign"
refuted = "leave it"
inconclusive = "measure on"
```

```toml
[register]
alpha = 0.01
control_alpha = 0.002
looks = [8, 24]

[register.tiers.plan]
"strong" = 10
"none" = 1
```
)");
  ASSERT_THAT(parsed.errors, IsEmpty());
  ASSERT_EQ(parsed.reg.experiments.size(), 1U);
  const Experiment& entry = parsed.reg.experiments.front();
  EXPECT_EQ(entry.id, "BIND-1/stack");
  EXPECT_EQ(entry.claim, "cloning costs more than the bind");
  EXPECT_EQ(entry.source, "a plan");
  EXPECT_THAT(entry.baselines, ElementsAre("bind/clone/avx2", "bind/clone/scalar"));
  EXPECT_EQ(entry.candidate, "bind/refs/avx2");
  EXPECT_EQ(entry.family(), "bind");
  EXPECT_EQ(entry.metric, "cpu_time");
  EXPECT_EQ(entry.compare, Compare::kDifference);
  ASSERT_EQ(entry.predicted.size(), 3U);  // the greatest first
  EXPECT_EQ(entry.predicted[0].name, "optimistic");
  EXPECT_EQ(entry.predicted[0].value, 201);
  EXPECT_EQ(entry.predicted[2].name, "none");
  ASSERT_EQ(entry.cuts.size(), 1U);
  EXPECT_EQ(entry.cuts[0].name, "worthwhile");
  EXPECT_EQ(entry.tiers, "plan");
  EXPECT_THAT(entry.tags, ElementsAre("copy", "heap"));
  EXPECT_TRUE(entry.prior_figure_known);
  EXPECT_EQ(entry.rule.kind, RuleKind::kSuperiority);
  EXPECT_EQ(entry.rule.threshold, 5.0);
  EXPECT_EQ(entry.means.at("inconclusive"), "measure on");
  EXPECT_FALSE(entry.means.contains("equivalent"));
  EXPECT_EQ(entry.line, 6);
  EXPECT_EQ(entry.hash, sha256(entry.text));
  EXPECT_TRUE(entry.text.starts_with("id        = "));
  const RegisterSettings& settings = parsed.reg.settings;
  EXPECT_EQ(settings.alpha, 0.01);
  EXPECT_EQ(settings.control_alpha, 0.002);
  EXPECT_THAT(settings.looks, ElementsAre(8, 24));
  ASSERT_EQ(settings.tiers.at("plan").size(), 2U);  // ascending
  EXPECT_EQ(settings.tiers.at("plan")[0].name, "none");
  EXPECT_EQ(settings.tiers.at("plan")[1].from, 10);
}

TEST(ParseRegister, TakesDefaultsWhereNothingIsSaid) {
  const auto parsed = parse(claim("predicted = 3"));
  ASSERT_THAT(parsed.errors, IsEmpty());
  const Experiment& entry = parsed.reg.experiments.front();
  EXPECT_EQ(entry.metric, "real_time");
  EXPECT_EQ(entry.compare, Compare::kRatio);
  EXPECT_FALSE(entry.prior_figure_known);
  ASSERT_EQ(entry.predicted.size(), 1U);
  EXPECT_EQ(entry.predicted[0].name, "predicted");
  EXPECT_EQ(parsed.reg.settings.alpha, 0.05);
  EXPECT_THAT(parsed.reg.settings.looks, ElementsAre(16, 32, 64, 128));
}

TEST(ParseRegister, RefusesRulesThatNothingOrEverythingSatisfies) {
  EXPECT_THAT(messages(alone("{ kind = \"bound\", at_most = -5 }", "f/b")),
              ElementsAre(HasSubstr("\"rule.at_most\" must be above 0: no time is below it")));
  EXPECT_THAT(messages(alone("{ kind = \"bound\", at_least = 0 }", "f/b")),
              ElementsAre(HasSubstr("\"rule.at_least\" must be above 0: every time is")));
  EXPECT_THAT(messages(claim_with_rule("{ kind = \"equivalence\", margin = 1e300 }")),
              Contains(HasSubstr("would accept anything")));
  EXPECT_THAT(messages(claim_with_rule("{ kind = \"equivalence\", margin = 10 }")), IsEmpty());
}

TEST(ParseRegister, ReadsAFenceInCapitals) {
  std::string text = claim("predicted = 3");
  text.replace(text.find("```toml"), 7, "```TOML");
  EXPECT_EQ(parse(text).reg.experiments.size(), 1U);
}

TEST(ParseRegister, HashesItsSettings) {
  const std::string entry = claim("predicted = 3");
  const auto hash = [&](const std::string& settings) {
    return parse(settings + entry).reg.settings.hash;
  };
  const std::string strict = hash("```toml\n[register]\nalpha = 0.01\n```\n\n");
  EXPECT_NE(strict, hash("```toml\n[register]\nalpha = 0.02\n```\n\n"));
  EXPECT_NE(strict, hash(""));
  EXPECT_EQ(strict, hash("Prose.\n\n```toml\n[register]\nalpha = 0.01\n```\n\n"));
}

TEST(ParseRegister, ReadsEveryRuleKind) {
  const auto rule_of = [](const std::string& text) {
    const auto parsed = parse(text);
    EXPECT_THAT(messages(text), IsEmpty());
    return parsed.reg.experiments.empty() ? Rule{} : parsed.reg.experiments.front().rule;
  };
  const Rule equivalence = rule_of(claim_with_rule("{ kind = \"equivalence\", margin = 1.1 }"));
  EXPECT_EQ(equivalence.margin, 1.1);
  const Rule bound = rule_of(
      alone("{ kind = \"bound\", at_least = -2, at_most = 3 }", "f/b", "metric = \"bytes\""));
  EXPECT_EQ(bound.kind, RuleKind::kBound);
  EXPECT_EQ(bound.at_least, -2);
  EXPECT_EQ(bound.at_most, 3);
  const Rule slope = rule_of(alone("{ kind = \"slope\", expected = -1, margin = 0.1 }",
                                   "f/b/{size}", "sizes = [1, 2, 4]"));
  EXPECT_EQ(slope.kind, RuleKind::kSlope);
  EXPECT_EQ(slope.expected, -1);
  const Rule crossover = rule_of(alone("{ kind = \"crossover\", at_most = 64 }", "f/b/{size}",
                                       "sizes = [1, 2, 4]\nbaseline = \"f/a/{size}\""));
  EXPECT_EQ(crossover.kind, RuleKind::kCrossover);
  EXPECT_FALSE(crossover.at_least.has_value());
  const Rule truth = rule_of(control_block());
  EXPECT_EQ(truth.kind, RuleKind::kControl);
  EXPECT_EQ(truth.expected, 1.0);
  EXPECT_EQ(truth.margin, 1.02);
}

TEST(ParseRegister, IgnoresProseAndOtherCode) {
  const auto parsed = parse(
      "id = \"prose\"\n\n```cpp\nid = 1;\n```\n\n```\nid = \"unnamed\"\n```\n"
      "\n    id = \"indented\"\n\n`toml`\n\n" +
      claim());
  EXPECT_THAT(parsed.errors, IsEmpty());
  EXPECT_EQ(parsed.reg.experiments.size(), 1U);
}

TEST(ParseRegister, ReadsBlocksInListsQuotesAndTildes) {
  const std::string text = R"(- item:

  ```toml
  id = "L"
  colour = 1
  ```

> quoted
>
> ```toml
> id = "Q"
> colour = 1
> ```

~~~toml title="x"
id = "T"
colour = 1
~~~
)";
  std::vector<std::string> unknown;
  for (const auto& error : parse(text).errors)
    if (error.what == "unknown key \"colour\"") unknown.push_back(error.where);
  EXPECT_THAT(unknown, ElementsAre("R.md:5: L", "R.md:12: Q", "R.md:17: T"));
}

TEST(ParseRegister, ReadsLinesThatEndAsOnWindows) {
  std::string text;
  for (const char c : "prose\n\n" + claim() + claim("colour = 1"))
    text += c == '\n' ? "\r\n" : std::string(1, c);
  const auto parsed = parse(text);
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_EQ(parsed.errors[0].message().substr(0, 36), "R.md:21: A-1: unknown key \"colour\"");
  ASSERT_EQ(parsed.reg.experiments.size(), 1U);
  EXPECT_EQ(parsed.reg.experiments[0].means.at("refuted"), "r");
}

TEST(ParseRegister, ReadsABlockThatTheFileEndLeavesOpen) {
  std::string text = claim();
  text.resize(text.size() - 4);
  EXPECT_EQ(parse(text).reg.experiments.size(), 1U);
}

TEST(ParseRegister, SaysThatThereIsNoExperiment) {
  for (const char* text : {"", "# Title\n\nOnly prose.\n", "```toml\n[register]\nalpha = 0.1\n```"})
    EXPECT_THAT(messages(text), ElementsAre("R.md: no experiment in the register; "
                                            "add a ```toml block with an id"));
}

TEST(ParseRegister, AcceptsTheProjectsOwnRegister) {
  const auto reg = load_register(ASSAY_REGISTER);
  ASSERT_TRUE(reg.has_value()) << reg.error().message();
  EXPECT_FALSE(reg->experiments.empty());
}

TEST(ParseRegister, HashesChangeWithTheEntryAlone) {
  const auto before = parse(claim() + control_block());
  const auto after = parse("More prose.\n\n" + claim("tags = \"new\"") + control_block());
  EXPECT_NE(before.reg.hash, after.reg.hash);
  EXPECT_NE(before.reg.experiments[0].hash, after.reg.experiments[0].hash);
  EXPECT_EQ(before.reg.experiments[1].hash, after.reg.experiments[1].hash);
}

// --- what is refused

struct Refusal {
  const char* name;
  std::string text;
  const char* message;
};

void PrintTo(const Refusal& refusal, std::ostream* out) {
  *out << refusal.name;
}

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, WithPlaceFaultAndMend) {
  EXPECT_THAT(messages(GetParam().text), ElementsAre(GetParam().message));
}

std::vector<Refusal> key_refusals() {
  return {
      {"UnknownKey", "one\n\n" + claim("metrc = \"x\""),
       "R.md:11: A-1: unknown key \"metrc\"; did you mean \"metric\"?"},
      {"UnknownKeyWithoutLikeness", claim("colour = 1"), "R.md:9: A-1: unknown key \"colour\""},
      {"UnknownKeyOfARule",
       claim_with_rule("{ kind = \"superiority\", threshold = 2, tresholt = 1 }"),
       "R.md:8: A-1: unknown key \"rule.tresholt\"; did you mean \"threshold\"?"},
      {"KeyOfAnotherRule", claim_with_rule("{ kind = \"superiority\", threshold = 2, margin = 2 }"),
       "R.md:8: A-1: unknown key \"rule.margin\""},
      {"UnknownVerdictInMeans",
       fenced(fmt::format("id = \"A\"\nclaim = \"c\"\nsource = \"s\"\nbaseline = \"f/a\"\n"
                          "candidate = \"f/b\"\nrule = {}\n[means]\nsupported = \"s\"\n"
                          "refuted = \"r\"\nrefutted = \"r\"",
                          kSuperior)),
       "R.md:11: A: unknown key \"means.refutted\"; did you mean \"refuted\"?"},
      {"UnknownSetting", claim() + fenced("[register]\nlook = [1]"),
       "R.md:13: unknown key \"register.look\"; did you mean \"looks\"?"},
      {"KeyBesideTheSettings", claim() + fenced("x = 1\n[register]\nalpha = 0.1"),
       "R.md:12: unknown key \"x\""},
      {"MissingId", fenced(claim().substr(8 + 11, claim().size() - 8 - 11 - 5)),
       "R.md:2: \"id\" is missing; add id = ..."},
      {"MissingCandidate",
       fenced(fmt::format("id = \"A\"\nclaim = \"c\"\nsource = \"s\"\nbaseline = \"f/a\"\n{}\n"
                          "rule = {}",
                          kMeans, kSuperior)),
       "R.md:2: A: \"candidate\" is missing; add candidate = ..."},
      {"MissingRule",
       fenced("id = \"A\"\nclaim = \"c\"\nsource = \"s\"\nbaseline = \"f/a\"\ncandidate = \"f/b\""),
       "R.md:2: A: \"rule\" is missing; add rule = ..."},
      {"MissingRuleKind", claim_with_rule("{ threshold = 5 }"),
       "R.md:8: A-1: \"rule.kind\" is missing; add kind = \"superiority\" or another"},
      {"MissingSource",
       fenced(fmt::format("id = \"A\"\nclaim = \"c\"\nbaseline = \"f/a\"\ncandidate = \"f/b\"\n{}\n"
                          "rule = {}",
                          kMeans, kSuperior)),
       "R.md:2: A: \"source\" is missing; name the document that makes the claim"},
      {"MissingMeaning",
       fenced(fmt::format("id = \"A\"\nclaim = \"c\"\nsource = \"s\"\nbaseline = \"f/a\"\n"
                          "candidate = \"f/b\"\nrule = {}\nmeans = {{ supported = \"s\" }}",
                          kSuperior)),
       "R.md:8: A: \"means.refuted\" is missing; say in one sentence what a user should then do"},
      {"MissingMeaningOfEquivalence",
       fenced("id = \"A\"\nclaim = \"c\"\nsource = \"s\"\nbaseline = \"f/a\"\ncandidate = \"f/b\"\n"
              "rule = { kind = \"equivalence\", margin = 1.1 }\nmeans.supported = \"s\"\n"
              "means.refuted = \"r\""),
       "R.md:8: A: \"means.equivalent\" is missing; say in one sentence what a user should then "
       "do"},
      {"WrongTypeOfText", claim("metric = 5"), "R.md:9: A-1: \"metric\" must be a string"},
      {"EmptyText", claim("metric = \"\""),
       "R.md:9: A-1: \"metric\" must be a string that is not empty"},
      {"WrongTypeOfNumber", claim_with_rule("{ kind = \"superiority\", threshold = \"2\" }"),
       "R.md:8: A-1: \"rule.threshold\" must be a finite number"},
      {"WrongTypeOfFlag", claim("prior_figure_known = \"yes\""),
       "R.md:9: A-1: \"prior_figure_known\" must be true or false"},
      {"WrongTypeOfTexts", claim("tags = [\"a\", 1]"),
       "R.md:9: A-1: \"tags\" must be a string or an array of strings"},
      {"WrongTypeOfKind", claim_with_rule("{ kind = 5 }"),
       "R.md:8: A-1: \"rule.kind\" must be a string"},
      {"WrongTypeOfRule", claim_with_rule("5"), "R.md:8: A-1: \"rule\" must be a table"},
      {"WrongTypeOfNamedNumbers", claim("predicted = \"5\""),
       "R.md:9: A-1: \"predicted\" must be a number or a table of numbers"},
      {"NoNamedNumber", claim("cuts = {}"),
       "R.md:9: A-1: \"cuts\" must be a number or a table of numbers"},
      {"TextAmongNamedNumbers", claim("cuts = { a = 1, b = \"2\" }"),
       "R.md:9: A-1: \"cuts\" must be a finite number"},
      {"NotANumber", claim_with_rule("{ kind = \"superiority\", threshold = nan }"),
       "R.md:8: A-1: \"rule.threshold\" must be a finite number"},
      {"InfiniteNumber", claim("predicted = { a = inf }"),
       "R.md:9: A-1: \"predicted\" must be a finite number"},
      {"WrongTypeOfSettings", claim() + fenced("register = 5"),
       "R.md:12: \"register\" must be a table"},
      {"WrongTypeOfTiers", claim() + fenced("[register]\ntiers = 5"),
       "R.md:13: \"register.tiers\" must be a table"},
      {"Levels", claim() + fenced("[register]\nalpha = 1.0"),
       "R.md:13: alpha must lie between 0 and 1"},
      {"LevelsOfControls", claim() + fenced("[register]\ncontrol_alpha = 0"),
       "R.md:13: control_alpha must lie between 0 and 1"},
      {"LooksThatFall", claim() + fenced("[register]\nlooks = [32, 16]"),
       "R.md:13: \"register.looks\" must be an array of ascending integers above 0"},
      {"LooksThatRepeat", claim() + fenced("[register]\nlooks = [16, 16]"),
       "R.md:13: \"register.looks\" must be an array of ascending integers above 0"},
      {"LooksTooLarge", claim() + fenced("[register]\nlooks = [4294967296]"),
       "R.md:13: \"register.looks\" must be an array of ascending integers above 0"},
      {"SecondSettings",
       claim() + fenced("[register]\nalpha = 0.1") + fenced("[register]\nalpha = 0.2"),
       "R.md:16: a second [register] table; keep one"},
  };
}

std::vector<Refusal> rule_refusals() {
  return {
      {"UnknownKind", claim_with_rule("{ kind = \"superority\", threshold = 2 }"),
       "R.md:8: A-1: unknown rule kind \"superority\"; did you mean \"superiority\"?"},
      {"UnknownKindWithoutLikeness", claim_with_rule("{ kind = \"magic\" }"),
       "R.md:8: A-1: unknown rule kind \"magic\"; the kinds are superiority, equivalence, bound, "
       "slope, crossover, limit, behaviour, witness, control"},
      {"LimitWithoutAShare", claim_with_rule("{ kind = \"limit\" }"),
       "R.md:8: A-1: \"rule.at_least\" is missing; add at_least = ..."},
      {"LimitAboveOne", claim_with_rule("{ kind = \"limit\", at_least = 1.05 }"),
       "R.md:8: A-1: nothing is faster than its limit; name a share of at most 1"},
      {"LimitOfNothing", claim_with_rule("{ kind = \"limit\", at_least = 0 }"),
       "R.md:8: A-1: \"rule.at_least\" must be above 0: it is a share of the limit"},
      {"LimitOfADifference",
       claim_with_rule("{ kind = \"limit\", at_least = 0.9 }", "compare = \"difference\""),
       "R.md:9: A-1: a share of a limit is a ratio; remove compare"},
      {"LimitWithoutAProbe", alone("{ kind = \"limit\", at_least = 0.9 }", "f/b"),
       "R.md:2: A-1: \"baseline\" is missing; add baseline = \"family/what/variant\""},
      {"SizesOfALimit",
       claim_with_rule("{ kind = \"limit\", at_least = 0.9 }", "sizes = [1, 2, 4]"),
       "R.md:9: A-1: a limit rule compares at one size; name the benchmarks in full, without "
       "{size}"},
      {"BaselineOfABehaviour", claim_with_rule("{ kind = \"behaviour\" }"),
       "R.md:5: A-1: a behaviour rule judges the candidate alone; remove baseline"},
      {"MetricOfABehaviour", alone("{ kind = \"behaviour\" }", "f/b", "metric = \"bytes\""),
       "R.md:8: A-1: a behaviour rule judges no figure; remove metric"},
      {"SizesOfABehaviour", alone("{ kind = \"behaviour\" }", "f/b", "sizes = [1, 2, 4]"),
       "R.md:8: A-1: a behaviour rule compares at one size; name the benchmarks in full, without "
       "{size}"},
      {"WitnessWithoutDemands", claim_with_rule("{ kind = \"witness\" }"),
       "R.md:2: A-1: a witness rule is judged by demands, and the entry has none; add "
       "[witness.candidate] with function and has, lacks or both"},
      {"NoThreshold", claim_with_rule("{ kind = \"superiority\" }"),
       "R.md:8: A-1: \"rule.threshold\" is missing; add threshold = ..."},
      {"ThresholdZero", claim_with_rule("{ kind = \"superiority\", threshold = 0 }"),
       "R.md:8: A-1: \"rule.threshold\" must be above 0: ratios are"},
      {"MarginOne", claim_with_rule("{ kind = \"equivalence\", margin = 1.0 }"),
       "R.md:8: A-1: \"rule.margin\" must be above 1: an interval of ratios is held against "
       "[1/margin, margin]"},
      {"MarginZeroOfADifference",
       claim_with_rule("{ kind = \"equivalence\", margin = 0 }", "compare = \"difference\""),
       "R.md:8: A-1: \"rule.margin\" must be above 0: it is a half-width"},
      {"EmptyRange", alone("{ kind = \"bound\", at_least = 2, at_most = 2 }", "f/b"),
       "R.md:7: A-1: no value can satisfy the rule: at_least is not below at_most; exchange them?"},
      {"NoRange", alone("{ kind = \"bound\" }", "f/b"),
       "R.md:7: A-1: the rule asks for nothing; add at_least, at_most or both"},
      {"CrossoverAtNothing",
       alone("{ kind = \"crossover\", at_least = 0 }", "f/b/{size}",
             "sizes = [1, 2, 4]\nbaseline = \"f/a/{size}\""),
       "R.md:7: A-1: \"rule.at_least\" must be above 0: sizes are"},
      {"CrossoverBelowNothing",
       alone("{ kind = \"crossover\", at_most = -1 }", "f/b/{size}",
             "sizes = [1, 2, 4]\nbaseline = \"f/a/{size}\""),
       "R.md:7: A-1: \"rule.at_most\" must be above 0: sizes are"},
      {"SlopeMargin",
       alone("{ kind = \"slope\", expected = 0, margin = 0 }", "f/b/{size}", "sizes = [1, 2, 4]"),
       "R.md:7: A-1: \"rule.margin\" must be above 0: it is a half-width"},
      {"SlopeWithoutExpectation",
       alone("{ kind = \"slope\", margin = 1 }", "f/b/{size}", "sizes = [1, 2, 4]"),
       "R.md:7: A-1: \"rule.expected\" is missing; add expected = ..."},
      {"ControlTruth", control_block("{ kind = \"control\", truth = 0, margin = 1.1 }"),
       "R.md:6: C: \"rule.truth\" must be above 0: ratios are"},
      {"ControlMargin", control_block("{ kind = \"control\", truth = 1, margin = 0.9 }"),
       "R.md:6: C: \"rule.margin\" must be above 1: an interval of ratios is held against "
       "[1/margin, margin]"},
      {"ControlWithoutGuards", control_block("{ kind = \"control\", truth = 1, margin = 1.1 }", ""),
       "R.md:2: C: \"guards\" is missing; add guards = [\"family\", ...]"},
      {"ControlOfTwoRivals",
       fenced("id = \"C\"\nclaim = \"c\"\nbaseline = [\"f/a\", \"f/b\"]\ncandidate = \"f/c\"\n"
              "rule = { kind = \"control\", truth = 1, margin = 1.1 }\nguards = \"f\""),
       "R.md:4: C: a control compares two benchmarks; name one baseline"},
      {"Comparison", claim("compare = \"rato\""),
       "R.md:9: A-1: cannot compare by \"rato\"; use \"ratio\" (the default) or \"difference\" "
       "(for "
       "metrics that may be 0)"},
  };
}

constexpr std::string_view kWitness = "{ kind = \"witness\" }";

std::vector<Refusal> witness_refusals() {
  const auto of_code = [](std::string_view tables, std::string_view keys = "") {
    return alone(kWitness, "f/b", fmt::format("{}\n[witness.candidate]\n{}", keys, tables));
  };
  return {
      {"WitnessWithoutFunction", of_code("has = 'a'"),
       "R.md:9: A-1: \"witness.candidate.function\" is missing; add function = ..."},
      {"WitnessOfNothingElse", of_code("function = 'f'\nhas = 'a'\nhsa = 'b'"),
       "R.md:12: A-1: unknown key \"witness.candidate.hsa\"; did you mean \"has\"?"},
      {"WitnessOfNoSide", of_code("function = 'f'\nhas = 'a'\n[witness.candidat]\nfunction = 'f'"),
       "R.md:12: A-1: unknown key \"witness.candidat\"; did you mean \"candidate\"?"},
      {"WitnessOfAnAbsentBaseline",
       of_code("function = 'f'\nhas = 'a'\n[witness.baseline]\nfunction = 'f'"),
       "R.md:9: A-1: \"witness.baseline\" has no baseline to look at; name the baseline, or remove "
       "the table"},
      {"WitnessOfTwoBaselines", of_code("function = 'f'\nhas = 'a'", "baseline = ['f/a', 'f/c']"),
       "R.md:8: A-1: a witness rule looks at one baseline; register one a rival"},
      {"WitnessOfAFigure", of_code("function = 'f'\nhas = 'a'", "predicted = 2"),
       "R.md:8: A-1: a witness rule judges no figure; remove predicted"},
  };
}

std::vector<Refusal> entry_refusals() {
  return {
      {"GuardsOfAClaim", claim("guards = [\"f\"]"),
       "R.md:9: A-1: only a control guards families; remove guards"},
      {"SameBenchmark",
       fenced(fmt::format("id = \"A\"\nclaim = \"c\"\nsource = \"s\"\nbaseline = \"f/b\"\n"
                          "candidate = \"f/b\"\n{}\nrule = {}",
                          kMeans, kSuperior)),
       "R.md:5: A: baseline and candidate are the same benchmark; only a control compares a "
       "benchmark with itself"},
      {"RivalTwice",
       fenced(fmt::format("id = \"A\"\nclaim = \"c\"\nsource = \"s\"\n"
                          "baseline = [\"f/a\", \"f/a\"]\ncandidate = \"f/b\"\n{}\nrule = {}",
                          kMeans, kSuperior)),
       "R.md:5: A: a baseline is named twice"},
      {"NoBaseline", alone(kSuperior, "f/b"),
       "R.md:2: A-1: \"baseline\" is missing; add baseline = \"family/what/variant\""},
      {"BaselineOfABound", claim_with_rule("{ kind = \"bound\", at_most = 1 }"),
       "R.md:5: A-1: a bound rule judges the candidate alone; remove baseline"},
      {"RivalsOfACrossover",
       alone("{ kind = \"crossover\", at_most = 3 }", "f/b/{size}",
             "sizes = [1, 2, 4]\nbaseline = [\"f/a/{size}\", \"f/c/{size}\"]"),
       "R.md:9: A-1: a crossover has one baseline; register one a rival"},
      {"CrossoverOfDifferences",
       alone("{ kind = \"crossover\", at_most = 3 }", "f/b/{size}",
             "sizes = [1, 2, 4]\nbaseline = \"f/a/{size}\"\ncompare = \"difference\""),
       "R.md:10: A-1: a crossover is found from ratios; remove compare"},
      {"SizesOfOneSize", claim("sizes = [1, 2, 4]"),
       "R.md:9: A-1: a superiority rule compares at one size; name the benchmarks in full, without "
       "{size}"},
      {"PlaceholderAtOneSize", alone("{ kind = \"bound\", at_most = 3 }", "f/b/{size}"),
       "R.md:2: A-1: a bound rule compares at one size; name the benchmarks in full, without "
       "{size}"},
      {"NoPlaceholder",
       alone("{ kind = \"slope\", expected = 0, margin = 1 }", "f/b", "sizes = [1, 2, 4]"),
       "R.md:5: A-1: every benchmark name of a swept rule must hold {size}; as in "
       "\"load/mapped/size:{size}\""},
      {"NoPlaceholderInTheBaseline",
       alone("{ kind = \"crossover\", at_most = 3 }", "f/b/{size}",
             "sizes = [1, 2, 4]\nbaseline = \"f/a\""),
       "R.md:5: A-1: every benchmark name of a swept rule must hold {size}; as in "
       "\"load/mapped/size:{size}\""},
      {"TwoSizes",
       alone("{ kind = \"slope\", expected = 0, margin = 1 }", "f/b/{size}", "sizes = [1, 2]"),
       "R.md:8: A-1: a slope needs at least three sizes"},
      {"NoSizes", alone("{ kind = \"slope\", expected = 0, margin = 1 }", "f/b/{size}"),
       "R.md:2: A-1: a slope needs at least three sizes"},
      {"PredictedZero", claim("predicted = 0"), "R.md:9: A-1: a predicted value must be above 0"},
      {"CutBelowZero", claim("cuts = { a = -1 }"), "R.md:9: A-1: a cut must be above 0"},
      {"IdWithSpace",
       fenced(fmt::format("id = \"A 1\"\n{}", claim().substr(8 + 11, claim().size() - 8 - 11 - 5))),
       "R.md:2: A 1: \"A 1\" is no id; use letters, digits, '-', '_', '.', and '/' between parts"},
      {"UnknownTiers", claim("tiers = \"plam\"") + fenced("[register.tiers.plan]\nsome = 2"),
       "R.md:2: A-1: no tier scale \"plam\" in [register.tiers]; did you mean \"plan\"?"},
      {"DuplicateId", claim() + "\nprose\n\n" + claim(),
       "R.md:15: A-1: this id is taken by the entry at line 2; add a part, as in A-1/variant"},
  };
}

std::string refusal_name(const testing::TestParamInfo<Refusal>& info) {
  return info.param.name;
}
INSTANTIATE_TEST_SUITE_P(Keys, Refused, testing::ValuesIn(key_refusals()), refusal_name);
INSTANTIATE_TEST_SUITE_P(Rules, Refused, testing::ValuesIn(rule_refusals()), refusal_name);
INSTANTIATE_TEST_SUITE_P(Witnesses, Refused, testing::ValuesIn(witness_refusals()), refusal_name);
INSTANTIATE_TEST_SUITE_P(Entries, Refused, testing::ValuesIn(entry_refusals()), refusal_name);

TEST(ParseRegister, ReadsTheDemandsOfBothSides) {
  const auto parsed = parse(claim(R"(
[witness.candidate]
function = "assay::bind_avx2"
has = ['vpxor\s+.*%ymm', 'vzeroupper']
lacks = 'call.*memcpy'
loop = true
[witness.baseline]
function = "memcpy")"));
  ASSERT_THAT(parsed.errors, IsEmpty());
  const Experiment& entry = parsed.reg.experiments.front();
  ASSERT_EQ(entry.witnesses.size(), 2U);
  const auto& [baseline, candidate] = std::pair(entry.witnesses[0], entry.witnesses[1]);
  EXPECT_EQ(baseline.side, Side::kBaseline);
  EXPECT_EQ(baseline.function, "memcpy");
  EXPECT_EQ(entry.benchmark_of(baseline), "f/a");
  EXPECT_FALSE(baseline.is_of_loop);
  EXPECT_EQ(baseline.line, 15);
  EXPECT_EQ(candidate.function, "assay::bind_avx2");
  EXPECT_THAT(candidate.has, ElementsAre("vpxor\\s+.*%ymm", "vzeroupper"));
  EXPECT_THAT(candidate.lacks, ElementsAre("call.*memcpy"));
  EXPECT_EQ(entry.benchmark_of(candidate), "f/b");
  EXPECT_TRUE(candidate.is_of_loop);
}

TEST(ParseRegister, RefusesPatternsThatTheLibraryWouldNot) {
  for (const auto& pattern : {std::string("'call('"), std::string("['a', '[']"), std::string("''"),
                              "'" + std::string(201, 'x') + "'"}) {
    const auto found = messages(alone("{ kind = \"witness\" }", "f/b",
                                      "[witness.candidate]\nfunction = 'f'\nlacks = " + pattern));
    ASSERT_FALSE(found.empty()) << pattern;
    EXPECT_THAT(found.front(), HasSubstr("R.md:10: A-1: ")) << pattern;
    EXPECT_THAT(found.front(), testing::AnyOf(HasSubstr("is no regular expression: "),
                                              HasSubstr("\"witness.candidate.lacks\" must be")))
        << pattern;
  }
}

TEST(ParseRegister, ReadsABehaviourByItsCounter) {
  const auto parsed = parse(alone("{ kind = \"behaviour\" }", "f/b"));
  ASSERT_THAT(parsed.errors, IsEmpty());
  const Experiment& entry = parsed.reg.experiments.front();
  EXPECT_EQ(entry.metric, "holds");
  EXPECT_TRUE(entry.is_measured());
  EXPECT_FALSE(entry.is_estimated());
}

TEST(ParseRegister, ReadsAWitnessRuleThatMeasuresNothing) {
  const auto parsed = parse(alone("{ kind = \"witness\" }", "f/b",
                                  "[witness.candidate]\nfunction = 'f'\nlacks = 'call'"));
  ASSERT_THAT(parsed.errors, IsEmpty());
  const Experiment& entry = parsed.reg.experiments.front();
  EXPECT_FALSE(entry.is_measured());
  EXPECT_EQ(describe(entry), "the code of f lacks /call/");
}

TEST(ParseRegister, RefusesSizesThatAreNoAscendingIntegers) {
  for (const char* sizes : {"[1, 2, 2]", "[4, 2, 1]", "[0, 1, 2]", "[1.0, 2.0, 4.0]", "[]", "8"}) {
    const auto found = messages(alone("{ kind = \"slope\", expected = 0, margin = 1 }",
                                      "f/b/{size}", fmt::format("sizes = {}", sizes)));
    ASSERT_FALSE(found.empty()) << sizes;
    EXPECT_EQ(found[0], "R.md:8: A-1: \"sizes\" must be an array of ascending integers above 0");
  }
}

TEST(ParseRegister, RefusesIdsWithEmptyParts) {
  for (const char* id : {"/A", "A/", "A//b", "\xc3\x84", "A\\n"}) {
    const auto parsed =
        parse(fenced(fmt::format("id = \"{}\"\nclaim = \"c\"\nsource = \"s\"\nbaseline = \"f/a\"\n"
                                 "candidate = \"f/b\"\n{}\nrule = {}",
                                 id, kMeans, kSuperior)));
    ASSERT_EQ(parsed.errors.size(), 1U) << id;
    EXPECT_THAT(parsed.errors[0].what, HasSubstr("is no id"));
  }
  EXPECT_EQ(parse(fenced(fmt::format("id = \"A.1_b-c/d/e\"\nclaim = \"c\"\nsource = \"s\"\n"
                                     "baseline = \"f/a\"\ncandidate = \"f/b\"\n{}\nrule = {}",
                                     kMeans, kSuperior)))
                .reg.experiments.size(),
            1U);
}

TEST(ParseRegister, NamesTheLineOfMalformedToml) {
  const auto parsed = parse("prose\n\n" + fenced("id = \"A\"\nclaim = \"c\nsource = 1") + claim());
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_EQ(parsed.errors[0].where, "R.md:5");
  EXPECT_THAT(parsed.errors[0].what, testing::StartsWith("not TOML: "));
  EXPECT_EQ(parsed.reg.experiments.size(), 1U);  // the others are still read
}

TEST(ParseRegister, RefusesAKeyGivenTwice) {
  const auto parsed = parse(claim("id = \"B\""));
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_EQ(parsed.errors[0].where, "R.md:9");
}

TEST(ParseRegister, ReportsAllErrorsAtOnceInTheirOrder) {
  EXPECT_THAT(messages(fenced("id = \"A\"\nmetric = 5\nguards = 3\ncolour = 1")),
              ElementsAre("R.md:3: A: \"metric\" must be a string",
                          "R.md:4: A: \"guards\" must be a string or an array of strings",
                          "R.md:2: A: \"claim\" is missing; add claim = ...",
                          "R.md:2: A: \"candidate\" is missing; add candidate = ...",
                          "R.md:2: A: \"rule\" is missing; add rule = ...",
                          "R.md:5: A: unknown key \"colour\""));
}

TEST(ParseRegister, AcceptsZeroAndLessWhereDifferencesAreCompared) {
  EXPECT_THAT(messages(claim_with_rule("{ kind = \"superiority\", threshold = -3 }",
                                       "compare = \"difference\"\npredicted = 0\ncuts = -1")),
              IsEmpty());
}

// --- files

class RegisterFile : public testing::Test {
 protected:
  void SetUp() override {
    path_ = std::filesystem::temp_directory_path() /
            fmt::format("assay-register-{}.md", static_cast<int>(::getpid()));
  }
  void TearDown() override { std::filesystem::remove(path_); }
  Result<Register> load(std::string_view text) {
    std::ofstream(path_, std::ios::binary) << text;
    return load_register(path_.string());
  }
  std::filesystem::path path_;
};

TEST_F(RegisterFile, IsReadWhole) {
  const auto reg = load(claim());
  ASSERT_TRUE(reg.has_value()) << reg.error().message();
  EXPECT_EQ(reg->text, claim());
  EXPECT_EQ(reg->path, path_.string());
  EXPECT_EQ(reg->hash, sha256(claim()));
}

TEST_F(RegisterFile, GivesEveryErrorALine) {
  const auto reg = load(claim("metrc = 1") + claim("tgs = 1"));
  ASSERT_FALSE(reg.has_value());
  EXPECT_EQ(reg.error().code, ExitCode::kUsage);
  EXPECT_EQ(reg.error().message(),
            fmt::format("{0}:9: A-1: unknown key \"metrc\"; did you mean \"metric\"?\n"
                        "{0}:19: A-1: unknown key \"tgs\"; did you mean \"tags\"?",
                        path_.string()));
}

TEST_F(RegisterFile, ThatIsEmptyHasNoExperiment) {
  const auto reg = load("");
  ASSERT_FALSE(reg.has_value());
  EXPECT_THAT(reg.error().message(), HasSubstr("no experiment in the register"));
}

TEST_F(RegisterFile, ThatIsMissingOrAFolderCannotBeRead) {
  for (const std::string path : {"/nonexistent/EXPERIMENTS.md", "/"}) {
    const auto reg = load_register(path);
    ASSERT_FALSE(reg.has_value());
    EXPECT_EQ(reg.error().message(),
              path + ": cannot read the register; name one with --register FILE");
  }
}

// --- names

TEST(BenchmarksOf, ReplacesTheSizesAndNamesEachOnce) {
  Experiment entry;
  entry.baselines = {"f/a/{size}"};
  entry.candidate = "f/b/{size}/x{size}";
  entry.sizes = {2, 16};
  EXPECT_THAT(benchmarks_of(entry), ElementsAre("f/a/16", "f/a/2", "f/b/16/x16", "f/b/2/x2"));
  entry = {};
  entry.baselines = {"f/b", "f/a"};
  entry.candidate = "f/b";
  EXPECT_THAT(benchmarks_of(entry), ElementsAre("f/a", "f/b"));
}

TEST(CheckNames, SuggestsTheNearestBenchmark) {
  const auto parsed = parse("\n" + claim());
  const auto errors =
      check_names(parsed.reg, parsed.reg.experiments, {"f/a", "g/bbb", "f/bb-2", "arena/new"});
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_EQ(errors[0].code, ExitCode::kUsage);
  EXPECT_EQ(errors[0].message(),
            "R.md:3: A-1: no benchmark matches \"f/b\"; did you mean \"f/a\"?");
}

TEST(CheckNames, AsksForEachSize) {
  const auto parsed = parse(
      alone("{ kind = \"slope\", expected = 0, margin = 1 }", "f/b/{size}", "sizes = [1, 2, 4]"));
  const auto errors = check_names(parsed.reg, parsed.reg.experiments, {"f/b/1", "f/b/2"});
  ASSERT_EQ(errors.size(), 1U);
  EXPECT_THAT(errors[0].message(), HasSubstr("no benchmark matches \"f/b/4\"; did you mean"));
  EXPECT_THAT(check_names(parsed.reg, {}, {}), IsEmpty());
}

TEST(CodeBlocks, KnowTheirLanguageTextAndLine) {
  const auto blocks = code_blocks("a\n\n```cpp {.x}\nint a;\n\nint b;\n```\n\n~~~\nnone\n~~~\n");
  ASSERT_EQ(blocks.size(), 1U);
  EXPECT_EQ(blocks[0].language, "cpp");
  EXPECT_EQ(blocks[0].text, "int a;\n\nint b;\n");
  EXPECT_EQ(blocks[0].line, 4);
}

}  // namespace
}  // namespace assay
