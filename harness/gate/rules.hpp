#pragma once

#include <optional>
#include <regex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "error.hpp"
#include "gate/result.hpp"

namespace assay {

/// What a TOML file says of the benchmarks whose whole names match a pattern. A later one counts.
struct GateOverride {
  std::string match;  ///< as written
  std::regex pattern;
  std::optional<double> margin;  ///< 1.05 for 5%
  std::optional<bool> is_ignored;
  std::optional<bool> is_gated;
  std::optional<std::vector<std::string>> metrics;
};

/// What a gate asks: of all benchmarks, and of some.
struct GateRules {
  double margin = 1.02;
  double alpha = 0.01;  ///< shared by all benchmarks, metrics and looks
  std::vector<std::string> metrics = {"real_time"};
  std::vector<GateOverride> overrides;
  std::vector<std::pair<std::string, std::string>> renamed;  ///< old name, new name
};

/// What holds for one benchmark.
struct BenchmarkRule {
  double margin = 1.02;
  bool is_ignored = false;
  bool is_gated = true;
  std::vector<std::string> metrics;
};

BenchmarkRule rule_for(const GateRules& rules, const std::string& benchmark);

/// "3%" and "3" are a margin of 1.03. Errors: kUsage if it is no percentage above 0 and at most
/// 100, or a bare number below 1, which may be meant as a share.
Result<double> margin_from(std::string_view text);

/// What rules say of benchmarks that are not there, in words.
std::vector<std::string> unused_rules(const GateRules& rules, const Matching& matching);

/// Reads a file of rules into `rules`; docs/gate.md has its keys. Errors: kUsage with the place,
/// also for a key that is not known; kData if it cannot be read.
Result<void> read_rules(const std::string& path, GateRules& rules);

/// The same of a text.
Result<void> parse_rules(std::string_view text, const std::string& path, GateRules& rules);

}  // namespace assay
