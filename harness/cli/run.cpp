#include "cli/run.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <limits>
#include <set>

#include "cli/prepare.hpp"
#include "cli/progress.hpp"
#include "cli/write.hpp"
#include "measure/collect.hpp"
#include "measure/fingerprint.hpp"
#include "measure/instructions.hpp"
#include "measure/process.hpp"
#include "measure/step_aside.hpp"
#include "record/ledger.hpp"
#include "record/raw_file.hpp"
#include "record/run.hpp"
#include "register/parse.hpp"
#include "verdict/judge.hpp"

namespace assay {

namespace {

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
      open[i] = is_open(*entry_of_.at(comparisons[i].experiment), found);
      any_claim = any_claim || (open[i] && !comparisons[i].is_control);
    }
    for (std::size_t i = 0; i < open.size(); ++i)
      if (comparisons[i].is_control) open[i] = open[i] || any_claim;
    return open;
  }

  /// True of a behaviour that failed: no later round can mend that.
  bool is_over(const Collected& collected, const Comparison& comparison) const {
    if (entry_of_.at(comparison.experiment)->rule.kind != RuleKind::kBehaviour) return false;
    const auto& slices = collected.slices[comparison.units.front()];
    return std::ranges::any_of(slices, [](const Slice& slice) { return slice.value != 1; });
  }

  /// Comparisons that other links of the same objects may answer otherwise: not a share of a limit,
  /// which is never called layout-sized, and whose large operands would take most of the time.
  std::vector<bool> relinked() const {
    std::vector<bool> asked;
    for (const auto& comparison : manifest_.plan.comparisons) {
      const Experiment& entry = *entry_of_.at(comparison.experiment);
      asked.push_back(entry.is_estimated() && entry.rule.kind != RuleKind::kLimit);
    }
    return asked;
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
  bool is_open(const Experiment& entry, const Estimate& found) const {
    if (!found.problem.empty()) return false;
    if (!is_decided(entry, reg_.settings, found.interval)) return true;
    // What held so far may fail until the first look.
    return judge_rule(entry, found.interval) == Verdict::kSupported && !entry.is_estimated() &&
           found.rounds.back().first + 1 < reg_.settings.looks.front();
  }

  const Manifest& manifest_;
  const Register& reg_;
  std::map<std::string, const Experiment*> entry_of_;
};

/// Held while a run is measured, so that no second program writes into its folder. Given back by
/// the kernel when the program ends, however it ends.
class RunLock {
 public:
  static Result<RunLock> take(const std::string& dir) {
    RunLock lock(::open(dir.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (lock.fd_ >= 0 && ::flock(lock.fd_, LOCK_EX | LOCK_NB) == 0) return lock;
    return fail(ExitCode::kUsage, dir, "another assay is measuring this run", "wait for it to end");
  }
  RunLock(RunLock&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  RunLock& operator=(RunLock&&) = delete;
  RunLock(const RunLock&) = delete;
  RunLock& operator=(const RunLock&) = delete;
  ~RunLock() {
    if (fd_ >= 0) ::close(fd_);
  }

 private:
  explicit RunLock(int fd) : fd_(fd) {}
  int fd_;
};

/// The benchmarks whose instructions an entry asks for, and nobody counted yet.
std::set<std::string> to_be_counted(const Manifest& manifest, const Register& reg,
                                    const Events& events) {
  std::set<std::string> names;
  for (const auto& entry : reg.experiments)
    if (entry.wants_instructions && manifest.entry_hashes.contains(entry.id))
      for (const auto& name : benchmarks_of(entry)) names.insert(name);
  for (const auto& failure : events.failures) names.erase(failure.benchmark);
  for (const auto& [name, count] : events.instructions) names.erase(name);
  return names;
}

/// Counts them in processes of their own; what cannot be counted is said and left out.
Result<void> count_where_asked(const std::string& dir, const Manifest& manifest,
                               const Register& reg, const Link& instruments,
                               const RunOptions& options, Collected& collected) {
  std::set<std::string> wanted = to_be_counted(manifest, reg, collected.events);
  for (std::size_t i = 0; i < manifest.plan.units.size(); ++i)
    for (const auto& slice : collected.slices[i]) {
      const Arm& arm = manifest.plan.units[i].arms[slice.arm];
      if (wanted.erase(arm.benchmark) == 0) continue;
      const auto count =
          count_instructions(instruments.at(arm.instrument), arm.benchmark,
                             iterations_to_count(slice.real_time_ns), timeout_of(options));
      if (was_interrupted()) return {};
      if (!count) fmt::print(stderr, "{}\n", count.error().message());
      if (!count) continue;
      collected.events.instructions[arm.benchmark] = *count;
      if (auto logged = append_line(events_path(dir), to_json(arm.benchmark, *count).dump());
          !logged)
        return logged;
    }
  return {};
}

Result<void> measure(const std::string& dir, const Manifest& manifest, const Register& reg,
                     const Link& instruments, const std::vector<Link>& relinks,
                     const RunOptions& options, Collected& collected) {
  const StepAside aside(manifest.cores);
  const OpenComparisons open_comparisons(manifest, reg);
  Progress progress;
  CollectOptions collecting;
  collecting.run_dir = dir;
  collecting.slice_timeout = timeout_of(options);
  collecting.open_comparisons = open_comparisons;
  collecting.looks = reg.settings.looks;
  collecting.is_over = [&](const Collected& now, const Comparison& comparison) {
    return open_comparisons.is_over(now, comparison);
  };
  collecting.relinked = open_comparisons.relinked();
  collecting.metrics = metrics_of(manifest.plan, reg);
  collecting.on_round = [&](const Collected& now, const std::vector<bool>& open, double left) {
    if (options.on_round) return options.on_round(now.events.rounds_ended);
    if (!progress.is_due()) return;
    const auto open_count = static_cast<std::size_t>(std::ranges::count(open, true));
    progress.show(now.events.rounds_ended, open_count, open.size(), left,
                  open_comparisons.widest(now, open));
  };
  collecting.relinks = relinks;
  collecting.rounds_a_relink = options.rounds_a_relink;
  auto done = collect(manifest, instruments, collecting, collected);
  progress.finish();
  if (!done) return done;
  return count_where_asked(dir, manifest, reg, instruments, options, collected);
}

Result<void> note_in_ledger(const Places& places, const std::string& line) {
  std::error_code ignored;  // the line that cannot be written tells
  std::filesystem::create_directories(places.results, ignored);
  return append_line(ledger_path(places), line);
}

std::map<std::string, std::string> named(const RunVerdicts& verdicts) {
  std::map<std::string, std::string> names;
  for (const auto& result : verdicts.experiments)
    names[result.experiment.id] = name_of(result.verdict);
  return names;
}

/// Judges what is on disk, so that the run and a later `assay judge` say the same.
Result<ExitCode> conclude(const std::string& dir, const Places& places, const RunOptions& options) {
  const auto run = load_run(dir);
  if (!run) return std::unexpected(run.error());
  const auto verdicts = write_results(*run, places.root, options.draws_figures);
  if (!verdicts) return std::unexpected(verdicts.error());
  print_summary(*run, *verdicts);
  for (const auto& failure : run->collected.events.failures)
    fmt::print(stderr, "{}: {}\n", failure.benchmark, failure.what);
  if (auto noted = note_in_ledger(places, verdict_line(run->manifest.run_id, named(*verdicts)));
      !noted)
    return std::unexpected(noted.error());
  return exit_code_of(*run, *verdicts, options.is_strict);
}

/// Judges also where what came after the comparisons (relinks, instructions) failed or was
/// interrupted: the verdicts stand, and the exit code tells.
Result<ExitCode> conclude_after(const Result<void>& measured, const std::string& dir,
                                const Places& places, const RunOptions& options) {
  const auto has_ended = [&] {
    const auto run = load_run(dir);
    return run && !run->collected.events.finish.empty();
  };
  if (!measured && !has_ended()) return std::unexpected(measured.error());
  auto code = conclude(dir, places, options);
  if (!code) return code;
  if (!measured) return std::unexpected(measured.error());
  return was_interrupted() ? ExitCode::kInterrupted : *code;
}

Result<ExitCode> resume(const Places& places, const RunOptions& options) {
  const auto instruments = find_link(places.instruments);
  if (!instruments) return std::unexpected(instruments.error());
  auto run = load_run(options.resume);
  if (!run) return std::unexpected(run.error());
  const auto lock = RunLock::take(options.resume);
  if (!lock) return std::unexpected(lock.error());
  const std::string& finish = run->collected.events.finish;
  if (finish == "decided" || finish == "budget" || finish == "failed")
    return fail(ExitCode::kUsage, options.resume,
                "this run has ended; measuring on after its "
                "verdict is known would be another look at the data",
                "start a new run");
  for (const auto& [name, recorded] : run->manifest.instruments.items()) {
    const auto file = instruments->find(name);
    const auto hash = file == instruments->end() ? fail(ExitCode::kData, name, "missing")
                                                 : hash_of_file(file->second.path);
    if (!hash || *hash != recorded["sha256"].get<std::string>())
      return fail(ExitCode::kUsage, options.resume,
                  fmt::format("the instrument {} is not the one that the run began with", name),
                  "start a new run");
  }
  ++run->collected.events.resumptions;
  run->collected.events.finish.clear();
  if (auto logged = append_line(events_path(options.resume), R"({"event":"resume"})"); !logged)
    return std::unexpected(logged.error());
  return conclude_after(
      measure(options.resume, run->manifest, run->reg, *instruments,
              find_relinks(places.instruments, *instruments), options, run->collected),
      options.resume, places, options);
}

}  // namespace

Result<void> measure_run(const std::string& dir, const Prepared& prepared,
                         const RunOptions& options) {
  if (auto created = create_run(dir, prepared.manifest, prepared.reg); !created) return created;
  const auto lock = RunLock::take(dir);
  if (!lock) return std::unexpected(lock.error());
  for (const auto& failure : prepared.failures)
    if (auto logged = append_line(events_path(dir), to_json(failure).dump()); !logged)
      return logged;
  if (options.on_start)
    if (auto started = options.on_start(); !started) return started;
  if (auto written = write_machine_code(dir, prepared.machine_code); !written) return written;
  if (!prepared.no_machine_code.empty())
    if (auto logged = append_line(
            events_path(dir),
            nlohmann::json{{"event", "no_machine_code"}, {"why", prepared.no_machine_code}}.dump());
        !logged)
      return logged;
  Collected collected;
  collected.events.failures = prepared.failures;
  return measure(dir, prepared.manifest, prepared.reg, prepared.instruments, prepared.relinks,
                 options, collected);
}

Result<ExitCode> run_experiments(const Places& places, const RunOptions& options) {
  catch_interrupts();
  if (!options.resume.empty()) return resume(places, options);
  const auto prepared = prepare_run(places, options);
  if (!prepared) return std::unexpected(prepared.error());
  std::vector<Demand> demands;
  const bool is_measured = !prepared->manifest.plan.comparisons.empty();
  if (is_measured && (options.is_dry || has_only_margin_claims(*prepared))) {
    auto found = pilot(*prepared, options);
    if (!found) return std::unexpected(found.error());
    demands = *std::move(found);
  }
  if (options.is_dry) print_plan(*prepared, demands);
  if (auto attainable = check_attainable(*prepared); !attainable) {
    if (!options.goes_on) return std::unexpected(attainable.error());
    fmt::print(stderr, "not decidable: {}\n", attainable.error().message());
  }
  if (auto attainable = check_demands(*prepared, demands, options.goes_on); !attainable)
    return std::unexpected(attainable.error());
  if (options.is_dry) return ExitCode::kDone;

  const std::string dir =
      options.output.empty() ? places.results + "/" + prepared->manifest.run_id : options.output;
  RunOptions listed = options;
  listed.on_start = [&] { return note_in_ledger(places, start_line(prepared->manifest)); };
  return conclude_after(measure_run(dir, *prepared, listed), dir, places, options);
}

}  // namespace assay
