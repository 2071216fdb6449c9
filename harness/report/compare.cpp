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
#include "text.hpp"

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

/// A run's answer to one claim, and the comparison by which it is held beside those of others.
struct Answer {
  const JudgedRun* judged = nullptr;
  const ExperimentVerdict* result = nullptr;  ///< null: not selected
  const ComparisonVerdict* part = nullptr;    ///< null: nothing of the kind was measured
};

const std::string& rival_of(const JudgedRun& judged, const ComparisonVerdict& part) {
  return judged.run.manifest.plan.comparisons[part.comparison].baseline;
}

const ComparisonVerdict* headline_of(const ExperimentVerdict& result) {
  return result.comparisons.empty() ? nullptr : &result.comparisons[result.headline];
}

bool can_be_compared(const Answer& answer) {
  if (answer.part == nullptr) return false;
  const Ends ends = bounded_ends(answer.result->experiment, answer.part->estimate.interval);
  const Verdict verdict = answer.result->verdict;
  return answer.result->experiment.is_estimated() && verdict != Verdict::kInvalid &&
         verdict != Verdict::kNotRun && !std::isnan(answer.part->estimate.value) && ends.low &&
         ends.high;
}

/// The runs' answers to one claim, each against the rival that is the strongest in the first run
/// that measured it.
std::vector<Answer> answers_to(const std::string& id, const std::vector<JudgedRun>& runs) {
  std::vector<Answer> answers;
  std::optional<std::string> rival;
  for (const auto& judged : runs) {
    Answer answer{&judged, verdict_in(judged, id), nullptr};
    const ComparisonVerdict* strongest = answer.result ? headline_of(*answer.result) : nullptr;
    if (strongest != nullptr) {
      if (!rival) rival = rival_of(judged, *strongest);
      for (const auto& part : answer.result->comparisons)
        if (rival_of(judged, part) == *rival) answer.part = &part;
    }
    answers.push_back(answer);
  }
  return answers;
}

/// Last / first, or last - first where effects may be 0 or less, with what both intervals leave.
std::string change_between(const Answer& first, const Answer& last) {
  const Interval& a = first.part->estimate.interval;
  const Interval& b = last.part->estimate.interval;
  const double from = first.part->estimate.value;
  const double to = last.part->estimate.value;
  if (a.low > 0 && b.low > 0)
    return fmt::format("last / first {} [{}, {}]", number(to / from), number(b.low / a.high),
                       number(b.high / a.low));
  return fmt::format("last - first {} [{}, {}]", number(to - from), number(b.low - a.high),
                     number(b.high - a.low));
}

/// What the runs say of one claim together.
std::string between(const std::vector<Answer>& answers) {
  std::set<std::string> wordings;
  std::set<std::string> rivals;
  std::set<Verdict> decided;
  std::vector<const Answer*> comparable;
  for (const auto& answer : answers) {
    if (answer.result == nullptr) continue;
    wordings.insert(answer.result->experiment.hash);
    if (decides(answer.result->verdict)) decided.insert(answer.result->verdict);
    if (const auto* strongest = headline_of(*answer.result))
      rivals.insert(rival_of(*answer.judged, *strongest));
    if (can_be_compared(answer)) comparable.push_back(&answer);
  }
  if (wordings.size() > 1) return "reworded between the runs";
  std::vector<std::string> parts;
  if (decided.size() > 1) parts.emplace_back("**other verdicts**");
  if (comparable.size() > 1) {
    const auto are_apart = [&](const Answer* a) {
      return std::ranges::any_of(comparable, [&](const Answer* b) {
        return intersect(a->part->estimate.interval, b->part->estimate.interval).is_empty();
      });
    };
    parts.emplace_back(std::ranges::any_of(comparable, are_apart) ? "**apart**" : "overlap");
    parts.push_back(change_between(*comparable.front(), *comparable.back()));
  }
  if (rivals.size() > 1) parts.emplace_back("another rival is the strongest");
  return parts.empty() ? "-" : fmt::format("{}", fmt::join(parts, "; "));
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

nlohmann::json fingerprint(const Run& run) {
  return run.manifest.machine.value("fingerprint", nlohmann::json());
}

nlohmann::json commit(const Run& run) {
  return run.manifest.source.value("commit", nlohmann::json());
}

/// True if the runs differ in what `key` tells of them, or one does not know.
bool differ(const std::vector<JudgedRun>& runs, nlohmann::json (*key)(const Run&)) {
  const nlohmann::json first = key(runs.front().run);
  return std::ranges::any_of(runs, [&](const JudgedRun& judged) {
    const nlohmann::json own = key(judged.run);
    return own != first || own.is_null();
  });
}

/// Some instrument that two runs have in common is another binary, or its hash is not known.
bool differ_in_binaries(const std::vector<JudgedRun>& runs) {
  std::map<std::string, nlohmann::json> first;
  for (const auto& judged : runs)
    for (const auto& [name, instrument] : judged.run.manifest.instruments.items()) {
      const nlohmann::json hash = instrument.value("sha256", nlohmann::json());
      if (hash.is_null() || first.try_emplace(name, hash).first->second != hash) return true;
    }
  return false;
}

std::vector<std::string> reworded_claims(const std::vector<JudgedRun>& runs) {
  std::vector<std::string> reworded;
  for (const auto& id : shared_claims(runs)) {
    std::set<std::string> hashes;
    for (const auto& judged : runs)
      if (const auto* result = verdict_in(judged, id)) hashes.insert(result->experiment.hash);
    if (hashes.size() > 1) reworded.push_back(id);
  }
  return reworded;
}

/// What a reader must know of one run.
void append_cautions(const JudgedRun& judged, std::vector<std::string>& lines) {
  const std::string& id = judged.run.manifest.run_id;
  if (judged.run.manifest.source.value("dirty", nlohmann::json()) == true)
    lines.push_back(fmt::format("{}: made with uncommitted changes.", id));
  for (const auto& warning : warnings_of(judged.run, judged.verdicts))
    lines.push_back(fmt::format("{}: {}.", id, warning));
  for (const auto& result : judged.verdicts.experiments)
    if (result.verdict == Verdict::kFailed)
      lines.push_back(fmt::format("{}: the control {} failed.", id, result.experiment.id));
}

/// What a reader must know before comparing, a sentence each.
std::vector<std::string> cautions(const std::vector<JudgedRun>& runs) {
  std::vector<std::string> lines;
  if (differ(runs, fingerprint))
    lines.emplace_back(
        "The machines differ, or are not known, so times do not compare; ratios do, as answers "
        "about each machine.");
  if (differ(runs, commit)) lines.emplace_back("The commits differ, or are not known.");
  if (differ_in_binaries(runs))
    lines.emplace_back("The binaries differ: code, compiler or options may, too.");
  if (differ(runs, [](const Run& run) { return nlohmann::json(run.reg.hash); })) {
    const auto reworded = reworded_claims(runs);
    lines.push_back(
        reworded.empty()
            ? std::string("The registers differ, but not in the claims below: levels may.")
            : fmt::format("The registers differ; reworded: {}.", fmt::join(reworded, ", ")));
  }
  for (const auto& judged : runs) append_cautions(judged, lines);
  return lines;
}

std::string cell_of(const Answer& answer) {
  if (answer.result == nullptr) return "not selected";
  const Plan& plan = answer.judged->run.manifest.plan;
  return cell(fmt::format("{}{} {}", name_of(answer.result->verdict), labels(*answer.result, plan),
                          measured(*answer.result, plan)));
}

}  // namespace

std::string comparison_markdown(const std::vector<JudgedRun>& runs) {
  std::string text =
      "# Runs compared\n\n| run | measured on | commit | register | controls | claims "
      "|\n|---|---|---|---|---|---|\n";
  for (const auto& judged : runs)
    text += fmt::format("| {} | {} | {} | {} | {} | {} |\n", judged.run.manifest.run_id,
                        cell(subtitle(judged.run)), plain_text(commit(judged.run)).substr(0, 12),
                        judged.run.reg.hash.substr(0, 12), controls_of(judged),
                        counts(judged.verdicts));
  text += '\n';
  for (const auto& line : cautions(runs)) text += fmt::format("> {}\n\n", cell(line));
  const std::vector<std::string> ids = shared_claims(runs);
  if (ids.empty()) return text + "No claim was judged by two of these runs.\n";
  text +=
      "Each run's intervals hold together at its register's level. Where those of two runs are "
      "*apart*, the runs differ; where they *overlap*, they may differ by as much as the interval "
      "of their ratio (or difference) leaves open, which is against the strongest rival of the "
      "first run. Runs of one machine and one binary differ by what changes between minutes, "
      "too.\n\n| claim |";
  for (const auto& judged : runs) text += fmt::format(" {} |", judged.run.manifest.run_id);
  text += " together |\n|---|";
  for (std::size_t i = 0; i <= runs.size(); ++i) text += "---|";
  text += '\n';
  for (const auto& id : ids) {
    const std::vector<Answer> answers = answers_to(id, runs);
    text += fmt::format("| {} |", cell(id));
    for (const auto& answer : answers) text += fmt::format(" {} |", cell_of(answer));
    text += fmt::format(" {} |\n", between(answers));
  }
  return text;
}

namespace {

template <typename Wanted>
Json rows_of_runs(const std::vector<JudgedRun>& runs, Wanted is_wanted) {
  Json rows = Json::array();
  for (const auto& id : shared_claims(runs))
    for (const auto& answer : answers_to(id, runs))
      if (answer.part != nullptr && is_wanted(answer.result->experiment))
        rows.push_back(forest_row(answer.result->experiment, *answer.part,
                                  fmt::format("{} in {}", id, answer.judged->run.manifest.run_id),
                                  answer.result->verdict));
  return rows;
}

bool is_of(const Experiment& entry, RuleKind kind) {
  return entry.rule.kind == kind;
}

/// Counters, and differences: each metric on an axis of its own.
bool is_of_another_metric(const Experiment& entry) {
  return entry.is_estimated() && !shows_ratio(entry) && !is_limit(entry) && !is_time_bound(entry) &&
         !is_of(entry, RuleKind::kSlope) && !is_of(entry, RuleKind::kCrossover);
}

std::set<std::string> other_metrics(const std::vector<JudgedRun>& runs) {
  std::set<std::string> metrics;
  for (const auto& judged : runs)
    for (const auto& result : judged.verdicts.experiments)
      if (is_of_another_metric(result.experiment)) metrics.insert(effect_name(result.experiment));
  return metrics;
}

}  // namespace

Json comparison_figures(const std::vector<JudgedRun>& runs) {
  std::vector<std::string> names;
  for (const auto& judged : runs) names.push_back(judged.run.manifest.run_id);
  Json figures = Json::array();
  const auto add = [&](const std::string& file, const std::string& title,
                       const std::string& x_label, Json rows, bool is_log, bool has_reference) {
    if (rows.empty()) return;
    figures.push_back(forest_figure(file, title, x_label, std::move(rows), is_log));
    if (has_reference) figures.back()["reference"] = 1.0;
  };
  add("compare-ratios", "Ratios, run beside run",
      "baseline / candidate (above 1: the candidate is better)",
      rows_of_runs(runs,
                   [](const Experiment& entry) { return shows_ratio(entry) && !is_limit(entry); }),
      true, true);
  add("compare-limits", "Shares of limits, run beside run", "share of the limit",
      rows_of_runs(runs, is_limit), true, true);
  add("compare-times", "Times, run beside run", "ns an iteration",
      rows_of_runs(runs, is_time_bound), true, false);
  add("compare-slopes", "Slopes, run beside run", "exponent of the growth with size",
      rows_of_runs(runs, [](const Experiment& entry) { return is_of(entry, RuleKind::kSlope); }),
      false, true);
  add("compare-crossovers", "Crossovers, run beside run",
      "size from which the candidate wins (none: outside what was swept)",
      rows_of_runs(runs,
                   [](const Experiment& entry) { return is_of(entry, RuleKind::kCrossover); }),
      true, false);
  for (const auto& metric : other_metrics(runs))
    add("compare-" + file_name_of(metric), metric + ", run beside run", metric,
        rows_of_runs(runs,
                     [&](const Experiment& entry) {
                       return is_of_another_metric(entry) && effect_name(entry) == metric;
                     }),
        false, false);
  return {{"schema", "assay-figures/1"},
          {"run_id", fmt::format("{}", fmt::join(names, " "))},
          {"subtitle", fmt::format("{} runs", runs.size())},
          {"figures", figures}};
}

}  // namespace assay
