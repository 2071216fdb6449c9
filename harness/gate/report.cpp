#include "gate/report.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <pugixml.hpp>
#include <sstream>

#include "register/register.hpp"
#include "report/format.hpp"
#include "report/json_values.hpp"
#include "report/junit.hpp"

namespace assay {

using GateJson = nlohmann::ordered_json;

namespace {

std::string value_text(double value, const std::string& metric) {
  if (std::isnan(value)) return "?";
  if (!is_time(metric)) return number(value);
  constexpr std::array<const char*, 4> kUnits = {"ns", "us", "ms", "s"};
  constexpr double kStep = 1000;
  std::size_t unit = 0;
  for (; unit + 1 < kUnits.size() && value >= kStep; ++unit) value /= kStep;
  return fmt::format("{} {}", number(value), kUnits.at(unit));
}

std::string name_with_metric(const GateResult& result) {
  return result.metric == "real_time" ? result.benchmark
                                      : fmt::format("{} ({})", result.benchmark, result.metric);
}

std::string verdict_text(const GateResult& result) {
  return name_of(result.verdict, is_time(result.metric));
}

bool is_known(const GateResult& result) {
  return result.verdict != GateVerdict::kNotRun && !std::isnan(result.change);
}

/// What qualifies a result, in a few words.
std::string note_of(const GateResult& result) {
  std::string note = result.why;
  const auto add = [&](const std::string& text) { note += (note.empty() ? "" : "; ") + text; };
  if (result.is_layout_sized)
    add(fmt::format("layout-sized: relinks of the same code differ by {:.1f}%",
                    100 * (std::exp(2 * result.layout_sigma.value_or(0)) - 1)));
  if (is_weak(result.evidence)) add(fmt::format("weak evidence: {}", name_of(result.evidence)));
  if (!result.is_gated) add("shown only");
  if (result.instructions && result.metric != "instructions")
    add(fmt::format("instructions {}", percent_text(*result.instructions)));
  return note;
}

std::size_t count(const GateReport& report, GateVerdict verdict) {
  return static_cast<std::size_t>(
      std::ranges::count(report.results, verdict, &GateResult::verdict));
}

std::string counts(const GateReport& report) {
  std::string text;
  for (const GateVerdict verdict :
       {GateVerdict::kWorse, GateVerdict::kBetter, GateVerdict::kSame, GateVerdict::kUnclear,
        GateVerdict::kInvalid, GateVerdict::kNotRun})
    if (const auto n = count(report, verdict); n > 0)
      text += fmt::format("{}{} {}", text.empty() ? "" : ", ", n, name_of(verdict, true));
  return text.empty() ? "nothing to compare" : text;
}

std::vector<GateResult> sorted(const GateReport& report) {
  std::vector<GateResult> results = report.results;
  sort_worst_first(results);
  return results;
}

}  // namespace

std::string change_text(const GateResult& result) {
  if (!is_known(result)) return "";
  if (result.interval.is_empty() || result.interval.low <= 0 ||
      (std::isinf(result.interval.high) && !std::isinf(result.change)))
    return fmt::format("{} [not bounded]", percent_text(result.change));
  return fmt::format("{} [{}, {}]", percent_text(result.change), percent_text(result.interval.low),
                     percent_text(result.interval.high));
}

std::string headline(const GateReport& report, bool is_strict) {
  const auto regressions = std::ranges::count_if(report.results, is_regression);
  std::string answer = "no regression";
  switch (exit_code_of(report, is_strict)) {
    case ExitCode::kRegression:
      answer = fmt::format("{} regression{}", regressions, regressions == 1 ? "" : "s");
      break;
    case ExitCode::kInstrument:
      answer = "no regression found, but a benchmark failed";
      break;
    case ExitCode::kInvalid:
      answer = "no answer for all benchmarks";
      break;
    case ExitCode::kInterrupted:
      answer = fmt::format("interrupted, {} regression{} so far", regressions,
                           regressions == 1 ? "" : "s");
      break;
    default:
      break;
  }
  std::string text = fmt::format("{}: {}", answer, counts(report));
  if (!report.removed.empty()) text += fmt::format("; {} removed", report.removed.size());
  if (!report.added.empty()) text += fmt::format("; {} added", report.added.size());
  return text;
}

namespace {

const char* colour_of(const GateResult& result) {
  switch (result.verdict) {
    case GateVerdict::kWorse:
      return is_regression(result) ? "31" : "33";
    case GateVerdict::kBetter:
      return "36";
    case GateVerdict::kSame:
      return "32";
    case GateVerdict::kInvalid:
      return "31";
    case GateVerdict::kUnclear:
    case GateVerdict::kNotRun:
      return "33";
  }
  return "0";
}

std::string unpaired_text(const Unpaired& of, const char* what) {
  return fmt::format("{} {}{}", what, of.benchmark,
                     of.maybe.empty() ? "" : fmt::format(" (renamed? resembles {})", of.maybe));
}

}  // namespace

std::string terminal_table(const GateReport& report, bool shows_all,
                           std::string (*colour)(const std::string&, const char*)) {
  const std::vector<GateResult> results = sorted(report);
  std::size_t width = 0, change_width = 0, same = 0;
  const auto is_shown = [&](const GateResult& result) {
    return shows_all || result.verdict != GateVerdict::kSame;
  };
  for (const auto& result : results) {
    if (!is_shown(result)) continue;
    width = std::max(width, name_with_metric(result).size());
    change_width = std::max(change_width, change_text(result).size());
  }
  std::string table;
  const auto out = std::back_inserter(table);
  for (const auto& result : results) {
    if (!is_shown(result)) {
      ++same;
      continue;
    }
    const std::string values =
        is_known(result) ? fmt::format("{} -> {}", value_text(result.baseline, result.metric),
                                       value_text(result.candidate, result.metric))
                         : "";
    const std::string note = note_of(result);
    fmt::format_to(out, "{}  {:<{}}  {:<{}}  {}{}\n",
                   colour(fmt::format("{:<8}", verdict_text(result)), colour_of(result)),
                   name_with_metric(result), width, change_text(result), change_width, values,
                   note.empty() ? "" : "  (" + note + ")");
  }
  if (same > 0) fmt::format_to(out, "same      {} more (--all lists them)\n", same);
  for (const auto& each : report.removed) table += unpaired_text(each, "removed  ") + "\n";
  for (const auto& each : report.added) table += unpaired_text(each, "added    ") + "\n";
  if (!report.ignored.empty()) fmt::format_to(out, "ignored   {} by rule\n", report.ignored.size());
  for (const auto& failure : report.failures) fmt::format_to(out, "failed    {}\n", failure);
  for (const auto& warning : report.warnings) fmt::format_to(out, "warning: {}\n", warning);
  return table;
}

namespace {

std::string markdown_row(const GateResult& result) {
  const bool is_loud = is_regression(result);
  return fmt::format(
      "| {0}{1}{0} | `{2}` | {3} | {4} | {5} |\n", is_loud ? "**" : "", verdict_text(result),
      cell(name_with_metric(result)), is_known(result) ? change_text(result) : "-",
      is_known(result) ? fmt::format("{} -> {}", value_text(result.baseline, result.metric),
                                     value_text(result.candidate, result.metric))
                       : "-",
      cell(note_of(result)));
}

constexpr const char* kMarkdownHead =
    "| verdict | benchmark | change [interval] | baseline -> candidate | note |\n"
    "|---|---|---|---|---|\n";

/// What the reader may do, for the worst kind of answer that there is.
std::string advice(const GateReport& report, bool is_strict) {
  switch (exit_code_of(report, is_strict)) {
    case ExitCode::kRegression:
      return fmt::format(
          "The slowdowns are real at this machine: the chance of even one false one among all "
          "benchmarks is at most {:g}%. Mend them, or accept them by a wider `margin` for these "
          "benchmarks in the rules file. To see one again: `assay gate --baseline {} --candidate "
          "{} "
          "--filter NAME`.",
          100 * report.alpha, report.baseline, report.candidate);
    case ExitCode::kInstrument:
      return "A benchmark failed; its message stands below. Mend it, and run the gate again.";
    case ExitCode::kInvalid:
      return "Some benchmarks have no answer that can be trusted. Run the gate again on a quieter "
             "machine, or with a greater `--budget`.";
    default:
      return "";
  }
}

}  // namespace

std::string markdown_of(const GateReport& report, bool is_strict) {
  constexpr std::size_t kShown = 20;
  const std::vector<GateResult> results = sorted(report);
  std::string text = fmt::format("### assay gate: {}\n\n", headline(report, is_strict));
  const auto out = std::back_inserter(text);
  if (const std::string what = advice(report, is_strict); !what.empty())
    fmt::format_to(out, "{}\n\n", what);
  std::string loud, folded;
  std::size_t shown = 0;
  for (const auto& result : results) {
    const bool is_quiet =
        result.verdict == GateVerdict::kSame || result.verdict == GateVerdict::kNotRun;
    std::string& place = is_quiet || shown >= kShown ? folded : loud;
    if (!is_quiet) ++shown;
    place += markdown_row(result);
  }
  if (!loud.empty()) fmt::format_to(out, "{}{}\n", kMarkdownHead, loud);
  for (const auto& each : report.removed)
    fmt::format_to(out, "- {}\n", cell(unpaired_text(each, "removed:")));
  for (const auto& each : report.added)
    fmt::format_to(out, "- {}\n", cell(unpaired_text(each, "added:")));
  for (const auto& failure : report.failures) fmt::format_to(out, "- failed: {}\n", cell(failure));
  for (const auto& warning : report.warnings) fmt::format_to(out, "- warning: {}\n", cell(warning));
  if (!report.removed.empty() || !report.added.empty() || !report.failures.empty() ||
      !report.warnings.empty())
    text += "\n";
  fmt::format_to(out, "<details><summary>{} more, and how this was measured</summary>\n\n",
                 std::ranges::count(folded, '\n'));
  if (!folded.empty()) fmt::format_to(out, "{}{}\n", kMarkdownHead, folded);
  fmt::format_to(out,
                 "Baseline `{}`, candidate `{}`; margin {}; alpha {:g} over all benchmarks and "
                 "looks; {:.0f} s; {}; run {}.\n",
                 report.baseline, report.candidate, percent_text(report.margin), report.alpha,
                 report.elapsed_seconds, report.machine, report.run_id);
  for (const auto& control : report.controls)
    fmt::format_to(out, "\n- control `{}` against itself: {} [{}, {}]{}", cell(control.benchmark),
                   percent_text(control.change), percent_text(control.interval.low),
                   percent_text(control.interval.high), control.has_failed ? ": **failed**" : "");
  for (const auto& name : report.ignored) fmt::format_to(out, "\n- ignored: `{}`", cell(name));
  text += "\n\n</details>\n";
  return text;
}

namespace {

/// What becomes of a test case: the name of its child element; empty of one that passed.
std::string junit_state(const GateResult& result, bool is_strict) {
  if (is_regression(result)) return "failure";
  if (!result.is_gated) return "";
  switch (result.verdict) {
    case GateVerdict::kInvalid:
      return "error";
    case GateVerdict::kWorse:
      return is_strict || is_weak(result.evidence) ? "error" : "";
    case GateVerdict::kUnclear:
      return is_strict ? "error" : "skipped";
    case GateVerdict::kNotRun:
      return "skipped";
    case GateVerdict::kSame:
    case GateVerdict::kBetter:
      break;
  }
  return "";
}

void append_gate_case(pugi::xml_node suite, const std::string& name, const std::string& state,
                      const std::string& message) {
  pugi::xml_node test = suite.append_child("testcase");
  test.append_attribute("classname") = "assay.gate";
  test.append_attribute("name") = xml_text(name).c_str();
  if (state.empty())
    test.append_child("system-out")
        .append_child(pugi::node_pcdata)
        .set_value(xml_text(message).c_str());
  else
    test.append_child(state.c_str()).append_attribute("message") = xml_text(message).c_str();
}

}  // namespace

std::string junit_of(const GateReport& report, bool is_strict) {
  pugi::xml_document document;
  pugi::xml_node suite = document.append_child("testsuite");
  suite.append_attribute("name") = "assay gate";
  for (const auto& result : sorted(report))
    append_gate_case(
        suite, name_with_metric(result), junit_state(result, is_strict),
        fmt::format("{} {} {}", verdict_text(result), change_text(result), note_of(result)));
  for (const auto& each : report.removed)
    append_gate_case(suite, each.benchmark, is_strict ? "error" : "skipped",
                     unpaired_text(each, "removed"));
  for (const auto& failure : report.failures)
    append_gate_case(suite, "executable", "error", failure);
  if (report.was_interrupted) append_gate_case(suite, "the whole gate", "error", "interrupted");
  // What holds of the whole, as that nothing at all was bounded, is no benchmark's state.
  const ExitCode code = exit_code_of(report, is_strict);
  const JunitCounts so_far = counts_of(suite);
  if (code != ExitCode::kDone && so_far.failures + so_far.errors == 0)
    append_gate_case(suite, "the whole gate", "error", headline(report, is_strict));
  append_counts(suite);
  suite.append_attribute("time") = fmt::format("{:.3f}", report.elapsed_seconds).c_str();
  suite.append_attribute("timestamp") = xml_text(report.started_at).c_str();
  std::ostringstream text;
  document.save(text, "  ");
  return text.str();
}

std::string annotations_of(const GateReport& report) {
  const auto escaped = [](std::string text) {
    for (const auto& [from, to] :
         {std::pair("%", "%25"), std::pair("\r", "%0D"), std::pair("\n", "%0A")})
      for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += 3)
        text.replace(at, 1, to);
    return text;
  };
  std::string lines;
  const auto out = std::back_inserter(lines);
  for (const auto& result : sorted(report)) {
    const bool is_warning = result.is_gated && (result.verdict == GateVerdict::kInvalid ||
                                                result.verdict == GateVerdict::kWorse);
    if (!is_regression(result) && !is_warning) continue;
    fmt::format_to(
        out, "::{} title=assay gate::{}\n", is_regression(result) ? "error" : "warning",
        escaped(fmt::format("{}: {} {} {}", name_with_metric(result), verdict_text(result),
                            change_text(result), note_of(result))));
  }
  return lines;
}

namespace {

GateJson result_json(const GateResult& result) {
  GateJson value = {
      {"benchmark", result.benchmark},
      {"metric", result.metric},
      {"verdict", verdict_text(result)},
      {"why", result.why},
      {"is_regression", is_regression(result)},
      {"margin", result.margin},
      {"baseline", finite(result.baseline)},
      {"candidate", finite(result.candidate)},
      {"change", finite(result.change)},
      {"interval", GateJson::array({finite(result.interval.low), finite(result.interval.high)})},
      {"rounds", result.rounds},
      {"evidence", name_of(result.evidence)},
      {"is_weak", is_weak(result.evidence)},
      {"is_gated", result.is_gated},
      {"is_layout_sized", result.is_layout_sized}};
  value["layout_sigma"] = result.layout_sigma ? GateJson(*result.layout_sigma) : GateJson();
  value["instructions_change"] = result.instructions ? GateJson(*result.instructions) : GateJson();
  return value;
}

GateJson unpaired_json(const std::vector<Unpaired>& unpaired) {
  GateJson list = GateJson::array();
  for (const auto& each : unpaired)
    list.push_back({{"benchmark", each.benchmark},
                    {"maybe", each.maybe.empty() ? GateJson() : GateJson(each.maybe)}});
  return list;
}

}  // namespace

GateJson to_json(const GateReport& report, bool is_strict) {
  GateJson results = GateJson::array(), controls = GateJson::array();
  for (const auto& result : sorted(report)) results.push_back(result_json(result));
  for (const auto& control : report.controls)
    controls.push_back({{"benchmark", control.benchmark},
                        {"has_failed", control.has_failed},
                        {"change", finite(control.change)},
                        {"interval", GateJson::array({finite(control.interval.low),
                                                      finite(control.interval.high)})}});
  return {{"schema", "assay-gate/1"},
          {"run_id", report.run_id},
          {"started_at", report.started_at},
          {"baseline", report.baseline},
          {"candidate", report.candidate},
          {"machine", report.machine},
          {"fingerprint", report.fingerprint},
          {"alpha", report.alpha},
          {"margin", report.margin},
          {"elapsed_seconds", report.elapsed_seconds},
          {"exit_code", static_cast<int>(exit_code_of(report, is_strict))},
          {"headline", headline(report, is_strict)},
          {"results", results},
          {"added", unpaired_json(report.added)},
          {"removed", unpaired_json(report.removed)},
          {"ignored", report.ignored},
          {"controls", controls},
          {"failures", report.failures},
          {"warnings", report.warnings}};
}

std::string json_text(const GateReport& report, bool is_strict) {
  return to_json(report, is_strict).dump(1, ' ', false, GateJson::error_handler_t::replace) + "\n";
}

}  // namespace assay
