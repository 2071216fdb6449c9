#include "gate/google_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <ranges>
#include <regex>
#include <set>

#include "gate/cases.hpp"
#include "record/raw_file.hpp"
#include "record/slice.hpp"
#include "register/register.hpp"

namespace assay {

namespace {

constexpr const char* kFileMend = "write it with --benchmark_out=FILE --benchmark_out_format=json";

bool is_repetition(const nlohmann::json& record) {
  const auto type = record.value("run_type", nlohmann::json("iteration"));
  return type == "iteration" && !record.contains("aggregate_name");
}

/// The text with null for values that are no numbers, which the library prints bare: the
/// coefficient of variation of a counter that is 0 is one. They stand at the ends of lines.
std::string without_bare_nan(std::string_view text) {
  static const std::regex kBare(R"((": )-?(NaN|nan|Infinity|inf)(,?)(\r?\n))");
  return std::regex_replace(std::string(text), kBare, "$1null$3$4");
}

Result<nlohmann::json> document_in(std::string_view text, const std::string& path) {
  auto document = nlohmann::json::parse(without_bare_nan(text), nullptr, false);
  if (document.is_discarded())
    return fail(ExitCode::kData, path, "is no JSON, or was cut off", kFileMend);
  if (!document.is_object() || !document.value("benchmarks", nlohmann::json()).is_array())
    return fail(ExitCode::kData, path, "is no document of Google Benchmark's", kFileMend);
  return document;
}

/// What stands in a record in place of a measurement.
std::optional<Failure> failure_in(const nlohmann::json& record) {
  const auto text = [&](const char* key) {
    const auto found = record.value(key, nlohmann::json("?"));
    return found.is_string() ? found.get<std::string>() : found.dump();
  };
  const std::string name = record.at("name");
  if (record.value("skipped", nlohmann::json(false)) == true)
    return Failure{name, FailureKind::kNotRun, text("skip_message")};
  if (record.value("error_occurred", nlohmann::json(false)) != true) return std::nullopt;
  return failure_told(name, text("error_message"));
}

/// The median of repetitions that are not there themselves, as with
/// --benchmark_report_aggregates_only, under the name of a repetition; null of another record.
nlohmann::json median_in(nlohmann::json record) {
  const auto run_name = record.value("run_name", nlohmann::json());
  if (record.value("aggregate_name", nlohmann::json()) != "median" || !run_name.is_string())
    return {};
  record["name"] = run_name;
  return record;
}

Result<RecordedRuns> runs_of(const nlohmann::json& document, const std::string& path) {
  RecordedRuns runs;
  std::vector<nlohmann::json> medians;
  std::set<std::string> names;
  for (const auto& record : document["benchmarks"]) {
    if (!record.is_object() || !record.value("name", nlohmann::json()).is_string())
      return fail(ExitCode::kData, path, "holds a record without a name", kFileMend);
    if (const auto failure = failure_in(record)) {
      runs.failures.push_back(*failure);
    } else if (is_repetition(record)) {
      names.insert(record["name"]);
      runs.records.push_back(record);
    } else if (auto median = median_in(record); !median.is_null()) {
      medians.push_back(std::move(median));
    }
  }
  for (auto& median : medians)
    if (!names.contains(median["name"])) runs.records.push_back(std::move(median));
  return runs;
}

}  // namespace

Result<RecordedRuns> runs_in(std::string_view text, const std::string& path) {
  const auto document = document_in(text, path);
  if (!document) return std::unexpected(document.error());
  return runs_of(*document, path);
}

std::string plain_name(const nlohmann::json& record) {
  std::string name = record.at("name");
  constexpr std::string_view kRepeats = "/repeats:";
  const auto at = name.find(kRepeats);
  if (at == std::string::npos) return name;
  return name.erase(at, name.find('/', at + kRepeats.size()) - at);
}

Result<nlohmann::json> median_record(std::vector<nlohmann::json> records,
                                     const std::string& benchmark, const std::string& path) {
  for (const auto& record : records)
    if (const auto time = metric_in(record, "real_time"); !time || !(*time > 0))
      return fail(ExitCode::kInstrument, path,
                  fmt::format("real_time of {} is not a time above 0", benchmark));
  if (records.empty())
    return fail(ExitCode::kInstrument, path, fmt::format("ran nothing for {}", benchmark));
  const auto middle = records.begin() + static_cast<std::ptrdiff_t>((records.size() - 1) / 2);
  std::ranges::nth_element(records, middle, {}, [](const nlohmann::json& record) {
    return *metric_in(record, "real_time");
  });
  nlohmann::json record = *middle;
  record["name"] = benchmark;
  if (const auto taken = taken_name_in(record); !taken.empty())
    return fail(ExitCode::kInstrument, path,
                fmt::format("the counter \"{}\" has a name that the raw record needs", taken),
                "rename it");
  return record;
}

std::function<bool(const std::string&)> reported_by(const nlohmann::json& record) {
  return [&record](const std::string& metric) {
    const auto found = record.find(metric);
    return found != record.end() && (found->is_number() || found->is_null());
  };
}

double relative_change(double baseline, double candidate) {
  if (baseline == candidate) return 1;
  if (baseline < 0) return 1 + (candidate - baseline) / -baseline;
  return candidate / baseline;
}

bool moves_with_iterations(double change, double iterations) {
  constexpr double kNoticeable = 0.02;
  constexpr double kAlike = 0.1;
  if (!(change > 0) || !(iterations > 0)) return false;
  const double log = std::log(iterations);
  return std::abs(log) > kNoticeable && std::abs(std::log(change) - log) < kAlike * std::abs(log);
}

void refuse_total(GateResult& result, double baseline_iterations, double candidate_iterations) {
  if (depends_on_time(result.metric) ||
      !moves_with_iterations(result.change, candidate_iterations / baseline_iterations))
    return;
  result.verdict = GateVerdict::kInvalid;
  result.why =
      "moves with the iterations, as a total does: count an iteration's share (kAvgIterations)";
}

bool are_interleaved(const std::vector<std::string>& baseline,
                     const std::vector<std::string>& candidate) {
  constexpr std::size_t kOffsetAt = std::string_view("2026-11-21T12:00:00").size();
  std::vector<std::pair<std::string, int>> moments;
  for (const auto& date : baseline) moments.emplace_back(date, 0);
  for (const auto& date : candidate) moments.emplace_back(date, 1);
  std::ranges::sort(moments);
  std::size_t length = 0;
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const auto& [date, side] = moments[i];
    if (date.size() < kOffsetAt) return false;
    if (date.substr(kOffsetAt) != moments.front().first.substr(kOffsetAt)) return false;
    length = i > 0 && side == moments[i - 1].second ? length + 1 : 1;
    if (length > 2) return false;
  }
  return true;
}

Interval change_of_medians(const std::vector<double>& baseline,
                           const std::vector<double>& candidate, double alpha) {
  const Interval before = sign_interval(baseline, alpha / 2);
  const Interval after = sign_interval(candidate, alpha / 2);
  if (!std::isfinite(before.low) || !std::isfinite(after.low)) return {0, kInfinity};
  if (before.low < 0 || after.low < 0) {
    const double amount = std::abs(median(baseline));
    if (amount == 0) return {0, kInfinity};
    return {1 + (after.low - before.high) / amount, 1 + (after.high - before.low) / amount};
  }
  if (before.low == 0 && before.high == 0)
    return after.low > 0 ? Interval{kInfinity, kInfinity}
                         : Interval{after.high > 0 ? 0.0 : 1.0, after.high > 0 ? kInfinity : 1.0};
  return {before.high > 0 ? after.low / before.high : 0,
          before.low > 0 ? after.high / before.low : kInfinity};
}

namespace {

/// The files of one side.
struct FilesOfSide {
  std::map<std::string, std::vector<std::vector<nlohmann::json>>> records;  ///< by name, then file
  std::map<std::string, Failure> failures;  ///< by name without repeats
  std::set<std::string> machines;           ///< what their contexts say of where they ran
  std::vector<std::string> dates;           ///< of each file; empty if it has none
};

std::string machine_in(const nlohmann::json& document) {
  const auto context = document.value("context", nlohmann::json::object());
  if (!context.is_object()) return "";
  return fmt::format("{} {}", context.value("host_name", nlohmann::json()).dump(),
                     context.value("num_cpus", nlohmann::json()).dump());
}

std::string date_in(const nlohmann::json& document) {
  const auto context = document.value("context", nlohmann::json::object());
  const auto date =
      context.is_object() ? context.value("date", nlohmann::json()) : nlohmann::json();
  return date.is_string() ? date.get<std::string>() : "";
}

/// `path_of` holds the texts of all files so far: one file twice would be taken for two processes.
Result<FilesOfSide> read_side(const std::vector<std::string>& paths,
                              std::map<std::string, std::string>& path_of) {
  FilesOfSide side;
  for (const auto& path : paths) {
    const auto text = read_file(path);
    if (!text) return std::unexpected(text.error());
    if (const auto [other, is_new] = path_of.emplace(*text, path); !is_new)
      return fail(ExitCode::kUsage, path,
                  fmt::format("holds the same as {}: one process counts once", other->second),
                  "run the benchmarks again for each file");
    const auto document = document_in(*text, path);
    if (!document) return std::unexpected(document.error());
    auto runs = runs_of(*document, path);
    if (!runs) return std::unexpected(runs.error());
    side.machines.insert(machine_in(*document));
    side.dates.push_back(date_in(*document));
    std::map<std::string, std::vector<nlohmann::json>> by_name;
    for (auto& record : runs->records) by_name[plain_name(record)].push_back(std::move(record));
    for (auto& [name, records] : by_name) side.records[name].push_back(std::move(records));
    for (auto& failure : runs->failures) {
      const std::string name = plain_name({{"name", failure.benchmark}});
      side.failures.emplace(name, std::move(failure));
    }
  }
  for (const auto& name : std::views::keys(side.failures)) side.records.try_emplace(name);
  return side;
}

/// What the first run that cannot be read says: a metric that is no number or, where others report
/// it, missing. Empty if all are sound.
std::string fault_in(const std::vector<std::vector<nlohmann::json>>& files,
                     const std::string& metric) {
  for (const auto& runs : files)
    for (const auto& run : runs)
      if (const auto value = metric_in(run, metric); !value) return value.error().message();
  return "";
}

bool any_reports(const std::vector<std::vector<nlohmann::json>>& files, const std::string& metric) {
  return std::ranges::any_of(files, [&](const auto& runs) {
    return std::ranges::any_of(runs, [&](const auto& run) { return reported_by(run)(metric); });
  });
}

/// Values of a metric: one a file (its median), or all repetitions.
std::vector<double> values_of(const std::vector<std::vector<nlohmann::json>>& files,
                              const std::string& metric, bool one_a_file) {
  std::vector<double> values;
  for (const auto& runs : files) {
    std::vector<double> of_file;
    for (const auto& run : runs)
      if (const auto value = metric_in(run, metric)) of_file.push_back(*value);
    if (of_file.empty()) continue;
    if (one_a_file)
      values.push_back(median(of_file));
    else
      values.insert(values.end(), of_file.begin(), of_file.end());
  }
  return values;
}

class FileGate {
 public:
  FileGate(const FilesOfSide& baseline, const FilesOfSide& candidate, const GateRules& rules,
           GateReport& report)
      : baseline_(baseline), candidate_(candidate), rules_(rules), report_(report) {}

  void compare(const std::vector<std::pair<std::string, std::string>>& pairs) {
    std::size_t intervals = 0;
    for (const auto& [before, after] : pairs) intervals += rule_for(rules_, after).metrics.size();
    alpha_ = rules_.alpha / static_cast<double>(std::max<std::size_t>(1, intervals));
    for (const auto& [before, after] : pairs) {
      AskedCase each{before, after, rule_for(rules_, after)};
      if (add_failed(each)) continue;
      const auto& old_files = baseline_.records.at(before);
      const auto& new_files = candidate_.records.at(after);
      const auto in = [](const auto& files) {
        return [&files](const std::string& metric) { return any_reports(files, metric); };
      };
      keep_common_metrics(each, in(old_files), in(new_files), report_);
      for (const auto& metric : each.rule.metrics)
        report_.results.push_back(result_of(before, after, each.rule, metric));
    }
  }

 private:
  /// True of a benchmark that failed, or could not be run, in a file of either side.
  bool add_failed(const AskedCase& each) {
    const auto before = baseline_.failures.find(each.baseline);
    const auto after = candidate_.failures.find(each.candidate);
    const bool is_before = before != baseline_.failures.end();
    const bool is_after = after != candidate_.failures.end();
    if (!is_before && !is_after) return false;
    const auto not_run = [](bool is_there, const auto& failure) {
      return is_there && failure->second.kind == FailureKind::kNotRun;
    };
    const bool is_out_of_reach = not_run(is_before, before) && not_run(is_after, after);
    report_.has_failures |=
        (is_before && !not_run(is_before, before)) || (is_after && !not_run(is_after, after));
    report_.reported.insert(each.rule.metrics.begin(), each.rule.metrics.end());
    const Failure& failure = is_before ? before->second : after->second;
    add_unanswered(report_, each.candidate, each.rule,
                   is_out_of_reach ? GateVerdict::kNotRun : GateVerdict::kInvalid,
                   fmt::format("{}: {}: {}", is_before ? "baseline" : "candidate",
                               name_of(failure.kind), failure.what));
    return true;
  }

  GateResult result_of(const std::string& before, const std::string& after,
                       const BenchmarkRule& rule, const std::string& metric) const {
    GateResult result;
    result.benchmark = after;
    result.metric = metric;
    result.margin = rule.margin;
    result.is_gated = rule.is_gated;
    const auto& old_files = baseline_.records.at(before);
    const auto& new_files = candidate_.records.at(after);
    const std::size_t files = std::min(old_files.size(), new_files.size());
    const bool are_many = files >= rounds_to_decide(alpha_ / 2);
    const bool is_of_one_time =
        !depends_on_time(metric) || are_interleaved(baseline_.dates, candidate_.dates);
    result.evidence = !are_many        ? GateEvidence::kRepetitions
                      : is_of_one_time ? GateEvidence::kFiles
                                       : GateEvidence::kHours;
    const auto old_values = values_of(old_files, metric, are_many);
    const auto new_values = values_of(new_files, metric, are_many);
    result.rounds = std::min(old_values.size(), new_values.size());
    for (const auto* side : {&old_files, &new_files})
      if (const std::string fault = fault_in(*side, metric); !fault.empty()) {
        result.verdict = GateVerdict::kInvalid;
        result.why = fault;
        result.baseline = result.candidate = result.change =
            std::numeric_limits<double>::quiet_NaN();
        return result;
      }
    result.baseline = median(old_values);
    result.candidate = median(new_values);
    result.change = relative_change(result.baseline, result.candidate);
    result.interval = change_of_medians(old_values, new_values, alpha_);
    result.verdict =
        gate_verdict(result.interval, result.change, rule.margin, is_more_better(metric));
    if (result.verdict == GateVerdict::kUnclear)
      result.why = perhaps_within(result.interval, metric);
    if (result.verdict == GateVerdict::kUnclear && result.interval.high == kInfinity)
      result.why = fmt::format("{} values a side bound nothing; {} do", result.rounds,
                               rounds_to_decide(alpha_ / 2));
    const auto old_iterations = values_of(old_files, "iterations", are_many);
    const auto new_iterations = values_of(new_files, "iterations", are_many);
    if (!old_iterations.empty() && !new_iterations.empty())
      refuse_total(result, median(old_iterations), median(new_iterations));
    if (is_of_other_machines() && depends_on_time(metric)) {
      result.verdict = GateVerdict::kInvalid;
      result.why = "the files are of different machines";
    }
    return result;
  }

  bool is_of_other_machines() const { return baseline_.machines != candidate_.machines; }

  const FilesOfSide& baseline_;
  const FilesOfSide& candidate_;
  const GateRules& rules_;
  GateReport& report_;
  double alpha_ = 0;
};

std::vector<std::string> names_of(const FilesOfSide& side) {
  std::vector<std::string> names;
  for (const auto& [name, files] : side.records) names.push_back(name);
  return names;
}

}  // namespace

Result<void> gate_files(const std::vector<std::string>& baseline,
                        const std::vector<std::string>& candidate, const GateRules& rules,
                        const std::function<Result<Matching>(Matching)>& select,
                        GateReport& report) {
  std::map<std::string, std::string> path_of;
  const auto before = read_side(baseline, path_of);
  if (!before) return std::unexpected(before.error());
  const auto after = read_side(candidate, path_of);
  if (!after) return std::unexpected(after.error());
  const auto matching = select(match_names(names_of(*before), names_of(*after), rules.renamed));
  if (!matching) return std::unexpected(matching.error());
  report.added = matching->added;
  report.removed = matching->removed;
  FileGate(*before, *after, rules, report).compare(matching->pairs);
  return check_metrics(matching->pairs, rules, report);
}

}  // namespace assay
