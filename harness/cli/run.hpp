#pragma once

/// The commands of the program `assay`, composed from the harness. Each returns the exit code, or
/// the error that main prints.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"

namespace assay {

/// Where things are.
struct Places {
  std::string root;         ///< the project: plots/ and the git repository
  std::string reg;          ///< EXPERIMENTS.md
  std::string instruments;  ///< folder of instrument executables
  std::string results;      ///< folder of runs
};

/// The list of all runs that were started in the folder of runs (record/ledger.hpp).
inline std::string ledger_path(const Places& places) {
  return places.results + "/ledger.jsonl";
}

struct RunOptions {
  std::vector<std::string> selected;
  std::optional<double> budget_seconds;  ///< empty: what the plan needs
  std::optional<std::uint64_t> seed;
  std::vector<int> cores;  ///< empty: the last CPU
  bool is_dry = false;
  bool is_strict = false;
  bool goes_on = false;  ///< measures also what the budget cannot decide
  bool draws_figures = true;
  std::string resume;  ///< a run's folder
  std::string output;  ///< the new run's folder; empty: results/<run-id>
  double slice_timeout_seconds = 10;
  std::uint32_t rounds_a_relink = 8;
  /// Called when the run's folder stands, before the first slice; its error ends the run.
  std::function<Result<void>()> on_start;
  /// Told the rounds so far after each, in place of showing progress.
  std::function<void(std::uint32_t rounds)> on_round;
};

Result<ExitCode> run_experiments(const Places& places, const RunOptions& options);

/// Measures a prepared run into its folder. Errors: kOutput, kUsage where the folder is in use.
struct Prepared;
Result<void> measure_run(const std::string& dir, const Prepared& prepared,
                         const RunOptions& options);

/// Trials of known truth on this and other machines (verdict/calibration.hpp).
inline std::string calibration_path(const Places& places) {
  return places.results + "/calibration.jsonl";
}

struct CalibrateOptions {
  bool is_full = false;     ///< hundreds of runs, going on where an earlier one was stopped
  bool only_shows = false;  ///< measures nothing
  bool as_json = false;
  std::uint32_t runs = 0;   ///< of each series, in place of its own number; 0: its own
  std::string disturbance;  ///< started in the midst of each run; empty: none
};

/// Measures comparisons of known truth through the pipeline of `assay run`, adds what came out to
/// the machine's calibration, and shows it.
Result<ExitCode> calibrate_machine(const Places& places, const CalibrateOptions& options);

/// All trials recorded in the folder of runs. Errors: kData.
struct Trial;
Result<std::vector<Trial>> recorded_trials(const Places& places);

struct JudgeOptions {
  std::string run_dir;
  std::string reg;  ///< judge by this register instead of the run's own
  bool is_strict = false;
};
Result<ExitCode> judge_run(const Places& places, const JudgeOptions& options);

enum class Listed { kEntries, kIds, kFamilies, kWords };

/// Prints the entries and what they compare; or the ids or the families of the claims alone; or
/// every word that selects something, controls' ids included.
Result<ExitCode> list_experiments(const Places& places, const std::vector<std::string>& selected,
                                  Listed what);

/// One entry's verdict in a judged run; kInvalid if it is not settled.
Result<ExitCode> show_verdict(const std::string& run_dir, const std::string& id);

/// Fails (kInvalid) if more than this share of a judged run's claims is not settled.
Result<ExitCode> check_settled(const std::string& run_dir, double most_unsettled);

/// What the register says of an entry, and what the recorded runs said.
Result<ExitCode> show_experiment(const Places& places, const std::string& id);

/// Writes a judged run in another tool's format (report/export.hpp), to stdout if `output` is
/// empty.
Result<ExitCode> export_run(const std::string& run_dir, const std::string& format,
                            const std::string& output);

/// Judges the runs and sets them side by side: on stdout, or as compare.md with figures in the
/// folder `output`.
Result<ExitCode> compare_runs(const Places& places, const std::vector<std::string>& run_dirs,
                              const std::string& output);

/// Fails (kInvalid) if a control of a judged run failed, or there is none.
Result<ExitCode> check_controls(const std::string& run_dir);

/// Checks in git that the run's register entries were committed before the run.
Result<ExitCode> verify_run(const Places& places, const std::string& run_dir);

/// Says what on this machine disturbs measurement; kInvalid if it is not fit to measure now.
Result<ExitCode> examine_machine(bool as_json);

/// Compresses the raw files of a run that is to be kept.
Result<ExitCode> archive(const std::string& run_dir);

/// Writes the summary of the runs named in a document's marked blocks into them; with `check`, only
/// compares (kData if they differ).
Result<ExitCode> embed_results(const std::string& document, bool check);

}  // namespace assay
