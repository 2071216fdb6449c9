#include "report/report.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "report/format.hpp"
#include "testing/examples.hpp"

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

constexpr double kInfinity = std::numeric_limits<double>::infinity();

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

// --- documents

/// A judged run of an entry of every kind, with names chosen to break tables and file names.
struct Example {
  explicit Example(std::uint32_t rounds = 20) {
    Experiment rivals = experiment("A/b", superiority(2), {"f/old|x", "f/peer"});
    rivals.claim = "a | b\nand c";
    rivals.predicted = {{"best|case", 50}, {"worst", 1}};
    rivals.cuts = {{"x|y", 2.5}};
    rivals.tiers = "t";
    rivals.means = {{"refuted", "leave it"}};
    Experiment twin = experiment("B-1", equivalence(1.5));
    Experiment bound = experiment("B/1", range(RuleKind::kBound, 1, 200), {});
    Experiment size = experiment("S", superiority(1), {"f/old"});
    size.compare = Compare::kDifference;
    Experiment null = experiment("C", control(1, 1.1), {"c/a"}, "c/b");
    null.guards = {"f", "g|h"};
    Experiment absent = experiment("N", superiority(2), {"f/old"}, "f/absent");
    run.reg.experiments = {null,
                           rivals,
                           twin,
                           bound,
                           size,
                           swept("L", slope(1, 0.1)),
                           swept("X", range(RuleKind::kCrossover, 2, 50)),
                           absent};
    run.reg.hash = "hash of the register";
    run.reg.settings.looks = {16};
    run.reg.settings.tiers["t"] = {{"none", 1}, {"some", 2}};
    run.manifest = manifest_of(run.reg);
    run.manifest.machine["cpu"] = "a CPU | with a bar";
    run.reg.experiments.push_back(experiment("UNSELECTED", superiority(2)));
    run.collected.events.failures = {{"f/absent", FailureKind::kNotRun, "no AVX-512 | here", 0}};
    run.collected.events.labels = {{"f/new", "avx2"}};
    run.collected.events.rounds_ended = rounds;
    run.collected.events.finish = "budget";
    run.warnings = {"a warning"};
    run.collected.slices =
        slices_of(run.manifest.plan, rounds, [](const std::string& name, std::uint32_t round) {
          if (name.starts_with("f/old/")) return 4 * std::stod(name.substr(6));
          if (name.starts_with("f/new/")) return 30 + std::stod(name.substr(6));
          return (name.starts_with("f/old") ? 300.0 : 100.0) + round;
        });
    verdicts = judge(run.manifest, run.reg, run.collected);
    figures = figures_document(run, verdicts);
    for (const auto& figure : figures["figures"]) drawn.files.push_back(figure["file"]);
    drawn.failures = {"forest-x: why"};
  }

  std::string report() const { return markdown_report(run, verdicts, figures, drawn); }

  Run run;
  RunVerdicts verdicts;
  Json figures;
  Drawn drawn;
};

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
  EXPECT_EQ(markdown_summary(first.verdicts), markdown_summary(second.verdicts));
}

TEST(MarkdownReport, KeepsEveryTableInItsColumns) {
  expect_sound_tables(Example().report());
  expect_sound_tables(Example(0).report());
  expect_sound_tables(markdown_summary(Example().verdicts));
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
        "![", "](plots/forest-ratios.png)", "Grade reached by the interval's lower end: none."})
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
  EXPECT_THAT(text, HasSubstr("plots/forest-controls.png"));
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

TEST(FiguresDocument, ConformsToTheFormat) {
  const Example example;
  EXPECT_THAT(keys_of(example.figures), ElementsAre("schema", "run_id", "subtitle", "figures"));
  EXPECT_EQ(example.figures["schema"], "assay-figures/1");
  EXPECT_EQ(example.figures["run_id"], example.run.manifest.run_id);
  std::set<std::string> kinds;
  for (const auto& figure : example.figures["figures"]) {
    expect_keys(figure, {"kind", "file", "title", "x_label", "log"});
    const std::string kind = figure["kind"];
    kinds.insert(kind);
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
      ASSERT_THAT(kind, AnyOf("slices", "sweep"));
      for (const auto& series : figure.at("series")) {
        expect_keys(series, {"name", "role", "points"});
        EXPECT_THAT(series["role"].get<std::string>(), AnyOf("baseline", "candidate"));
        EXPECT_FALSE(series["points"].empty());
        for (const auto& point : series["points"])
          EXPECT_THAT(point, SizeIs(kind == "slices" ? 2 : 4));
      }
    }
  }
  EXPECT_THAT(kinds, ElementsAre("forest", "rounds", "slices", "sweep"));
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
  EXPECT_THAT(files, Contains("slices-B-1"));
  EXPECT_THAT(files, Contains("slices-B-1-2"));
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
