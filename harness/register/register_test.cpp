#include "register/register.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/examples.hpp"

namespace assay {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

Experiment entry(std::string id, std::string candidate, std::vector<std::string> tags = {}) {
  Experiment result;
  result.id = std::move(id);
  result.candidate = std::move(candidate);
  result.tags = std::move(tags);
  return result;
}

Experiment control_named(std::string id, std::vector<std::string> guards) {
  Experiment result = entry(std::move(id), "control/x");
  result.rule.kind = RuleKind::kControl;
  result.guards = std::move(guards);
  return result;
}

Register example() {
  Register reg;
  reg.experiments = {control_named("CONTROL/bind", {"bind"}),
                     control_named("CONTROL/arena", {"arena", "loading"}),
                     entry("BIND-1/stack", "bind/refs/avx2", {"copy"}),
                     entry("BIND-1/heap", "bind/refs/avx2", {"copy", "heap"}),
                     entry("BIND-10", "bind/other"),
                     entry("LOAD-1", "loading/mapped", {"heap"})};
  return reg;
}

std::vector<std::string> ids(const Selection& selection) {
  std::vector<std::string> result;
  for (const auto& experiment : selection.experiments) result.push_back(experiment.id);
  return result;
}

TEST(Select, TakesAllWithoutAWord) {
  EXPECT_EQ(select(example(), {}).experiments.size(), 6U);
}

TEST(Select, FindsAnIdAndBringsTheControlsOfItsFamily) {
  EXPECT_THAT(ids(select(example(), {"BIND-1/heap"})), ElementsAre("CONTROL/bind", "BIND-1/heap"));
}

TEST(Select, FindsTheFirstPartOfIdsButNoMerePrefix) {
  EXPECT_THAT(ids(select(example(), {"BIND-1"})),
              ElementsAre("CONTROL/bind", "BIND-1/stack", "BIND-1/heap"));
  EXPECT_THAT(select(example(), {"BIND"}).unknown, ElementsAre("BIND"));
}

TEST(VouchesFor, ItsFamiliesAndIds) {
  const Experiment claim = entry("BIND-1/stack", "bind/refs/avx2");
  EXPECT_TRUE(vouches_for(control_named("C", {"bind"}), claim));
  EXPECT_TRUE(vouches_for(control_named("C", {"load", "BIND-1"}), claim));
  EXPECT_TRUE(vouches_for(control_named("C", {"BIND-1/stack"}), claim));
  EXPECT_FALSE(vouches_for(control_named("C", {"BIND", "BIND-1/sta", "load"}), claim));
  EXPECT_FALSE(vouches_for(claim, claim));
}

TEST(VouchesFor, TimesIfItIsOfTime) {
  Experiment claim = entry("A", "bind/x");
  Experiment control = control_named("C", {"bind"});
  for (const char* const metric : {"cpu_time", "p99_ns", "tokens_per_s", "bytes_per_second"}) {
    claim.metric = metric;
    EXPECT_TRUE(vouches_for(control, claim)) << metric;
  }
  claim.metric = "resident_bytes";
  EXPECT_FALSE(vouches_for(control, claim));
  control.metric = "bytes";
  EXPECT_TRUE(vouches_for(control, claim));
}

TEST(Select, FindsAFamily) {
  EXPECT_THAT(ids(select(example(), {"loading"})), ElementsAre("CONTROL/arena", "LOAD-1"));
}

TEST(Select, FindsATagAcrossFamiliesInTheRegistersOrder) {
  EXPECT_THAT(ids(select(example(), {"heap"})),
              ElementsAre("CONTROL/bind", "CONTROL/arena", "BIND-1/heap", "LOAD-1"));
}

TEST(Select, TakesControlsAloneWhenAskedForThem) {
  EXPECT_THAT(ids(select(example(), {"CONTROL"})), ElementsAre("CONTROL/bind", "CONTROL/arena"));
  EXPECT_THAT(ids(select(example(), {"CONTROL/bind"})), ElementsAre("CONTROL/bind"));
}

TEST(Select, NamesEachEntryOnceForSeveralWords) {
  EXPECT_THAT(ids(select(example(), {"BIND-10", "bind", "copy"})),
              ElementsAre("CONTROL/bind", "BIND-1/stack", "BIND-1/heap", "BIND-10"));
}

TEST(Select, ReturnsTheWordsThatSelectNothing) {
  const Selection selection = select(example(), {"nothing", "BIND-10", ""});
  EXPECT_THAT(selection.unknown, ElementsAre("nothing", ""));
  EXPECT_THAT(ids(selection), ElementsAre("CONTROL/bind", "BIND-10"));
  EXPECT_THAT(select(example(), {"x"}).experiments, IsEmpty());
}

TEST(Describe, SaysTheRuleInWords) {
  Experiment e = entry("A", "f/b");
  e.rule.threshold = 5;
  EXPECT_EQ(describe(e), "baseline / candidate >= 5");
  e.compare = Compare::kDifference;
  e.rule.threshold = -2.5;
  EXPECT_EQ(describe(e), "baseline - candidate >= -2.5");

  e.rule = examples::equivalence(1.05);
  EXPECT_EQ(describe(e), "baseline - candidate within +-1.05");
  e.compare = Compare::kRatio;
  EXPECT_EQ(describe(e), "baseline / candidate within [1/1.05, 1.05]");

  e.metric = "bytes";
  e.rule = examples::range(RuleKind::kBound, 1, std::nullopt);
  EXPECT_EQ(describe(e), "bytes >= 1");
  e.rule = examples::range(RuleKind::kBound, std::nullopt, 2);
  EXPECT_EQ(describe(e), "bytes <= 2");
  e.rule = examples::range(RuleKind::kBound, 1, 2);
  EXPECT_EQ(describe(e), "1 <= bytes <= 2");

  e.rule = examples::slope(1, 0.1);
  EXPECT_EQ(describe(e), "d log(bytes) / d log(size) within 1 +- 0.1");
  e.rule = examples::range(RuleKind::kCrossover, std::nullopt, 4096);
  EXPECT_EQ(describe(e), "size at which the candidate begins to win <= 4096");

  e.rule = examples::control(1.1, 1.02);
  EXPECT_EQ(describe(e), "baseline / candidate within [1.1 / 1.02, 1.1 * 1.02]");
  e.compare = Compare::kDifference;
  e.rule = examples::control(0, 3);
  EXPECT_EQ(describe(e), "baseline - candidate within 0 +- 3");
}

TEST(NameOf, GivesTheRegistersWordForEveryKind) {
  EXPECT_STREQ(name_of(RuleKind::kSuperiority), "superiority");
  EXPECT_STREQ(name_of(RuleKind::kEquivalence), "equivalence");
  EXPECT_STREQ(name_of(RuleKind::kBound), "bound");
  EXPECT_STREQ(name_of(RuleKind::kSlope), "slope");
  EXPECT_STREQ(name_of(RuleKind::kCrossover), "crossover");
  EXPECT_STREQ(name_of(RuleKind::kControl), "control");
}

}  // namespace
}  // namespace assay
