#include "report/format.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay {

bool shows_ratio(const Experiment& experiment) {
  return experiment.compare == Compare::kRatio && (experiment.rule.kind == RuleKind::kSuperiority ||
                                                   experiment.rule.kind == RuleKind::kLimit ||
                                                   experiment.rule.kind == RuleKind::kEquivalence ||
                                                   experiment.rule.kind == RuleKind::kControl);
}

std::string number(double value) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
  const double size = std::abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return fmt::format("{:.3e}", value);
  if (size >= 1000) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

namespace {

constexpr int kLeastDigits = 4;
constexpr int kMostDigits = 9;

/// Digits of `value` down to two of `resolution`.
int digits_for(double value, double resolution) {
  if (!(resolution > 0) || std::isinf(resolution)) return kLeastDigits;
  const double orders = std::ceil(std::log10(std::abs(value)) - std::log10(resolution));
  return std::clamp(static_cast<int>(orders) + 2, kLeastDigits, kMostDigits);
}

std::string with_digits(double value, int digits) {
  return digits == kLeastDigits ? number(value) : fmt::format("{:#.{}g}", value, digits);
}

bool is_on_its_side(const std::string& printed, double value, const std::vector<double>& cuts) {
  const double shown = std::stod(printed);
  return std::ranges::all_of(cuts, [&](double cut) {
    return (shown < cut) == (value < cut) && (shown > cut) == (value > cut);
  });
}

}  // namespace

std::string number(double value, double resolution, const std::vector<double>& cuts) {
  const double size = std::abs(value);
  if (!std::isfinite(value) || size == 0 || size >= 1e6 || size < 1e-3) return number(value);
  int digits = digits_for(value, resolution);
  while (digits < kMostDigits && !is_on_its_side(with_digits(value, digits), value, cuts)) ++digits;
  return with_digits(value, digits);
}

namespace {

bool shows_value(const Experiment& experiment) {
  return experiment.rule.kind == RuleKind::kBound || experiment.compare == Compare::kDifference;
}

const char* unit_of(const Experiment& experiment) {
  if (experiment.rule.kind == RuleKind::kLimit) return " of the limit";
  if (shows_ratio(experiment)) return "x";
  return shows_value(experiment) && is_time(experiment.metric) ? " ns" : "";
}

}  // namespace

std::string effect(const Experiment& experiment, double value) {
  return number(value) + (std::isfinite(value) ? unit_of(experiment) : "");
}

std::string effect_with_interval(const Experiment& experiment, const Estimate& found) {
  if (std::isnan(found.value)) return "-";
  if (experiment.rule.kind == RuleKind::kBehaviour)
    return fmt::format(
        "holds in {} of {} rounds",
        std::ranges::count_if(found.rounds, [](const auto& round) { return round.second == 1; }),
        found.rounds.size());
  const Interval& interval = found.interval;
  const double least = shows_ratio(experiment) ? 0 : -std::numeric_limits<double>::infinity();
  const bool bounded = std::isfinite(interval.high) && interval.low > least;
  if (!bounded && experiment.rule.kind != RuleKind::kCrossover)
    return fmt::format("{} [too few rounds]", effect(experiment, found.value));
  const double width = interval.high - interval.low;
  std::vector<double> cuts;
  for (const auto& cut : rule_cuts(experiment)) cuts.push_back(cut.value);
  return fmt::format("{}{} [{}, {}]", number(found.value, width),
                     std::isfinite(found.value) ? unit_of(experiment) : "",
                     number(interval.low, width, cuts), number(interval.high, width, cuts));
}

namespace {

std::string demands_held(const ExperimentVerdict& result) {
  std::size_t held = 0;
  std::size_t all = 0;
  for (const auto& side : result.witnesses) {
    all += side.demands.size();
    held += static_cast<std::size_t>(std::ranges::count(side.demands, true, &DemandResult::holds));
  }
  return all == 0 ? "-" : fmt::format("{} of {} demands hold", held, all);
}

}  // namespace

std::string measured(const ExperimentVerdict& result, const Plan& plan) {
  if (result.comparisons.empty()) return demands_held(result);
  const ComparisonVerdict& part = result.comparisons[result.headline];
  std::string effect = effect_with_interval(result.experiment, part.estimate);
  if (result.experiment.rule.kind != RuleKind::kLimit || std::isnan(part.estimate.value))
    return effect;
  const auto interval = effect.find(" [");
  return fmt::format("{} ({}){}", effect.substr(0, interval),
                     plan.comparisons[part.comparison].baseline, effect.substr(interval));
}

std::string predictions(const Experiment& experiment) {
  std::string text;
  for (const auto& scenario : experiment.predicted) {
    if (!text.empty()) text += ", ";
    text += effect(experiment, scenario.value);
    if (scenario.name != "predicted") text += fmt::format(" ({})", scenario.name);
  }
  return text.empty() ? "-" : text;
}

std::string metric_name(const Experiment& experiment) {
  return experiment.metric + (is_time(experiment.metric) ? ", ns an iteration" : "");
}

std::string effect_name(const Experiment& experiment) {
  switch (experiment.rule.kind) {
    case RuleKind::kSlope:
      return fmt::format("d log({}) / d log(size)", experiment.metric);
    case RuleKind::kCrossover:
      return "size";
    case RuleKind::kBound:
      return metric_name(experiment);
    default:
      break;
  }
  return experiment.compare == Compare::kRatio ? "baseline / candidate"
                                               : "baseline - candidate: " + metric_name(experiment);
}

std::string labels(const ExperimentVerdict& result, const Plan& plan) {
  std::string text;
  if (result.is_exploratory) text += " (exploratory)";
  if (is_layout_sized(result, plan)) text += " (layout-sized)";
  return text;
}

std::string quantity(const Experiment& experiment) {
  std::string metric = experiment.metric == "real_time" ? "latency" : experiment.metric;
  switch (experiment.rule.kind) {
    case RuleKind::kLimit:
      return "share-of-limit";
    case RuleKind::kSlope:
      return "slope";
    case RuleKind::kCrossover:
      return "crossover-size";
    case RuleKind::kBehaviour:
      return "holds";
    case RuleKind::kBound:
      return metric;
    default:
      return experiment.compare == Compare::kDifference ? "difference-" + metric : "ratio";
  }
}

Ends bounded_ends(const Experiment& experiment, const Interval& interval) {
  if (interval.is_empty()) return {};
  Ends ends;
  if (std::isfinite(interval.low) && (!shows_ratio(experiment) || interval.low > 0))
    ends.low = interval.low;
  if (std::isfinite(interval.high)) ends.high = interval.high;
  return ends;
}

std::string cell(std::string_view text) {
  std::string escaped;
  for (const char c : text) {
    if (c == '|')  // after a backslash, another one would escape that and not the bar
      escaped += escaped.ends_with('\\') ? "&#124;" : "\\|";
    else
      escaped += c == '\n' || c == '\r' ? ' ' : c;
  }
  return escaped;
}

}  // namespace assay
