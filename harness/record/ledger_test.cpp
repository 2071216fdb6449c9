#include "record/ledger.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "testing/examples.hpp"

namespace assay {
namespace {

using namespace examples;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Pair;

Manifest manifest_of_run(const std::string& id) {
  Register reg;
  reg.experiments = {experiment("A", superiority(2)), experiment("B", superiority(2))};
  Manifest manifest = manifest_of(reg);
  manifest.run_id = id;
  manifest.machine["fingerprint"] = "this machine";
  return manifest;
}

std::vector<EarlierRun> runs_in(const std::string& ledger) {
  const auto runs = earlier_runs(ledger, "ledger.jsonl", manifest_of_run("now"));
  EXPECT_TRUE(runs.has_value());
  return runs.value_or(std::vector<EarlierRun>{});
}

TEST(Ledger, ListsEarlierRunsWithTheirVerdicts) {
  const auto runs =
      runs_in(start_line(manifest_of_run("first")) + "\n" + start_line(manifest_of_run("second")) +
              "\n" + verdict_line("first", {{"A", "refuted"}, {"other", "held"}}) + "\n");
  ASSERT_EQ(runs.size(), 2U);
  EXPECT_EQ(runs[0].run_id, "first");
  EXPECT_THAT(runs[0].verdicts, ElementsAre(Pair("A", "refuted"), Pair("B", "")));
  EXPECT_THAT(runs[1].verdicts, ElementsAre(Pair("A", ""), Pair("B", "")));  // it never concluded
}

TEST(Ledger, TakesTheLastOfSeveralJudgements) {
  const auto runs = runs_in(start_line(manifest_of_run("first")) + "\n" +
                            verdict_line("first", {{"A", "inconclusive"}}) + "\n" +
                            verdict_line("first", {{"A", "supported"}}) + "\n");
  EXPECT_EQ(runs.at(0).verdicts.at("A"), "supported");
}

TEST(Ledger, LeavesOutOtherMachinesAndTellsEntriesThatWereChanged) {
  Manifest elsewhere = manifest_of_run("elsewhere");
  elsewhere.machine["fingerprint"] = "another machine";
  Manifest changed = manifest_of_run("changed");
  changed.entry_hashes["A"] = "another rule";
  Manifest foreign = manifest_of_run("foreign");
  foreign.entry_hashes = {{"C", "hash of C"}};
  const auto runs = runs_in(start_line(elsewhere) + "\n" + start_line(changed) + "\n" +
                            start_line(foreign) + "\n");
  ASSERT_EQ(runs.size(), 1U);
  EXPECT_THAT(runs[0].verdicts, ElementsAre(Pair("A", ""), Pair("B", "")));
  EXPECT_THAT(runs[0].reworded, ElementsAre("A"));
}

TEST(Ledger, DropsALastLineThatIsCutShort) {
  const std::string line = start_line(manifest_of_run("first"));
  EXPECT_THAT(runs_in(line.substr(0, line.size() / 2)), IsEmpty());
  EXPECT_EQ(runs_in(line + "\n" + line.substr(0, 9)).size(), 1U);
}

TEST(Ledger, NamesALineThatIsDamaged) {
  for (const char* damaged : {"nonsense", "[]", "{}", R"({"event":"start"})",
                              R"({"event":"verdicts","run_id":3,"verdicts":{}})"}) {
    const auto runs = earlier_runs(start_line(manifest_of_run("first")) + "\n" + damaged + "\n",
                                   "ledger.jsonl", manifest_of_run("now"));
    ASSERT_FALSE(runs.has_value()) << damaged;
    EXPECT_THAT(runs.error().message(), HasSubstr("ledger.jsonl:2: "));
    EXPECT_EQ(runs.error().code, ExitCode::kData);
  }
}

TEST(Ledger, GivesARunBackAsItWasWritten) {
  const EarlierRun run{"id", "2026-01-01T00:00:00Z", {{"A", "refuted"}, {"B", ""}}, {"B"}};
  const EarlierRun back = earlier_run_from(to_json(run));
  EXPECT_EQ(back.run_id, run.run_id);
  EXPECT_EQ(back.started_at, run.started_at);
  EXPECT_EQ(back.verdicts, run.verdicts);
  EXPECT_EQ(back.reworded, run.reworded);
}

}  // namespace
}  // namespace assay
