#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/prepare.hpp"
#include "cli/run.hpp"
#include "measure/disturbance.hpp"
#include "measure/fingerprint.hpp"
#include "measure/process.hpp"
#include "measure/temporary_folder.hpp"
#include "record/raw_file.hpp"
#include "record/run.hpp"
#include "verdict/calibration.hpp"

namespace assay {

namespace {

/// Runs of one part of the calibration register.
struct Series {
  const char* tag;
  std::uint32_t runs;
  double budget_seconds;  ///< of each run: its comparisons times what each is offered
  double extra;           ///< extra work that tells its trials from those of the other series
};

// Three kernels each; `large` are 2, 5 and 10%. Nulls take all of their time, a second each;
// positives stop when they are found, and are offered 5 s each, and 15 s where that is hard.
constexpr std::array<Series, 4> kQuick = {{{"null", 20, 3, 0},
                                           {"large", 10, 45, 0.02},
                                           {"one-percent", 10, 45, 0.01},
                                           {"half-percent", 2, 45, 0.005}}};
constexpr std::array<Series, 4> kFull = {{{"null", 400, 3, 0},
                                          {"large", 100, 45, 0.02},
                                          {"one-percent", 100, 45, 0.01},
                                          {"half-percent", 20, 45, 0.005}}};
constexpr std::array<Series, 2> kDisturbed = {{{"null", 100, 3, 0}, {"large", 100, 45, 0.02}}};

std::vector<Series> series_of(const CalibrateOptions& options) {
  std::vector<Series> series;
  if (!options.disturbance.empty())
    series.assign(kDisturbed.begin(), kDisturbed.end());
  else if (options.is_full)
    series.assign(kFull.begin(), kFull.end());
  else
    series.assign(kQuick.begin(), kQuick.end());
  if (options.runs > 0)
    for (auto& part : series) part.runs = options.runs;
  return series;
}

/// Starts what disturbs in the midst of a run, when half of the rounds before the first look are
/// measured, so that every verdict is formed of quiet and disturbed rounds.
class MidwayDisturbance {
 public:
  MidwayDisturbance(const std::string& name, const Prepared& prepared)
      : kind_(disturbance_named(name)),
        cores_(prepared.manifest.cores),
        from_round_(prepared.reg.settings.looks.front() / 2) {}

  /// False if what should have disturbed ended before the run did.
  bool has_lasted() const { return !disturbers_ || disturbers_->all_run(); }

  void after_round(std::uint32_t rounds) {
    if (kind_ && !disturbers_ && rounds >= from_round_)
      disturbers_ = std::make_unique<Disturbers>(*kind_, cores_);
  }

 private:
  std::optional<Disturbance> kind_;
  std::vector<int> cores_;
  std::uint32_t from_round_;
  std::unique_ptr<Disturbers> disturbers_;
};

/// One run of the calibration register, judged and thrown away.
Result<std::vector<Trial>> run_once(const Places& places, const Series& series,
                                    const std::string& disturbance) {
  RunOptions options;
  options.selected = {series.tag};
  options.budget_seconds = series.budget_seconds;
  options.rounds_a_relink = 0;
  const auto prepared = prepare_run(places, options);
  if (!prepared) return std::unexpected(prepared.error());
  if (disturbance.empty() && !prepared->manifest.has_cores_alone)
    return fail(ExitCode::kUsage, "calibrate", "another assay is measuring on the same CPU",
                "wait for it to end, or calibrate with --disturb");
  MidwayDisturbance midway(disturbance, *prepared);
  options.on_round = [&](std::uint32_t rounds) { midway.after_round(rounds); };
  const TemporaryFolder folder;
  const std::string dir = folder.path("run");
  if (auto measured = measure_run(dir, *prepared, options); !measured)
    return std::unexpected(measured.error());
  if (was_interrupted()) return fail(ExitCode::kInterrupted, "", "interrupted");
  if (!midway.has_lasted())
    return fail(ExitCode::kOutput, disturbance, "what should disturb could not run, or ended",
                "is there memory for it?");
  const auto run = load_run(dir);
  if (!run) return std::unexpected(run.error());
  for (const auto& failure : run->collected.events.failures)
    return fail(ExitCode::kInstrument, failure.benchmark, failure.what);
  return trials_of(*run, judge(run->manifest, run->reg, run->collected), disturbance);
}

/// Runs of the series that earlier calibrations left in the file.
std::uint32_t runs_before(const std::vector<Trial>& trials, const std::string& fingerprint,
                          const std::string& disturbance, double extra) {
  std::set<std::string> runs;
  for (const auto& trial : trials)
    if (trial.fingerprint == fingerprint && trial.disturbance == disturbance &&
        trial.extra == extra)
      runs.insert(trial.run_id);
  return static_cast<std::uint32_t>(runs.size());
}

Result<void> keep(const std::vector<Trial>& trials, const std::string& path) {
  std::string lines;
  for (const auto& trial : trials) lines += (lines.empty() ? "" : "\n") + to_json(trial).dump();
  return append_line(path, lines);
}

std::string summary_line(const Series& series, const std::vector<Trial>& trials,
                         std::uint32_t done) {
  std::string text = fmt::format("{} {} of {}:", series.tag, done, series.runs);
  for (const auto& trial : trials)
    text += fmt::format(" {} {:g}% {};", trial.kernel, 100 * trial.extra, trial.verdict);
  return text;
}

void print_summary(const CalibrationSummary& summary) {
  const auto of = [](std::uint64_t k, std::uint64_t n) { return fmt::format("{}/{}", k, n); };
  const auto seconds = [](const std::optional<double>& value) {
    return value ? fmt::format("{:.3f}", *value) : "-";
  };
  fmt::print("{:<18} {:>5} {:>10} {:>12} {:>11} {:>12} {:>8}\n", "null", "runs", "different",
             "at most", "equal, 5 s", "1% wide, s", "rounds");
  for (const auto& pool : summary.nulls)
    fmt::print("{:<18} {:>5} {:>10} {:>11.2f}% {:>11} {:>12} {:>8}\n", pool.kernel, pool.n,
               pool.different, 100 * pool.different_at_most, pool.equivalent_in_5_s,
               seconds(pool.median_seconds_to_1_percent), pool.median_rounds);
  fmt::print("{:<18} {:>5} {:>10} {:>12} {:>11} {:>12}\n", "positive", "extra", "in 5 s", "in 15 s",
             "wrong sign", "covered");
  for (const auto& pool : summary.positives)
    fmt::print("{:<18} {:>4.1f}% {:>10} {:>12} {:>11} {:>12}\n", pool.kernel, 100 * pool.extra,
               of(pool.in_5_s.found, pool.in_5_s.n), of(pool.in_15_s.found, pool.in_15_s.n),
               pool.wrong_sign, of(pool.interval_holds_truth, pool.n));
}

}  // namespace

Result<std::vector<Trial>> recorded_trials(const Places& places) {
  const std::string path = calibration_path(places);
  if (!std::filesystem::exists(path)) return {};
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return trials_from(*text, path);
}

Result<ExitCode> calibrate_machine(const Places& machine, const CalibrateOptions& options) {
  catch_interrupts();
  if (!options.disturbance.empty() && !disturbance_named(options.disturbance))
    return fail(ExitCode::kUsage, "--disturb",
                fmt::format("\"{}\" is no disturbance", options.disturbance),
                fmt::format("there are {}", fmt::join(disturbance_names(), ", ")));
  Places places = machine;
  places.reg = machine.root + "/benches/control/CALIBRATION.md";
  std::error_code ignored;  // the first line that cannot be written tells
  std::filesystem::create_directories(places.results, ignored);
  const std::string fingerprint = machine_fingerprint().value("fingerprint", "");
  for (const Series& series : options.only_shows ? std::vector<Series>{} : series_of(options)) {
    const auto recorded = recorded_trials(places);
    if (!recorded) return std::unexpected(recorded.error());
    // A full calibration goes on where one was stopped; a quick one adds.
    const std::uint32_t before =
        options.is_full || !options.disturbance.empty()
            ? runs_before(*recorded, fingerprint, options.disturbance, series.extra)
            : 0;
    for (std::uint32_t done = before; done < series.runs; ++done) {
      const auto trials = run_once(places, series, options.disturbance);
      if (!trials) return std::unexpected(trials.error());
      if (auto kept = keep(*trials, calibration_path(places)); !kept)
        return std::unexpected(kept.error());
      fmt::print(stderr, "{}\n", summary_line(series, *trials, done + 1));
    }
  }
  const auto trials = recorded_trials(places);
  if (!trials) return std::unexpected(trials.error());
  const auto summary = summarise(*trials, fingerprint, options.disturbance);
  if (options.as_json)
    fmt::print("{}\n", summary ? to_json(*summary).dump(1) : "null");
  else if (summary)
    print_summary(*summary);
  else
    fmt::print("this machine is not calibrated yet\n");
  return ExitCode::kDone;
}

}  // namespace assay
