#include "report/format.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace assay {

std::string number(double value) {
  if (std::isnan(value)) return "-";
  if (std::isinf(value)) return value > 0 ? "infinite" : "-infinite";
  const double size = std::abs(value);
  if (size >= 1e6 || (size > 0 && size < 1e-3)) return fmt::format("{:.3e}", value);
  if (size >= 1000) return fmt::format("{:.0f}", value);
  return fmt::format("{:.4g}", value);
}

std::string number(double value, double resolution) {
  constexpr int kMostDigits = 9;
  const double size = std::abs(value);
  if (!std::isfinite(value) || !(resolution > 0) || std::isinf(resolution) || size == 0)
    return number(value);
  const int digits = static_cast<int>(std::ceil(std::log10(size) - std::log10(resolution))) + 2;
  if (digits <= 4 || size >= 1e6 || size < 1e-3) return number(value);
  return fmt::format("{:#.{}g}", value, std::min(digits, kMostDigits));
}

namespace {

bool is_time(const Experiment& experiment) {
  return experiment.metric == "real_time" || experiment.metric == "cpu_time";
}

bool shows_ratio(const Experiment& experiment) {
  return experiment.compare == Compare::kRatio && (experiment.rule.kind == RuleKind::kSuperiority ||
                                                   experiment.rule.kind == RuleKind::kEquivalence ||
                                                   experiment.rule.kind == RuleKind::kControl);
}

bool shows_value(const Experiment& experiment) {
  return experiment.rule.kind == RuleKind::kBound || experiment.compare == Compare::kDifference;
}

const char* unit_of(const Experiment& experiment) {
  if (shows_ratio(experiment)) return "x";
  return shows_value(experiment) && is_time(experiment) ? " ns" : "";
}

}  // namespace

std::string effect(const Experiment& experiment, double value) {
  return number(value) + (std::isfinite(value) ? unit_of(experiment) : "");
}

std::string effect_with_interval(const Experiment& experiment, const Estimate& found) {
  if (std::isnan(found.value)) return "-";
  const Interval& interval = found.interval;
  const double least = shows_ratio(experiment) ? 0 : -std::numeric_limits<double>::infinity();
  const bool bounded = std::isfinite(interval.high) && interval.low > least;
  if (!bounded && experiment.rule.kind != RuleKind::kCrossover)
    return fmt::format("{} [too few rounds]", effect(experiment, found.value));
  const double width = interval.high - interval.low;
  return fmt::format("{}{} [{}, {}]", number(found.value, width),
                     std::isfinite(found.value) ? unit_of(experiment) : "",
                     number(interval.low, width), number(interval.high, width));
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

std::string effect_name(const Experiment& experiment) {
  std::string metric = experiment.metric + (is_time(experiment) ? ", ns an iteration" : "");
  switch (experiment.rule.kind) {
    case RuleKind::kSlope:
      return fmt::format("d log({}) / d log(size)", experiment.metric);
    case RuleKind::kCrossover:
      return "size";
    case RuleKind::kBound:
      return metric;
    default:
      break;
  }
  return experiment.compare == Compare::kRatio ? "baseline / candidate"
                                               : "baseline - candidate: " + metric;
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
