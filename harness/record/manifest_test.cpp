#include "record/manifest.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/examples.hpp"

namespace assay {
namespace {

using namespace examples;
using nlohmann::json;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

Manifest example() {
  Register reg;
  reg.hash = "of the register";
  reg.experiments = {experiment("A", superiority(2), {"f/x", "f/y"}),
                     swept("X", range(RuleKind::kCrossover, 1, 50)),
                     experiment("C", control(1, 1.1))};
  Manifest manifest = manifest_of(reg);
  manifest.selected = {"A", "copy"};
  manifest.plan.seed = 18446744073709551615U;
  manifest.work = {{"f/new", {{"bytes", 768}, {"words", 32}}}};
  return manifest;
}

TEST(Manifest, SurvivesTheRoundTripThroughText) {
  const Manifest before = example();
  const auto after = manifest_from(json::parse(to_json(before).dump()), "run.json");
  ASSERT_TRUE(after.has_value()) << after.error().message();
  EXPECT_EQ(to_json(*after), to_json(before));
  EXPECT_EQ(after->plan.seed, before.plan.seed);
  EXPECT_EQ(after->selected, before.selected);
  EXPECT_EQ(after->entry_hashes, before.entry_hashes);
  EXPECT_EQ(after->work, before.work);
  EXPECT_EQ(after->claims_counted, 3U);
  EXPECT_EQ(after->controls_counted, 1U);
  ASSERT_THAT(after->plan.units, SizeIs(6));
  EXPECT_EQ(after->plan.units[3].size, 10);
  EXPECT_FALSE(after->plan.units[0].size.has_value());
  EXPECT_EQ(after->plan.comparisons[2].units, before.plan.comparisons[2].units);
  EXPECT_TRUE(after->plan.comparisons[3].is_control);
  EXPECT_EQ(after->plan.units[0].arms[1].iterations, before.plan.units[0].arms[1].iterations);
}

TEST(Manifest, NamesItsSchemaAndRefusesOthers) {
  EXPECT_EQ(to_json(example())["schema"], "assay-run/2");
  for (const json& foreign :
       {json(json::value_t::discarded), json(nullptr), json(5), json::array(), json::object(),
        json{{"schema", "assay-run/1"}}, json{{"schema", 1}}}) {
    const auto manifest = manifest_from(foreign, "run.json");
    ASSERT_FALSE(manifest.has_value());
    EXPECT_EQ(manifest.error().code, ExitCode::kData);
    EXPECT_EQ(manifest.error().message(),
              "run.json: not a run's description (assay-run/2); name a "
              "folder that `assay run` wrote");
  }
}

/// The message for the example with the value at `pointer` replaced, or removed.
std::string refusal(const char* pointer, const std::optional<json>& value) {
  json document = to_json(example());
  const json::json_pointer place(pointer);
  if (value)
    document[place] = *value;
  else
    document[place.parent_pointer()].erase(place.back());
  const auto manifest = manifest_from(document, "run.json");
  if (manifest) return "accepted";
  EXPECT_EQ(manifest.error().code, ExitCode::kData);
  return manifest.error().message();
}

TEST(Manifest, NamesTheKeyThatIsMissing) {
  for (const char* pointer : {"/run_id",
                              "/started_at",
                              "/budget_seconds",
                              "/selected",
                              "/register",
                              "/register/sha256",
                              "/register/entries",
                              "/register/claims_counted",
                              "/register/controls_counted",
                              "/cores",
                              "/machine",
                              "/machine/cpu",
                              "/machine/cores",
                              "/source",
                              "/source/commit",
                              "/source/dirty",
                              "/instruments",
                              "/instruments/f/sha256",
                              "/plan",
                              "/plan/seed",
                              "/plan/blocks",
                              "/plan/comparisons",
                              "/plan/comparisons/0/experiment",
                              "/plan/comparisons/0/baseline",
                              "/plan/comparisons/0/candidate",
                              "/plan/comparisons/0/is_control",
                              "/plan/comparisons/0/units",
                              "/plan/units",
                              "/plan/units/0/comparison",
                              "/plan/units/0/size",
                              "/plan/units/0/arms",
                              "/plan/units/0/arms/0/benchmark",
                              "/plan/units/0/arms/0/instrument",
                              "/plan/units/0/arms/0/iterations",
                              "/plan/units/0/slice_ns"}) {
    const std::string key = json::json_pointer(pointer).back();
    EXPECT_THAT(refusal(pointer, std::nullopt), HasSubstr("key '" + key + "' not found"))
        << pointer;
  }
}

TEST(Manifest, RefusesWrongTypes) {
  const json text = "text";
  for (const char* pointer :
       {"/budget_seconds", "/selected", "/register", "/register/entries",
        "/register/claims_counted", "/cores", "/machine", "/source", "/plan", "/plan/seed",
        "/plan/blocks", "/plan/comparisons", "/plan/units", "/plan/comparisons/0/is_control",
        "/plan/comparisons/0/units", "/plan/units/0", "/plan/units/0/size", "/plan/units/0/arms",
        "/plan/units/0/slice_ns"})
    EXPECT_THAT(refusal(pointer, text), HasSubstr("restore the file as the run wrote it"))
        << pointer;
  for (const char* pointer :
       {"/run_id", "/started_at", "/register/sha256", "/instruments/f", "/instruments/f/sha256",
        "/plan/comparisons/0/experiment", "/plan/units/0/arms/0/benchmark"})
    EXPECT_THAT(refusal(pointer, 5), HasSubstr("restore the file")) << pointer;
}

TEST(Manifest, RefusesNumbersThatWouldBeWrappedOrCut) {
  for (const char* pointer : {"/plan/blocks", "/plan/units/0/comparison",
                              "/plan/comparisons/0/units/0", "/register/claims_counted"})
    for (const json& wrong : {json(-1), json(1.5), json(4294967296), json(1e300), json(true)})
      EXPECT_THAT(refusal(pointer, wrong), HasSubstr("is no number of this kind"))
          << pointer << " " << wrong;
  EXPECT_THAT(refusal("/plan/units/0/arms/0/iterations", -1), HasSubstr("no number of this kind"));
  EXPECT_THAT(refusal("/budget_seconds", true), HasSubstr("is no number"));
  for (const json& wrong : {json(0), json(-1), json("768"), json()})
    EXPECT_THAT(refusal("/work/f~1new/bytes", wrong), HasSubstr("is no number above 0")) << wrong;
}

TEST(Manifest, RefusesAPlanThatPointsOutsideItself) {
  const std::string message = "run.json: the plan refers to units it does not have";
  EXPECT_EQ(refusal("/plan/comparisons/0/units/0", 6), message);
  EXPECT_EQ(refusal("/plan/units/0/comparison", 4), message);
  EXPECT_EQ(refusal("/plan/comparisons/0/units", json::array()), message);
  EXPECT_EQ(refusal("/plan/units/0/arms", json::array()), message);
  EXPECT_EQ(refusal("/plan/blocks", 0), message);
}

// --- events

Events must_read(std::string_view text) {
  const auto events = events_from(text, "events.jsonl");
  EXPECT_TRUE(events.has_value()) << (events ? "" : events.error().message());
  return events.value_or(Events{});
}

TEST(EventLog, TellsWhatHappened) {
  const Events events = must_read(
      "{\"event\":\"round\",\"round\":0,\"processes\":[]}\n"
      "{\"event\":\"label\",\"benchmark\":\"f/a\",\"label\":\"avx2\"}\n"
      "{\"event\":\"round_end\",\"round\":0,\"link\":0,\"elapsed_seconds\":0.5}\n"
      "{\"event\":\"round\",\"round\":1,\"link\":0}\n"
      "{\"event\":\"finish\",\"why\":\"interrupted\",\"elapsed_seconds\":0.6}\n"
      "{\"event\":\"resume\"}\n"
      "{\"event\":\"round\",\"round\":2}\n"
      "{\"event\":\"round_end\",\"round\":2,\"link\":0,\"elapsed_seconds\":0.7}\n"
      "{\"event\":\"round\",\"round\":3,\"link\":5}\n"
      "{\"event\":\"round_end\",\"round\":3,\"link\":5,\"elapsed_seconds\":0.75}\n"
      "{\"event\":\"instructions\",\"benchmark\":\"f/"
      "a\",\"per_iteration\":32.5,\"label\":\"avx2\",\"counted_by\":\"perf\"}\n"
      "{\"event\":\"finish\",\"why\":\"decided\"}\n");
  EXPECT_EQ(events.rounds_started, 4U);
  EXPECT_EQ(events.instructions.at("f/a").per_iteration, 32.5);
  EXPECT_EQ(events.instructions.at("f/a").label, "avx2");
  EXPECT_EQ(events.instructions.at("f/a").counted_by, "perf");
  EXPECT_EQ(events.rounds_ended, 2U);  // one was interrupted, and one is a relink's
  EXPECT_EQ(events.resumptions, 1U);
  EXPECT_EQ(events.elapsed_seconds, 0.7);
  EXPECT_EQ(events.finish, "decided");
  EXPECT_EQ(events.labels.at("f/a"), "avx2");
  EXPECT_THAT(events.failures, IsEmpty());
}

TEST(EventLog, AddsUpWhatWasStolenInTheRoundsThatTell) {
  const Events events = must_read(
      "{\"event\":\"round_end\",\"round\":0,\"link\":0,\"elapsed_seconds\":2}\n"
      "{\"event\":\"resume\"}\n"
      "{\"event\":\"round_end\",\"round\":1,\"link\":0,\"elapsed_seconds\":4,\"busy_seconds\":2,"
      "\"stolen_seconds\":0.5}\n"
      "{\"event\":\"round_end\",\"round\":2,\"link\":0,\"elapsed_seconds\":6,\"busy_seconds\":1,"
      "\"stolen_seconds\":0.25}\n"
      "{\"event\":\"round_end\",\"round\":3,\"link\":1,\"elapsed_seconds\":9,\"busy_seconds\":3,"
      "\"stolen_seconds\":3}\n");
  EXPECT_EQ(events.cpu_time.busy, 3);
  EXPECT_EQ(events.cpu_time.stolen, 0.75);
}

TEST(StolenShare, IsOfTheTimeInWhichThereWasWork) {
  EXPECT_EQ(stolen_share({3, 0.75}), 0.25);
  EXPECT_EQ(stolen_share({3, 0}), 0.0);
  EXPECT_EQ(stolen_share({3, 4}), 1.0);
  EXPECT_EQ(stolen_share({3, -1}), 0.0);
  EXPECT_EQ(stolen_share({}), std::nullopt);
}

TEST(EventLog, HoldsAnInstructionCountAsItWasWritten) {
  const auto line = to_json("f/a", InstructionCount{32.5, "avx2", "perf"}).dump() + "\n";
  const InstructionCount read = must_read(line).instructions.at("f/a");
  EXPECT_EQ(read.per_iteration, 32.5);
  EXPECT_EQ(read.label, "avx2");
  EXPECT_EQ(read.counted_by, "perf");
}

TEST(EventLog, OfARunThatWasKilledAfterItsResumptionHasNoEnd) {
  EXPECT_EQ(
      must_read("{\"event\":\"finish\",\"why\":\"interrupted\"}\n{\"event\":\"resume\"}\n").finish,
      "");
  EXPECT_EQ(must_read("").rounds_started, 0U);
}

TEST(EventLog, GivesFailuresBackAsTheyWereWritten) {
  for (const auto kind :
       {FailureKind::kNotRun, FailureKind::kError, FailureKind::kCrash, FailureKind::kHang}) {
    const Failure failure{"f/a", kind, "signal 11: \"x\"\n", 7};
    const Events events = must_read(to_json(failure).dump() + "\n");
    ASSERT_THAT(events.failures, SizeIs(1));
    EXPECT_EQ(events.failures[0].benchmark, "f/a");
    EXPECT_EQ(events.failures[0].kind, kind);
    EXPECT_EQ(events.failures[0].what, failure.what);
    EXPECT_EQ(events.failures[0].round, 7U);
  }
}

TEST(FailureTold, IsAnErrorUnlessTheBenchmarkSaysThatItWasNotRun) {
  const Failure absent = failure_told("f/a", "not run: there is no GPU");
  EXPECT_EQ(absent.benchmark, "f/a");
  EXPECT_EQ(absent.kind, FailureKind::kNotRun);
  EXPECT_EQ(absent.what, "there is no GPU");
  const Failure wrong = failure_told("f/a", "it was not run: late");
  EXPECT_EQ(wrong.kind, FailureKind::kError);
  EXPECT_EQ(wrong.what, "it was not run: late");
}

TEST(EventLog, TakesAnUnknownFailureForAnError) {
  const Events events = must_read(
      "{\"event\":\"failure\",\"benchmark\":\"b\",\"kind\":\"melted\",\"what\":\"w\",\"round\":0}"
      "\n");
  ASSERT_THAT(events.failures, SizeIs(1));
  EXPECT_EQ(events.failures[0].kind, FailureKind::kError);
}

TEST(EventLog, DropsALastLineThatIsCutAtAnyByte) {
  const std::string whole = "{\"event\":\"round\",\"round\":0}\n";
  const std::string last = "{\"event\":\"round\",\"round\":1,\"link\":0}\n";
  for (std::size_t size = 0; size < last.size(); ++size)
    EXPECT_EQ(must_read(whole + last.substr(0, size)).rounds_started, 1U) << size;
  EXPECT_EQ(must_read(whole + last).rounds_started, 2U);
}

TEST(EventLog, IgnoresEventsOfLaterVersions) {
  EXPECT_EQ(must_read("{\"event\":\"weather\",\"rain\":true}\n{\"event\":\"round\",\"round\":0}\n")
                .rounds_started,
            1U);
}

TEST(EventLog, NamesTheLineThatIsDamaged) {
  for (const char* damaged :
       {"not json", "", "[]", "5", "{}", "{\"event\":5}", "{\"event\":\"round\"}",
        "{\"event\":\"round\",\"round\":-1}", "{\"event\":\"round\",\"round\":1.5}",
        "{\"event\":\"round_end\",\"round\":1}", "{\"event\":\"label\",\"benchmark\":\"b\"}",
        "{\"event\":\"failure\",\"benchmark\":\"b\",\"kind\":3,\"what\":\"w\",\"round\":0}",
        "{\"event\":\"finish\",\"why\":null}"}) {
    const auto events = events_from(
        fmt::format("{{\"event\":\"resume\"}}\n{}\n{{\"event\":\"resume\"}}\n", damaged),
        "events.jsonl");
    ASSERT_FALSE(events.has_value()) << damaged;
    EXPECT_EQ(events.error().code, ExitCode::kData);
    EXPECT_EQ(events.error().where, "events.jsonl:2");
    EXPECT_EQ(events.error().mend, "restore the file as the run wrote it");
  }
}

}  // namespace
}  // namespace assay
