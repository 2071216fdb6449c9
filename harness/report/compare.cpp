#include "report/compare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "report/forest.hpp"
#include "report/format.hpp"
#include "report/json_values.hpp"
#include "report/report.hpp"

namespace assay {

using Json = nlohmann::ordered_json;

namespace {

const ExperimentVerdict* verdict_in(const JudgedRun& judged, const std::string& id) {
  const auto& all = judged.verdicts.experiments;
  const auto found = std::ranges::find(
      all, id,
      [](const ExperimentVerdict& result) -> const std::string& { return result.experiment.id; });
  return found == all.end() ? nullptr : &*found;
}

/// Ids of claims that two runs or more judged, in the order in which the runs name them.
std::vector<std::string> shared_claims(const std::vector<JudgedRun>& runs) {
  std::map<std::string, int> counts;
  std::vector<std::string> order;
  for (const auto& judged : runs)
    for (const auto& result : judged.verdicts.experiments)
      if (!result.experiment.is_control() && ++counts[result.experiment.id] == 1)
        order.push_back(result.experiment.id);
  std::erase_if(order, [&](const std::string& id) { return counts[id] < 2; });
  return order;
}

bool decides(Verdict verdict) {
  return verdict == Verdict::kSupported || verdict == Verdict::kRefuted ||
         verdict == Verdict::kEquivalent;
}

const Interval* interval_of(const ExperimentVerdict& result) {
  if (result.comparisons.empty() || !result.experiment.is_estimated()) return nullptr;
  const Estimate& found = result.comparisons[result.headline].estimate;
  return std::isnan(found.value) || found.interval.is_empty() ? nullptr : &found.interval;
}

/// What the runs say of one claim together.
std::string between(const std::vector<const ExperimentVerdict*>& results) {
  std::set<std::string> wordings;
  std::set<Verdict> decided;
  std::vector<const Interval*> intervals;
  for (const auto* result : results) {
    if (result == nullptr) continue;
    wordings.insert(result->experiment.hash);
    if (decides(result->verdict)) decided.insert(result->verdict);
    if (const auto* interval = interval_of(*result)) intervals.push_back(interval);
  }
  if (wordings.size() > 1) return "reworded between the runs";
  const auto are_apart = [&](const Interval* a) {
    return std::ranges::any_of(intervals,
                               [&](const Interval* b) { return intersect(*a, *b).is_empty(); });
  };
  const bool apart = std::ranges::any_of(intervals, are_apart);
  if (decided.size() > 1)
    return apart ? "**other verdicts**, intervals apart" : "**other verdicts**";
  if (apart) return "intervals apart";
  return intervals.size() > 1 ? "intervals overlap" : "-";
}

std::string controls_of(const JudgedRun& judged) {
  int held = 0, failed = 0, open = 0;
  for (const auto& result : judged.verdicts.experiments) {
    if (!result.experiment.is_control()) continue;
    if (result.verdict == Verdict::kHeld)
      ++held;
    else if (result.verdict == Verdict::kFailed)
      ++failed;
    else
      ++open;
  }
  return fmt::format("{} held, {} failed, {} open", held, failed, open);
}

/// True if the runs differ in what `key` tells of them.
template <typename Key>
bool differ(const std::vector<JudgedRun>& runs, Key key) {
  return std::ranges::any_of(
      runs, [&](const JudgedRun& judged) { return key(judged) != key(runs.front()); });
}

nlohmann::json fingerprint(const JudgedRun& judged) {
  return judged.run.manifest.machine.value("fingerprint", nlohmann::json());
}

nlohmann::json commit(const JudgedRun& judged) {
  return judged.run.manifest.source.value("commit", nlohmann::json());
}

/// What a reader must know before comparing, a sentence each.
std::vector<std::string> cautions(const std::vector<JudgedRun>& runs) {
  std::vector<std::string> lines;
  if (differ(runs, fingerprint))
    lines.emplace_back(
        "The machines differ, so times do not compare; ratios do, as answers about each machine.");
  if (differ(runs, commit))
    lines.emplace_back("The commits differ: code and compiler options may, too.");
  if (differ(runs, [](const JudgedRun& judged) { return judged.run.reg.hash; })) {
    std::vector<std::string> reworded;
    for (const auto& id : shared_claims(runs)) {
      std::set<std::string> hashes;
      for (const auto& judged : runs)
        if (const auto* result = verdict_in(judged, id)) hashes.insert(result->experiment.hash);
      if (hashes.size() > 1) reworded.push_back(id);
    }
    lines.push_back(
        reworded.empty()
            ? std::string("The registers differ, but not in the claims below: levels may.")
            : fmt::format("The registers differ; reworded: {}.", fmt::join(reworded, ", ")));
  }
  for (const auto& judged : runs)
    for (const auto& result : judged.verdicts.experiments)
      if (result.verdict == Verdict::kFailed)
        lines.push_back(fmt::format("In {} the control {} failed.", judged.run.manifest.run_id,
                                    result.experiment.id));
  return lines;
}

std::string cell_of(const ExperimentVerdict* result, const Plan& plan) {
  if (result == nullptr) return "not selected";
  return fmt::format("{} {}", name_of(result->verdict), cell(measured(*result, plan)));
}

}  // namespace

std::string comparison_markdown(const std::vector<JudgedRun>& runs) {
  std::string text =
      "# Runs compared\n\n| run | measured on | commit | register | controls | claims "
      "|\n|---|---|---|---|---|---|\n";
  for (const auto& judged : runs)
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", judged.run.manifest.run_id,
                        cell(subtitle(judged.run)), plain_text(commit(judged)).substr(0, 12),
                        judged.run.reg.hash.substr(0, 12), controls_of(judged),
                        counts(judged.verdicts));
  text += '\n';
  for (const auto& line : cautions(runs)) text += fmt::format("> {}\n\n", cell(line));
  const std::vector<std::string> ids = shared_claims(runs);
  if (ids.empty()) return text + "No claim was judged by two of these runs.\n";
  text +=
      "Intervals hold together within each run, at its register's level; over several runs they "
      "hold less surely, "
      "and runs of one machine and one commit may differ by what changes between minutes.\n\n| "
      "claim |";
  for (const auto& judged : runs) text += fmt::format(" {} |", judged.run.manifest.run_id);
  text += " together |\n|---|";
  for (std::size_t i = 0; i <= runs.size(); ++i) text += "---|";
  text += '\n';
  for (const auto& id : ids) {
    std::vector<const ExperimentVerdict*> results;
    text += fmt::format("| {} |", id);
    for (const auto& judged : runs) {
      results.push_back(verdict_in(judged, id));
      text += fmt::format(" {} |", cell_of(results.back(), judged.run.manifest.plan));
    }
    text += fmt::format(" {} |\n", between(results));
  }
  return text;
}

namespace {

template <typename Wanted>
Json forest_of_runs(const std::vector<JudgedRun>& runs, const char* file, const char* title,
                    const char* x_label, Wanted wanted) {
  Json rows = Json::array();
  for (const auto& id : shared_claims(runs))
    for (const auto& judged : runs) {
      const auto* result = verdict_in(judged, id);
      if (result == nullptr || interval_of(*result) == nullptr || !wanted(result->experiment))
        continue;
      rows.push_back(forest_row(result->experiment, result->comparisons[result->headline],
                                fmt::format("{} in {}", id, judged.run.manifest.run_id),
                                result->verdict));
    }
  return forest_figure(file, title, x_label, std::move(rows));
}

}  // namespace

Json comparison_figures(const std::vector<JudgedRun>& runs) {
  std::vector<std::string> names;
  for (const auto& judged : runs) names.push_back(judged.run.manifest.run_id);
  Json ratios =
      forest_of_runs(runs, "compare-ratios", "Ratios, run beside run",
                     "baseline / candidate (above 1: the candidate is better)", shows_ratio);
  ratios["reference"] = 1.0;
  Json times = forest_of_runs(runs, "compare-times", "Times, run beside run", "ns an iteration",
                              [](const Experiment& entry) {
                                return entry.rule.kind == RuleKind::kBound && is_time(entry.metric);
                              });
  Json figures = Json::array();
  for (const Json& figure : {ratios, times})
    if (!figure["rows"].empty()) figures.push_back(figure);
  return {{"schema", "assay-figures/1"},
          {"run_id", fmt::format("{}", fmt::join(names, " "))},
          {"subtitle", fmt::format("{} runs", runs.size())},
          {"figures", figures}};
}

}  // namespace assay
