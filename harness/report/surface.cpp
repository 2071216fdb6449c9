#include "report/surface.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <regex>
#include <tuple>

namespace assay {

namespace {

constexpr std::size_t kLeastSections = 3;

/// A "name:number" of a benchmark's name.
struct Parameter {
  std::string name;
  std::string number;
};

std::vector<Parameter> parameters_of(const std::string& pattern) {
  static const std::regex form(R"(([A-Za-z_][A-Za-z_-]*):(\d{1,15})(?=/|$))");
  std::vector<Parameter> found;
  for (std::sregex_iterator at(pattern.begin(), pattern.end(), form), end; at != end; ++at)
    found.push_back({(*at)[1], (*at)[2]});
  return found;
}

/// The pattern with the parameter's number left open; none if it does not hold it.
std::optional<std::string> opened(std::string pattern, const Parameter& parameter) {
  const std::string wanted = parameter.name + ":" + parameter.number;
  for (auto at = pattern.find(wanted); at != std::string::npos; at = pattern.find(wanted, at + 1)) {
    const std::size_t after = at + wanted.size();
    const bool is_whole =
        (at == 0 || pattern[at - 1] == '/') && (after == pattern.size() || pattern[after] == '/');
    if (is_whole) return pattern.replace(at, wanted.size(), parameter.name + ":*");
  }
  return std::nullopt;
}

}  // namespace

std::string swept_name(const std::string& pattern) {
  static const std::regex form(R"(([A-Za-z_][A-Za-z_-]*):\{size\})");
  std::smatch found;
  return std::regex_search(pattern, found, form) ? found[1].str() : "size";
}

std::vector<Surface> surfaces_of(const Plan& plan, const RunVerdicts& verdicts) {
  std::map<std::tuple<std::string, std::string, std::string>, Surface> found;
  for (const auto& result : verdicts.experiments) {
    if (result.experiment.rule.kind != RuleKind::kCrossover) continue;
    for (const auto& part : result.comparisons) {
      if (part.estimate.rounds.empty()) continue;
      const Comparison& comparison = plan.comparisons[part.comparison];
      for (const auto& parameter : parameters_of(comparison.baseline)) {
        const auto baseline = opened(comparison.baseline, parameter);
        const auto candidate = opened(comparison.candidate, parameter);
        if (!baseline || !candidate) continue;
        Surface& surface = found[{*baseline, *candidate, parameter.name}];
        surface.baseline = *baseline;
        surface.candidate = *candidate;
        surface.swept = swept_name(comparison.baseline);
        surface.other = parameter.name;
        const double at = std::stod(parameter.number);
        if (std::ranges::find(surface.sections, at, &Section::at) == surface.sections.end())
          surface.sections.push_back({&result, &part, at});
      }
    }
  }
  std::vector<Surface> surfaces;
  for (auto& [key, surface] : found) {
    if (surface.sections.size() < kLeastSections) continue;
    std::ranges::sort(surface.sections, {}, &Section::at);
    surfaces.push_back(std::move(surface));
  }
  return surfaces;
}

}  // namespace assay
