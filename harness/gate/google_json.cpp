#include "gate/google_json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
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

Result<std::vector<nlohmann::json>> records_of(const nlohmann::json& document,
                                               const std::string& path) {
  std::vector<nlohmann::json> records;
  for (const auto& record : document["benchmarks"]) {
    if (!record.is_object() || !record.value("name", nlohmann::json()).is_string())
      return fail(ExitCode::kData, path, "holds a record without a name", kFileMend);
    if (record.value("error_occurred", nlohmann::json(false)) == true)
      return fail(ExitCode::kInstrument, record["name"].get<std::string>(),
                  fmt::format("reports an error: {}",
                              record.value("error_message", nlohmann::json("?")).dump()));
    if (is_repetition(record)) records.push_back(record);
  }
  return records;
}

}  // namespace

Result<std::vector<nlohmann::json>> records_in(std::string_view text, const std::string& path) {
  const auto document = document_in(text, path);
  if (!document) return std::unexpected(document.error());
  return records_of(*document, path);
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

Interval change_of_medians(const std::vector<double>& baseline,
                           const std::vector<double>& candidate, double alpha) {
  const Interval before = sign_interval(baseline, alpha / 2);
  const Interval after = sign_interval(candidate, alpha / 2);
  if (!std::isfinite(before.low) || !std::isfinite(after.low)) return {0, kInfinity};
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
  std::set<std::string> machines;  ///< what their contexts say of where they ran
};

std::string machine_in(const nlohmann::json& document) {
  const auto context = document.value("context", nlohmann::json::object());
  if (!context.is_object()) return "";
  return fmt::format("{} {}", context.value("host_name", nlohmann::json()).dump(),
                     context.value("num_cpus", nlohmann::json()).dump());
}

Result<FilesOfSide> read_side(const std::vector<std::string>& paths) {
  FilesOfSide side;
  for (const auto& path : paths) {
    const auto text = read_file(path);
    if (!text) return std::unexpected(text.error());
    const auto document = document_in(*text, path);
    if (!document) return std::unexpected(document.error());
    auto records = records_of(*document, path);
    if (!records) return std::unexpected(records.error());
    side.machines.insert(machine_in(*document));
    std::map<std::string, std::vector<nlohmann::json>> by_name;
    for (auto& record : *records) by_name[plain_name(record)].push_back(std::move(record));
    for (auto& [name, runs] : by_name) side.records[name].push_back(std::move(runs));
  }
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
    result.evidence = are_many ? GateEvidence::kFiles : GateEvidence::kRepetitions;
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
    const bool has_change = result.baseline != 0 || result.candidate != 0;
    result.change = has_change ? result.candidate / result.baseline : 1;
    result.interval = change_of_medians(old_values, new_values, alpha_);
    result.verdict =
        gate_verdict(result.interval, result.change, rule.margin, is_more_better(metric));
    if (result.verdict == GateVerdict::kUnclear)
      result.why = perhaps_within(result.interval, metric);
    if (result.verdict == GateVerdict::kUnclear && result.interval.high == kInfinity)
      result.why = fmt::format("{} values a side bound nothing; {} do", result.rounds,
                               rounds_to_decide(alpha_ / 2));
    if (is_of_other_machines() && is_time(metric)) {
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
  const auto before = read_side(baseline);
  if (!before) return std::unexpected(before.error());
  const auto after = read_side(candidate);
  if (!after) return std::unexpected(after.error());
  const auto matching = select(match_names(names_of(*before), names_of(*after), rules.renamed));
  if (!matching) return std::unexpected(matching.error());
  report.added = matching->added;
  report.removed = matching->removed;
  FileGate(*before, *after, rules, report).compare(matching->pairs);
  return check_metrics(matching->pairs, rules, report);
}

}  // namespace assay
