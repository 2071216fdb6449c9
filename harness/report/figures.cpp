#include <fmt/format.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "report/forest.hpp"
#include "report/format.hpp"
#include "report/json_values.hpp"
#include "report/report.hpp"
#include "report/roofline.hpp"
#include "report/surface.hpp"
#include "text.hpp"
#include "verdict/rounds.hpp"

namespace assay {

using Json = nlohmann::ordered_json;

namespace {

Json cuts_of(const Experiment& experiment) {
  Json cuts = Json::array();
  for (const auto& cut : rule_cuts(experiment))
    cuts.push_back({{"value", cut.value}, {"label", cut.label}});
  return cuts;
}

Json low_of(const Experiment& experiment, const Interval& interval) {
  return finite(bounded_ends(experiment, interval).low);
}

Json high_of(const Experiment& experiment, const Interval& interval) {
  return finite(bounded_ends(experiment, interval).high);
}

Json predicted_of(const Experiment& experiment) {
  Json predicted = Json::array();
  for (const auto& scenario : experiment.predicted)
    predicted.push_back({{"name", scenario.name}, {"value", scenario.value}});
  return predicted;
}

/// A size; null for 0 and infinity, which stand for a crossover below and above the sizes swept.
Json swept(double size) {
  return size > 0 ? finite(size) : Json(nullptr);
}

std::string label_of(const ExperimentVerdict& result, const ComparisonVerdict& part,
                     const Plan& plan) {
  if (result.comparisons.size() == 1) return result.experiment.id;
  return fmt::format("{} : {}", result.experiment.id, plan.comparisons[part.comparison].baseline);
}

}  // namespace

Json forest_row(const Experiment& entry, const ComparisonVerdict& part, const std::string& label,
                Verdict verdict) {
  return {{"id", entry.id},
          {"label", label},
          {"verdict", name_of(verdict)},
          {"value", entry.rule.kind == RuleKind::kCrossover ? swept(part.estimate.value)
                                                            : finite(part.estimate.value)},
          {"low", low_of(entry, part.estimate.interval)},
          {"high", high_of(entry, part.estimate.interval)},
          {"cuts", cuts_of(entry)},
          {"predicted", predicted_of(entry)}};
}

Json forest_figure(const std::string& file, const std::string& title, const std::string& x_label,
                   Json rows, bool is_log) {
  return {{"kind", "forest"},   {"file", file},  {"title", title},
          {"x_label", x_label}, {"log", is_log}, {"rows", std::move(rows)}};
}

namespace {

template <typename Wanted>
Json forest(const Run& run, const RunVerdicts& verdicts, const char* file, const char* title,
            const char* x_label, Wanted wanted) {
  Json rows = Json::array();
  for (const auto& result : verdicts.experiments) {
    if (!wanted(result.experiment)) continue;
    for (const auto& part : result.comparisons)
      rows.push_back(forest_row(result.experiment, part, label_of(result, part, run.manifest.plan),
                                result.comparisons.size() == 1 ? result.verdict : part.verdict));
  }
  return forest_figure(file, title, x_label, std::move(rows));
}

std::string compared(const Comparison& comparison) {
  return comparison.baseline.empty()
             ? comparison.candidate
             : fmt::format("{} / {}", comparison.baseline, comparison.candidate);
}

Json points_of(const Estimate& found) {
  Json points = Json::array();
  for (const auto& [round, value] : found.rounds) points.push_back({round, finite(value)});
  return points;
}

Json looks_of(const Experiment& entry, const Estimate& found) {
  Json looks = Json::array();
  for (const auto& look : found.looks)
    looks.push_back({{"round", look.rounds},
                     {"low", low_of(entry, look.interval)},
                     {"high", high_of(entry, look.interval)}});
  return looks;
}

Json rounds_figure(const ExperimentVerdict& result, const ComparisonVerdict& part, const Run& run) {
  const Experiment& entry = result.experiment;
  const std::string label = label_of(result, part, run.manifest.plan);
  const Comparison& comparison = run.manifest.plan.comparisons[part.comparison];
  return {{"kind", "rounds"},
          {"file", "rounds-" + file_name_of(label)},
          {"experiment", entry.id},
          {"title", fmt::format("{}: {}", entry.id, compared(comparison))},
          {"x_label", "round (a process start each)"},
          {"y_label", effect_name(entry)},
          {"log", shows_ratio(entry) || is_time_bound(entry)},
          {"points", points_of(part.estimate)},
          {"value", finite(part.estimate.value)},
          {"low", low_of(entry, part.estimate.interval)},
          {"high", high_of(entry, part.estimate.interval)},
          {"cuts", cuts_of(entry)},
          {"looks", looks_of(entry, part.estimate)}};
}

bool is_pair(const Unit& unit) {
  return unit.arms.size() == 2;
}

bool are_above_zero(const CompleteRound& round) {
  return std::ranges::all_of(round.slices, [](const Slice& slice) { return slice.value > 0; });
}

Json place_of(const Slice& slice) {
  return {slice.position, slice.value};
}

/// The slices of a round in the order in which they ran, and which of them form pairs.
Json slices_of_round(const Experiment& entry, const Unit& unit, const CompleteRound& shown) {
  Json series = Json::array();
  for (std::size_t arm = 0; arm < unit.arms.size(); ++arm) {
    Json points = Json::array();
    for (const Slice& slice : shown.slices)
      if (slice.arm == arm) points.push_back(place_of(slice));
    series.push_back({{"name", unit.arms[arm].benchmark},
                      {"role", is_pair(unit) && arm == 0 ? "baseline" : "candidate"},
                      {"points", points}});
  }
  Json pairs = Json::array();
  if (is_pair(unit))
    for (const auto& [baseline, candidate] : adjacent_pairs(shown.slices))
      pairs.push_back({place_of(baseline), place_of(candidate)});
  return {{"y_label", metric_name(entry)},
          {"log", are_above_zero(shown) && (shows_ratio(entry) || is_time(entry.metric))},
          {"series", series},
          {"pairs", pairs}};
}

/// The effects that a round's value is the median of, ascending.
Json effects_of_round(const Experiment& entry, const CompleteRound& shown) {
  auto effects = effects_of_slices(entry, shown.slices);
  std::ranges::sort(effects);
  Json values = Json::array();
  for (const double effect : effects) values.push_back(displayed(entry, effect));
  return values;
}

/// One experiment's data: a round's slices, their effects, all rounds, the verdict. The round is
/// the middle one of those that are complete, as the first are the least like the others.
Json path_figure(const ExperimentVerdict& result, const ComparisonVerdict& part, const Run& run) {
  const Experiment& entry = result.experiment;
  const Plan& plan = run.manifest.plan;
  const std::uint32_t unit = plan.comparisons[part.comparison].units.front();
  const auto complete = complete_rounds(plan, unit, run.collected.slices);
  const std::size_t middle = complete.size() / 2;
  const CompleteRound& shown = complete[middle];
  const Interval range = accepted(entry);
  return {{"kind", "path"},
          {"file", "path-" + file_name_of(label_of(result, part, plan))},
          {"experiment", entry.id},
          {"title", fmt::format("{}: from slices to the verdict", entry.id)},
          {"y_label", effect_name(entry)},
          {"log", shows_ratio(entry) || (is_time_bound(entry) && are_above_zero(shown))},
          {"round", shown.round},
          {"slices", slices_of_round(entry, plan.units[unit], shown)},
          {"effects", effects_of_round(entry, shown)},
          {"round_value", finite(part.estimate.rounds[middle].second)},
          {"points", points_of(part.estimate)},
          {"looks", looks_of(entry, part.estimate)},
          {"value", finite(part.estimate.value)},
          {"low", low_of(entry, part.estimate.interval)},
          {"high", high_of(entry, part.estimate.interval)},
          {"rule", describe(entry)},
          {"accepted", {{"low", finite(range.low)}, {"high", finite(range.high)}}},
          {"cuts", cuts_of(entry)},
          {"predicted", predicted_of(entry)},
          {"verdict", name_of(result.verdict)},
          {"comparison_verdict", name_of(part.verdict)},
          {"why", result.why},
          {"comparisons", result.comparisons.size()}};
}

Json crossover_of(const Estimate& found) {
  return {{"value", swept(found.value)},
          {"low", swept(found.interval.low)},
          {"high", swept(found.interval.high)}};
}

const char* unit_of_parameter(const std::string& name) {
  if (name == "bytes") return "bytes";
  return name == "percent" ? "%" : "";
}

/// The machine's caches, for an axis of bytes; what the machine's files say, as "32K".
Json cache_marks(const nlohmann::json& machine) {
  Json marks = Json::array();
  const auto caches = machine.value("caches", nlohmann::json::object());
  for (const auto& [level, size] : caches.items()) {
    if (!size.is_string()) continue;
    const std::string text = size;
    double bytes = 0;
    char unit = 0;
    if (std::sscanf(text.c_str(), "%lf%c", &bytes, &unit) != 2 || bytes <= 0) continue;
    if (unit != 'K' && unit != 'M') continue;
    marks.push_back({{"value", bytes * (unit == 'K' ? 1 << 10 : 1 << 20)}, {"label", level}});
  }
  return marks;
}

Json sweep_figure(const ExperimentVerdict& result, const ComparisonVerdict& part, const Run& run,
                  double alpha) {
  const Experiment& entry = result.experiment;
  const Comparison& comparison = run.manifest.plan.comparisons[part.comparison];
  const bool is_crossover = entry.rule.kind == RuleKind::kCrossover;
  std::map<bool, Json> points = {{false, Json::array()}, {true, Json::array()}};
  for (const auto& point :
       sweep_points(entry, comparison, run.manifest.plan, run.collected.slices, alpha))
    points[point.arm == 1].push_back(
        {point.size, finite(point.value), finite(point.interval.low), finite(point.interval.high)});
  Json series = Json::array();
  if (is_crossover)
    series.push_back(
        {{"name", comparison.baseline}, {"role", "baseline"}, {"points", points[false]}});
  series.push_back(
      {{"name", comparison.candidate}, {"role", "candidate"}, {"points", points[true]}});
  Json figure = {
      {"kind", "sweep"},
      {"file", "sweep-" + file_name_of(entry.id)},
      {"experiment", entry.id},
      {"title", fmt::format("{}: {} over size", entry.id, entry.metric)},
      {"x_label", swept_name(comparison.candidate)},
      {"x_unit", unit_of_parameter(swept_name(comparison.candidate))},
      {"y_label", entry.metric == "real_time" ? "real time, ns an iteration" : entry.metric},
      {"log", true},
      {"series", series}};
  if (is_crossover) figure["crossover"] = crossover_of(part.estimate);
  if (figure["x_unit"] == "bytes") figure["marks"] = cache_marks(run.manifest.machine);
  return figure;
}

Json surface_figure(const Surface& surface, const Run& run, double alpha) {
  Json sections = Json::array();
  for (const auto& [result, part, at] : surface.sections) {
    const Comparison& comparison = run.manifest.plan.comparisons[part->comparison];
    Json points = Json::array();
    for (const auto& point :
         ratio_points(comparison, run.manifest.plan, run.collected.slices, alpha))
      points.push_back({point.size, finite(point.value), finite(point.interval.low),
                        finite(point.interval.high)});
    sections.push_back({{"experiment", result->experiment.id},
                        {"verdict", name_of(result->verdict)},
                        {"at", at},
                        {"points", points},
                        {"crossover", crossover_of(part->estimate)}});
  }
  return {{"kind", "surface"},
          {"file", "surface-" + file_name_of(surface.candidate)},
          {"title", fmt::format("Where {} begins to beat {}", surface.candidate, surface.baseline)},
          {"x_label", surface.swept},
          {"x_unit", unit_of_parameter(surface.swept)},
          {"y_label", surface.other},
          {"y_unit", unit_of_parameter(surface.other)},
          {"log", true},
          {"sections", sections}};
}

Json roof_of(const Roof& roof) {
  const auto& [value, interval] = roof.per_second;
  return {{"name", roof.benchmark},
          {"value", finite(value)},
          {"low", finite(interval.low)},
          {"high", finite(interval.high)}};
}

Json roofline_figure(const Roofline& roofline) {
  Json bandwidth = Json::array(), compute = Json::array(), kernels = Json::array();
  for (const auto& roof : roofline.bandwidth) bandwidth.push_back(roof_of(roof));
  for (const auto& roof : roofline.compute) compute.push_back(roof_of(roof));
  for (const auto& kernel : roofline.kernels) {
    Json claims = Json::array();
    for (const auto* result : kernel.results)
      claims.push_back(
          {{"experiment", result->experiment.id}, {"verdict", name_of(result->verdict)}});
    kernels.push_back({{"name", kernel.benchmark},
                       {"verdict", name_of(least_favourable(kernel))},
                       {"claims", claims},
                       {"intensity", kernel.intensity},
                       {"value", finite(kernel.per_second.value)},
                       {"low", finite(kernel.per_second.interval.low)},
                       {"high", finite(kernel.per_second.interval.high)}});
  }
  const std::string& kind = roofline.operation;
  return {{"kind", "roofline"},
          {"file", "roofline-" + file_name_of(kind)},
          {"title", fmt::format("Roofline: {} a second under what probes reached", kind)},
          {"x_label", fmt::format("{} for each byte that the kernel moves", kind)},
          {"y_label", fmt::format("{} a second", kind)},
          {"log", true},
          {"bandwidth", bandwidth},
          {"compute", compute},
          {"kernels", kernels}};
}

/// The share of trials that found something, with its exact 95% interval (Clopper and Pearson).
Json share_point(double extra, const Found& found) {
  constexpr double kEachSide = 0.975;
  const double n = static_cast<double>(found.n);
  return {100 * extra, static_cast<double>(found.found) / n,
          1 - upper_bound_of_rate(found.n - found.found, found.n, kEachSide),
          upper_bound_of_rate(found.found, found.n, kEachSide)};
}

/// How often extra work of a known share was found here in 5 s, kernel by kernel.
Json power_figure(const CalibrationSummary& calibration) {
  std::map<std::string, Json> points;
  for (const auto& pool : calibration.positives)
    if (pool.in_5_s.n > 0) {
      Json& of_kernel = points.try_emplace(pool.kernel, Json::array()).first->second;
      of_kernel.push_back(share_point(pool.extra, pool.in_5_s));
    }
  Json series = Json::array();
  for (const auto& [kernel, of_kernel] : points)
    series.push_back({{"name", kernel}, {"role", "kernel"}, {"points", of_kernel}});
  return {{"kind", "sweep"},
          {"file", "power"},
          {"title", "What this machine resolves: extra work found within 5 s"},
          {"x_label", "extra work, %"},
          {"y_label", "share of the trials that found it"},
          {"log", false},
          {"interval", "exact 95% interval of each share"},
          {"series", series}};
}

/// "A/b" and "A-b" make one file name; the later one gets a number.
void make_files_unique(Json& figures) {
  std::set<std::string> taken;
  for (auto& figure : figures) {
    const std::string wanted = figure["file"];
    std::string file = wanted;
    for (int i = 2; !taken.insert(file).second; ++i) file = fmt::format("{}-{}", wanted, i);
    figure["file"] = file;
  }
}

}  // namespace

Json figures_document(const Run& run, const RunVerdicts& verdicts) {
  Json figures = Json::array();
  const auto add_forest = [&](Json figure) {
    if (!figure["rows"].empty()) figures.push_back(std::move(figure));
  };
  Json ratios = forest(run, verdicts, "forest-ratios", "Claims as ratios: measured and predicted",
                       "baseline / candidate (above 1: the candidate is better)",
                       [](const Experiment& entry) {
                         return !entry.is_control() && shows_ratio(entry) && !is_limit(entry);
                       });
  ratios["reference"] = 1.0;
  add_forest(std::move(ratios));
  Json limits =
      forest(run, verdicts, "forest-limits", "Shares of what this machine allows",
             "share of the limit that a probe reached in the same run (1: the limit)", is_limit);
  limits["reference"] = 1.0;
  add_forest(std::move(limits));
  add_forest(forest(run, verdicts, "forest-times",
                    "Claims as absolute times: measured and predicted",
                    "real time, ns an iteration (on this machine only)",
                    [](const Experiment& entry) { return is_time_bound(entry); }));
  Json controls = forest(
      run, verdicts, "forest-controls", "Controls: measured and true", "baseline / candidate",
      [](const Experiment& entry) { return entry.is_control() && shows_ratio(entry); });
  controls["reference"] = 1.0;
  add_forest(std::move(controls));
  if (const auto& calibration = run.manifest.calibration)
    if (Json power = power_figure(*calibration); !power["series"].empty())
      figures.push_back(std::move(power));
  for (const auto& roofline : rooflines_of(run, verdicts))
    figures.push_back(roofline_figure(roofline));
  for (const auto& surface : surfaces_of(run.manifest.plan, verdicts))
    figures.push_back(surface_figure(surface, run, verdicts.alpha_of_look));
  for (const auto& result : verdicts.experiments)
    for (const auto& part : result.comparisons) {
      if (part.estimate.rounds.empty() || !result.experiment.is_estimated()) continue;
      figures.push_back(rounds_figure(result, part, run));
      const bool is_headline = &part == &result.comparisons[result.headline];
      if (result.experiment.sizes.empty()) {
        if (is_headline && !result.experiment.is_control())
          figures.push_back(path_figure(result, part, run));
      } else {
        figures.push_back(sweep_figure(result, part, run, verdicts.alpha_of_look));
      }
    }
  make_files_unique(figures);
  return {{"schema", "assay-figures/1"},
          {"run_id", run.manifest.run_id},
          {"subtitle", subtitle(run)},
          {"figures", figures}};
}

}  // namespace assay
