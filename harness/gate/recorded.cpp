#include "gate/recorded.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <set>

#include "gate/cases.hpp"
#include "gate/google_json.hpp"
#include "measure/fingerprint.hpp"
#include "measure/step_aside.hpp"
#include "record/raw_file.hpp"
#include "record/run.hpp"

namespace assay {

namespace {

constexpr std::string_view kControlFamily = "control/";

Result<Manifest> recorded_manifest(const std::string& dir) {
  const std::string path = dir + "/run.json";
  const auto text = read_file(path);
  if (!text)
    return fail(ExitCode::kData, path, text.error().what,
                "name a folder that `assay run` or `assay gate` wrote");
  return manifest_from(nlohmann::json::parse(*text, nullptr, false), path);
}

/// The part of an instrument's name that tells the sides of a gate apart.
std::string_view side_in(std::string_view instrument) {
  return instrument.substr(0, instrument.find('.'));
}

/// True of an arm that is the record's answer: in a gate's folder those of the candidate alone.
/// What was the baseline there, or its second process, is another build.
class Answering {
 public:
  explicit Answering(const Plan& plan) {
    for (const auto& unit : plan.units)
      for (const auto& arm : unit.arms) is_gate_ |= side_in(arm.instrument) == "baseline";
  }
  bool operator()(std::string_view instrument) const {
    return !is_gate_ || side_in(instrument) == "candidate";
  }

 private:
  bool is_gate_ = false;
};

/// Raw files of the ordinary link; of two forms of one, the plain one.
std::vector<std::string> ordinary_raw_files(const std::string& dir) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& item : std::filesystem::directory_iterator(dir + "/raw", error)) {
    const std::string path = item.path().string();
    const bool is_plain = path.ends_with(".json");
    const bool is_packed =
        path.ends_with(".json.zst") && !std::filesystem::exists(path.substr(0, path.size() - 4));
    if ((is_plain || is_packed) && path.find(".link-") == std::string::npos) paths.push_back(path);
  }
  std::ranges::sort(paths);
  return paths;
}

/// Values of a metric in a round, by benchmark, metric and round.
using RoundSamples =
    std::map<std::string, std::map<std::string, std::map<std::uint64_t, std::vector<double>>>>;

Result<void> take_record(const RawLine& line, const std::string& path,
                         const std::vector<std::string>& metrics, RoundSamples& samples) {
  const auto record = nlohmann::json::parse(line.text, nullptr, false);
  const bool is_whole = record.is_object() && record.value("name", nlohmann::json()).is_string() &&
                        record.value("round", nlohmann::json()).is_number_unsigned();
  if (!is_whole)
    return fail(ExitCode::kData, fmt::format("{}:{}", path, line.line),
                "the record has no name, or no round");
  for (const auto& metric : metrics)
    if (const auto value = metric_in(record, metric))
      samples[record["name"]][metric][record["round"]].push_back(*value);
  return {};
}

}  // namespace

Result<RoundMedians> recorded_medians(const std::string& dir,
                                      const std::vector<std::string>& metrics) {
  const auto manifest = recorded_manifest(dir);
  if (!manifest) return std::unexpected(manifest.error());
  RoundSamples samples;
  const Answering answers(manifest->plan);
  for (const auto& path : ordinary_raw_files(dir)) {
    if (!answers(std::filesystem::path(path).filename().string())) continue;
    const auto extent = scan_raw(path, manifest->run_id, [&](const RawLine& line) {
      return take_record(line, path, metrics, samples);
    });
    if (!extent) return std::unexpected(extent.error());
  }
  RoundMedians medians;
  for (auto& [benchmark, by_metric] : samples)
    for (auto& [metric, by_round] : by_metric)
      for (auto& [round, values] : by_round)
        medians[benchmark][metric].push_back(median(std::move(values)));
  return medians;
}

Result<std::vector<std::string>> recorded_benchmarks(const std::string& dir,
                                                     const std::string& fingerprint) {
  const auto manifest = recorded_manifest(dir);
  if (!manifest) return std::unexpected(manifest.error());
  const std::string recorded = manifest->machine.value("fingerprint", "");
  if (recorded != fingerprint)
    return fail(ExitCode::kInvalid, dir,
                fmt::format("was recorded on another machine (fingerprint {}) than this one ({})",
                            recorded, fingerprint),
                "record a baseline here, or compare two builds here");
  std::set<std::string> names;
  const Answering answers(manifest->plan);
  for (const auto& unit : manifest->plan.units)
    for (const auto& arm : unit.arms)
      if (answers(arm.instrument)) names.insert(arm.benchmark);
  return std::vector<std::string>(names.begin(), names.end());
}

Interval shift_of_controls(const RoundMedians& recorded, const RoundMedians& now) {
  std::vector<double> shifts;
  for (const auto& [benchmark, metrics] : recorded) {
    const auto here = now.find(benchmark);
    if (!benchmark.starts_with(kControlFamily) || here == now.end()) continue;
    const auto before = metrics.find("real_time"), after = here->second.find("real_time");
    if (before != metrics.end() && after != here->second.end())
      shifts.push_back(median(after->second) / median(before->second));
  }
  if (shifts.size() < 2) return everything();
  const auto [least, most] = std::ranges::minmax(shifts);
  return {least, most};
}

GateResult judge_recorded(const std::string& benchmark, const std::string& metric,
                          const BenchmarkRule& rule, const std::vector<double>& recorded,
                          const std::vector<double>& now, const Interval& shift_of_times,
                          double alpha) {
  const Interval shift = is_more_better(metric)
                             ? Interval{1 / shift_of_times.high, 1 / shift_of_times.low}
                             : shift_of_times;
  GateResult result;
  result.benchmark = benchmark;
  result.metric = metric;
  result.margin = rule.margin;
  result.is_gated = rule.is_gated;
  result.evidence = depends_on_time(metric) ? GateEvidence::kRecorded : GateEvidence::kFiles;
  result.rounds = std::min(recorded.size(), now.size());
  result.baseline = median(recorded);
  result.candidate = median(now);
  result.change = relative_change(result.baseline, result.candidate);
  result.interval = change_of_medians(recorded, now, alpha);
  if (depends_on_time(metric)) {
    const bool is_known = shift_of_times.low > 0 && std::isfinite(shift_of_times.high);
    if (is_known) result.change /= std::sqrt(shift.low * shift.high);
    result.interval =
        is_known ? Interval{result.interval.low / shift.high, result.interval.high / shift.low}
                 : Interval{0, kInfinity};
    result.why = is_known ? fmt::format("the controls moved by {} to {} since",
                                        percent_text(shift.low), percent_text(shift.high))
                          : "no two controls are in both runs: times of different hours cannot be "
                            "compared";
  }
  result.verdict =
      gate_verdict(result.interval, result.change, rule.margin, is_more_better(metric));
  if (result.verdict == GateVerdict::kUnclear)
    if (const std::string what = perhaps_within(result.interval, metric); !what.empty())
      result.why += (result.why.empty() ? "" : "; ") + what;
  return result;
}

namespace {

/// Measures benchmarks of the candidate alone.
class AloneMeasurement {
 public:
  AloneMeasurement(const GateTask& task, std::set<std::string> benchmarks, std::uint32_t rounds)
      : task_(task), benchmarks_(std::move(benchmarks)), rounds_(rounds) {}

  Result<void> run(GateReport& report) {
    const Survey& served = task_.candidate.served;
    const auto cores = cores_by_instrument(served, benchmarks_, task_.cores, allowed_cores());
    auto costs = survey_costs(served, benchmarks_, cores, task_.timeout);
    if (!costs) return std::unexpected(costs.error());
    for (const auto& failure : costs->failures) {
      if (failure.kind != FailureKind::kNotRun) report.has_failures = true;
      report.warnings.push_back(fmt::format("{}: {}", failure.benchmark, failure.what));
    }
    reported_ = costs->metrics;
    if (auto planned = plan(*costs, cores); !planned) return planned;
    const StepAside aside(task_.cores);
    Link link;
    for (const auto& file : served.files) link[file.name] = file;
    Collected collected;
    collected.events.failures = costs->failures;
    auto done = collect(manifest_, link, options(), collected);
    report.elapsed_seconds = collected.events.elapsed_seconds;
    report.cpu_time += collected.events.cpu_time;
    report.was_interrupted = was_interrupted();
    for (std::size_t i = costs->failures.size(); i < collected.events.failures.size(); ++i) {
      const Failure& failure = collected.events.failures[i];
      report.has_failures = true;
      report.warnings.push_back(fmt::format("{}: {}", failure.benchmark, failure.what));
    }
    return done;
  }

 private:
  Result<void> plan(const Costs& costs, const std::map<std::string, std::vector<int>>& cores) {
    std::vector<Experiment> entries;
    for (const auto& [name, cost] : costs.of) {
      Experiment entry;
      entry.id = entry.candidate = name;
      entry.rule.kind = RuleKind::kBound;
      entries.push_back(std::move(entry));
    }
    manifest_.plan = make_plan(entries, costs.of, task_.seed);
    manifest_.run_id = task_.run_id;
    manifest_.started_at = task_.started_at;
    manifest_.cores = task_.cores;
    manifest_.machine = machine_fingerprint();
    manifest_.source = source_state(".");
    manifest_.instruments = task_.candidate.served.instruments;
    for (const auto& [instrument, own] : cores) manifest_.instruments[instrument]["cores"] = own;
    constexpr double kLongEnough = 3600;
    manifest_.budget_seconds = task_.budget_seconds.value_or(kLongEnough);
    return write_file(
        task_.dir + "/run.json",
        to_json(manifest_).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }

  /// What is gated of a benchmark, of what it reports: the rest was refused, or is told to be
  /// absent.
  std::vector<std::string> reported_metrics_of(const std::string& benchmark) const {
    const auto reported = reported_.find(benchmark);
    std::vector<std::string> metrics;
    if (reported == reported_.end()) return metrics;
    for (const auto& metric : rule_for(task_.rules, benchmark).metrics)
      if (std::ranges::count(reported->second, metric) > 0) metrics.push_back(metric);
    return metrics;
  }

  CollectOptions options() const {
    CollectOptions options;
    options.run_dir = task_.dir;
    options.slice_timeout = task_.timeout;
    options.looks = {rounds_};
    options.metrics.assign(manifest_.plan.units.size(), "real_time");
    for (const auto& unit : manifest_.plan.units)
      options.further_metrics.push_back(reported_metrics_of(unit.arms.front().benchmark));
    options.open_comparisons = [this](const Collected& now) {
      return std::vector<bool>(manifest_.plan.comparisons.size(),
                               now.events.rounds_started < rounds_);
    };
    options.on_round = [this](const Collected& now, const std::vector<bool>& open, double left) {
      if (task_.on_round) task_.on_round(now.events.rounds_ended, open.size(), open.size(), left);
    };
    return options;
  }

  const GateTask& task_;
  std::set<std::string> benchmarks_;
  std::uint32_t rounds_;
  Manifest manifest_;
  std::map<std::string, std::vector<std::string>> reported_;  ///< metrics, by benchmark
};

std::vector<std::string> all_metrics(const GateTask& task) {
  std::set<std::string> metrics = {"real_time"};
  for (const auto& pair : task.pairs)
    for (const auto& metric : rule_for(task.rules, pair.second).metrics) metrics.insert(metric);
  return {metrics.begin(), metrics.end()};
}

}  // namespace

Result<void> gate_recorded(const GateTask& task, const std::string& dir, GateReport& report) {
  const auto metrics = all_metrics(task);
  const auto recorded = recorded_medians(dir, metrics);
  if (!recorded) return std::unexpected(recorded.error());
  std::set<std::string> wanted;
  std::size_t intervals = 0;
  for (const auto& pair : task.pairs) {
    wanted.insert(pair.second);
    intervals += rule_for(task.rules, pair.second).metrics.size();
  }
  for (const auto& name : task.candidate.served.benchmarks)
    if (name.starts_with(kControlFamily) && recorded->contains(name)) wanted.insert(name);
  const double alpha = task.rules.alpha / static_cast<double>(intervals);
  constexpr std::uint32_t kBeyondBound = 8;
  AloneMeasurement measurement(task, wanted, rounds_to_decide(alpha / 2) + kBeyondBound);
  if (auto done = measurement.run(report); !done) return done;
  const auto now = recorded_medians(task.dir, metrics);
  if (!now) return std::unexpected(now.error());
  const Interval shift = shift_of_controls(*recorded, *now);
  for (const auto& [before, after] : task.pairs) {
    const auto values = [](const RoundMedians& medians, const std::string& name) {
      const auto found = medians.find(name);
      return found == medians.end() ? RoundMedians::mapped_type{} : found->second;
    };
    const auto old_values = values(*recorded, before), new_values = values(*now, after);
    const auto in = [](const auto& of) {
      return [&of](const std::string& metric) { return of.contains(metric); };
    };
    AskedCase each{before, after, rule_for(task.rules, after)};
    if (old_values.empty() || new_values.empty())
      report.reported.insert(each.rule.metrics.begin(), each.rule.metrics.end());
    keep_common_metrics(each, in(old_values), in(new_values), report);
    for (const auto& metric : each.rule.metrics)
      report.results.push_back(judge_recorded(after, metric, each.rule, old_values.at(metric),
                                              new_values.at(metric), shift, alpha));
  }
  return check_metrics(task.pairs, task.rules, report);
}

}  // namespace assay
