/// The program `assay`: reads arguments, calls one command, prints its error.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <vector>

#include "cli/completion.hpp"
#include "cli/gate.hpp"
#include "cli/run.hpp"
#include "cli/write.hpp"
#include "measure/disturbance.hpp"
#include "report/export.hpp"

namespace {

using assay::ExitCode;
using assay::Result;

std::string root_folder() {
  const char* const root = std::getenv("ASSAY_ROOT");
  return root == nullptr ? ASSAY_DEFAULT_ROOT : root;
}

constexpr const char* kFooter =
    "Exit codes: 0 done; 1 regression; 2 wrong usage or register; 3 measured, but invalid (with "
    "--strict: or inconclusive); 4 a benchmark failed; 5 a result could not be written; 6 recorded "
    "data are damaged; 7 packages are missing; 130 interrupted.";

/// Everything that the command line can say.
struct Arguments {
  assay::Places places;
  assay::RunOptions run;
  assay::JudgeOptions judge;
  std::string run_dir;
  std::vector<std::string> run_dirs;
  std::string id;
  std::string format;
  std::string output;
  double most_unsettled = -1;
  assay::Listed listed = assay::Listed::kEntries;
  bool check = false;
  bool controls = false;
  bool as_json = false;
  bool is_quick = false;  ///< what happens without it, too
  assay::CalibrateOptions calibrate;
  assay::GateOptions gate;
};

void add_run(CLI::App& app, Arguments& arguments) {
  auto* run = app.add_subcommand("run", "Measure, judge and report");
  auto& options = arguments.run;
  auto* select =
      run->add_option("select", options.selected, "Ids, families or tags (default: all)");
  auto* budget =
      run->add_option(
             "--budget", options.budget_seconds,
             "Seconds of measuring the comparisons at most; relinks may take what is left of "
             "them, or three tenths (default: 110, or more where the plan needs more)")
          ->check(CLI::PositiveNumber);
  run->add_option("--seed", options.seed,
                  "Seed of every random choice (default: random, recorded)");
  run->add_option("--core", options.cores,
                  "CPU to pin the instruments to, or several, as in 2,3 (default: the last)")
      ->delimiter(',');
  run->add_flag("--dry-run", options.is_dry,
                "Show the plan, its time, and whether it can decide; measure nothing");
  run->add_flag("--strict", options.is_strict, "Exit 3 if any verdict is inconclusive");
  run->add_flag("--anyway", options.goes_on, "Measure also what the budget cannot decide");
  run->add_flag("!--no-figures", options.draws_figures,
                "Draw none: hundreds take a minute; `assay judge` draws them later");
  run->add_option("--resume", options.resume, "Go on with a run that was stopped, by its own plan")
      ->excludes(select)
      ->excludes(budget);
  run->add_option(
         "--relink-rounds", options.rounds_a_relink,
         "Rounds of each relink of the instruments, for the spread by code layout; 0: none")
      ->capture_default_str();
  run->add_option("--output", options.output, "The run's folder (default: results/<run-id>)");
  run->add_option("--slice-timeout", options.slice_timeout_seconds,
                  "Seconds after which a benchmark that does not answer has hung")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  run->footer(
      "Examples:\n  assay run                        the whole register\n"
      "  assay run BIND-1/stack           one claim and the controls that guard it\n"
      "  assay run bind --dry-run         what would be measured, and for how long");
}

void add_gate(CLI::App& app, Arguments& arguments) {
  auto* gate = app.add_subcommand("gate", "Find regressions between two builds of a suite");
  auto& options = arguments.gate;
  auto* sides = gate->add_option_group("baseline", "What to compare with");
  sides->require_option(1);
  sides->add_option("--recorded", options.recorded,
                    "The folder of a recorded run on this machine: for counters; times are weak");
  sides->add_option(
      "--baseline", options.baseline,
      "A build's folder, a folder of executables, an executable, JSON files joined by "
      "commas, or a git reference");
  gate->add_option("--candidate", options.candidate, "Likewise")->required();
  gate->add_option("--filter", options.filter, "Benchmarks whose names this regex is found in");
  gate->add_option("--rules", options.rules, "A TOML file of rules for single benchmarks");
  gate->add_option("--margin", options.margin, "Changes that do not matter, as 2% (default: 2%)");
  gate->add_option("--alpha", options.alpha,
                   "The chance of even one false alarm in a run (default: 0.01)")
      ->check(CLI::Range(1e-9, 0.5));
  gate->add_option("--metric", options.metrics,
                   "What is compared: real_time, cpu_time or counters (default: real_time)")
      ->delimiter(',');
  gate->add_option("--budget", options.budget_seconds,
                   "Seconds of measuring at most (default: 240, of whole processes 60 for each "
                   "benchmark, or twice what the first look needs)")
      ->check(CLI::PositiveNumber);
  gate->add_option("--seed", options.seed, "Seed of every random choice (default: random)");
  gate->add_option("--core", options.cores, "CPU to pin to (default: the last)")->delimiter(',');
  gate->add_option("--slice-timeout", options.slice_timeout_seconds,
                   "Seconds after which a benchmark that does not answer has hung")
      ->capture_default_str()
      ->check(CLI::PositiveNumber);
  gate->add_option("--relink-rounds", options.rounds_a_relink,
                   "Rounds of each relink for benchmarks that differ; 0: none")
      ->capture_default_str();
  gate->add_option("--output", options.output, "The run's folder (default: results/gate-<run-id>)");
  gate->add_option("--json", options.json, "Write the answer as JSON into this file");
  gate->add_option("--markdown", options.markdown, "Write a comment for a pull request");
  gate->add_option("--junit", options.junit, "Write JUnit XML");
  gate->add_option(
          "--instructions", options.instructions,
          "Count instructions: no, also, or only (deterministic; takes seconds a benchmark)")
      ->capture_default_str()
      ->check(CLI::IsMember({"no", "also", "only"}));
  gate->add_option(
          "--repository", options.reference.repository,
          "Of git references: they are built in its build/gate, in work trees of their own")
      ->capture_default_str();
  gate->add_option("--preset", options.reference.preset, "CMake preset to build a reference by")
      ->capture_default_str();
  gate->add_option("--target", options.reference.targets,
                   "What of a reference is built (default: all)")
      ->delimiter(',');
  gate->add_flag("--fail-fast", options.is_fail_fast,
                 "A regression ends the measuring: what is undecided then stays unclear");
  gate->add_flag("--all", options.shows_all, "Show benchmarks that are the same, too");
  gate->add_flag("--strict", options.is_strict,
                 "Exit 3 if any benchmark is unclear, or slower by what layout may explain");
  gate->footer(
      "Examples:\n  assay gate --baseline ../main/build/release --candidate build/release\n"
      "  assay gate --baseline main --candidate HEAD --filter '^parse/'\n"
      "  assay gate --baseline old.json --candidate new.json");
}

void add_others(CLI::App& app, Arguments& arguments) {
  auto* judge = app.add_subcommand("judge", "Judge a recorded run again from its raw data");
  judge->add_option("run", arguments.judge.run_dir, "The run's folder")->required();
  judge->add_option("--by", arguments.judge.reg,
                    "Judge by this register, into a folder of its own; what was changed since the "
                    "run is exploratory");
  judge->add_flag("--strict", arguments.judge.is_strict, "Exit 3 if any verdict is inconclusive");

  auto* list = app.add_subcommand("list", "List the register's entries");
  list->add_option("select", arguments.run.selected, "Ids, families or tags (default: all)");
  list->add_flag_callback(
      "--ids", [&] { arguments.listed = assay::Listed::kIds; }, "Ids of claims alone, one a line");
  list->add_flag_callback(
      "--families", [&] { arguments.listed = assay::Listed::kFamilies; },
      "Families of claims alone, one a line");
  list->add_flag_callback(
      "--words", [&] { arguments.listed = assay::Listed::kWords; },
      "Ids of all entries and families of claims, one a line");

  auto* verdict =
      app.add_subcommand("verdict", "Show one verdict of a judged run; exit 3 if unsettled");
  verdict->add_option("run", arguments.run_dir, "The run's folder")->required();
  auto* id = verdict->add_option("id", arguments.id, "The experiment");
  verdict
      ->add_option("--most-unsettled", arguments.most_unsettled,
                   "Instead: exit 3 if a greater share of the claims is unsettled")
      ->check(CLI::Range(0.0, 1.0))
      ->excludes(id);
  verdict->add_flag("--controls", arguments.controls, "Instead: exit 3 if a control failed")
      ->excludes(id);

  auto* show = app.add_subcommand("show", "Show an entry, and what the recorded runs said of it");
  show->add_option("id", arguments.id, "The experiment")->required();

  auto* compare = app.add_subcommand("compare", "Set judged runs side by side");
  compare->add_option("runs", arguments.run_dirs, "The runs' folders")
      ->required()
      ->expected(2, 100);
  compare->add_option("--output", arguments.output,
                      "Write compare.md and its figures into this folder");
  compare->footer(
      "Example:\n  assay compare results/20260101T120000Z-1a2b results/20260102T120000Z-3c4d");

  auto* exported = app.add_subcommand("export", "Write a judged run in another tool's format");
  exported->add_option("run", arguments.run_dir, "The run's folder")->required();
  std::string formats;
  for (const auto& format : assay::export_formats())
    formats += fmt::format("\n  {:<24} {}", format.name, format.about);
  exported->add_option("--as", arguments.format, "The format")->required();
  exported->add_option("--output", arguments.output, "The file (default: standard output)");
  exported->footer("Formats:" + formats +
                   "\nExample:\n  assay export results/RUN --as junit --output assay.xml");

  app.add_subcommand("completion",
                     "Print a bash script that completes words: eval \"$(./assay completion)\"");

  auto* doctor = app.add_subcommand("doctor", "Say what on this machine disturbs measurement");
  doctor->add_flag("--json", arguments.as_json, "As JSON");

  auto* calibrate = app.add_subcommand(
      "calibrate", "Find out by comparisons of known truth what this machine can resolve");
  auto& calibration = arguments.calibrate;
  auto* quick =
      calibrate->add_flag("--quick", arguments.is_quick, "About two minutes; the default");
  auto* full = calibrate
                   ->add_flag("--full", calibration.is_full,
                              "Hundreds of runs, an hour or more; goes on where it was stopped")
                   ->excludes(quick);
  calibrate->add_option("--runs", calibration.runs, "Runs of each series, in place of its own");
  calibrate
      ->add_option("--disturb", calibration.disturbance,
                   "Disturb each run from its midst on: other-core, same-core, both or memory")
      ->excludes(full)
      ->excludes(quick);
  calibrate->add_flag("--show", calibration.only_shows, "Only show what was found so far");
  calibrate->add_flag("--json", calibration.as_json, "As JSON");

  auto* verify =
      app.add_subcommand("verify", "Check in git that a run's claims were registered first");
  verify->add_option("run", arguments.run_dir, "The run's folder")->required();

  auto* archive = app.add_subcommand("archive", "Compress a run's raw files, to keep it");
  archive->add_option("run", arguments.run_dir, "The run's folder")->required();

  auto* embed = app.add_subcommand("embed", "Write runs' figures into a document's marked blocks");
  embed->add_option("document", arguments.run_dir, "A Markdown file")->required();
  embed->add_flag("--check", arguments.check, "Only check that they are up to date");
}

Result<ExitCode> dispatch(const CLI::App& app, const Arguments& arguments) {
  if (app.got_subcommand("run")) return assay::run_experiments(arguments.places, arguments.run);
  if (app.got_subcommand("gate")) return assay::gate_builds(arguments.places, arguments.gate);
  if (app.got_subcommand("judge")) return assay::judge_run(arguments.places, arguments.judge);
  if (app.got_subcommand("list"))
    return assay::list_experiments(arguments.places, arguments.run.selected, arguments.listed);
  if (app.got_subcommand("doctor")) return assay::examine_machine(arguments.as_json);
  if (app.got_subcommand("calibrate"))
    return assay::calibrate_machine(arguments.places, arguments.calibrate);
  if (app.got_subcommand("show")) return assay::show_experiment(arguments.places, arguments.id);
  if (app.got_subcommand("compare"))
    return assay::compare_runs(arguments.places, arguments.run_dirs, arguments.output);
  if (app.got_subcommand("export"))
    return assay::export_run(arguments.run_dir, arguments.format, arguments.output);
  if (app.got_subcommand("completion")) {
    std::string formats;
    for (const auto& format : assay::export_formats()) formats += fmt::format(" {}", format.name);
    const auto script = assay::bash_completion(
        app, {{"--as", formats},
              {"--disturb", fmt::format("{}", fmt::join(assay::disturbance_names(), " "))}});
    if (auto printed = assay::print_text(script); !printed) return std::unexpected(printed.error());
    return ExitCode::kDone;
  }
  if (app.got_subcommand("verify")) return assay::verify_run(arguments.places, arguments.run_dir);
  if (app.got_subcommand("archive")) return assay::archive(arguments.run_dir);
  if (app.got_subcommand("embed")) return assay::embed_results(arguments.run_dir, arguments.check);
  if (arguments.controls) return assay::check_controls(arguments.run_dir);
  if (arguments.most_unsettled >= 0)
    return assay::check_settled(arguments.run_dir, arguments.most_unsettled);
  return assay::show_verdict(arguments.run_dir, arguments.id);
}

int run_program(int argc, char** argv) {
  CLI::App app{"Assay puts performance claims to the test.", "assay"};
  app.set_version_flag("--version", std::string("assay ") + ASSAY_VERSION);
  app.require_subcommand(1);
  app.fallthrough();
  app.footer(kFooter);
  Arguments arguments;
  const std::string root = root_folder();
  arguments.places = {root, root + "/EXPERIMENTS.md", ASSAY_DEFAULT_INSTRUMENTS, root + "/results"};
  app.add_option("--register", arguments.places.reg, "The register")->capture_default_str();
  app.add_option("--instruments", arguments.places.instruments, "Folder of benchmark executables")
      ->capture_default_str();
  app.add_option("--results", arguments.places.results, "Folder of runs")->capture_default_str();
  add_run(app, arguments);
  add_gate(app, arguments);
  add_others(app, arguments);
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    const int code = app.exit(error);
    return code == 0 ? 0 : static_cast<int>(ExitCode::kUsage);
  }
  const auto result = dispatch(app, arguments);
  if (result) return static_cast<int>(*result);
  std::fprintf(stderr, "assay: %s\n", result.error().message().c_str());
  return static_cast<int>(result.error().code);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run_program(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "assay: %s\n", error.what());
    return static_cast<int>(ExitCode::kOutput);
  }
}
