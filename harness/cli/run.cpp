#include "cli/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <limits>
#include <random>
#include <set>

#include "cli/progress.hpp"
#include "cli/write.hpp"
#include "measure/collect.hpp"
#include "measure/fingerprint.hpp"
#include "measure/process.hpp"
#include "measure/survey.hpp"
#include "record/raw_file.hpp"
#include "record/run.hpp"
#include "register/parse.hpp"
#include "verdict/judge.hpp"

namespace assay {

using nlohmann::json;

namespace {

std::chrono::milliseconds timeout_of(const RunOptions& options) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(options.slice_timeout_seconds * 1e3));
}

Result<std::vector<int>> cores_for(const RunOptions& options) {
  const std::vector<int> allowed = allowed_cores();
  for (const int core : options.cores)
    if (std::ranges::count(allowed, core) == 0)
      return fail(ExitCode::kUsage, "--core", fmt::format("CPU {} is not available", core),
                  fmt::format("the CPUs here are {}", fmt::join(allowed, ", ")));
  if (!options.cores.empty()) return options.cores;
  // The last: interrupts and housekeeping tend to the first.
  return allowed.empty() ? std::vector<int>{} : std::vector<int>{allowed.back()};
}

/// Leaves the instruments' core to them, where there is another.
void step_aside(const std::vector<int>& cores) {
  std::vector<int> rest = allowed_cores();
  std::erase_if(rest, [&](int core) { return std::ranges::count(cores, core) > 0; });
  pin_to(rest);
}

std::string joined(const std::vector<Error>& errors) {
  std::string lines;
  for (const auto& error : errors) lines += (lines.empty() ? "" : "\n") + error.message();
  return lines;
}

Result<std::vector<Experiment>> select_entries(const Register& reg, const RunOptions& options) {
  Selection selection = select(reg, options.selected);
  if (!selection.unknown.empty())
    return fail(ExitCode::kUsage, reg.path,
                fmt::format("no id, family or tag is \"{}\"", selection.unknown.front()),
                "`assay list` shows them");
  return std::move(selection.experiments);
}

std::string utc_now(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, format, &parts);
  return text;
}

/// Entries that ask for a metric that a benchmark does not report, or for more threads than CPUs.
std::vector<Error> check_records(const Register& reg, const std::vector<Experiment>& experiments,
                                 const Costs& costs, std::size_t cpus) {
  std::vector<Error> errors;
  for (const auto& entry : experiments)
    for (const auto& name : benchmarks_of(entry)) {
      const std::string where = fmt::format("{}:{}: {}", reg.path, entry.line, entry.id);
      const auto metrics = costs.metrics.find(name);
      if (metrics == costs.metrics.end()) continue;  // it failed, and is reported for that
      if (std::ranges::count(metrics->second, entry.metric) == 0)
        errors.push_back({ExitCode::kUsage, where,
                          fmt::format("\"{}\" reports no metric \"{}\"", name, entry.metric),
                          fmt::format("it reports {}", fmt::join(metrics->second, ", "))});
      if (costs.threads.at(name) > cpus)
        errors.push_back({ExitCode::kUsage, where,
                          fmt::format("\"{}\" runs {} threads, and the instruments are pinned to "
                                      "{} CPU{}",
                                      name, costs.threads.at(name), cpus, cpus == 1 ? "" : "s"),
                          "name as many, as in --core 0,1"});
    }
  return errors;
}

/// Refuses a plan whose rounds are too few for its intervals to be bounded at all.
Result<void> check_attainable(const Manifest& manifest, const Register& reg,
                              double seconds_a_round) {
  const auto has = [&](bool control) {
    return std::ranges::any_of(manifest.plan.comparisons, [&](const auto& comparison) {
      return comparison.is_control == control;
    });
  };
  std::uint32_t needed = 0;
  for (const bool control : {false, true})
    if (has(control))
      needed =
          std::max(needed, rounds_to_decide(look_plan(manifest, reg.settings, control, 0).alpha));
  const double rounds = manifest.budget_seconds / seconds_a_round;
  if (rounds >= needed) return {};
  return fail(ExitCode::kUsage, "--budget",
              fmt::format("{:.0f} s give about {:.0f} rounds of {:.2f} s; an interval at this "
                          "register's level needs {} rounds to be bounded at all",
                          manifest.budget_seconds, rounds, seconds_a_round, needed),
              fmt::format("give at least {:.0f} s, or select fewer experiments",
                          std::ceil(1.5 * needed * seconds_a_round)));
}

void print_plan(const Manifest& manifest, const Register& reg, double seconds_a_round) {
  for (const auto& comparison : manifest.plan.comparisons) {
    fmt::print("{}: {}{}{}\n", comparison.experiment, comparison.baseline,
               comparison.baseline.empty() ? "" : " against ", comparison.candidate);
    for (const auto unit : comparison.units)
      for (const auto& arm : manifest.plan.units[unit].arms)
        fmt::print("    {} x {} ({})\n", arm.iterations, arm.benchmark, arm.instrument);
  }
  const double rounds = manifest.budget_seconds / seconds_a_round;
  fmt::print(
      "{} comparisons, {} blocks of each a round, about {:.2f} s a round: about {:.0f} "
      "rounds in {:.0f} s\n",
      manifest.plan.comparisons.size(), manifest.plan.blocks, seconds_a_round, rounds,
      manifest.budget_seconds);
  for (const bool control : {false, true}) {
    const double alpha = look_plan(manifest, reg.settings, control, 0).alpha;
    const auto needed = rounds_to_decide(alpha);
    fmt::print("{}: alpha {:.2e} a look; bounded from {} rounds on: {}\n",
               control ? "controls" : "claims", alpha, needed,
               rounds >= needed ? "can decide" : "cannot decide");
  }
}

Manifest make_manifest(const Places& places, const Register& reg, const RunOptions& options,
                       const std::vector<Experiment>& experiments, const Survey& survey,
                       const std::vector<int>& cores) {
  std::random_device random;
  Manifest manifest;
  manifest.run_id = fmt::format("{}-{:04x}", utc_now("%Y%m%dT%H%M%SZ"), random() & 0xffffU);
  manifest.started_at = utc_now("%Y-%m-%dT%H:%M:%SZ");
  manifest.budget_seconds = options.budget_seconds;
  manifest.selected = options.selected;
  for (const auto& entry : experiments) manifest.entry_hashes[entry.id] = entry.hash;
  manifest.register_hash = reg.hash;
  manifest.settings_hash = reg.settings.hash;
  manifest.claims_counted = count_comparisons(reg, false);
  manifest.controls_counted = count_comparisons(reg, true);
  manifest.cores = cores;
  manifest.machine = machine_fingerprint();
  manifest.source = source_state(places.root);
  manifest.instruments = survey.instruments;
  manifest.plan.seed =
      options.seed.value_or((std::uint64_t{random()} << 32U) | std::uint64_t{random()});
  return manifest;
}

std::set<std::string> needed_benchmarks(const std::vector<Experiment>& experiments) {
  std::set<std::string> names;
  for (const auto& entry : experiments)
    for (const auto& name : benchmarks_of(entry)) names.insert(name);
  return names;
}

/// Experiments of the plan by id, for the questions that arise while measuring.
class OpenComparisons {
 public:
  OpenComparisons(const Manifest& manifest, const Register& reg) : manifest_(manifest), reg_(reg) {
    for (const auto& entry : reg.experiments) entry_of_[entry.id] = &entry;
  }

  Estimate estimate_of(std::size_t index, const Collected& collected) const {
    const Comparison& comparison = manifest_.plan.comparisons[index];
    return estimate(
        *entry_of_.at(comparison.experiment), comparison, manifest_.plan, collected.slices,
        look_plan(manifest_, reg_.settings, comparison.is_control, collected.events.resumptions));
  }

  /// Which comparisons have an open cut. Controls stay open as long as any claim does, so that they
  /// vouch for all of its time, and then until they have held or failed.
  std::vector<bool> operator()(const Collected& collected) const {
    const auto& comparisons = manifest_.plan.comparisons;
    std::vector<bool> open(comparisons.size());
    bool any_claim = false;
    for (std::size_t i = 0; i < open.size(); ++i) {
      const Estimate found = estimate_of(i, collected);
      open[i] = found.problem.empty() && !is_decided(*entry_of_.at(comparisons[i].experiment),
                                                     reg_.settings, found.interval);
      any_claim = any_claim || (open[i] && !comparisons[i].is_control);
    }
    for (std::size_t i = 0; i < open.size(); ++i)
      if (comparisons[i].is_control) open[i] = open[i] || any_claim;
    return open;
  }

  Progress::Widest widest(const Collected& collected, const std::vector<bool>& open) const {
    Progress::Widest result{"", -1};
    for (std::size_t i = 0; i < open.size(); ++i) {
      if (!open[i]) continue;
      const Estimate found = estimate_of(i, collected);
      const double width = (found.interval.high - found.interval.low) / 2 / std::abs(found.value);
      const double relative =
          std::isfinite(width) ? width : std::numeric_limits<double>::infinity();
      if (relative > result.relative_half_width)
        result = {manifest_.plan.comparisons[i].experiment, relative};
    }
    return result;
  }

 private:
  const Manifest& manifest_;
  const Register& reg_;
  std::map<std::string, const Experiment*> entry_of_;
};

/// Held while a run is measured, so that no second program writes into its folder. Given back by
/// the kernel when the program ends, however it ends.
Result<void> lock_run(const std::string& dir) {
  const int fd = ::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd >= 0 && ::flock(fd, LOCK_EX | LOCK_NB) == 0) return {};
  return fail(ExitCode::kUsage, dir, "another assay is measuring this run", "wait for it to end");
}

Result<void> measure(const std::string& dir, const Manifest& manifest, const Register& reg,
                     const std::vector<InstrumentFile>& files, const RunOptions& options,
                     Collected& collected) {
  const OpenComparisons open_comparisons(manifest, reg);
  Progress progress;
  CollectOptions collecting;
  collecting.run_dir = dir;
  collecting.slice_timeout = timeout_of(options);
  collecting.open_comparisons = open_comparisons;
  collecting.looks = reg.settings.looks;
  collecting.metrics = metrics_of(manifest.plan, reg);
  collecting.on_round = [&](const Collected& now, const std::vector<bool>& open, double left) {
    if (!progress.is_due()) return;
    const auto open_count = static_cast<std::size_t>(std::ranges::count(open, true));
    progress.show(now.events.rounds_ended, open_count, open.size(), left,
                  open_comparisons.widest(now, open));
  };
  auto done = collect(manifest, files, collecting, collected);
  progress.finish();
  return done;
}

/// Judges what is on disk, so that the run and a later `assay judge` say the same.
Result<ExitCode> conclude(const std::string& dir, const Places& places, bool is_strict) {
  const auto run = load_run(dir);
  if (!run) return std::unexpected(run.error());
  const auto verdicts = write_results(*run, places.root);
  if (!verdicts) return std::unexpected(verdicts.error());
  print_summary(*run, *verdicts);
  for (const auto& failure : run->collected.events.failures)
    fmt::print(stderr, "{}: {}\n", failure.benchmark, failure.what);
  return exit_code_of(*run, *verdicts, is_strict);
}

Result<ExitCode> measure_and_conclude(const std::string& dir, const Manifest& manifest,
                                      const Register& reg, const std::vector<InstrumentFile>& files,
                                      const Places& places, const RunOptions& options,
                                      Collected& collected) {
  step_aside(manifest.cores);
  if (auto measured = measure(dir, manifest, reg, files, options, collected); !measured)
    return std::unexpected(measured.error());
  return conclude(dir, places, options.is_strict);
}

Result<ExitCode> resume(const Places& places, const RunOptions& options,
                        const std::vector<InstrumentFile>& files) {
  auto run = load_run(options.resume);
  if (!run) return std::unexpected(run.error());
  if (auto locked = lock_run(options.resume); !locked) return std::unexpected(locked.error());
  const std::string& finish = run->collected.events.finish;
  if (finish == "decided" || finish == "budget" || finish == "failed")
    return fail(ExitCode::kUsage, options.resume,
                "this run has ended; measuring on after its "
                "verdict is known would be another look at the data",
                "start a new run");
  for (const auto& [name, recorded] : run->manifest.instruments.items()) {
    const auto file = std::ranges::find(files, name, &InstrumentFile::name);
    const auto hash =
        file == files.end() ? fail(ExitCode::kData, name, "missing") : hash_of_file(file->path);
    if (!hash || *hash != recorded["sha256"].get<std::string>())
      return fail(ExitCode::kUsage, options.resume,
                  fmt::format("the instrument {} is not the one that the run began with", name),
                  "start a new run");
  }
  ++run->collected.events.resumptions;
  run->collected.events.finish.clear();
  if (auto logged = append_line(events_path(options.resume), R"({"event":"resume"})"); !logged)
    return std::unexpected(logged.error());
  return measure_and_conclude(options.resume, run->manifest, run->reg, files, places, options,
                              run->collected);
}

}  // namespace

Result<ExitCode> run_experiments(const Places& places, const RunOptions& options) {
  catch_interrupts();
  const auto files = find_instruments(places.instruments);
  if (!files) return std::unexpected(files.error());
  if (!options.resume.empty()) return resume(places, options, *files);

  const auto reg = load_register(places.reg);
  if (!reg) return std::unexpected(reg.error());
  const auto cores = cores_for(options);
  if (!cores) return std::unexpected(cores.error());
  const auto survey = survey_instruments(*files, *cores, timeout_of(options));
  if (!survey) return std::unexpected(survey.error());
  for (const auto& skipped : survey->skipped) fmt::print(stderr, "skipped: {}\n", skipped);
  if (const auto errors = check_names(*reg, reg->experiments, survey->benchmarks); !errors.empty())
    return fail(ExitCode::kUsage, "", joined(errors));
  const auto experiments = select_entries(*reg, options);
  if (!experiments) return std::unexpected(experiments.error());
  const auto costs =
      survey_costs(*survey, needed_benchmarks(*experiments), *cores, timeout_of(options));
  if (!costs) return std::unexpected(costs.error());
  if (const auto errors = check_records(*reg, *experiments, *costs, cores->size()); !errors.empty())
    return fail(ExitCode::kUsage, "", joined(errors));

  Manifest manifest = make_manifest(places, *reg, options, *experiments, *survey, *cores);
  manifest.plan = make_plan(*experiments, costs->of, manifest.plan.seed);
  const double seconds_a_round =
      costs->start_seconds +
      expected_seconds(manifest.plan, std::vector<bool>(manifest.plan.units.size(), true));
  if (options.is_dry) print_plan(manifest, *reg, seconds_a_round);
  if (auto attainable = check_attainable(manifest, *reg, seconds_a_round); !attainable)
    return std::unexpected(attainable.error());
  if (options.is_dry) return ExitCode::kDone;

  const std::string dir =
      options.output.empty() ? places.results + "/" + manifest.run_id : options.output;
  if (auto created = create_run(dir, manifest, *reg); !created)
    return std::unexpected(created.error());
  if (auto locked = lock_run(dir); !locked) return std::unexpected(locked.error());
  Collected collected;
  for (const auto& failure : costs->failures) {
    collected.events.failures.push_back(failure);
    if (auto logged = append_line(events_path(dir), to_json(failure).dump()); !logged)
      return std::unexpected(logged.error());
  }
  return measure_and_conclude(dir, manifest, *reg, *files, places, options, collected);
}

}  // namespace assay
