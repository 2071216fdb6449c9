#include "verdict/witness.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "testing/examples.hpp"
#include "verdict/judge.hpp"

namespace assay {
namespace {

using namespace examples;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

FunctionCode recorded(std::string function, std::string benchmark) {
  FunctionCode code{std::move(function), "f", "_Zf", {std::move(benchmark)}, ""};
  code.instructions = {{0x10, "call   900 <memcpy@plt>"},
                       {0x15, "vpxor  (%rdi),%ymm1,%ymm0"},
                       {0x19, "jne    15 <f()+0x5>"},
                       {0x1b, "ret"}};
  return code;
}

Experiment witnessed(std::vector<Witness> witnesses, Rule rule = witness_rule()) {
  Experiment entry = experiment("W", rule);
  entry.witnesses = std::move(witnesses);
  return entry;
}

Witness demanding(std::vector<std::string> has, std::vector<std::string> lacks = {}) {
  return {Side::kCandidate, "f()", std::move(has), std::move(lacks)};
}

const std::vector<FunctionCode> kCode = {recorded("f()", "f/old"), recorded("f()", "f/new")};

RunVerdicts judged(const Experiment& entry, const Collected& collected,
                   std::vector<Experiment> others = {}) {
  Register reg;
  reg.experiments = std::move(others);
  reg.experiments.insert(reg.experiments.begin(), entry);
  return judge(manifest_of(reg), reg, collected);
}

TEST(CheckWitnesses, SearchesOneInstructionAtATime) {
  const auto holds = [](Witness witness) {
    return failed_demand(check_witnesses(witnessed({std::move(witness)}), kCode)).empty();
  };
  EXPECT_TRUE(holds(demanding({R"(vpxor\s+.*%ymm)", "^ret$"})));
  EXPECT_FALSE(holds(demanding({"vpxor[^]*ret"})));  // of two instructions together
  EXPECT_TRUE(holds(demanding({}, {"zmm", "call.*malloc"})));
  EXPECT_FALSE(holds(demanding({}, {"call.*memcpy"})));
  EXPECT_TRUE(holds(demanding({})));
}

TEST(CheckWitnesses, AsksTheHotLoopAloneWhereAsked) {
  Witness lacks_call = demanding({"jne"}, {"call"});
  EXPECT_THAT(failed_demand(check_witnesses(witnessed({lacks_call}), kCode)), HasSubstr("memcpy"));
  lacks_call.is_of_loop = true;
  EXPECT_THAT(failed_demand(check_witnesses(witnessed({lacks_call}), kCode)), IsEmpty());
  lacks_call.has = {"ret"};
  EXPECT_EQ(failed_demand(check_witnesses(witnessed({lacks_call}), kCode)),
            "the hot loop of f() (candidate) has no instruction that matches /ret/");
}

TEST(CheckWitnesses, SaysWhichDemandFailsAndTheFirstInstructionThatOffends) {
  EXPECT_EQ(
      failed_demand(
          check_witnesses(witnessed({demanding({"vpxor"}, {"zmm", "%ymm|call"})}), kCode)),
      R"(f() (candidate) has "call   900 <memcpy@plt>", which matches /%ymm|call/ that it must lack)");
}

TEST(CheckWitnesses, LooksAtTheFunctionOfTheSidesOwnInstrument) {
  auto codes = kCode;
  codes[0].instrument = "other";
  Witness of_baseline = demanding({"ret"});
  of_baseline.side = Side::kBaseline;
  const auto results = check_witnesses(witnessed({of_baseline, demanding({"ret"})}), codes);
  ASSERT_THAT(results, SizeIs(2));
  EXPECT_EQ(results[0].code->instrument, "other");
  EXPECT_EQ(results[1].code->instrument, "f");
  EXPECT_THAT(unrecorded_function(results), IsEmpty());
  codes.pop_back();
  EXPECT_EQ(
      unrecorded_function(check_witnesses(witnessed({of_baseline, demanding({"ret"})}), codes)),
      "f()");
}

TEST(JudgeWitness, IsSupportedIfEveryDemandHoldsAndMeasuresNothing) {
  Collected collected;
  collected.machine_code = kCode;
  const auto verdicts = judged(witnessed({demanding({"vpxor"}, {"zmm"})}), collected);
  ASSERT_THAT(verdicts.experiments, SizeIs(1));
  EXPECT_EQ(verdicts.experiments[0].verdict, Verdict::kSupported);
  EXPECT_THAT(verdicts.experiments[0].comparisons, IsEmpty());
  EXPECT_THAT(unguarded_families(verdicts), IsEmpty());
}

TEST(JudgeWitness, IsRefutedIfOneDemandFails) {
  Collected collected;
  collected.machine_code = kCode;
  const auto verdicts = judged(witnessed({demanding({"vpxor"}, {"call"})}), collected);
  EXPECT_EQ(verdicts.experiments[0].verdict, Verdict::kRefuted);
  EXPECT_THAT(verdicts.experiments[0].why, HasSubstr("call   900 <memcpy@plt>"));
}

TEST(JudgeWitness, IsNotRunWithoutTheRecordedText) {
  Collected collected;
  const auto entry = witnessed({demanding({"vpxor"})});
  auto verdicts = judged(entry, collected);
  EXPECT_EQ(verdicts.experiments[0].verdict, Verdict::kNotRun);
  EXPECT_EQ(verdicts.experiments[0].why, "the machine code of f() was not recorded");
  collected.events.no_machine_code = "objdump is not installed";
  verdicts = judged(entry, collected);
  EXPECT_EQ(verdicts.experiments[0].verdict, Verdict::kNotRun);
  EXPECT_EQ(verdicts.experiments[0].why, "objdump is not installed");
}

TEST(JudgeWitness, IsLeftAloneByControls) {
  const Experiment entry = witnessed({demanding({"vpxor"})});
  const std::vector<Experiment> others = {experiment("C", control(1, 1.1), {"f/a"}, "f/b")};
  Register reg;
  reg.experiments = {entry, others.front()};
  Collected collected;
  collected.machine_code = kCode;
  collected.slices = slices_of(
      plan_of(reg.experiments), 200,
      [](const std::string& name, std::uint32_t) { return name == "f/a" ? 200.0 : 100.0; });
  const auto verdicts = judged(entry, collected, others);
  ASSERT_THAT(verdicts.experiments, SizeIs(2));
  EXPECT_EQ(verdicts.experiments[0].verdict, Verdict::kSupported);
  EXPECT_EQ(verdicts.experiments[1].verdict, Verdict::kFailed);
  EXPECT_THAT(select(reg, {"W"}).experiments, SizeIs(1));  // nor does it bring them
}

/// A claim of twice the speed, measured to be so.
RunVerdicts measured_with(const Witness& witness, const std::vector<FunctionCode>& codes) {
  const Experiment entry = witnessed({witness}, superiority(1.5));
  Collected collected;
  collected.machine_code = codes;
  collected.slices =
      slices_of(plan_of({entry}), 32, [](const std::string& name, std::uint32_t round) {
        return (name == "f/old" ? 200.0 : 100.0) + 0.01 * (round % 2);
      });
  return judged(entry, collected);
}

TEST(JudgeWitnessed, IsInvalidIfADemandOfAMeasuredEntryFails) {
  EXPECT_EQ(measured_with(demanding({"vpxor"}), kCode).experiments[0].verdict, Verdict::kSupported);
  const auto failed = measured_with(demanding({}, {"vpxor"}), kCode);
  EXPECT_EQ(failed.experiments[0].verdict, Verdict::kInvalid);
  EXPECT_THAT(failed.experiments[0].why,
              HasSubstr("the machine code is not what the entry demands: f() (candidate) has"));
}

TEST(JudgeWitnessed, StandsWhereNoCodeWasRecorded) {
  EXPECT_EQ(measured_with(demanding({"vpxor"}), {}).experiments[0].verdict, Verdict::kSupported);
}

}  // namespace
}  // namespace assay
