#include "gate/rules.hpp"

#include <fmt/format.h>

#include <toml++/toml.h>
#include <algorithm>
#include <charconv>
#include <set>

#include "record/raw_file.hpp"
#include "text.hpp"

namespace assay {

BenchmarkRule rule_for(const GateRules& rules, const std::string& benchmark) {
  BenchmarkRule rule{rules.margin, false, true, rules.metrics};
  for (const auto& each : rules.overrides) {
    if (!std::regex_match(benchmark, each.pattern)) continue;
    rule.margin = each.margin.value_or(rule.margin);
    rule.is_ignored = each.is_ignored.value_or(rule.is_ignored);
    rule.is_gated = each.is_gated.value_or(rule.is_gated);
    rule.metrics = each.metrics.value_or(rule.metrics);
  }
  return rule;
}

Result<double> margin_from(std::string_view text) {
  const bool is_percentage = text.ends_with('%');
  const std::string_view digits = is_percentage ? text.substr(0, text.size() - 1) : text;
  double value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool is_number = error == std::errc() && end == digits.data() + digits.size();
  const double share = value / 100;
  if (is_number && !is_percentage && value > 0 && value < 1)
    return fail(ExitCode::kUsage, "margin",
                fmt::format("\"{}\" may be meant as a share or as a percentage", text),
                fmt::format("write {:g}% or {:g}%", 100 * value, value));
  if (is_number && share > 0 && share <= 1) return 1 + share;
  return fail(ExitCode::kUsage, "margin", fmt::format("\"{}\" is no margin", text),
              "write a percentage, as 2%");
}

std::vector<std::string> unused_rules(const GateRules& rules, const Matching& matching) {
  std::set<std::string> before, after;
  for (const auto& [old_name, new_name] : matching.pairs) {
    before.insert(old_name);
    after.insert(new_name);
  }
  for (const auto& each : matching.removed) before.insert(each.benchmark);
  for (const auto& each : matching.added) after.insert(each.benchmark);
  std::vector<std::string> unused;
  for (const auto& each : rules.overrides)
    if (std::ranges::none_of(
            after, [&](const std::string& name) { return std::regex_match(name, each.pattern); }))
      unused.push_back(
          fmt::format("no benchmark's whole name matches the rule \"{}\"", each.match));
  for (const auto& [old_name, new_name] : rules.renamed)
    if (!before.contains(old_name) || !after.contains(new_name))
      unused.push_back(fmt::format("\"{}\", renamed to \"{}\" by rule, is not in the {}", old_name,
                                   new_name, before.contains(old_name) ? "candidate" : "baseline"));
  return unused;
}

namespace {

/// Reads tables and notes the first error with its line.
class RulesReader {
 public:
  RulesReader(std::string path, GateRules& rules) : path_(std::move(path)), rules_(rules) {}

  Result<void> read(const toml::table& table) {
    check_keys(table, {"margin", "alpha", "metrics", "benchmark", "renamed"});
    if (const auto margin = margin_in(table)) rules_.margin = *margin;
    if (const toml::node* const node = table.get("alpha")) {
      const double alpha = node->value<double>().value_or(0);
      if (!(alpha > 0 && alpha < 1)) note(*node, "alpha is no level between 0 and 1");
      rules_.alpha = alpha;
    }
    if (auto metrics = strings_in(table, "metrics")) rules_.metrics = *std::move(metrics);
    if (const toml::node* const node = table.get("benchmark")) read_benchmarks(*node);
    if (const toml::node* const node = table.get("renamed")) read_renamed(*node);
    if (error_) return std::unexpected(*error_);
    return {};
  }

 private:
  void note(const toml::node& node, std::string what, std::string mend = "") {
    if (!error_)
      error_ = Error{ExitCode::kUsage, fmt::format("{}:{}", path_, node.source().begin.line),
                     std::move(what), std::move(mend)};
  }

  void check_keys(const toml::table& table, const std::vector<std::string>& known) {
    for (const auto& [key, value] : table)
      if (std::ranges::count(known, std::string(key.str())) == 0)
        note(value, fmt::format("unknown key \"{}\"", std::string_view(key.str())),
             did_you_mean(key.str(), known));
  }

  std::optional<double> margin_in(const toml::table& table) {
    const toml::node* const node = table.get("margin");
    if (node == nullptr) return std::nullopt;
    std::string text = node->value_or(std::string());
    if (node->is_number()) text = fmt::format("{}", node->value_or(0.0));
    const auto margin = margin_from(text);
    if (margin) return *margin;
    note(*node, margin.error().what, margin.error().mend);
    return std::nullopt;
  }

  std::optional<bool> flag_in(const toml::table& table, const char* key) {
    const toml::node* const node = table.get(key);
    if (node == nullptr) return std::nullopt;
    if (!node->is_boolean()) note(*node, fmt::format("{} is neither true nor false", key));
    return node->value<bool>();
  }

  std::optional<std::vector<std::string>> strings_in(const toml::table& table, const char* key) {
    const toml::node* const node = table.get(key);
    if (node == nullptr) return std::nullopt;
    std::vector<std::string> found;
    if (const toml::array* const array = node->as_array())
      for (const auto& item : *array) {
        const auto text = item.value<std::string>();
        if (!text || text->empty()) note(item, fmt::format("{} holds what is no name", key));
        found.push_back(text.value_or(""));
      }
    if (found.empty()) note(*node, fmt::format("{} is no array of names", key));
    return found;
  }

  void read_benchmarks(const toml::node& node) {
    const toml::array* const array = node.as_array();
    if (array == nullptr)
      return note(node, "benchmark is no array of tables", "write [[benchmark]]");
    for (const auto& item : *array) {
      if (const toml::table* const table = item.as_table())
        read_benchmark(*table);
      else
        note(item, "benchmark is no array of tables", "write [[benchmark]]");
    }
  }

  void read_benchmark(const toml::table& table) {
    check_keys(table, {"match", "margin", "ignore", "gate", "metrics"});
    GateOverride each;
    each.match = table["match"].value_or(std::string());
    if (each.match.empty())
      return note(table, "an override names no benchmark", "add match = \"a regular expression\"");
    try {
      each.pattern = std::regex(each.match);
    } catch (const std::regex_error& error) {
      return note(*table.get("match"),
                  fmt::format("\"{}\" does not compile: {}", each.match, error.what()));
    }
    each.margin = margin_in(table);
    each.is_ignored = flag_in(table, "ignore");
    each.is_gated = flag_in(table, "gate");
    each.metrics = strings_in(table, "metrics");
    rules_.overrides.push_back(std::move(each));
  }

  void read_renamed(const toml::node& node) {
    const toml::table* const table = node.as_table();
    if (table == nullptr) return note(node, "renamed is no table", "write [renamed]");
    for (const auto& [old_name, value] : *table) {
      const auto new_name = value.value<std::string>();
      if (!new_name) note(value, "a new name is no text");
      rules_.renamed.emplace_back(std::string(old_name.str()), new_name.value_or(""));
    }
  }

  std::string path_;
  GateRules& rules_;
  std::optional<Error> error_;
};

}  // namespace

Result<void> parse_rules(std::string_view text, const std::string& path, GateRules& rules) {
  try {
    return RulesReader(path, rules).read(toml::parse(text, path));
  } catch (const toml::parse_error& error) {
    return fail(ExitCode::kUsage, fmt::format("{}:{}", path, error.source().begin.line),
                std::string(error.description()));
  }
}

Result<void> read_rules(const std::string& path, GateRules& rules) {
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return parse_rules(*text, path, rules);
}

}  // namespace assay
