#include "report/report.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "report/code_columns.hpp"
#include "report/format.hpp"
#include "testing/examples.hpp"
#include "testing/judged_example.hpp"

namespace assay {
namespace {

using namespace examples;
using Json = nlohmann::ordered_json;
using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;
using testing::SizeIs;

// --- numbers and cells

TEST(Number, HasFourDigitsAndNoNeedlessExponent) {
  EXPECT_EQ(number(2.1034), "2.103");
  EXPECT_EQ(number(0.99812), "0.9981");
  EXPECT_EQ(number(1234.4), "1234");
  EXPECT_EQ(number(123456), "123456");
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-2.5), "-2.5");
  EXPECT_EQ(number(1234567), "1.235e+06");
  EXPECT_EQ(number(0.00012345), "1.234e-04");
}

TEST(Number, SaysWhatIsNone) {
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "-");
  EXPECT_EQ(number(kInfinity), "infinite");
  EXPECT_EQ(number(-kInfinity), "-infinite");
}

TEST(Number, TellsTheEndsOfANarrowIntervalApart) {
  EXPECT_NE(number(1.00012, 0.00002), number(1.00014, 0.00002));
  EXPECT_EQ(number(2.1034, 0.5), "2.103");
  EXPECT_EQ(number(0, 0.1), "0");
  EXPECT_EQ(number(2.1034, 0), "2.103");
  EXPECT_EQ(number(2.1034, kInfinity), "2.103");
  EXPECT_EQ(number(2.1034, 1e-300), "2.10340000");  // never more digits than a double can vouch for
}

TEST(Number, StaysOnItsSideOfACutAsItIsPrinted) {
  EXPECT_EQ(number(1.0900004, 0.1, {1.09}), "1.0900004");
  EXPECT_EQ(number(0.99996, 0.1, {1.0}), "0.99996");
  EXPECT_EQ(number(1.0, 0.1, {1.0}), "1");  // on the cut itself
  EXPECT_EQ(number(1.2, 0.1, {1.0, 5.0}), "1.2");
}

TEST(Effect, CarriesItsUnit) {
  Experiment entry = experiment("A", superiority(2));
  EXPECT_EQ(effect(entry, 2.5), "2.5x");
  entry.compare = Compare::kDifference;
  EXPECT_EQ(effect(entry, 2.5), "2.5 ns");
  entry.metric = "bytes";
  EXPECT_EQ(effect(entry, 2.5), "2.5");
  EXPECT_EQ(effect(experiment("A", range(RuleKind::kBound, 1, 2), {}), 2.5), "2.5 ns");
  EXPECT_EQ(effect(swept("L", slope(1, 1)), 2.5), "2.5");
  EXPECT_EQ(effect(swept("X", range(RuleKind::kCrossover, 1, 2)), kInfinity), "infinite");
}

TEST(EffectWithInterval, SaysWhenRoundsAreTooFew) {
  const Experiment entry = experiment("A", superiority(2));
  Estimate found;
  found.value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(effect_with_interval(entry, found), "-");
  found.value = 2.5;
  found.interval = {0, kInfinity};
  EXPECT_EQ(effect_with_interval(entry, found), "2.5x [too few rounds]");
  found.interval = {2, 3};
  EXPECT_EQ(effect_with_interval(entry, found), "2.5x [2, 3]");
  found.interval = {0, kInfinity};
  EXPECT_THAT(effect_with_interval(swept("X", range(RuleKind::kCrossover, 1, 2)), found),
              HasSubstr("infinite]"));
}

TEST(Measured, NamesTheProbeOfALimit) {
  ExperimentVerdict result;
  result.experiment = experiment("L", range(RuleKind::kLimit, 0.9, std::nullopt));
  result.comparisons.emplace_back();
  Estimate& found = result.comparisons[0].estimate;
  Plan plan;
  plan.comparisons = {{"L", "f/probe", "f/new", false, {0}}};
  found.value = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(measured(result, plan), "-");
  found.value = 0.93;
  EXPECT_EQ(measured(result, plan), "0.93 of the limit (f/probe) [too few rounds]");
  found.interval = {0.92, 0.94};
  EXPECT_EQ(measured(result, plan), "0.93 of the limit (f/probe) [0.92, 0.94]");
}

TEST(EffectWithInterval, CountsTheRoundsInWhichABehaviourHolds) {
  Estimate found;
  found.rounds = {{0, 1}, {1, 0}, {2, 1}};
  found.value = 0;
  EXPECT_EQ(effect_with_interval(experiment("H", behaviour(), {}), found),
            "holds in 2 of 3 rounds");
}

TEST(EffectName, SaysWhatAnAxisShows) {
  Experiment entry = experiment("A", superiority(2));
  EXPECT_EQ(effect_name(entry), "baseline / candidate");
  entry.compare = Compare::kDifference;
  EXPECT_EQ(effect_name(entry), "baseline - candidate: real_time, ns an iteration");
  EXPECT_EQ(effect_name(experiment("A", range(RuleKind::kBound, 1, 2), {})),
            "real_time, ns an iteration");
  EXPECT_EQ(effect_name(swept("L", slope(1, 1))), "d log(real_time) / d log(size)");
  EXPECT_EQ(effect_name(swept("X", range(RuleKind::kCrossover, 1, 2))), "size");
}

TEST(Predictions, NameTheirScenarios) {
  Experiment entry = experiment("A", superiority(2));
  EXPECT_EQ(predictions(entry), "-");
  entry.predicted = {{"predicted", 3}};
  EXPECT_EQ(predictions(entry), "3x");
  entry.predicted = {{"optimistic", 201}, {"realistic", 1.5}};
  EXPECT_EQ(predictions(entry), "201x (optimistic), 1.5x (realistic)");
}

TEST(Cell, HoldsNothingThatEndsIt) {
  EXPECT_EQ(cell("a|b"), "a\\|b");
  EXPECT_EQ(cell("||"), "\\|\\|");
  EXPECT_EQ(cell("a\nb\r\nc"), "a b  c");
  EXPECT_EQ(cell("a\\|b"), "a\\&#124;b");  // "\\|" would be a backslash and the end of the cell
  EXPECT_EQ(cell("plain"), "plain");
}

// --- machine code

WitnessResult disassembled(Side side, const std::string& function, std::size_t instructions) {
  FunctionCode code{function, "f", "_Z" + function, {"f/new"}, ""};
  for (std::size_t i = 0; i < instructions; ++i)
    code.instructions.push_back({0x1000 + i, fmt::format("add    ${},%rax", i)});
  code.instructions.push_back({0x1000 + instructions, "jne    1000 <f>"});
  const CodeRange loop = hot_loop(code.instructions);
  return {{side, function}, code, loop, {}};
}

TEST(CodeColumns, StandSideBySide) {
  EXPECT_EQ(
      code_columns({disassembled(Side::kBaseline, "a", 1), disassembled(Side::kCandidate, "b", 2)}),
      "baseline: a, its hot loop | candidate: b, its hot loop\n"
      "   +0x0  add    $0,%rax   |    +0x0  add    $0,%rax\n"
      "   +0x1  jne    +0x0      |    +0x1  add    $1,%rax\n"
      "                          |    +0x2  jne    +0x0\n");
}

TEST(CodeColumns, AreOneForOneSide) {
  EXPECT_EQ(code_columns({disassembled(Side::kCandidate, "b", 1)}),
            "candidate: b, its hot loop\n   +0x0  add    $0,%rax\n   +0x1  jne    +0x0\n");
  EXPECT_EQ(code_columns({}), "");
  EXPECT_EQ(code_columns({{{Side::kCandidate, "b"}, {}, {}, {}}}), "");  // not recorded
}

TEST(CodeColumns, SayWhatIsCut) {
  const auto count = [](const std::string& text) { return std::ranges::count(text, '\n'); };
  const std::string whole = code_columns({disassembled(Side::kCandidate, "b", 38)});
  EXPECT_EQ(count(whole), 40);
  EXPECT_THAT(whole, Not(HasSubstr("cut")));
  const std::string cut = code_columns({disassembled(Side::kCandidate, "b", 39)});
  EXPECT_EQ(count(cut), 40);
  EXPECT_THAT(cut, HasSubstr("(cut: 2 more instructions)"));
  const std::string wide = code_columns({disassembled(Side::kCandidate, std::string(100, 'x'), 1)});
  EXPECT_THAT(wide, HasSubstr("xxx...\n"));
}

// --- documents

using Example = JudgedExample;

/// With a witness rule beside it, of which one demand fails.
Example example_with_witness() {
  Example example;
  Experiment witness = experiment("W", witness_rule(), {}, "f/new");
  witness.witnesses = {{Side::kCandidate, "f|g", {"add|x"}, {"jne", "call"}}};
  example.run.reg.experiments.push_back(witness);
  example.run.manifest.entry_hashes["W"] = witness.hash;
  example.run.collected.machine_code = {*disassembled(Side::kCandidate, "f|g", 3).code};
  example.verdicts = judge(example.run.manifest, example.run.reg, example.run.collected);
  return example;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::stringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

/// Cells of a table's row: bars that no backslash escapes.
std::ptrdiff_t bars(const std::string& line) {
  std::ptrdiff_t count = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (line[i] == '\\')
      ++i;
    else if (line[i] == '|')
      ++count;
  }
  return count;
}

void expect_sound_tables(const std::string& text) {
  std::ptrdiff_t wanted = 0;
  int rows = 0;
  for (const auto& line : lines_of(text)) {
    if (!line.starts_with('|')) {
      wanted = 0;
      continue;
    }
    if (wanted == 0) wanted = bars(line);
    EXPECT_EQ(bars(line), wanted) << line;
    EXPECT_TRUE(line.ends_with('|')) << line;
    ++rows;
  }
  EXPECT_GT(rows, 5);
}

TEST(Documents, OfTheSameRunAreTheSameBytes) {
  const Example first;
  const Example second;
  EXPECT_EQ(verdicts_document(first.run, first.verdicts).dump(),
            verdicts_document(second.run, second.verdicts).dump());
  EXPECT_EQ(first.figures.dump(), second.figures.dump());
  EXPECT_EQ(first.report(), second.report());
  EXPECT_EQ(markdown_summary(first.run, first.verdicts),
            markdown_summary(second.run, second.verdicts));
}

TEST(MarkdownReport, KeepsEveryTableInItsColumns) {
  expect_sound_tables(Example().report());
  expect_sound_tables(Example(0).report());
  expect_sound_tables(example_with_witness().report());
  const Example example;
  expect_sound_tables(markdown_summary(example.run, example.verdicts));
}

TEST(MarkdownReport, ShowsADemandWithItsAnswerAndTheLoop) {
  const std::string text = example_with_witness().report();
  EXPECT_THAT(text, HasSubstr("| 2 of 3 demands hold | **refuted** |"));
  EXPECT_THAT(text, HasSubstr("- The machine code of `f|g` (candidate) must have `add|x`: holds "
                              "(`add    $0,%rax`).\n"
                              "- The machine code of `f|g` (candidate) must lack `jne`: **fails** "
                              "(`jne    1000 <f>`).\n"
                              "- The machine code of `f|g` (candidate) must lack `call`: holds (no "
                              "instruction matches).\n"));
  EXPECT_THAT(text, HasSubstr("\n\n```text\ncandidate: f|g, its hot loop\n   +0x0  add"));
  EXPECT_THAT(text, HasSubstr("   +0x3  jne    +0x0\n```\n\nRepeat it: `./assay run W`"));
}

TEST(MarkdownReport, WarnsOfAMeasuredEntryWhoseCodeWasNotLookedAt) {
  Example example;
  Witness unseen{Side::kCandidate, "g", {"ret"}};
  example.run.reg.experiments[1].witnesses = {unseen};
  example.verdicts = judge(example.run.manifest, example.run.reg, example.run.collected);
  EXPECT_THAT(example.report(), HasSubstr("> **A/b is judged without a look at the machine code of "
                                          "g: it was not recorded**"));
  example.run.collected.events.no_machine_code = "objdump is missing";
  EXPECT_THAT(example.report(), HasSubstr("machine code of g: objdump is missing**"));
}

TEST(VerdictsDocument, HasTheDemandsOfEntriesThatMakeSome) {
  const Example example = example_with_witness();
  const Json document = verdicts_document(example.run, example.verdicts);
  for (const auto& entry : document["experiments"]) {
    if (entry["id"] != "W") {
      EXPECT_FALSE(entry.contains("witnesses")) << entry["id"];
      continue;
    }
    EXPECT_TRUE(entry["comparisons"].empty());
    const Json& side = entry["witnesses"][0];
    EXPECT_EQ(side["function"], "f|g");
    EXPECT_EQ(side["symbol"], "_Zf|g");
    EXPECT_EQ(side["demands"].dump(),
              R"([{"demand":"has","pattern":"add|x","holds":true,"instruction":"add    $0,%rax"},)"
              R"({"demand":"lacks","pattern":"jne","holds":false,"instruction":"jne    1000 <f>"},)"
              R"({"demand":"lacks","pattern":"call","holds":true,"instruction":null}])");
  }
}

TEST(MarkdownReport, SaysWhatIsKnownOfTheMachineAndOfEarlierRuns) {
  Example example;
  EXPECT_THAT(example.report(), HasSubstr("It was not calibrated before this run"));
  EXPECT_THAT(example.report(), HasSubstr("| earlier runs of any of these entries here | none |"));
  EXPECT_THAT(example.report(), Not(HasSubstr("| stolen |")));
  example.run.collected.events.cpu_time = {8, 1};
  EXPECT_THAT(example.report(),
              HasSubstr("| stolen | 12.5% of the measuring CPU's time went to other guests of the "
                        "host, as far as the hypervisor tells |"));
  CalibrationSummary& calibration = example.run.manifest.calibration.emplace();
  calibration.first = "yesterday";
  calibration.nulls = {{"a | kernel", 400, 1, 0.0118, 0, 399, 0.25, 64, 0.004}};
  calibration.positives = {{"k", 0.02, 100, {100, 98}, {0, 0}, 0, 99, 1.02, 0.5}};
  example.run.manifest.disturbed["both"] = calibration;
  example.run.manifest.earlier = {{"r-1", "then", {{"A/b", "refuted"}}, {}},
                                  {"r-2", "then", {{"A/b", ""}}, {"A/b"}}};
  const std::string text = example.report();
  EXPECT_THAT(text, HasSubstr("| 400 | 1 | 1.2% | 399 | 64 | 0.4% | 0.25 |"));
  EXPECT_THAT(text, HasSubstr("| 2% | k | 1.02x | 98 of 100 | - | 0 | 99 of 100 |"));
  EXPECT_THAT(text, HasSubstr("| both | 400 | 1 | 399 | 100 | 98 of 100 | 0 | 99 |"));
  EXPECT_THAT(text, HasSubstr("| 2: r-1, r-2 |"));
  EXPECT_THAT(text, HasSubstr("Earlier runs of this entry on this machine: 2 (1 refuted, 1 without "
                              "a verdict of another wording)."));
  expect_sound_tables(text);
}

TEST(MarkdownReport, SaysWhatQualifiesAVerdict) {
  Example example(128);
  EXPECT_THAT(example.report(), HasSubstr("Code layout: not measured"));
  EXPECT_THAT(example.report(), HasSubstr("a second run of the same length is refuted"));
  example.run.collected.layouts = {example.run.collected.slices, example.run.collected.slices};
  example.verdicts = judge(example.run.manifest, example.run.reg, example.run.collected);
  EXPECT_THAT(example.report(),
              HasSubstr("Code layout: over 2 relinks the effect spreads no further than "
                        "the noise of their rounds; 2 of them answer the rule alike."));
  EXPECT_THAT(example.report(), HasSubstr("The effect seems to drift"));  // it falls by the round
}

TEST(MarkdownReport, WarnsOfAFamilyWithoutAControl) {
  Example example;
  const std::string warning = "no control guards the family f";
  EXPECT_THAT(example.report(), Not(HasSubstr(warning)));
  std::erase_if(example.verdicts.experiments,
                [](const auto& result) { return result.experiment.is_control(); });
  EXPECT_THAT(example.report(), HasSubstr(warning));
  EXPECT_THAT(example.report(), HasSubstr("No control was selected"));
  expect_sound_tables(example.report());
}

TEST(MarkdownReport, LeavesNoTemplateBehind) {
  for (const auto& text : {Example().report(), Example(0).report()}) {
    EXPECT_THAT(text, Not(HasSubstr("{{")));
    EXPECT_THAT(text, Not(HasSubstr("&lt;")));
  }
}

TEST(MarkdownReport, SaysWhatAReaderNeeds) {
  const std::string text = Example().report();
  for (const char* needed :
       {"7 claims", "> **a warning**", "> Figure not drawn: forest-x: why", "leave it",
        "hash of the register", "corrected over all 8 claims", "2 looks", "95%",
        "UNSELECTED | not selected for this run", "f/absent: no AVX-512", "`f/new` ran: avx2.",
        "![", "](plots/forest-ratios.svg)", "Grade reached by the interval's lower end: none."})
    EXPECT_THAT(text, HasSubstr(needed));
}

TEST(MarkdownReport, SaysWhatCountedInstructions) {
  Example example;
  auto& counts = example.run.collected.events.instructions;
  counts["f/peer"] = {300, "avx2", "perf"};
  EXPECT_THAT(example.report(), Not(HasSubstr("Instructions an iteration")));  // of one side only
  counts["f/new"] = {100, "avx2", "perf"};
  EXPECT_THAT(example.report(),
              HasSubstr("Instructions an iteration, by perf: 300 against 100, 3 times as many."));
  counts["f/new"].counted_by = "valgrind";  // which sees other instructions: no ratio
  EXPECT_THAT(example.report(),
              HasSubstr("Instructions an iteration: 300 (by perf) against 100 (by valgrind)."));
  EXPECT_EQ(verdicts_document(example.run, example.verdicts)["instructions"]["f/peer"].dump(),
            R"({"per_iteration":300.0,"label":"avx2","counted_by":"perf"})");
}

TEST(MarkdownReport, ShowsOnlyFiguresThatWereDrawn) {
  Example example;
  example.drawn.files = {"forest-controls"};
  const std::string text = example.report();
  EXPECT_THAT(text, HasSubstr("plots/forest-controls.svg"));
  EXPECT_THAT(text, Not(HasSubstr("plots/rounds-")));
}

TEST(Counts, AreOfClaimsByVerdict) {
  EXPECT_EQ(counts(Example().verdicts), "7 claims: 3 supported, 3 refuted, 1 not run");
  EXPECT_EQ(counts({}), "0 claims");
  RunVerdicts one;
  one.experiments.resize(1);
  one.experiments[0].verdict = Verdict::kInconclusive;
  EXPECT_EQ(counts(one), "1 claim: 1 inconclusive");
}

TEST(Subtitle, NamesTheMachineTheCompilerAndTheDay) {
  Example example;
  EXPECT_EQ(subtitle(example.run), "a CPU | with a bar, 2 cores, unknown compiler, 2026-01-01");
  example.run.manifest.instruments["f"]["context"] = {{"assay_compiler", "g++ 12.2.0"},
                                                      {"assay_flags", "-O2"}};
  EXPECT_THAT(subtitle(example.run), HasSubstr("g++ 12.2.0"));
}

std::vector<std::string> keys_of(const Json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

void expect_keys(const Json& object, const std::vector<std::string>& wanted) {
  for (const auto& key : wanted) EXPECT_TRUE(object.contains(key)) << key << " in " << object;
}

bool is_number_or_null(const Json& value) {
  return value.is_null() || value.is_number();
}

void expect_path(const Json& figure) {
  expect_keys(figure, {"y_label", "round", "slices", "effects", "round_value", "points", "looks",
                       "value", "low", "high", "rule", "accepted", "cuts", "predicted", "verdict",
                       "comparison_verdict", "why", "comparisons"});
  expect_keys(figure["slices"], {"y_label", "log", "series", "pairs"});
  expect_keys(figure["accepted"], {"low", "high"});
  EXPECT_THAT(figure["points"], SizeIs(20));
  EXPECT_EQ(figure["round"], figure["points"][10][0]);  // in the middle of the run
  EXPECT_EQ(figure["round_value"], figure["points"][10][1]);
  const bool is_alone = figure["slices"]["series"].size() == 1;
  EXPECT_THAT(figure["slices"]["pairs"], SizeIs(is_alone ? 0 : figure["effects"].size()));
  EXPECT_TRUE(std::ranges::is_sorted(figure["effects"]));
}

TEST(FiguresDocument, ConformsToTheFormat) {
  const Example example;
  EXPECT_THAT(keys_of(example.figures), ElementsAre("schema", "run_id", "subtitle", "figures"));
  EXPECT_EQ(example.figures["schema"], "assay-figures/1");
  EXPECT_EQ(example.figures["run_id"], example.run.manifest.run_id);
  std::set<std::string> kinds;
  for (const auto& figure : example.figures["figures"]) {
    expect_keys(figure, {"kind", "file", "title", "log"});
    const std::string kind = figure["kind"];
    kinds.insert(kind);
    if (kind != "path") expect_keys(figure, {"x_label"});
    if (kind != "forest") expect_keys(figure, {"experiment", "y_label"});
    if (kind == "forest") {
      for (const auto& row : figure.at("rows")) {
        expect_keys(row, {"id", "label", "verdict", "value", "low", "high", "cuts", "predicted"});
        EXPECT_THAT(row["verdict"].get<std::string>(),
                    AnyOf("supported", "refuted", "equivalent", "inconclusive", "invalid",
                          "not run", "held", "failed"));
        for (const char* key : {"value", "low", "high"}) EXPECT_TRUE(is_number_or_null(row[key]));
      }
    } else if (kind == "rounds") {
      expect_keys(figure, {"points", "value", "low", "high", "cuts", "looks"});
      EXPECT_THAT(figure["points"], SizeIs(20));
      EXPECT_THAT(figure["looks"], SizeIs(2));
      for (const auto& look : figure["looks"]) expect_keys(look, {"round", "low", "high"});
    } else {
      ASSERT_THAT(kind, AnyOf("path", "sweep"));
      if (kind == "path") expect_path(figure);
      const Json& series_of = kind == "path" ? figure["slices"] : figure;
      for (const auto& series : series_of.at("series")) {
        expect_keys(series, {"name", "role", "points"});
        EXPECT_THAT(series["role"].get<std::string>(), AnyOf("baseline", "candidate"));
        EXPECT_FALSE(series["points"].empty());
        for (const auto& point : series["points"])
          EXPECT_THAT(point, SizeIs(kind == "path" ? 2 : 4));
      }
    }
  }
  EXPECT_THAT(kinds, ElementsAre("forest", "path", "rounds", "sweep"));
}

std::vector<Json> paths_of(const Json& document) {
  std::vector<Json> paths;
  for (const auto& figure : document["figures"])
    if (figure["kind"] == "path") paths.push_back(figure);
  return paths;
}

Json path_of(const Json& document, const std::string& experiment) {
  for (const auto& figure : paths_of(document))
    if (figure["experiment"] == experiment) return figure;
  ADD_FAILURE() << "no path of " << experiment;
  return {};
}

/// A run of one claim whose slices in each round are 100, 101, 102... in the order they ran.
Json path_of_counted_slices(const Experiment& entry, std::uint32_t rounds = 5) {
  Run run;
  run.reg.experiments = {entry};
  run.manifest = manifest_of(run.reg);
  double counted = 0;
  run.collected.slices =
      slices_of(run.manifest.plan, rounds,
                [&](const std::string&, std::uint32_t) { return 100 + counted++; });
  return path_of(figures_document(run, judge(run.manifest, run.reg, run.collected)), entry.id);
}

std::map<int, double> values_by_position(const Json& figure) {
  std::map<int, double> values;
  for (const auto& series : figure["slices"]["series"])
    for (const auto& point : series["points"]) values[point[0]] = point[1];
  return values;
}

TEST(PathFigure, LeadsFromTheSlicesToTheValueOfItsRound) {
  const Json figure = path_of_counted_slices(experiment("A", superiority(2)));
  EXPECT_EQ(figure["round"], 2);
  const Json& pairs = figure["slices"]["pairs"];
  ASSERT_THAT(pairs, SizeIs(4));  // two blocks of ABBA or BAAB
  const auto values = values_by_position(figure);
  EXPECT_THAT(values, SizeIs(8));
  std::vector<double> ratios;
  for (const auto& pair : pairs) {
    EXPECT_EQ(std::abs(pair[0][0].get<int>() - pair[1][0].get<int>()), 1) << "not adjacent";
    for (const auto& end : pair) EXPECT_EQ(values.at(end[0]), end[1].get<double>());
    ratios.push_back(pair[0][1].get<double>() / pair[1][1].get<double>());
  }
  std::ranges::sort(ratios);
  ASSERT_THAT(figure["effects"], SizeIs(4));
  for (std::size_t i = 0; i < ratios.size(); ++i)
    EXPECT_NEAR(figure["effects"][i].get<double>(), ratios[i], 1e-12);
  EXPECT_NEAR(figure["round_value"].get<double>(), std::sqrt(ratios[1] * ratios[2]), 1e-12);
  EXPECT_EQ(figure["slices"]["series"][0]["role"], "baseline");
  EXPECT_EQ(figure["slices"]["series"][0]["name"], "f/old");
}

TEST(PathFigure, ShowsDifferencesOnALinearAxis) {
  Experiment entry = experiment("A", superiority(2));
  entry.compare = Compare::kDifference;
  const Json figure = path_of_counted_slices(entry);
  EXPECT_FALSE(figure["log"]);
  for (const auto& effect : figure["effects"]) EXPECT_EQ(std::abs(effect.get<double>()), 1);
}

TEST(PathFigure, OfACandidateJudgedAloneShowsItsSlices) {
  const Json figure = path_of_counted_slices(experiment("A", range(RuleKind::kBound, 1, 200), {}));
  EXPECT_THAT(figure["slices"]["pairs"], SizeIs(0));
  ASSERT_THAT(figure["slices"]["series"], SizeIs(1));
  EXPECT_EQ(figure["slices"]["series"][0]["role"], "candidate");
  std::vector<double> sorted;
  for (const auto& [position, value] : values_by_position(figure)) sorted.push_back(value);
  std::ranges::sort(sorted);
  EXPECT_EQ(figure["effects"].get<std::vector<double>>(), sorted);
  EXPECT_EQ(figure["accepted"]["low"], 1);
  EXPECT_EQ(figure["accepted"]["high"], 200);
}

TEST(PathFigure, IsOfEachClaimsHeadlineWithoutSizes) {
  const Example example;
  std::vector<std::string> experiments;
  for (const auto& figure : paths_of(example.figures)) experiments.push_back(figure["experiment"]);
  EXPECT_THAT(experiments, ElementsAre("A/b", "B-1", "B/1", "S", "N"));
  const Json rivals = path_of(example.figures, "A/b");
  EXPECT_EQ(rivals["slices"]["series"][0]["name"], "f/peer");  // the strongest of two
  EXPECT_EQ(rivals["comparisons"], 2);
  EXPECT_EQ(rivals["verdict"], "refuted");
  EXPECT_EQ(rivals["accepted"]["low"], 2);
  EXPECT_TRUE(rivals["accepted"]["high"].is_null());
}

TEST(PathFigure, PassesOverRoundsThatAreNotComplete) {
  Example example;
  for (auto& slices : example.run.collected.slices)
    std::erase_if(slices, [](const Slice& slice) {
      return slice.round == 10 && slice.block == 1 && slice.arm == 0;
    });
  const auto verdicts = judge(example.run.manifest, example.run.reg, example.run.collected);
  const Json figure = path_of(figures_document(example.run, verdicts), "B-1");
  EXPECT_THAT(figure["points"], SizeIs(19));
  EXPECT_EQ(figure["round"], 9);
  for (auto& slices : example.run.collected.slices)
    std::erase_if(slices, [](const Slice& slice) { return slice.block == 1 && slice.arm == 0; });
  const auto none = judge(example.run.manifest, example.run.reg, example.run.collected);
  EXPECT_TRUE(paths_of(figures_document(example.run, none)).empty());
}

TEST(FiguresDocument, WritesEndsThatNothingBoundsAsNull) {
  const Example example(3);
  for (const auto& figure : example.figures["figures"]) {
    if (figure["kind"] != "path") continue;
    EXPECT_TRUE(figure["low"].is_null()) << figure["file"];  // of a ratio not 0, either
    EXPECT_TRUE(figure["high"].is_null()) << figure["file"];
    for (const auto& look : figure["looks"]) EXPECT_TRUE(look["low"].is_null());
  }
}

TEST(FiguresDocument, ShowsNoIntervalWhereLooksContradictEachOther) {
  Example example;
  auto& part = example.verdicts.experiments[2].comparisons[0];
  part.estimate.interval = {2, 1};
  part.estimate.looks.back().interval = {2, 1};
  const Json document = figures_document(example.run, example.verdicts);
  const Json figure = path_of(document, example.verdicts.experiments[2].experiment.id);
  for (const Json& ends : {figure, figure["looks"].back()}) {
    EXPECT_TRUE(ends["low"].is_null());
    EXPECT_TRUE(ends["high"].is_null());
  }
}

TEST(FiguresDocument, NamesFilesThatAreUniqueAndPlain) {
  std::set<std::string> files;
  const Example example;
  for (const auto& figure : example.figures["figures"]) {
    const std::string file = figure["file"];
    EXPECT_TRUE(files.insert(file).second) << file;
    EXPECT_EQ(file.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                     "0123456789-_."),
              std::string::npos)
        << file;
  }
  EXPECT_THAT(files, Contains("path-B-1"));
  EXPECT_THAT(files, Contains("path-B-1-2"));
}

TEST(FiguresDocument, ShowsWhatWasNotRunWithoutValues) {
  const Example example;
  bool found = false;
  for (const auto& figure : example.figures["figures"])
    if (figure["file"] == "forest-ratios") {
      EXPECT_EQ(figure["reference"], 1.0);
      for (const auto& row : figure["rows"])
        if (row["id"] == "N") {
          found = true;
          EXPECT_EQ(row["verdict"], "not run");
        }
    }
  EXPECT_TRUE(found);
  const Example unmeasured(0);
  for (const auto& figure : unmeasured.figures["figures"]) {
    EXPECT_EQ(figure["kind"], "forest");  // nothing was measured
    for (const auto& row : figure["rows"]) {
      EXPECT_TRUE(row["value"].is_null());
      EXPECT_TRUE(row["low"].is_null());
      EXPECT_TRUE(row["high"].is_null());
    }
  }
}

TEST(FiguresDocument, DrawsACrossoverBesideBothSides) {
  const Example example;
  for (const auto& figure : example.figures["figures"]) {
    if (figure["kind"] != "sweep") continue;
    const bool is_crossover = figure["experiment"] == "X";
    EXPECT_THAT(figure["series"], SizeIs(is_crossover ? 2 : 1));
    ASSERT_EQ(figure.contains("crossover"), is_crossover);
    if (is_crossover) {
      EXPECT_NEAR(figure["crossover"]["value"].get<double>(), 10, 1e-9);
    }
  }
}

TEST(Report, HasATableOfACrossoversSizes) {
  const std::string report = Example().report();
  const std::string header =
      "| size | baseline | candidate | baseline / candidate |\n|---|---|---|---|\n";
  const auto at = report.find(header);
  ASSERT_NE(at, std::string::npos);
  EXPECT_EQ(report.find(header, at + 1), std::string::npos) << "a slope has no baseline";
  const std::string rows = report.substr(at + header.size());
  EXPECT_THAT(rows.substr(0, rows.find('\n')),
              testing::ContainsRegex("^\\| [0-9]+ \\| [^|]+ \\| [^|]+ \\| [^|]+x \\|$"));
}

TEST(Report, HasATableOfWhatBeginsToPayWhere) {
  const std::string report = Example().report();
  EXPECT_THAT(report,
              HasSubstr("| [X](#x): claim of X | `f/old/{size}` | `f/new/{size}` | 1 to 100 | "));
  EXPECT_THAT(report, Not(HasSubstr("| [L](#l): claim of L | `")));
}

TEST(Report, BeginsWithItsFamiliesAndTheFurthestOfTheRefuted) {
  const std::string report = Example().report();
  EXPECT_THAT(report, HasSubstr("| [f](#the-claims-of-f) | 7 | 3 | 3 | - | - | - | 1 |\n"));
  EXPECT_THAT(report,
              HasSubstr("| [A/b](#ab): a \\| b and c | 50x (best\\|case), 1x (worst) | 1x ["));
}

TEST(PowerFigure, HasTheShareOfTrialsWithItsExactInterval) {
  Example example;
  CalibrationSummary calibration;
  PositivePool pool;
  pool.kernel = "bind";
  pool.extra = 0.02;
  pool.in_5_s = {.n = 20, .found = 19};
  calibration.positives = {pool};
  example.run.manifest.calibration = calibration;
  const Json figures = figures_document(example.run, example.verdicts)["figures"];
  const auto power =
      std::ranges::find(figures, "power", [](const Json& one) { return one["file"]; });
  ASSERT_NE(power, figures.end());
  const Json& point = (*power)["series"][0]["points"][0];
  EXPECT_NEAR(point[0].get<double>(), 2, 1e-9);
  EXPECT_NEAR(point[1].get<double>(), 0.95, 1e-9);
  EXPECT_NEAR(point[2].get<double>(), 0.7513, 1e-4);  // Clopper and Pearson, 19 of 20
  EXPECT_NEAR(point[3].get<double>(), 0.9987, 1e-4);
}

TEST(VerdictsDocument, HoldsTheNumbersOfTheReport) {
  Example example;
  const Json document = verdicts_document(example.run, example.verdicts);
  EXPECT_EQ(document["schema"], "assay-verdicts/1");
  expect_keys(document, {"run_id", "register_sha256", "alpha", "control_alpha", "claims_counted",
                         "controls_counted", "looks_counted", "alpha_of_look",
                         "control_alpha_of_look", "finish", "warnings", "failures", "experiments"});
  EXPECT_EQ(document["looks_counted"], 2);
  EXPECT_EQ(document["claims_counted"], 8);
  ASSERT_THAT(document["experiments"], SizeIs(8));
  const Json& rivals = document["experiments"][1];
  EXPECT_EQ(rivals["id"], "A/b");
  EXPECT_EQ(rivals["verdict"], "refuted");  // against f/peer
  EXPECT_EQ(rivals["headline"], 1);
  EXPECT_EQ(rivals["predicted"]["best|case"], 50);
  EXPECT_NEAR(rivals["overstated_by"].get<double>(), 50, 1e-6);
  ASSERT_THAT(rivals["comparisons"], SizeIs(2));
  const Json& part = rivals["comparisons"][0];
  EXPECT_EQ(part["baseline"], "f/old|x");
  EXPECT_EQ(part["verdict"], "supported");
  EXPECT_EQ(part["rounds"], 20);
  ASSERT_THAT(part["cuts"], SizeIs(4));  // the rule's, its own, two tiers
  EXPECT_EQ(part["cuts"][0]["state"], "reached");
  EXPECT_THAT(part["looks"], SizeIs(2));
  EXPECT_TRUE(document["experiments"][3]["comparisons"][0]["baseline"].is_null());
}

TEST(VerdictsDocument, WritesWhatIsNotBoundedAsNull) {
  const Example example(3);
  const Json document = verdicts_document(example.run, example.verdicts);
  const Json& part = document["experiments"][3]["comparisons"][0];
  EXPECT_TRUE(part["value"].is_number());
  EXPECT_TRUE(part["interval"][0].is_null());
  EXPECT_TRUE(part["interval"][1].is_null());
  const Example unmeasured(0);
  const Json none = verdicts_document(unmeasured.run, unmeasured.verdicts);
  EXPECT_TRUE(none["experiments"][3]["comparisons"][0]["value"].is_null());
  EXPECT_TRUE(none["experiments"][3]["overstated_by"].is_null());
}

}  // namespace
}  // namespace assay
