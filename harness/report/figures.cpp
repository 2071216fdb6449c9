#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "report/format.hpp"
#include "report/json_values.hpp"
#include "report/report.hpp"
#include "text.hpp"

namespace assay {

using Json = nlohmann::ordered_json;

namespace {

/// A figure of slices shows so many of each arm, from the start of the run: enough to see the
/// noise, few enough to see the slices.
constexpr std::size_t kSlicesShown = 400;

Json cuts_of(const Experiment& experiment) {
  Json cuts = Json::array();
  for (const auto& cut : rule_cuts(experiment))
    cuts.push_back({{"value", cut.value}, {"label", cut.label}});
  return cuts;
}

Json predicted_of(const Experiment& experiment) {
  Json predicted = Json::array();
  for (const auto& scenario : experiment.predicted)
    predicted.push_back({{"name", scenario.name}, {"value", scenario.value}});
  return predicted;
}

std::string label_of(const ExperimentVerdict& result, const ComparisonVerdict& part,
                     const Plan& plan) {
  if (result.comparisons.size() == 1) return result.experiment.id;
  return fmt::format("{} : {}", result.experiment.id, plan.comparisons[part.comparison].baseline);
}

bool is_time_bound(const Experiment& entry) {
  return entry.rule.kind == RuleKind::kBound && is_time(entry.metric);
}

template <typename Wanted>
Json forest(const Run& run, const RunVerdicts& verdicts, const char* file, const char* title,
            const std::string& x_label, Wanted wanted) {
  Json rows = Json::array();
  for (const auto& result : verdicts.experiments) {
    if (!wanted(result.experiment)) continue;
    for (const auto& part : result.comparisons)
      rows.push_back(
          {{"id", result.experiment.id},
           {"label", label_of(result, part, run.manifest.plan)},
           {"verdict", name_of(result.comparisons.size() == 1 ? result.verdict : part.verdict)},
           {"value", finite(part.estimate.value)},
           {"low", finite(part.estimate.interval.low)},
           {"high", finite(part.estimate.interval.high)},
           {"cuts", cuts_of(result.experiment)},
           {"predicted", predicted_of(result.experiment)}});
  }
  return {{"kind", "forest"},   {"file", file}, {"title", title},
          {"x_label", x_label}, {"log", true},  {"rows", rows}};
}

std::string compared(const Comparison& comparison) {
  return comparison.baseline.empty()
             ? comparison.candidate
             : fmt::format("{} / {}", comparison.baseline, comparison.candidate);
}

Json rounds_figure(const ExperimentVerdict& result, const ComparisonVerdict& part, const Run& run) {
  const Experiment& entry = result.experiment;
  Json points = Json::array();
  for (const auto& [round, value] : part.estimate.rounds) points.push_back({round, finite(value)});
  Json looks = Json::array();
  for (const auto& look : part.estimate.looks)
    looks.push_back({{"round", look.rounds},
                     {"low", finite(look.interval.low)},
                     {"high", finite(look.interval.high)}});
  const std::string label = label_of(result, part, run.manifest.plan);
  const Comparison& comparison = run.manifest.plan.comparisons[part.comparison];
  return {{"kind", "rounds"},
          {"file", "rounds-" + file_name_of(label)},
          {"experiment", entry.id},
          {"title", fmt::format("{}: {}", entry.id, compared(comparison))},
          {"x_label", "round (a process start each)"},
          {"y_label", effect_name(entry)},
          {"log", shows_ratio(entry) || is_time_bound(entry)},
          {"points", points},
          {"value", finite(part.estimate.value)},
          {"low", finite(part.estimate.interval.low)},
          {"high", finite(part.estimate.interval.high)},
          {"cuts", cuts_of(entry)},
          {"looks", looks}};
}

Json slices_figure(const ExperimentVerdict& result, const ComparisonVerdict& part, const Run& run) {
  const Comparison& comparison = run.manifest.plan.comparisons[part.comparison];
  const Unit& unit = run.manifest.plan.units[comparison.units.front()];
  const auto& slices = run.collected.slices[comparison.units.front()];
  const std::size_t shown = std::min(slices.size(), kSlicesShown * unit.arms.size());
  Json series = Json::array();
  for (std::size_t arm = 0; arm < unit.arms.size(); ++arm) {
    Json points = Json::array();
    for (std::size_t i = 0; i < shown; ++i)
      if (slices[i].arm == arm) points.push_back({i, slices[i].real_time_ns});
    const bool is_baseline = unit.arms.size() == 2 && arm == 0;
    series.push_back({{"name", unit.arms[arm].benchmark},
                      {"role", is_baseline ? "baseline" : "candidate"},
                      {"points", points}});
  }
  const std::string label = label_of(result, part, run.manifest.plan);
  return {{"kind", "slices"},
          {"file", "slices-" + file_name_of(label)},
          {"experiment", result.experiment.id},
          {"title", fmt::format("{}: the first {} slices in the order they ran", label, shown)},
          {"x_label", "slice"},
          {"y_label", "real time, ns an iteration"},
          {"log", true},
          {"series", series}};
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
      {"x_label", "size"},
      {"y_label", entry.metric == "real_time" ? "real time, ns an iteration" : entry.metric},
      {"log", true},
      {"series", series}};
  if (is_crossover)
    figure["crossover"] = {{"value", finite(part.estimate.value)},
                           {"low", finite(part.estimate.interval.low)},
                           {"high", finite(part.estimate.interval.high)}};
  return figure;
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
  Json ratios =
      forest(run, verdicts, "forest-ratios", "Claims as ratios: measured and predicted",
             "baseline / candidate (above 1: the candidate is better)",
             [](const Experiment& entry) { return !entry.is_control() && shows_ratio(entry); });
  ratios["reference"] = 1.0;
  add_forest(std::move(ratios));
  add_forest(forest(run, verdicts, "forest-times",
                    "Claims as absolute times: measured and predicted",
                    "real time, ns an iteration (on this machine only)",
                    [](const Experiment& entry) { return is_time_bound(entry); }));
  Json controls = forest(
      run, verdicts, "forest-controls", "Controls: measured and true", "baseline / candidate",
      [](const Experiment& entry) { return entry.is_control() && shows_ratio(entry); });
  controls["reference"] = 1.0;
  add_forest(std::move(controls));
  for (const auto& result : verdicts.experiments)
    for (const auto& part : result.comparisons) {
      if (part.estimate.rounds.empty()) continue;
      figures.push_back(rounds_figure(result, part, run));
      const bool is_headline = &part == &result.comparisons[result.headline];
      if (result.experiment.sizes.empty()) {
        if (is_headline && !result.experiment.is_control())
          figures.push_back(slices_figure(result, part, run));
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
