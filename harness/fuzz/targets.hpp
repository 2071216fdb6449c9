#pragma once

/// What the fuzzers run, so that the unit tests can replay the corpus under any compiler. Beyond
/// not crashing, each input must leave the parsers' promises true; a broken one throws.

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <string>
#include <string_view>

#include "gate/google_json.hpp"
#include "gate/rules.hpp"
#include "record/machine_code.hpp"
#include "record/manifest.hpp"
#include "record/raw_file.hpp"
#include "record/slice.hpp"
#include "register/parse.hpp"
#include "testing/raw_records.hpp"
#include "verdict/calibration.hpp"
#include "verdict/judge.hpp"

namespace assay::fuzz {

inline void require(bool holds, const char* promise) {
  if (!holds) throw std::logic_error(promise);
}

/// "register.md:12: ..." or "register.md" -> 12 or 0.
inline std::size_t line_in(std::string_view where) {
  const auto colon = where.find(':');
  std::size_t line = 0;
  if (colon != std::string_view::npos)
    std::from_chars(where.data() + colon + 1, where.data() + where.size(), line);
  return line;
}

/// Every error names a line of the file; without errors every entry can be described and judged.
inline void run_register(std::string_view text) {
  const ParsedRegister parsed = parse_register("register.md", text);
  std::size_t lines = 1;
  for (const char c : text) lines += c == '\n' || c == '\r' ? 1 : 0;
  for (const auto& error : parsed.errors) {
    require(error.where.starts_with("register.md"), "an error names the file");
    require(line_in(error.where) <= lines, "an error names a line of the file");
    require(!error.what.empty(), "an error says what is wrong");
  }
  if (!parsed.errors.empty()) return;
  const Selection all = select(parsed.reg, {});
  require(!all.experiments.empty(), "a register without errors has an experiment");
  for (const auto& entry : all.experiments) {
    require(!describe(entry).empty(), "a rule can be described");
    require(!benchmarks_of(entry).empty(), "an experiment needs a benchmark");
    const bool decided = is_decided(entry, parsed.reg.settings, everything());
    require(!decided, "nothing is decided without data");
    require(judge_rule(entry, everything()) == Verdict::kInconclusive,
            "nothing is concluded without data");
  }
}

/// A slice is what a document built of the whole line says, to the last of equal keys.
inline void check_slice(std::string_view line) {
  const std::vector<std::string> metrics = {"real_time", "bytes", "cpu_time"};
  const auto slice = SliceReader(metrics).read(line);
  const auto record = nlohmann::json::parse(line, nullptr, false);
  const bool is_object = record.is_object();
  require(is_object == (slice || slice.error().what != "not a JSON object"),
          "what is no object is refused as such");
  if (!slice) return;
  require(slice->unit < metrics.size(), "a slice belongs to a unit");
  require(record["unit"] == slice->unit && record["arm"] == slice->arm &&
              record["round"] == slice->round && record["block"] == slice->block &&
              record["position"] == slice->position,
          "a slice stands where its record says");
  require(metric_in(record, metrics[slice->unit]) == slice->value &&
              metric_in(record, "real_time") == slice->real_time_ns,
          "a slice has the values of its record");
}

/// Whatever the pieces that it comes in, the file is cut into the same records, which lie in it in
/// order; cutting the file keeps the records before the cut.
inline void run_raw(std::string_view text) {
  const auto scan = [](std::string_view part, std::size_t piece_size) {
    return examples::records_in(part, "raw.json", "fuzz", piece_size);
  };
  const auto found = scan(text, text.size() + 1);
  require(is_same(found, scan(text, 1)) && is_same(found, scan(text, 61)), "pieces do not matter");
  if (!found) {
    require(found.error().code == ExitCode::kData, "a foreign file is an error of data");
    return;
  }
  std::size_t end = 0;
  for (const auto& record : found->texts) {
    const auto begin = text.find(record, end);
    require(begin != std::string_view::npos, "records lie in order");
    end = begin + record.size();
    check_slice(record);
  }
  require(found->extent.records == found->texts.size(), "the records are counted");
  require(end <= found->extent.body_size && found->extent.body_size <= text.size(),
          "the records lie in the body");
  if (found->texts.empty()) return;
  const auto whole = found->extent.body_size - found->texts.back().size();
  const auto part = text.substr(0, whole + found->texts.back().size() / 2);
  const auto cut = scan(part, part.size());
  require(cut.has_value(), "a cut file can be read");
  require(cut->texts.size() + 1 >= found->texts.size(), "records before a cut are kept");
}

/// One entry of every kind, for the plans that a fuzzed run.json may hold.
inline const Register& judged_register() {
  static const Register kRegister = [] {
    const auto entry = [](std::string_view id, std::string_view keys) {
      return fmt::format(
          "```toml\nid = \"{}\"\nclaim = \"c\"\nsource = \"s\"\ncandidate = \"f/b{}\"\n{}\n"
          "means = {{ supported = \"s\", equivalent = \"e\", refuted = \"r\" }}\n```\n",
          id, id == "L" || id == "X" ? "/{size}" : "", keys);
    };
    const std::string text = entry("S", R"(baseline = "f/a"
rule = { kind = "superiority", threshold = 2 })") +
                             entry("E", R"(baseline = ["f/a", "f/c"]
rule = { kind = "equivalence", margin = 1.1 })") +
                             entry("B", R"(metric = "bytes"
rule = { kind = "bound", at_most = 5 })") +
                             entry("L", R"(sizes = [1, 2, 4]
rule = { kind = "slope", expected = 1, margin = 0.1 })") +
                             entry("X", R"(baseline = "f/a/{size}"
sizes = [1, 2, 4]
rule = { kind = "crossover", at_most = 3 })") +
                             entry("T", R"(baseline = ["f/a", "f/c"]
rule = { kind = "limit", at_least = 0.9 })") +
                             entry("H", R"(rule = { kind = "behaviour" })") +
                             entry("W", R"(rule = { kind = "witness" }
witness = { candidate = { function = "f", has = "a", lacks = "b", loop = true } })");
    ParsedRegister parsed = parse_register("judged.md", text);
    require(parsed.errors.empty(), "the register of this file is sound");
    return std::move(parsed.reg);
  }();
  return kRegister;
}

/// The first line is run.json, the rest the event log. What can be read can be written and read
/// again to the same, and judged.
inline void run_run(std::string_view text) {
  const auto split = std::min(text.find('\n'), text.size());
  const std::string_view head = text.substr(0, split);
  const std::string_view log = split < text.size() ? text.substr(split + 1) : "";
  const auto events = events_from(log, "events.jsonl");
  require(events || events.error().where.starts_with("events.jsonl:"), "an error names its line");
  const auto manifest = manifest_from(nlohmann::json::parse(head, nullptr, false), "run.json");
  if (!manifest) {
    require(manifest.error().code == ExitCode::kData, "a foreign file is an error of data");
    return;
  }
  const nlohmann::json written = to_json(*manifest);
  const auto again = manifest_from(written, "run.json");
  require(again.has_value() && to_json(*again) == written, "a manifest survives the round trip");
  if (!events) return;
  SlicesByUnit slices(manifest->plan.units.size());
  for (std::uint32_t unit = 0; unit < slices.size(); ++unit)
    for (std::uint32_t block = 0; block < std::min(manifest->plan.units[unit].blocks, 4U); ++block)
      for (std::uint16_t i = 0;
           i < 2 * std::min<std::size_t>(manifest->plan.units[unit].arms.size(), 100); ++i)
        slices[unit].push_back(
            {unit, static_cast<std::uint16_t>(i / 2), 0, block, i, 1.0 + i, 1.0});
  const RunVerdicts verdicts = judge(*manifest, judged_register(), {slices, {}, *events});
  require(verdicts.experiments.size() <= judged_register().experiments.size(),
          "no verdict without an entry");
}

/// What can be read of a machine_code file can be written and read again to the same, its hot loop
/// lies inside, and every demand on it has an answer.
inline void run_code(std::string_view text) {
  const auto code = function_code_from(text, "x.s");
  if (!code) {
    require(code.error().code == ExitCode::kData, "a foreign file is an error of data");
    return;
  }
  const auto again = function_code_from(to_text(*code), "x.s");
  require(again && again->instructions == code->instructions && again->listing == code->listing,
          "a listing survives the round trip");
  const CodeRange loop = hot_loop(code->instructions);
  require(loop.first < loop.end && loop.end <= code->instructions.size(),
          "the hot loop lies in the function");
  for (const auto& instruction : code->instructions) {
    const bool is_empty = relative_text(instruction, code->instructions).empty();
    require(!instruction.text.empty() && !is_empty, "an instruction has a text");
  }
}

/// The ledger and the calibration, whose lines are told apart by the reader alone. What a
/// calibration holds can be pooled, and the pool survives the round trip.
inline void run_lines(std::string_view text) {
  Manifest manifest;
  manifest.machine = {{"fingerprint", "here"}};
  manifest.entry_hashes = {{"S", "0"}};
  const auto earlier = earlier_runs(text, "lines", manifest);
  require(earlier || earlier.error().where.starts_with("lines:"), "an error names its line");
  const auto trials = trials_from(text, "lines");
  require(trials || trials.error().where.starts_with("lines:"), "an error names its line");
  if (!trials) return;
  const auto pooled = summarise(*trials, "here", "");
  if (!pooled) return;
  const nlohmann::json written = to_json(*pooled);
  require(to_json(calibration_summary_from(written)) == written, "a pool survives the round trip");
}

/// Rules of the gate: what is accepted means something for every benchmark.
inline void run_rules(std::string_view text) {
  GateRules rules;
  if (const auto parsed = parse_rules(text, "gate.toml", rules); !parsed) {
    require(parsed.error().code == ExitCode::kUsage, "a wrong rule is an error of usage");
    require(parsed.error().where.starts_with("gate.toml"), "an error names the file");
    require(!parsed.error().what.empty(), "an error says what is wrong");
    return;
  }
  require(rules.alpha > 0 && rules.alpha < 1, "a level is a chance");
  for (const char* name : {"", "a", "parse/old/1"}) {
    const BenchmarkRule rule = rule_for(rules, name);
    require(rule.margin > 1 && std::isfinite(rule.margin), "a margin is above nothing");
    require(!rule.metrics.empty(), "something is compared");
  }
}

/// What Google Benchmark's own main writes: every record has a name, and of one name a median.
inline void run_suite(std::string_view text) {
  const auto runs = runs_in(text, "suite.json");
  if (!runs) {
    require(runs.error().code == ExitCode::kData, "a foreign file is an error of data");
    require(runs.error().where.starts_with("suite.json"), "an error names the file");
    return;
  }
  std::map<std::string, std::vector<nlohmann::json>> by_name;
  for (const auto& record : runs->records) by_name[plain_name(record)].push_back(record);
  for (const auto& [name, records] : by_name) {
    const auto median = median_record(records, name, "suite.json");
    require(median || median.error().code == ExitCode::kInstrument, "a time that is none is told");
    if (median) require(reported_by(*median)("real_time"), "a median has a time");
  }
}

}  // namespace assay::fuzz
