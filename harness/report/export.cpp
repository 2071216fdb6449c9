#include "report/export.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "report/format.hpp"
#include "report/json_values.hpp"
#include "report/junit.hpp"
#include "report/report.hpp"

namespace assay {

using Json = nlohmann::ordered_json;

std::string csv_field(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

namespace {

constexpr Verdict kAllVerdicts[] = {Verdict::kSupported,    Verdict::kRefuted, Verdict::kEquivalent,
                                    Verdict::kInconclusive, Verdict::kInvalid, Verdict::kNotRun,
                                    Verdict::kHeld,         Verdict::kFailed};

/// All digits, so that a reader computes with what was judged: "inf" and "-inf" of an end that
/// nothing bounds; empty where nothing was measured.
std::string exact(double value) {
  return std::isnan(value) ? "" : fmt::format("{}", value);
}

std::string csv_line(const std::vector<std::string>& fields) {
  std::vector<std::string> quoted;
  for (const auto& field : fields) quoted.push_back(csv_field(field));
  return fmt::format("{}\r\n", fmt::join(quoted, ","));
}

std::vector<std::string> entry_fields(const ExperimentVerdict& result, const Plan& plan) {
  const Experiment& entry = result.experiment;
  return {entry.id,
          entry.is_control() ? "control" : "claim",
          entry.family(),
          entry.claim,
          name_of(result.verdict),
          result.is_exploratory ? "1" : "0",
          is_layout_sized(result, plan) ? "1" : "0",
          describe(entry)};
}

std::vector<std::string> comparison_fields(const ExperimentVerdict& result, std::size_t index,
                                           const Plan& plan) {
  const ComparisonVerdict& part = result.comparisons[index];
  const Comparison& comparison = plan.comparisons[part.comparison];
  const bool is_headline = index == result.headline;
  const bool is_measured = !std::isnan(part.estimate.value);
  const Interval& interval = part.estimate.interval;
  const bool has_interval = is_measured && !interval.is_empty();
  return {comparison.baseline,
          comparison.candidate,
          name_of(part.verdict),
          is_headline ? "1" : "0",
          quantity(result.experiment),
          exact(part.estimate.value),
          has_interval ? exact(interval.low) : "",
          has_interval ? exact(interval.high) : "",
          std::to_string(part.estimate.rounds.size()),
          is_headline && result.scored.overstated ? exact(*result.scored.overstated) : "",
          is_headline ? result.why : part.why};
}

/// Of a witness rule, which has no comparison.
std::vector<std::string> no_comparison(const ExperimentVerdict& result) {
  return {"", result.experiment.candidate, "", "", "", "", "", "", "", "", result.why};
}

std::string verdicts_csv(const Run& run, const RunVerdicts& verdicts) {
  std::string text =
      csv_line({"id", "kind", "family", "claim", "verdict", "is_exploratory", "is_layout_sized",
                "rule", "baseline", "candidate", "comparison_verdict", "is_headline", "quantity",
                "value", "low", "high", "rounds", "predicted_over_measured", "why"});
  const Plan& plan = run.manifest.plan;
  for (const auto& result : verdicts.experiments) {
    const std::vector<std::string> entry = entry_fields(result, plan);
    const auto add = [&](const std::vector<std::string>& fields) {
      std::vector<std::string> line = entry;
      line.insert(line.end(), fields.begin(), fields.end());
      text += csv_line(line);
    };
    if (result.comparisons.empty()) add(no_comparison(result));
    for (std::size_t i = 0; i < result.comparisons.size(); ++i)
      add(comparison_fields(result, i, plan));
  }
  return text;
}

std::string slices_csv(const Run& run, const RunVerdicts& /*verdicts*/) {
  const Plan& plan = run.manifest.plan;
  const std::vector<std::string> metrics = metrics_of(plan, run.reg);
  std::string text =
      "experiment,baseline,benchmark,size,round,block,position,metric,value,real_time_ns\r\n";
  for (std::size_t unit = 0; unit < plan.units.size(); ++unit) {
    const Comparison& comparison = plan.comparisons[plan.units[unit].comparison];
    const std::string experiment = csv_field(comparison.experiment);
    const std::string baseline = csv_field(comparison.baseline);
    for (const Slice& slice : run.collected.slices[unit])
      fmt::format_to(std::back_inserter(text), "{},{},{},{},{},{},{},{},{},{}\r\n", experiment,
                     baseline, csv_field(plan.units[unit].arms[slice.arm].benchmark),
                     plan.units[unit].size ? std::to_string(*plan.units[unit].size) : "",
                     slice.round, slice.block, slice.position, csv_field(metrics[unit]),
                     slice.value, slice.real_time_ns);
  }
  return text;
}

/// What a test report makes of a verdict: a refuted claim is an answer, as a supported one is.
const char* test_outcome(Verdict verdict) {
  switch (verdict) {
    case Verdict::kInvalid:
    case Verdict::kFailed:
      return "failure";
    case Verdict::kInconclusive:
    case Verdict::kNotRun:
      return "skipped";
    default:
      return "";
  }
}

bool has_error(const ExperimentVerdict& result) {
  return std::ranges::any_of(result.comparisons, [](const ComparisonVerdict& part) {
    return part.failure && *part.failure != FailureKind::kNotRun;
  });
}

void append_case(pugi::xml_node suite, const ExperimentVerdict& result, const Plan& plan) {
  const Experiment& entry = result.experiment;
  pugi::xml_node test = suite.append_child("testcase");
  test.append_attribute("classname") = entry.family().c_str();
  test.append_attribute("name") = entry.id.c_str();
  test.append_attribute("time") = "0";
  const std::string outcome = has_error(result) ? "error" : test_outcome(result.verdict);
  const std::string found = fmt::format("{}: {}, where the rule is {}", name_of(result.verdict),
                                        measured(result, plan), describe(entry));
  if (!outcome.empty()) {
    pugi::xml_node child = test.append_child(outcome.c_str());
    child.append_attribute("message") =
        xml_text(result.why.empty() ? std::string(name_of(result.verdict)) : result.why).c_str();
    if (outcome != "skipped") child.append_attribute("type") = name_of(result.verdict);
  }
  test.append_child("system-out")
      .append_child(pugi::node_pcdata)
      .set_value(xml_text(fmt::format("{}\n{}", entry.claim, found)).c_str());
}

/// A suite a family. A refuted claim passes, an inconclusive one or one not run is skipped.
std::string junit(const Run& run, const RunVerdicts& verdicts) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("testsuites");
  root.append_attribute("name") = ("assay " + run.manifest.run_id).c_str();
  std::map<std::string, pugi::xml_node> suites;
  for (const auto& result : verdicts.experiments) {
    const std::string family = result.experiment.family();
    auto& suite = suites[family];
    if (!suite) {
      suite = root.append_child("testsuite");
      suite.append_attribute("name") = family.c_str();
      suite.append_attribute("timestamp") = run.manifest.started_at.substr(0, 19).c_str();
    }
    append_case(suite, result, run.manifest.plan);
  }
  for (auto& [family, suite] : suites) append_counts(suite);
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

/// Median and median absolute deviation of a benchmark's slices, ns an iteration. A benchmark that
/// failed has none, whatever it gave before.
struct Latency {
  double median = 0;
  double deviation = 0;
  std::size_t slices = 0;
};

std::map<std::string, Latency> latencies(const Run& run) {
  const Plan& plan = run.manifest.plan;
  std::map<std::string, std::vector<double>> times;
  for (std::size_t unit = 0; unit < plan.units.size(); ++unit)
    for (const Slice& slice : run.collected.slices[unit])
      times[plan.units[unit].arms[slice.arm].benchmark].push_back(slice.real_time_ns);
  for (const auto& failure : run.collected.events.failures) times.erase(failure.benchmark);
  std::map<std::string, Latency> found;
  for (auto& [benchmark, values] : times) {
    const double middle = median(values);
    for (double& value : values) value = std::abs(value - middle);
    const std::size_t slices = values.size();
    found[benchmark] = {middle, median(std::move(values)), slices};
  }
  return found;
}

void append_bencher(Json& results, const std::string& name, const std::string& measure,
                    double value, const Ends& ends) {
  if (!std::isfinite(value)) return;
  Json metric = {{"value", value}};
  if (ends.low) metric["lower_value"] = *ends.low;
  if (ends.high) metric["upper_value"] = *ends.high;
  results[name][measure] = metric;
}

std::string bencher(const Run& run, const RunVerdicts& verdicts) {
  Json results = Json::object();
  for (const auto& result : verdicts.experiments) {
    if (result.comparisons.empty() || result.comparisons[result.headline].failure) continue;
    const Estimate& found = result.comparisons[result.headline].estimate;
    append_bencher(results, result.experiment.id, quantity(result.experiment), found.value,
                   bounded_ends(result.experiment, found.interval));
  }
  for (const auto& [benchmark, latency] : latencies(run))
    append_bencher(
        results, benchmark, "latency", latency.median,
        {.low = latency.median - latency.deviation, .high = latency.median + latency.deviation});
  return results.dump(2) + "\n";
}

/// github-action-benchmark's customSmallerIsBetter: times alone, as it knows one direction a file.
std::string github_benchmark(const Run& run, const RunVerdicts& /*verdicts*/) {
  Json results = Json::array();
  for (const auto& [benchmark, latency] : latencies(run))
    results.push_back({{"name", benchmark},
                       {"unit", "ns/iter"},
                       {"value", latency.median},
                       {"range", "± " + number(latency.deviation)},
                       {"extra", fmt::format("median of {} slices; run {}", latency.slices,
                                             run.manifest.run_id)}});
  return results.dump(2) + "\n";
}

std::string escaped_label(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '\\' || c == '"') escaped += '\\';
    if (c == '\n')
      escaped += "\\n";
    else
      escaped += c;
  }
  return escaped;
}

/// A gauge of every comparison of which `value` knows one; nothing if it knows none.
template <typename Value>
std::string gauge(const Run& run, const RunVerdicts& verdicts, std::string_view name,
                  std::string_view help, Value value) {
  std::string samples;
  for (const auto& result : verdicts.experiments)
    for (const auto& part : result.comparisons) {
      const std::optional<double> known = value(result.experiment, part.estimate);
      if (!known || !std::isfinite(*known) || part.failure) continue;
      const Comparison& comparison = run.manifest.plan.comparisons[part.comparison];
      samples += fmt::format(
          "{}{{run=\"{}\",id=\"{}\",quantity=\"{}\",baseline=\"{}\",candidate=\"{}\"}} {}\n", name,
          escaped_label(run.manifest.run_id), escaped_label(result.experiment.id),
          escaped_label(quantity(result.experiment)), escaped_label(comparison.baseline),
          escaped_label(comparison.candidate), *known);
    }
  if (samples.empty()) return "";
  return fmt::format("# TYPE {0} gauge\n# HELP {0} {1}\n{2}", name, help, samples);
}

std::string open_metrics(const Run& run, const RunVerdicts& verdicts) {
  using Known = std::optional<double>;
  std::string text =
      gauge(run, verdicts, "assay_effect", "What was measured; quantity says what it is.",
            [](const Experiment&, const Estimate& found) { return Known(found.value); });
  text += gauge(run, verdicts, "assay_effect_low", "Lower end of the interval.",
                [](const Experiment& entry, const Estimate& found) {
                  return bounded_ends(entry, found.interval).low;
                });
  text += gauge(run, verdicts, "assay_effect_high", "Upper end of the interval.",
                [](const Experiment& entry, const Estimate& found) {
                  return bounded_ends(entry, found.interval).high;
                });
  text += gauge(run, verdicts, "assay_rounds", "Complete rounds.",
                [](const Experiment&, const Estimate& found) {
                  return Known(static_cast<double>(found.rounds.size()));
                });
  if (!verdicts.experiments.empty())
    text += "# TYPE assay_verdict stateset\n# HELP assay_verdict The answer to an entry.\n";
  for (const auto& result : verdicts.experiments)
    for (const Verdict verdict : kAllVerdicts)
      text += fmt::format("assay_verdict{{run=\"{}\",id=\"{}\",assay_verdict=\"{}\"}} {}\n",
                          escaped_label(run.manifest.run_id), escaped_label(result.experiment.id),
                          name_of(verdict), result.verdict == verdict ? 1 : 0);
  return text + "# EOF\n";
}

}  // namespace

const std::vector<ExportFormat>& export_formats() {
  static const std::vector<ExportFormat> formats = {
      {"csv", "verdicts, a line a comparison", verdicts_csv},
      {"slices", "CSV of every slice", slices_csv},
      {"junit", "JUnit XML: refuted passes, inconclusive is skipped, invalid fails", junit},
      {"bencher", "Bencher's metric format", bencher},
      {"github-action-benchmark", "median times, for its tool customSmallerIsBetter",
       github_benchmark},
      {"openmetrics", "OpenMetrics text", open_metrics},
  };
  return formats;
}

const ExportFormat* export_format(std::string_view name) {
  const auto& formats = export_formats();
  const auto found = std::ranges::find(formats, name, &ExportFormat::name);
  return found == formats.end() ? nullptr : &*found;
}

}  // namespace assay
