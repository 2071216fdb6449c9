#include "report/report_data.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "report/code_columns.hpp"
#include "report/format.hpp"
#include "report/json_values.hpp"
#include "report/report.hpp"
#include "text.hpp"

namespace assay {

namespace {

using kainjow::mustache::data;
using nlohmann::json;

data list() {
  return data(data::type::list);
}

data flag(bool value) {
  return data(value ? data::type::bool_true : data::type::bool_false);
}

/// GitHub's anchor of a heading.
std::string anchor(std::string_view heading) {
  std::string result;
  for (const char c : heading) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || c == '-' || c == '_')
      result += static_cast<char>(std::tolower(byte));
    else if (c == ' ')
      result += '-';
  }
  return result;
}

const ComparisonVerdict& headline(const ExperimentVerdict& result) {
  return result.comparisons[result.headline];
}

std::string overstated(const ExperimentVerdict& result) {
  const auto& factor = result.scored.overstated;
  return factor && std::isfinite(*factor) ? number(*factor) + "x" : "-";
}

std::string compiler_of(const Run& run) {
  for (const auto& instrument : run.manifest.instruments)
    if (instrument.contains("context") && instrument["context"].contains("assay_compiler"))
      return plain_text(instrument["context"]["assay_compiler"]);
  return "unknown compiler";
}

std::string percent(double share) {
  return fmt::format("{:.2g}%", 100 * share);
}

/// For Markdown, whatever the text holds.
std::string as_code(const std::string& text) {
  return text.find('`') == std::string::npos ? fmt::format("`{}`", text)
                                             : fmt::format("`` {} ``", text);
}

data claim_row(const ExperimentVerdict& result, const Plan& plan) {
  const Experiment& entry = result.experiment;
  data row;
  row.set("id", entry.id);
  row.set("anchor", anchor(entry.id));
  row.set("claim", entry.claim);
  row.set("predicted", predictions(entry));
  row.set("measured", measured(result, plan));
  row.set("verdict", std::string(name_of(result.verdict)));
  row.set("labels", labels(result, plan));
  row.set("overstated", overstated(result));
  return row;
}

constexpr Verdict kClaimVerdicts[] = {Verdict::kSupported,  Verdict::kRefuted,
                                      Verdict::kEquivalent, Verdict::kInconclusive,
                                      Verdict::kInvalid,    Verdict::kNotRun};

/// The families in the register's order: how many of their claims got which verdict, and the
/// claims.
data family_rows(const Run& run, const RunVerdicts& verdicts) {
  std::vector<std::string> names;
  std::map<std::string, std::vector<const ExperimentVerdict*>> by_family;
  for (const auto& result : verdicts.experiments) {
    if (result.experiment.is_control()) continue;
    auto& family = by_family[result.experiment.family()];
    if (family.empty()) names.push_back(result.experiment.family());
    family.push_back(&result);
  }
  data rows = list();
  for (const auto& name : names) {
    const auto& results = by_family[name];
    data counts = list(), claims = list();
    for (const Verdict verdict : kClaimVerdicts) {
      const auto count = std::ranges::count(results, verdict, &ExperimentVerdict::verdict);
      counts << data("count", count == 0 ? std::string("-") : std::to_string(count));
    }
    for (const auto* result : results) claims << claim_row(*result, run.manifest.plan);
    data row;
    row.set("family", name);
    row.set("total", std::to_string(results.size()));
    row.set("counts", counts);
    row.set("claims", claims);
    rows << row;
  }
  return rows;
}

/// The refuted claims whose predictions lie furthest from what was measured: of each number in the
/// register ("BIND-1") the furthest, at most ten.
data furthest_rows(const Run& run, const RunVerdicts& verdicts) {
  constexpr std::size_t kMost = 10;
  std::vector<std::pair<double, const ExperimentVerdict*>> refuted;
  for (const auto& result : verdicts.experiments) {
    const auto& factor = result.scored.overstated;
    if (result.experiment.is_control() || result.verdict != Verdict::kRefuted) continue;
    if (factor && std::isfinite(*factor) && *factor > 0)
      refuted.emplace_back(-std::abs(std::log(*factor)), &result);
  }
  std::ranges::sort(refuted);  // of equals, the register's first
  data rows = list();
  std::set<std::string> numbered;
  for (const auto& [distance, result] : refuted) {
    const std::string& id = result->experiment.id;
    if (numbered.size() < kMost && numbered.insert(id.substr(0, id.find('/'))).second)
      rows << claim_row(*result, run.manifest.plan);
  }
  return rows;
}

/// Where candidates begin to pay: a row a crossover that was measured.
data crossover_rows(const Run& run, const RunVerdicts& verdicts) {
  data rows = list();
  for (const auto& result : verdicts.experiments)
    if (result.experiment.rule.kind == RuleKind::kCrossover && !result.comparisons.empty()) {
      const Comparison& comparison = run.manifest.plan.comparisons[headline(result).comparison];
      data row = claim_row(result, run.manifest.plan);
      row.set("baseline", as_code(comparison.baseline));
      row.set("candidate", as_code(comparison.candidate));
      row.set("sizes", fmt::format("{} to {}", std::ranges::min(result.experiment.sizes),
                                   std::ranges::max(result.experiment.sizes)));
      rows << row;
    }
  return rows;
}

data control_rows(const Run& run, const RunVerdicts& verdicts) {
  data rows = list();
  for (const auto& result : verdicts.experiments) {
    const Experiment& entry = result.experiment;
    if (!entry.is_control()) continue;
    data row;
    row.set("id", entry.id);
    row.set("claim", entry.claim);
    row.set("guards", fmt::format("{}", fmt::join(entry.guards, ", ")));
    row.set("truth", effect(entry, *entry.rule.expected));
    row.set("margin", number(*entry.rule.margin));
    row.set("measured", measured(result, run.manifest.plan));
    row.set("rounds", std::to_string(headline(result).estimate.rounds.size()));
    row.set("verdict", std::string(name_of(result.verdict)));
    row.set("why", result.why);
    rows << row;
  }
  return rows;
}

data not_run_rows(const Run& run, const RunVerdicts& verdicts) {
  data rows = list();
  const auto add = [&](const std::string& what, const std::string& why) {
    data row;
    row.set("what", what);
    row.set("why", why);
    rows << row;
  };
  for (const auto& result : verdicts.experiments)
    if (result.verdict == Verdict::kNotRun) add(result.experiment.id, result.why);
  std::set<std::string> measured_ids;
  for (const auto& result : verdicts.experiments) measured_ids.insert(result.experiment.id);
  for (const auto& entry : run.reg.experiments)
    if (!measured_ids.contains(entry.id)) add(entry.id, "not selected for this run");
  for (const auto& failure : run.collected.events.failures)
    if (failure.kind != FailureKind::kNotRun)
      add(failure.benchmark, fmt::format("failed in round {}: {}", failure.round, failure.what));
  return rows;
}

data null_rows(const CalibrationSummary& calibration) {
  data rows = list();
  for (const auto& pool : calibration.nulls) {
    data row;
    row.set("kernel", pool.kernel);
    row.set("n", std::to_string(pool.n));
    row.set("different", std::to_string(pool.different));
    row.set("bound", percent(pool.different_at_most));
    row.set("equivalent", std::to_string(pool.equivalent_in_5_s));
    row.set("rounds", number(pool.median_rounds));
    row.set("half_width",
            std::isfinite(pool.median_half_width) ? percent(pool.median_half_width) : "-");
    row.set("seconds",
            pool.median_seconds_to_1_percent ? number(*pool.median_seconds_to_1_percent) : "-");
    rows << row;
  }
  return rows;
}

std::string of_offered(const Found& found) {
  return found.n == 0 ? "-" : fmt::format("{} of {}", found.found, found.n);
}

data positive_rows(const CalibrationSummary& calibration) {
  data rows = list();
  for (const auto& pool : calibration.positives) {
    data row;
    row.set("kernel", pool.kernel);
    row.set("extra", percent(pool.extra));
    row.set("measured", pool.median_ratio ? number(*pool.median_ratio) + "x" : "-");
    row.set("short", of_offered(pool.in_5_s));
    row.set("long", of_offered(pool.in_15_s));
    row.set("wrong", std::to_string(pool.wrong_sign));
    row.set("covered", fmt::format("{} of {}", pool.interval_holds_truth, pool.n));
    rows << row;
  }
  return rows;
}

/// Everything that was measured under one disturbance, in one row.
data disturbed_rows(const std::map<std::string, CalibrationSummary>& disturbed) {
  data rows = list();
  for (const auto& [name, summary] : disturbed) {
    NullPool nulls;
    for (const auto& pool : summary.nulls) {
      nulls.n += pool.n;
      nulls.different += pool.different;
      nulls.equivalent_in_5_s += pool.equivalent_in_5_s;
    }
    PositivePool positives;
    for (const auto& pool : summary.positives) {
      positives.n += pool.n;
      positives.in_5_s.n += pool.in_5_s.n;
      positives.in_5_s.found += pool.in_5_s.found;
      positives.wrong_sign += pool.wrong_sign;
      positives.interval_holds_truth += pool.interval_holds_truth;
    }
    data row;
    row.set("name", name);
    row.set("nulls", std::to_string(nulls.n));
    row.set("different", std::to_string(nulls.different));
    row.set("equivalent", std::to_string(nulls.equivalent_in_5_s));
    row.set("positives", std::to_string(positives.n));
    row.set("found", of_offered(positives.in_5_s));
    row.set("wrong", std::to_string(positives.wrong_sign));
    row.set("covered", std::to_string(positives.interval_holds_truth));
    rows << row;
  }
  return rows;
}

/// What comparisons of known truth told of this machine before the run.
void set_calibration(const Run& run, data& report) {
  report.set("is_disturbed", flag(!run.manifest.disturbed.empty()));
  report.set("disturbed", disturbed_rows(run.manifest.disturbed));
  const auto& calibration = run.manifest.calibration;
  report.set("is_calibrated", flag(calibration.has_value()));
  if (!calibration) return;
  report.set("calibrated_from", calibration->first);
  report.set("calibrated_to", calibration->last);
  report.set("builds", calibration->builds == 1 ? std::string("one build")
                                                : fmt::format("{} builds", calibration->builds));
  report.set("alpha", percent(calibration->alpha_of_comparison));
  report.set("nulls", null_rows(*calibration));
  report.set("positives", positive_rows(*calibration));
}

std::string ending(const Events& events) {
  if (events.finish == "decided") return "every cut was decided";
  if (events.finish == "budget") return "the budget was spent";
  if (events.finish == "failed") return "no comparison was left whose benchmarks ran";
  if (events.finish == "interrupted") return "interrupted";
  return "killed";
}

data machine_rows(const Run& run) {
  const Manifest& manifest = run.manifest;
  data rows = list();
  const auto add = [&](const std::string& key, const std::string& value) {
    data row;
    row.set("key", key);
    row.set("value", value);
    rows << row;
  };
  for (const auto& [key, value] : manifest.machine.items()) {
    std::string name = key;
    std::ranges::replace(name, '_', ' ');
    add(name, plain_text(value));
  }
  add("compiler", compiler_of(run) + "; each kernel's flags stand in kernels/CMakeLists.txt");
  add("commit", plain_text(manifest.source["commit"]) +
                    (manifest.source["dirty"] == true ? ", with uncommitted changes" : ""));
  add("started", manifest.started_at);
  const bool some_fewer = std::ranges::any_of(
      manifest.plan.units, [&](const Unit& unit) { return unit.blocks < manifest.plan.blocks; });
  add("measuring", fmt::format("{:.1f} s of {:.0f} s; {} rounds, {} blocks of each comparison a "
                               "round{}; seed {}; pinned to CPU {}",
                               run.collected.events.elapsed_seconds, manifest.budget_seconds,
                               run.collected.events.rounds_ended, manifest.plan.blocks,
                               some_fewer ? " (fewer of slow ones)" : "", manifest.plan.seed,
                               fmt::join(manifest.cores, ",")));
  if (const auto stolen = stolen_share(run.collected.events.cpu_time))
    add("stolen",
        fmt::format("{:.1f}% of the measuring CPU's time went to other guests of the host, "
                    "as far as the hypervisor tells",
                    100 * *stolen));
  add("ended", ending(run.collected.events));
  std::vector<std::string> earlier;
  for (const auto& other : manifest.earlier) earlier.push_back(other.run_id);
  add("earlier runs of any of these entries here",
      earlier.empty() ? "none" : fmt::format("{}: {}", earlier.size(), fmt::join(earlier, ", ")));
  return rows;
}

/// What the register itself says of the verdict, for whoever decides by it.
std::string meaning(const ExperimentVerdict& result) {
  const auto found = result.experiment.means.find(name_of(result.verdict));
  return found == result.experiment.means.end() ? "" : found->second;
}

/// Median real time of each arm over all slices: the scale of what the ratio compares. It has no
/// interval, as the times wander together where the ratio does not.
std::string median_times(const Comparison& comparison, const Run& run) {
  if (comparison.units.size() > 1) return "see the figure";
  const std::uint32_t unit = comparison.units.front();
  std::string text;
  for (std::size_t arm = 0; arm < run.manifest.plan.units[unit].arms.size(); ++arm) {
    std::vector<double> times;
    for (const Slice& slice : run.collected.slices[unit])
      if (slice.arm == arm) times.push_back(slice.real_time_ns);
    if (times.empty()) return "-";
    text += (text.empty() ? "" : " / ") + number(median(std::move(times)));
  }
  return text;
}

data comparison_rows(const ExperimentVerdict& result, const Run& run) {
  data rows = list();
  for (const auto& part : result.comparisons) {
    const Comparison& comparison = run.manifest.plan.comparisons[part.comparison];
    data row;
    row.set("baseline",
            comparison.baseline.empty() ? "-" : fmt::format("`{}`", comparison.baseline));
    row.set("candidate", fmt::format("`{}`", comparison.candidate));
    row.set("measured", effect_with_interval(result.experiment, part.estimate));
    row.set("times", median_times(comparison, run));
    row.set("rounds", std::to_string(part.estimate.rounds.size()));
    row.set("verdict", std::string(name_of(part.verdict)));
    rows << row;
  }
  return rows;
}

std::set<std::string> benchmarks_in(const ExperimentVerdict& result, const Run& run) {
  std::set<std::string> names;
  for (const auto& part : result.comparisons)
    for (const auto unit : run.manifest.plan.comparisons[part.comparison].units)
      for (const auto& arm : run.manifest.plan.units[unit].arms) names.insert(arm.benchmark);
  return names;
}

std::string described(const LayoutSpread& spread, const ComparisonVerdict& part) {
  std::string text = fmt::format("Code layout: over {} relinks the effect ", spread.effects.size());
  text += spread.sigma > 0 ? fmt::format("spreads with sigma {}", percent(spread.sigma))
                           : "spreads no further than the noise of their rounds";
  if (part.relinks_agreeing)
    text += fmt::format("; {} of them answer the rule alike", *part.relinks_agreeing);
  return text + ".";
}

/// Beyond it, one of a report's comparisons would be said to drift by chance.
constexpr double kDriftLevel = 0.001;

/// False while the interval is wide and holds 1: it would tell nothing.
bool tells(const CarryOver& found) {
  constexpr double kNarrow = 1.1;
  const Interval& interval = found.shift_interval;
  return interval.low > 1 || interval.high < 1 || interval.high < kNarrow * interval.low;
}

/// Where the noise lies, and what of the effect may be owed to the way of measuring.
void append_evidence(const ComparisonVerdict& part, std::vector<std::string>& lines) {
  const Evidence& evidence = part.evidence;
  if (part.agreement)
    lines.push_back(fmt::format(
        "The chance that a second run of the same length is {} by the rule, too: about {} (from {} "
        "rounds, and optimistic, as a run stops when it is decided).",
        name_of(part.verdict), *part.agreement > 0.99 ? "99%" : percent(*part.agreement),
        part.estimate.rounds.size()));
  if (evidence.between_rounds)
    lines.push_back(fmt::format("Of the variance of a round's value, about {} lies between rounds.",
                                percent(*evidence.between_rounds)));
  if (evidence.drift_p && *evidence.drift_p < kDriftLevel)
    lines.push_back(fmt::format(
        "The effect seems to drift: the quarters of the run differ (p = {:.2g}), so the "
        "interval is of this stretch of time.",
        *evidence.drift_p));
  lines.push_back(evidence.layout ? described(*evidence.layout, part)
                                  : "Code layout: not measured (no relinks, or no time for them).");
  if (evidence.carry_over && tells(*evidence.carry_over))
    lines.push_back(fmt::format(
        "Carry-over: slices that follow the rival show {} times the ratio of slices that follow "
        "the same benchmark [{}, {}].",
        number(evidence.carry_over->shift), number(evidence.carry_over->shift_interval.low),
        number(evidence.carry_over->shift_interval.high)));
}

bool has_one_block(const ComparisonVerdict& part, const Plan& plan) {
  return plan.units[plan.comparisons[part.comparison].units.front()].blocks == 1;
}

/// valgrind and the CPU count string instructions in different ways, and may see different kernels:
/// no ratio is taken of one and the other.
std::string instructions_line(const InstructionCount& baseline, const InstructionCount& candidate) {
  if (baseline.counted_by != candidate.counted_by)
    return fmt::format("Instructions an iteration: {} (by {}) against {} (by {}).",
                       number(baseline.per_iteration), baseline.counted_by,
                       number(candidate.per_iteration), candidate.counted_by);
  return fmt::format("Instructions an iteration, by {}: {} against {}, {} times as many.",
                     baseline.counted_by, number(baseline.per_iteration),
                     number(candidate.per_iteration),
                     number(baseline.per_iteration / candidate.per_iteration));
}

/// Instructions of both sides, where they were counted.
void append_instructions(const ExperimentVerdict& result, const Run& run,
                         std::vector<std::string>& lines) {
  const auto& counts = run.collected.events.instructions;
  for (const auto& part : result.comparisons) {
    const Comparison& comparison = run.manifest.plan.comparisons[part.comparison];
    const auto baseline = counts.find(comparison.baseline);
    const auto candidate = counts.find(comparison.candidate);
    if (baseline == counts.end() || candidate == counts.end()) continue;
    lines.push_back(instructions_line(baseline->second, candidate->second));
  }
}

/// Each demand on the machine code with its answer, and the instruction that gives it.
void append_demands(const ExperimentVerdict& result, std::vector<std::string>& lines) {
  for (const auto& [witness, code, loop, demands] : result.witnesses) {
    const std::string what =
        fmt::format("{} {} ({})", witness.is_of_loop ? "The hot loop of" : "The machine code of",
                    as_code(witness.function), name_of(witness.side));
    if (!code) lines.push_back(fmt::format("{} was not recorded.", what));
    for (const auto& demand : demands) {
      const std::string found =
          demand.instruction.empty() ? "no instruction matches" : as_code(demand.instruction);
      lines.push_back(
          fmt::format("{} {} {}: {} ({}).", what, demand.is_for ? "must have" : "must lack",
                      as_code(demand.pattern), demand.holds ? "holds" : "**fails**", found));
    }
  }
}

/// "Earlier runs of this entry on this machine: 3 (2 refuted, 1 without a verdict)."
std::string earlier_verdicts(const std::string& id, const Manifest& manifest) {
  std::map<std::string, int> counts;
  int runs = 0;
  for (const auto& earlier : manifest.earlier)
    if (const auto found = earlier.verdicts.find(id); found != earlier.verdicts.end()) {
      ++counts[(found->second.empty() ? "without a verdict" : found->second) +
               (earlier.reworded.contains(id) ? " of another wording" : "")];
      ++runs;
    }
  if (runs == 0) return "";
  std::vector<std::string> parts;
  for (const auto& [verdict, count] : counts) parts.push_back(fmt::format("{} {}", count, verdict));
  return fmt::format("Earlier runs of this entry on this machine: {} ({}).", runs,
                     fmt::join(parts, ", "));
}

std::vector<std::string> facts(const ExperimentVerdict& result, const Run& run) {
  const Experiment& entry = result.experiment;
  std::vector<std::string> lines;
  if (!entry.predicted.empty()) lines.push_back(fmt::format("Predicted: {}.", predictions(entry)));
  if (!result.scored.nearest_scenario.empty() && entry.predicted.size() > 1)
    lines.push_back(fmt::format("Nearest scenario: {}; the interval {} it.",
                                result.scored.nearest_scenario,
                                result.scored.interval_holds_nearest ? "holds" : "does not hold"));
  if (!result.scored.tier.empty())
    lines.push_back(
        fmt::format("Grade reached by the interval's lower end: {}.", result.scored.tier));
  for (const auto& cut : entry.cuts) {  // an entry with cuts is measured
    const CutState state = hold({cut.name, cut.value}, headline(result).estimate.interval);
    lines.push_back(
        fmt::format("Cut \"{}\" at {}: {}.", cut.name, number(cut.value), name_of(state)));
  }
  if (entry.prior_figure_known)
    lines.emplace_back("A prior figure was known when the rule was registered.");
  if (!result.caveat.empty()) lines.push_back(result.caveat);
  if (entry.is_estimated()) append_evidence(headline(result), lines);
  if (entry.is_estimated() && has_one_block(headline(result), run.manifest.plan))
    lines.emplace_back("Carry-over: not told, as one block a round has too few neighbours.");
  append_instructions(result, run, lines);
  append_demands(result, lines);
  if (const std::string earlier = earlier_verdicts(entry.id, run.manifest); !earlier.empty())
    lines.push_back(earlier);
  for (const auto& name : benchmarks_in(result, run))
    if (const auto label = run.collected.events.labels.find(name);
        label != run.collected.events.labels.end())
      lines.push_back(fmt::format("`{}` ran: {}.", name, label->second));
  return lines;
}

/// The drawn figures of an experiment; for an empty id, those that show many experiments.
data figures_of(const nlohmann::ordered_json& figures, const std::string& id, const Drawn& drawn) {
  data rows = list();
  for (const auto& figure : figures["figures"]) {
    const std::string file = figure["file"];
    if (figure.value("experiment", std::string()) != id ||
        std::ranges::count(drawn.files, file) == 0)
      continue;
    data row;
    row.set("file", file);
    row.set("alt", figure["title"].get<std::string>());
    rows << row;
  }
  return rows;
}

/// The medians at each size that a crossover was looked for in, as its figure draws them.
data size_rows(const nlohmann::ordered_json& figures, const std::string& id) {
  data rows = list();
  for (const auto& figure : figures["figures"]) {
    if (figure.value("experiment", std::string()) != id || !figure.contains("crossover")) continue;
    const auto& baseline = figure["series"][0]["points"];
    const auto& candidate = figure["series"][1]["points"];
    for (std::size_t i = 0; i < std::min(baseline.size(), candidate.size()); ++i) {
      if (baseline[i][1].is_null() || candidate[i][1].is_null()) continue;
      const double left = baseline[i][1], right = candidate[i][1];
      data row;
      row.set("size", std::to_string(baseline[i][0].get<std::int64_t>()));
      row.set("baseline", number(left));
      row.set("candidate", number(right));
      row.set("ratio", number(left / right) + "x");
      rows << row;
    }
  }
  return rows;
}

data sections(const Run& run, const RunVerdicts& verdicts, const nlohmann::ordered_json& figures,
              const Drawn& drawn) {
  data all = list();
  for (const auto& result : verdicts.experiments) {
    const Experiment& entry = result.experiment;
    if (entry.is_control()) continue;
    data section;
    section.set("id", entry.id);
    section.set("anchor", anchor(entry.id));
    section.set("family", entry.family());
    section.set("claim", entry.claim);
    section.set("source", entry.source);
    section.set("verdict", std::string(name_of(result.verdict)));
    section.set("labels", labels(result, run.manifest.plan));
    section.set("measured", measured(result, run.manifest.plan));
    section.set("rule", describe(entry));
    section.set("means", meaning(result));
    if (!result.why.empty()) section.set("why", result.why);
    section.set("has_comparisons", flag(!result.comparisons.empty()));
    section.set("comparisons", comparison_rows(result, run));
    const data sizes = size_rows(figures, entry.id);
    section.set("has_sizes", flag(!sizes.is_empty_list()));
    section.set("sizes", sizes);
    data fact_list = list();
    for (const auto& line : facts(result, run)) {
      data fact;
      fact.set("text", line);
      fact_list << fact;
    }
    section.set("facts", fact_list);
    const std::string columns = code_columns(result.witnesses);
    section.set("has_code", flag(!columns.empty()));
    const std::string code = columns.substr(0, columns.rfind('\n'));
    section.set("code", code);
    section.set("code_html", escaped_html(code));
    section.set("figures", figures_of(figures, entry.id, drawn));
    all << section;
  }
  return all;
}

}  // namespace

std::vector<std::string> warnings_of(const Run& run, const RunVerdicts& verdicts) {
  std::vector<std::string> warnings = run.warnings;
  if (!run.manifest.has_cores_alone)
    warnings.emplace_back("another run of this program was measuring on the same CPU");
  if (run.collected.events.relinks_failed > 0)
    warnings.push_back(fmt::format("{} of the relinks failed and were left out",
                                   run.collected.events.relinks_failed));
  for (const auto& result : verdicts.experiments) {
    const std::string function = unrecorded_function(result.witnesses);
    if (function.empty() || !result.experiment.is_measured()) continue;
    const std::string& why = run.collected.events.no_machine_code;
    warnings.push_back(fmt::format("{} is judged without a look at the machine code of {}: {}",
                                   result.experiment.id, function,
                                   why.empty() ? "it was not recorded" : why));
  }
  for (const auto& family : unguarded_families(verdicts))
    warnings.push_back(
        fmt::format("no control guards the family {}: nothing vouches for its verdicts", family));
  return warnings;
}

std::string counts(const RunVerdicts& verdicts) {
  std::map<Verdict, int> count;
  int claims = 0;
  for (const auto& result : verdicts.experiments)
    if (!result.experiment.is_control()) {
      ++count[result.verdict];
      ++claims;
    }
  std::string text = fmt::format("{} claim{}", claims, claims == 1 ? "" : "s");
  const char* separator = ": ";
  for (const auto& [verdict, number] : count) {
    text += fmt::format("{}{} {}", separator, number, name_of(verdict));
    separator = ", ";
  }
  return text;
}

std::string markdown_summary(const Run& run, const RunVerdicts& verdicts) {
  std::string text =
      "| claim | predicted | measured [interval] | verdict | predicted / measured |\n"
      "|---|---|---|---|---|\n";
  for (const auto& result : verdicts.experiments) {
    if (result.experiment.is_control()) continue;
    text += fmt::format("| {}: {} | {} | {} | **{}** | {} |\n", result.experiment.id,
                        cell(result.experiment.claim), cell(predictions(result.experiment)),
                        cell(measured(result, run.manifest.plan)), name_of(result.verdict),
                        overstated(result));
  }
  return text;
}

data report_data(const Run& run, const RunVerdicts& verdicts, const nlohmann::ordered_json& figures,
                 const Drawn& drawn) {
  const auto texts = [](const std::vector<std::string>& lines) {
    data rows = list();
    for (const auto& line : lines) {
      data row;
      row.set("text", line);
      rows << row;
    }
    return rows;
  };
  const data not_run = not_run_rows(run, verdicts);
  data report;
  report.set("run_id", run.manifest.run_id);
  report.set("counts", counts(verdicts));
  report.set("subtitle", subtitle(run));
  report.set("warnings", texts(warnings_of(run, verdicts)));
  const data furthest = furthest_rows(run, verdicts);
  report.set("has_furthest", flag(furthest.is_non_empty_list()));
  report.set("furthest", furthest);
  report.set("families", family_rows(run, verdicts));
  report.set("claims_counted", std::to_string(run.manifest.claims_counted));
  report.set("looks", std::to_string(verdicts.looks));
  report.set("confidence", fmt::format("{:g}%", 100 * (1 - run.reg.settings.alpha)));
  const data crossovers = crossover_rows(run, verdicts);
  report.set("has_crossovers", flag(crossovers.is_non_empty_list()));
  report.set("crossovers", crossovers);
  report.set("overview", figures_of(figures, "", drawn));
  report.set("undrawn", texts(drawn.failures));
  const data controls = control_rows(run, verdicts);
  report.set("has_controls", flag(controls.is_non_empty_list()));
  report.set("controls", controls);
  set_calibration(run, report);
  report.set("has_not_run", flag(not_run.is_non_empty_list()));
  report.set("not_run", not_run);
  report.set("machine", machine_rows(run));
  report.set("sections", sections(run, verdicts, figures, drawn));
  report.set("register_hash", run.reg.hash);
  return report;
}

std::string subtitle(const Run& run) {
  return fmt::format("{}, {} cores, {}, {}", plain_text(run.manifest.machine["cpu"]),
                     plain_text(run.manifest.machine["cores"]), compiler_of(run),
                     run.manifest.started_at.substr(0, 10));
}

}  // namespace assay
