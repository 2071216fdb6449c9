#include "register/register.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <set>

namespace assay {

const char* name_of(RuleKind kind) {
  switch (kind) {
    case RuleKind::kSuperiority:
      return "superiority";
    case RuleKind::kEquivalence:
      return "equivalence";
    case RuleKind::kBound:
      return "bound";
    case RuleKind::kSlope:
      return "slope";
    case RuleKind::kCrossover:
      return "crossover";
    case RuleKind::kLimit:
      return "limit";
    case RuleKind::kBehaviour:
      return "behaviour";
    case RuleKind::kWitness:
      return "witness";
    case RuleKind::kControl:
      return "control";
  }
  return "?";
}

const char* name_of(Side side) {
  return side == Side::kBaseline ? "baseline" : "candidate";
}

namespace {

std::string between(const char* what, const Rule& rule) {
  if (rule.at_least && rule.at_most)
    return fmt::format("{} <= {} <= {}", *rule.at_least, what, *rule.at_most);
  if (rule.at_least) return fmt::format("{} >= {}", what, *rule.at_least);
  return fmt::format("{} <= {}", what, *rule.at_most);
}

std::string demands_of(const Witness& witness) {
  std::vector<std::string> demands;
  for (const auto& pattern : witness.has) demands.push_back(fmt::format("has /{}/", pattern));
  for (const auto& pattern : witness.lacks) demands.push_back(fmt::format("lacks /{}/", pattern));
  return fmt::format("{} {}{}", witness.is_of_loop ? "the hot loop of" : "the code of",
                     witness.function,
                     demands.empty() ? " is shown" : fmt::format(" {}", fmt::join(demands, ", ")));
}

}  // namespace

bool is_time(const std::string& metric) {
  return metric == "real_time" || metric == "cpu_time";
}

std::string describe(const Experiment& experiment) {
  const Rule& rule = experiment.rule;
  const bool ratio = experiment.compare == Compare::kRatio;
  const char* const effect = ratio ? "baseline / candidate" : "baseline - candidate";
  switch (rule.kind) {
    case RuleKind::kSuperiority:
      return fmt::format("{} >= {}", effect, *rule.threshold);
    case RuleKind::kEquivalence:
      return ratio ? fmt::format("{} within [1/{}, {}]", effect, *rule.margin, *rule.margin)
                   : fmt::format("{} within +-{}", effect, *rule.margin);
    case RuleKind::kBound:
      return between(experiment.metric.c_str(), rule);
    case RuleKind::kSlope:
      return fmt::format("d log({}) / d log(size) within {} +- {}", experiment.metric,
                         *rule.expected, *rule.margin);
    case RuleKind::kCrossover:
      return between("size at which the candidate begins to win", rule);
    case RuleKind::kLimit:
      return fmt::format("fastest probe / candidate >= {}", *rule.at_least);
    case RuleKind::kBehaviour:
      return "it holds in every slice";
    case RuleKind::kWitness: {
      std::vector<std::string> sides;
      for (const auto& witness : experiment.witnesses) sides.push_back(demands_of(witness));
      return fmt::format("{}", fmt::join(sides, "; "));
    }
    case RuleKind::kControl:
      return ratio ? fmt::format("{} within [{} / {}, {} * {}]", effect, *rule.expected,
                                 *rule.margin, *rule.expected, *rule.margin)
                   : fmt::format("{} within {} +- {}", effect, *rule.expected, *rule.margin);
  }
  return "";
}

namespace {

bool selects(const std::string& word, const Experiment& entry) {
  return entry.id == word || entry.id.starts_with(word + "/") || entry.family() == word ||
         std::ranges::count(entry.tags, word) > 0;
}

bool is_of_time(const std::string& metric) {
  return is_time(metric) || metric.ends_with("_ns") || metric.ends_with("_per_s") ||
         metric.ends_with("_per_second");
}

}  // namespace

bool vouches_for(const Experiment& control, const Experiment& claim) {
  if (!control.is_control() || claim.is_control() || !claim.is_estimated()) return false;
  if (is_of_time(control.metric) && !is_of_time(claim.metric)) return false;
  return std::ranges::any_of(control.guards, [&](const auto& guarded) {
    return guarded == claim.family() || guarded == claim.id || claim.id.starts_with(guarded + "/");
  });
}

Selection select(const Register& reg, const std::vector<std::string>& words) {
  if (words.empty()) return {reg.experiments, {}};
  Selection selection;
  for (const auto& word : words)
    if (std::ranges::none_of(reg.experiments,
                             [&](const auto& entry) { return selects(word, entry); }))
      selection.unknown.push_back(word);
  const auto chosen = [&](const Experiment& entry) {
    return std::ranges::any_of(words, [&](const auto& word) { return selects(word, entry); });
  };
  const auto vouches_for_chosen = [&](const Experiment& control) {
    return std::ranges::any_of(reg.experiments, [&](const Experiment& claim) {
      return chosen(claim) && vouches_for(control, claim);
    });
  };
  for (const auto& entry : reg.experiments)
    if (chosen(entry) || vouches_for_chosen(entry)) selection.experiments.push_back(entry);
  return selection;
}

}  // namespace assay
