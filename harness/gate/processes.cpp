/// The gate of whole processes: for executables that do not serve slices.

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>
#include <sstream>

#include "gate/cases.hpp"
#include "gate/google_json.hpp"
#include "gate/judge.hpp"
#include "gate/served.hpp"
#include "measure/cpu_time.hpp"
#include "measure/fingerprint.hpp"
#include "measure/process.hpp"
#include "measure/step_aside.hpp"
#include "record/raw_file.hpp"
#include "record/slice.hpp"
#include "verdict/judge.hpp"

namespace assay {

namespace {

using Clock = std::chrono::steady_clock;

/// Short repetitions: their median leaves bursts out, and the sides stay near each other in time.
constexpr const char* kMinTime = "--benchmark_min_time=0.004";
constexpr const char* kRepetitions = "--benchmark_repetitions=5";
constexpr double kSecondsABenchmark = 60;
constexpr std::uint32_t kMostPadding = 4096;

/// A pattern of Google Benchmark's that matches this name alone.
std::string exact_pattern(const std::string& name) {
  std::string pattern = "^";
  for (const char c : name) {
    if (std::string_view("\\^$.|?*+()[]{}").contains(c)) pattern += '\\';
    pattern += c;
  }
  return pattern + "$";
}

std::string text_of(const Failure& failure) {
  return fmt::format("{}: {}", name_of(failure.kind), failure.what);
}

/// The standard output of a process that ends by itself in time.
Result<std::string> run_to_end(const std::vector<std::string>& command,
                               const Surroundings& surroundings,
                               std::chrono::milliseconds timeout) {
  auto process = LineProcess::start(command, surroundings);
  if (!process) return std::unexpected(process.error());
  std::string output, line;
  while (true) {
    switch (process->read_line(line, timeout)) {
      case LineProcess::Read::kLine:
        output += line + "\n";
        continue;
      case LineProcess::Read::kInterrupted:
        return fail(ExitCode::kInterrupted, "", "interrupted");
      case LineProcess::Read::kTimeout:
        return fail(ExitCode::kInstrument, command.front(), "no answer in time");
      case LineProcess::Read::kEnd:
        break;
    }
    const std::string how = process->end(timeout);
    if (how == "exited with code 0") return output;
    return fail(ExitCode::kInstrument, command.front(), how);
  }
}

class ProcessGate {
 public:
  ProcessGate(const GateTask& task, GateReport& report)
      : task_(task), report_(report), rng_(task.seed) {}

  Result<void> run() {
    const StepAside aside(task_.cores);
    try_each();
    if (report_.was_interrupted) return {};
    if (!task_.is_part)
      if (auto checked = check_metrics(task_.pairs, task_.rules, report_); !checked) return checked;
    if (cases_.empty()) return {};
    add_controls();
    if (auto planned = plan(); !planned) return planned;
    if (auto measured = measure(); !measured) return measured;
    const std::size_t before = report_.results.size();
    if (auto judged = judge_cases({task_.dir, manifest_, cases_, looks(false)}, report_); !judged)
      return judged;
    for (std::size_t i = before; i < report_.results.size(); ++i) qualify(report_.results[i]);
    judge_controls(
        cases_, judged_so_far(),
        [this](const std::string& baseline) { return path_of(task_.baseline, baseline); }, report_);
    return {};
  }

 private:
  /// Of an executable that serves, its own main runs by hand like any other.
  std::string path_of(const GateSide& side, const std::string& benchmark) const {
    if (const auto stock = side.stock.find(benchmark); stock != side.stock.end())
      return stock->second.path;
    const auto& name = side.served.instrument_of.at(benchmark);
    return std::ranges::find(side.served.files, name, &InstrumentFile::name)->path;
  }

  const GateSide& side_of(const AskedCase& of, std::size_t arm) const {
    return arm == 0 || of.is_control ? task_.baseline : task_.candidate;
  }

  /// Where the records of an arm lie.
  static const char* file_of(const AskedCase& of, std::size_t arm) {
    return (of.is_control ? kNulls : kSides).at(arm);
  }

  void fail_case(std::size_t index, std::size_t arm, const std::string& why) {
    failures_[index] =
        fmt::format("{}: {}", cases_[index].is_control ? "control" : kSides.at(arm), why);
  }

  static const std::string& name_of_arm(const AskedCase& of, std::size_t arm) {
    return arm == 0 ? of.baseline : of.candidate;
  }

  /// One process: the record of its repetition of median time.
  std::expected<nlohmann::json, Failure> run_once(const AskedCase& of, std::size_t arm) {
    const std::string& benchmark = name_of_arm(of, arm);
    const std::vector<std::string> command = {path_of(side_of(of, arm), benchmark),
                                              "--benchmark_filter=" + exact_pattern(benchmark),
                                              "--benchmark_format=json", kMinTime, kRepetitions};
    constexpr std::chrono::minutes kLongestProcess{2};
    const Surroundings surroundings{task_.cores, static_cast<std::uint32_t>(rng_() % kMostPadding),
                                    true};
    const auto output = run_to_end(command, surroundings, task_.timeout + kLongestProcess);
    const auto failed = [&](FailureKind kind, const Error& error) {
      return std::unexpected(Failure{benchmark, kind, error.message()});
    };
    if (!output) return failed(FailureKind::kCrash, output.error());
    const auto runs = runs_in(*output, command.front());
    if (!runs) return failed(FailureKind::kError, runs.error());
    if (!runs->failures.empty()) return std::unexpected(runs->failures.front());
    auto record = median_record(runs->records, benchmark, command.front());
    if (!record) return failed(FailureKind::kError, record.error());
    return *std::move(record);
  }

  /// A first run of each tells what it costs and reports, and whether it can be run.
  void try_each() {
    for (const auto& [baseline, candidate] : task_.pairs) {
      if (was_interrupted()) return name_the_rest();
      AskedCase each{baseline, candidate, rule_for(task_.rules, candidate)};
      const auto start = Clock::now();
      const auto before = run_once(each, 0);
      const auto after = run_once(each, 1);
      if (was_interrupted()) return name_the_rest();
      if (!before || !after) {
        const auto is_not_run = [](const auto& run) {
          return !run && run.error().kind == FailureKind::kNotRun;
        };
        const bool is_out_of_reach = is_not_run(before) && is_not_run(after);
        report_.has_failures |= (!before && !is_not_run(before)) || (!after && !is_not_run(after));
        report_.reported.insert(each.rule.metrics.begin(), each.rule.metrics.end());
        add_unanswered(report_, candidate, each.rule,
                       is_out_of_reach ? GateVerdict::kNotRun : GateVerdict::kInvalid,
                       !before ? "baseline: " + text_of(before.error())
                               : "candidate: " + text_of(after.error()));
        continue;
      }
      if (!keep_common_metrics(each, reported_by(*before), reported_by(*after), report_)) continue;
      const double seconds = std::chrono::duration<double>(Clock::now() - start).count();
      seconds_a_case_[baseline] = 2 * seconds;
      cases_.push_back(std::move(each));
    }
  }

  /// Of an interruption before the first round.
  void name_the_rest() {
    report_.was_interrupted = true;
    for (const auto& [baseline, candidate] : task_.pairs)
      if (std::ranges::count(report_.results, candidate, &GateResult::benchmark) == 0)
        add_unanswered(report_, candidate, rule_for(task_.rules, candidate), GateVerdict::kNotRun,
                       kInterruptedBefore);
  }

  void add_controls() {
    std::vector<Timed> timed;
    for (const auto& each : cases_)
      if (asks_for_time(each))
        timed.push_back({each.baseline, path_of(task_.baseline, each.baseline),
                         seconds_a_case_.at(each.baseline), each.rule});
    add_null_controls(std::move(timed), cases_);
    for (const auto& each : cases_) seconds_a_round_ += seconds_a_case_.at(each.baseline);
  }

  LookPlan looks(bool is_control) const { return look_plan(manifest_, settings_, is_control, 0); }

  Result<void> plan() {
    std::size_t intervals = task_.other_intervals;
    std::size_t controls = 0;
    for (std::uint32_t i = 0; i < cases_.size(); ++i) {
      const AskedCase& each = cases_[i];
      (each.is_control ? controls : intervals) += each.rule.metrics.size();
      manifest_.plan.comparisons.push_back(
          {each.candidate, each.baseline, each.candidate, false, {i}});
      Unit unit{i, {}, {}, 0, 1};
      unit.arms = {{each.baseline, file_of(each, 0), 1}, {each.candidate, file_of(each, 1), 1}};
      manifest_.plan.units.push_back(std::move(unit));
    }
    manifest_.run_id = task_.run_id;
    manifest_.started_at = task_.started_at;
    manifest_.cores = task_.cores;
    manifest_.machine = machine_fingerprint();
    manifest_.source = source_state(".");
    manifest_.instruments = nlohmann::json::object();
    manifest_.has_cores_alone = claim_cores(task_.cores);
    if (!manifest_.has_cores_alone)
      report_.warnings.emplace_back("another assay was measuring on the same CPU");
    manifest_.plan.seed = task_.seed;
    manifest_.claims_counted = static_cast<std::uint32_t>(intervals);
    manifest_.controls_counted = static_cast<std::uint32_t>(controls);
    settings_.alpha = task_.rules.alpha;
    settings_.control_alpha = kControlAlpha;
    settings_.looks = gate_looks(settings_.alpha, intervals);
    const auto n = static_cast<double>(cases_.size() - controls);
    const double least = settings_.looks.front() * seconds_a_round_;
    manifest_.budget_seconds =
        task_.budget_seconds.value_or(std::max(kSecondsABenchmark * n, std::ceil(2 * least)));
    const auto needed = rounds_to_decide(looks(false).alpha);
    if (manifest_.budget_seconds < needed * seconds_a_round_)
      return fail(ExitCode::kUsage, "--budget",
                  fmt::format("{:.0f} s give about {:.0f} rounds of {:.2f} s; the intervals of {} "
                              "benchmarks in whole processes need {} rounds to be bounded at all",
                              manifest_.budget_seconds, manifest_.budget_seconds / seconds_a_round_,
                              seconds_a_round_, intervals, needed),
                  fmt::format("give at least {:.0f} s, or none; or link assay's main, which serves",
                              2 * needed * seconds_a_round_));
    return write_file(
        task_.dir + "/run.json",
        to_json(manifest_).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }

  Result<void> measure() {
    for (const auto& processes : {kSides, kNulls})
      for (const char* name : processes) {
        auto file = RawFile::open(raw_path(task_.dir, name), task_.run_id,
                                  nlohmann::json{{"executable", name}});
        if (!file) return std::unexpected(file.error());
        raw_files_.emplace(name, *std::move(file));
      }
    collected_.resize(cases_.size());
    std::vector<bool> open(cases_.size(), true);
    const double elapsed_before = report_.elapsed_seconds;
    const CpuTimer timer(task_.cores);
    const auto start = Clock::now();
    const auto elapsed = [&] {
      return std::chrono::duration<double>(Clock::now() - start).count();
    };
    for (std::uint32_t round = 0; elapsed() + seconds_a_round_ < manifest_.budget_seconds;
         ++round) {
      if (auto done = measure_round(round, open); !done) return done;
      report_.elapsed_seconds = elapsed_before + elapsed();
      if (was_interrupted()) break;
      if (std::ranges::count(settings_.looks, round + 1) > 0)
        open = open_cases(cases_, task_.is_fail_fast, judged_so_far());
      close_lone_controls(cases_, open);
      const auto count = static_cast<std::size_t>(std::ranges::count(open, true));
      if (task_.on_round)
        task_.on_round(round + 1, count, open.size(), manifest_.budget_seconds - elapsed());
      if (count == 0) break;
    }
    report_.cpu_time += timer.passed();
    report_.was_interrupted = report_.was_interrupted || was_interrupted();
    return {};
  }

  JudgedCase judged_so_far() const {
    return [this](std::size_t i) -> std::optional<GateResult> {
      if (failures_.contains(i)) return std::nullopt;
      const std::vector<SlicesByUnit> none;
      const AskedCase& each = cases_[i];
      const LookPlan plan = looks(each.is_control);
      return judge_gate_case({manifest_.plan.comparisons[i], manifest_.plan, collected_, none, plan,
                              each.rule, each.rule.metrics.front()});
    };
  }

  /// The cases in random order; of each, four processes: ABBA or BAAB.
  Result<void> measure_round(std::uint32_t round, std::vector<bool>& open) {
    std::vector<std::size_t> order(cases_.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::ranges::shuffle(order, rng_);
    std::uint32_t position = 0;
    for (const std::size_t i : order) {
      if (!open[i]) continue;
      const std::uint16_t first = rng_() % 2;
      const auto second = static_cast<std::uint16_t>(1 - first);
      for (const std::uint16_t arm : {first, second, second, first}) {
        const auto record = run_once(cases_[i], arm);
        if (was_interrupted()) return {};
        if (!record) {
          fail_case(i, arm, text_of(record.error()));
          open[i] = false;
          break;
        }
        if (auto kept = keep(*record, i, arm, round, position++); !kept) return kept;
        if (failures_.contains(i)) {
          open[i] = false;
          break;
        }
      }
    }
    return {};
  }

  Result<void> keep(const nlohmann::json& record, std::size_t index, std::uint16_t arm,
                    std::uint32_t round, std::uint32_t position) {
    const auto unit = static_cast<std::uint32_t>(index);
    const std::string line = raw_line(record, {unit, arm, 0, false}, round, position);
    for (const auto& metric : cases_[index].rule.metrics)
      if (const auto found = metric_in(record, metric); !found) {
        fail_case(index, arm, found.error().message());
        return {};
      }
    const auto value = metric_in(record, cases_[index].rule.metrics.front());
    const auto time = metric_in(record, "real_time");  // median_record() made sure of it
    if (const auto iterations = metric_in(record, "iterations"))
      iterations_[{index, arm}].push_back(*iterations);
    collected_[index].push_back({unit, arm, round, 0, position, *value, *time});
    return raw_files_.at(file_of(cases_[index], arm)).append({line});
  }

  /// The failure that a result is not to be trusted for: its own, or that of the control made of
  /// it.
  std::string failure_of(const GateResult& result, std::size_t own) const {
    if (const auto failure = failures_.find(own); failure != failures_.end())
      return failure->second;
    for (const auto& [i, why] : failures_)
      if (cases_[i].is_control && cases_[i].baseline == cases_[own].baseline &&
          depends_on_time(result.metric))
        return why;
    return "";
  }

  void qualify(GateResult& result) {
    result.evidence = GateEvidence::kProcesses;
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      if (cases_[i].is_control || cases_[i].candidate != result.benchmark) continue;
      const auto before = iterations_.find({i, 0}), after = iterations_.find({i, 1});
      if (before != iterations_.end() && after != iterations_.end())
        refuse_total(result, median(before->second), median(after->second));
      const std::string why = failure_of(result, i);
      if (why.empty()) continue;
      result.verdict = GateVerdict::kInvalid;
      result.why = why;
      report_.has_failures = true;
    }
  }

  const GateTask& task_;
  GateReport& report_;
  std::mt19937_64 rng_;
  std::map<std::string, double> seconds_a_case_;  ///< of its four processes, by the baseline's name
  double seconds_a_round_ = 0;
  std::vector<AskedCase> cases_;
  Manifest manifest_;
  RegisterSettings settings_;
  SlicesByUnit collected_;
  std::map<std::string, RawFile> raw_files_;
  std::map<std::pair<std::size_t, std::uint16_t>, std::vector<double>> iterations_;  ///< by arm
  std::map<std::size_t, std::string> failures_;                                      ///< by case
};

}  // namespace

Result<void> gate_processes(const GateTask& task, GateReport& report) {
  return ProcessGate(task, report).run();
}

}  // namespace assay
