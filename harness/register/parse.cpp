#include "register/parse.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <fstream>
#include <regex>
#include <set>
#include <sstream>

#include <toml++/toml.h>

#include "register/markdown.hpp"
#include "text.hpp"

namespace assay {
namespace {

using Strings = std::vector<std::string>;

/// Where a message points: the file, and the block's place in it.
struct Place {
  const std::string* path;
  int block_line;
  std::string id;

  std::string at(const toml::source_region& region) const {
    const int line = block_line + static_cast<int>(region.begin.line) - 1;
    return fmt::format("{}:{}{}", *path, line, id.empty() ? "" : ": " + id);
  }
};

/// Reads typed values out of one TOML table, collects every error, and afterwards names the keys
/// that nobody asked for.
class TableReader {
 public:
  TableReader(const toml::table& table, Place place, std::string prefix, std::vector<Error>& errors)
      : table_(table), place_(std::move(place)), prefix_(std::move(prefix)), errors_(errors) {}

  std::optional<std::string> text(const char* key) {
    const auto* node = take(key);
    if (node == nullptr) return std::nullopt;
    auto value = node->value_exact<std::string>();
    if (!value) return wrong(*node, key, "a string");
    if (value->empty()) return wrong(*node, key, "a string that is not empty");
    return value;
  }

  std::optional<double> number(const char* key) {
    const auto* node = take(key);
    return node == nullptr ? std::nullopt : number_of(*node, key);
  }

  bool flag(const char* key) {
    const auto* node = take(key);
    if (node == nullptr) return false;
    const auto value = node->value_exact<bool>();
    if (!value) report(*node, fmt::format("{} must be true or false", name(key)), "");
    return value.value_or(false);
  }

  /// A string, or an array of strings.
  Strings texts(const char* key) {
    const auto* node = take(key);
    if (node == nullptr) return {};
    if (const auto one = node->value_exact<std::string>()) return {*one};
    Strings values;
    if (const auto* array = node->as_array())
      for (const auto& item : *array)
        if (const auto value = item.value_exact<std::string>()) values.push_back(*value);
    if (values.empty() || values.size() != node->as_array()->size())
      wrong(*node, key, "a string or an array of strings");
    return values;
  }

  template <typename Integer>
  std::vector<Integer> integers(const char* key) {
    const auto* node = take(key);
    if (node == nullptr) return {};
    std::vector<Integer> values;
    if (const auto* array = node->as_array())
      for (const auto& item : *array)
        if (const auto value = item.value_exact<std::int64_t>();
            value && *value > 0 && std::in_range<Integer>(*value))
          values.push_back(static_cast<Integer>(*value));
    const bool whole = node->is_array() && values.size() == node->as_array()->size();
    if (!whole || values.empty() || !std::ranges::is_sorted(values, std::ranges::less_equal{}))
      wrong(*node, key, "an array of ascending integers above 0");
    return values;
  }

  /// A table of numbers, or (under `plain_name`) a single number.
  std::vector<Scenario> named_numbers(const char* key, const char* plain_name) {
    const auto* node = take(key);
    if (node == nullptr) return {};
    if (node->is_number()) {
      const auto value = number_of(*node, key);
      return value ? std::vector<Scenario>{{plain_name, *value}} : std::vector<Scenario>{};
    }
    const auto* table = node->as_table();
    if (table == nullptr || table->empty()) {
      wrong(*node, key, "a number or a table of numbers");
      return {};
    }
    std::vector<Scenario> values;
    for (const auto& [label, item] : *table)
      if (const auto value = number_of(item, key))
        values.push_back({std::string(label.str()), *value});
    // TOML tables have no order; the greatest first is how the documents list their scenarios.
    std::ranges::stable_sort(values, std::ranges::greater{}, &Scenario::value);
    return values;
  }

  const toml::table* table(const char* key) {
    const auto* node = take(key);
    if (node == nullptr) return nullptr;
    if (!node->is_table()) wrong(*node, key, "a table");
    return node->as_table();
  }

  /// Reports what the table holds beyond the keys taken so far, and `required` ones that it lacks.
  void finish(const Strings& required) {
    for (const auto& key : required)
      if (!table_.contains(key))
        report(table_, fmt::format("{} is missing", name(key)), fmt::format("add {} = ...", key));
    for (const auto& [key, node] : table_) {
      const std::string word(key.str());
      if (taken_.contains(word)) continue;
      report(node, fmt::format("unknown key {}", name(word)),
             did_you_mean(word, Strings(taken_.begin(), taken_.end())));
    }
  }

  void report(const toml::node& node, std::string what, std::string mend) {
    errors_.push_back(
        {ExitCode::kUsage, place_.at(node.source()), std::move(what), std::move(mend)});
  }
  void report(std::string what, std::string mend) {
    report(table_, std::move(what), std::move(mend));
  }
  bool has(const char* key) const { return table_.contains(key); }
  /// The line of a key that is present, in the file.
  int line_of(const char* key) const {
    return place_.block_line + static_cast<int>(table_.get(key)->source().begin.line) - 1;
  }
  /// Reports at the key where it is present, else at the table.
  void report_at(const char* key, std::string what, std::string mend) {
    const auto* node = table_.get(key);
    report(node == nullptr ? table_ : *node, std::move(what), std::move(mend));
  }
  std::vector<Error>& errors() { return errors_; }
  const Place& place() const { return place_; }

 private:
  const toml::node* take(const char* key) {
    taken_.insert(key);
    return table_.get(key);
  }
  std::string name(std::string_view key) const {
    return prefix_.empty() ? fmt::format("\"{}\"", key) : fmt::format("\"{}.{}\"", prefix_, key);
  }
  std::nullopt_t wrong(const toml::node& node, const char* key, const char* wanted) {
    report(node, fmt::format("{} must be {}", name(key), wanted), "");
    return std::nullopt;
  }
  std::optional<double> number_of(const toml::node& node, const char* key) {
    const auto value = node.value<double>();
    if (!node.is_number() || !value || !std::isfinite(*value))
      return wrong(node, key, "a finite number");
    return value;
  }

  const toml::table& table_;
  Place place_;
  std::string prefix_;
  std::vector<Error>& errors_;
  std::set<std::string> taken_;
};

struct KindName {
  const char* name;
  RuleKind kind;
};
constexpr KindName kKinds[] = {{"superiority", RuleKind::kSuperiority},
                               {"equivalence", RuleKind::kEquivalence},
                               {"bound", RuleKind::kBound},
                               {"slope", RuleKind::kSlope},
                               {"crossover", RuleKind::kCrossover},
                               {"limit", RuleKind::kLimit},
                               {"behaviour", RuleKind::kBehaviour},
                               {"witness", RuleKind::kWitness},
                               {"control", RuleKind::kControl}};

std::optional<RuleKind> read_kind(TableReader& rule) {
  const auto word = rule.text("kind");
  if (!word) return std::nullopt;
  Strings names;
  for (const auto& [name, kind] : kKinds) {
    if (*word == name) return kind;
    names.emplace_back(name);
  }
  std::string mend = did_you_mean(*word, names);
  if (mend.empty()) mend = fmt::format("the kinds are {}", fmt::join(names, ", "));
  rule.report_at("kind", fmt::format("unknown rule kind \"{}\"", *word), mend);
  return std::nullopt;
}

void read_range(TableReader& reader, Rule& rule) {
  rule.at_least = reader.number("at_least");
  rule.at_most = reader.number("at_most");
  if (!rule.at_least && !rule.at_most)
    reader.report("the rule asks for nothing", "add at_least, at_most or both");
  if (rule.at_least && rule.at_most && *rule.at_least >= *rule.at_most)
    reader.report_at("at_least", "no value can satisfy the rule: at_least is not below at_most",
                     "exchange them?");
}

void require_above(TableReader& reader, const char* key, std::optional<double> value, double floor,
                   const char* why) {
  if (value && !(*value > floor))
    reader.report_at(key, fmt::format("\"rule.{}\" must be above {}: {}", key, floor, why), "");
}

/// A margin of ratios beyond this calls anything equivalent.
constexpr double kWidestMargin = 10;

void check_margin(TableReader& reader, std::optional<double> margin, bool ratio) {
  require_above(
      reader, "margin", margin, ratio ? 1 : 0,
      ratio ? "an interval of ratios is held against [1/margin, margin]" : "it is a half-width");
  if (ratio && margin && *margin > kWidestMargin)
    reader.report_at("margin", fmt::format("a margin of {} would accept anything", *margin),
                     fmt::format("a factor of at most {} can be called equal", kWidestMargin));
}

std::optional<Rule> read_rule(const toml::table& table, const Experiment& entry, const Place& place,
                              std::vector<Error>& errors) {
  TableReader reader(table, place, "rule", errors);
  if (!table.contains("kind"))
    reader.report("\"rule.kind\" is missing", "add kind = \"superiority\" or another");
  const auto kind = read_kind(reader);
  if (!kind) return std::nullopt;
  Rule rule;
  rule.kind = *kind;
  const bool ratio = entry.compare == Compare::kRatio;
  Strings required = {"kind"};
  switch (rule.kind) {
    case RuleKind::kSuperiority:
      rule.threshold = reader.number("threshold");
      if (ratio) require_above(reader, "threshold", rule.threshold, 0, "ratios are");
      required.emplace_back("threshold");
      break;
    case RuleKind::kEquivalence:
      rule.margin = reader.number("margin");
      check_margin(reader, rule.margin, ratio);
      required.emplace_back("margin");
      break;
    case RuleKind::kSlope:
      rule.expected = reader.number("expected");
      rule.margin = reader.number("margin");
      require_above(reader, "margin", rule.margin, 0, "it is a half-width");
      required.insert(required.end(), {"expected", "margin"});
      break;
    case RuleKind::kBound:
      read_range(reader, rule);
      if (is_time(entry.metric)) {
        require_above(reader, "at_least", rule.at_least, 0, "every time is");
        require_above(reader, "at_most", rule.at_most, 0, "no time is below it");
      }
      break;
    case RuleKind::kCrossover:
      read_range(reader, rule);
      // At 0 the rule would hold for the interval that excludes nothing.
      require_above(reader, "at_least", rule.at_least, 0, "sizes are");
      require_above(reader, "at_most", rule.at_most, 0, "sizes are");
      break;
    case RuleKind::kLimit:
      rule.at_least = reader.number("at_least");
      require_above(reader, "at_least", rule.at_least, 0, "it is a share of the limit");
      if (rule.at_least && *rule.at_least > 1)
        reader.report_at("at_least", "nothing is faster than its limit",
                         "name a share of at most 1");
      required.emplace_back("at_least");
      break;
    case RuleKind::kBehaviour:
    case RuleKind::kWitness:
      break;
    case RuleKind::kControl:
      rule.expected = reader.number("truth");
      rule.margin = reader.number("margin");
      if (ratio) require_above(reader, "truth", rule.expected, 0, "ratios are");
      check_margin(reader, rule.margin, ratio);
      required.insert(required.end(), {"truth", "margin"});
      break;
  }
  reader.finish(required);
  return rule;
}

Compare read_compare(TableReader& reader) {
  const auto word = reader.text("compare");
  if (!word || *word == "ratio") return Compare::kRatio;
  if (*word != "difference")
    reader.report_at("compare", fmt::format("cannot compare by \"{}\"", *word),
                     "use \"ratio\" (the default) or \"difference\" (for metrics that may be 0)");
  return Compare::kDifference;
}

bool has_size(std::string_view name) {
  return name.find("{size}") != std::string_view::npos;
}

void check_sizes(const Experiment& entry, TableReader& reader) {
  const bool swept = entry.rule.kind == RuleKind::kSlope || entry.rule.kind == RuleKind::kCrossover;
  Strings names = entry.baselines;
  names.push_back(entry.candidate);
  const auto with_size = std::ranges::count_if(names, has_size);
  if (!swept && (with_size > 0 || !entry.sizes.empty()))
    reader.report_at("sizes",
                     fmt::format("a {} rule compares at one size", name_of(entry.rule.kind)),
                     "name the benchmarks in full, without {size}");
  if (swept && static_cast<std::size_t>(with_size) != names.size())
    reader.report_at("candidate", "every benchmark name of a swept rule must hold {size}",
                     "as in \"load/mapped/size:{size}\"");
  if (swept && entry.sizes.size() < 3)
    reader.report_at("sizes",
                     fmt::format("a {} needs at least three sizes", name_of(entry.rule.kind)), "");
}

/// Why std::regex refuses the pattern; empty if it does not.
std::string flaw_of(const std::string& pattern) {
  // The library's parser and matcher descend a stack frame a character.
  constexpr std::size_t kMostCharacters = 200;
  if (pattern.empty()) return "it is empty, and matches anything";
  if (pattern.size() > kMostCharacters)
    return fmt::format("it has more than {} characters", kMostCharacters);
  try {
    static_cast<void>(std::regex(pattern));
    return "";
  } catch (const std::regex_error& error) {
    return error.what();
  }
}

Strings read_patterns(TableReader& reader, const char* key) {
  Strings patterns = reader.texts(key);
  for (const auto& pattern : patterns)
    if (const std::string flaw = flaw_of(pattern); !flaw.empty())
      reader.report_at(
          key, fmt::format("\"{}\" is no regular expression: {}", pattern, flaw),
          "write it as std::regex reads ECMAScript's, in single quotes: 'call.*memcpy'");
  return patterns;
}

void read_witnesses(TableReader& entry_reader, Experiment& entry) {
  const auto* table = entry_reader.table("witness");
  if (table == nullptr) return;
  TableReader sides(*table, entry_reader.place(), "witness", entry_reader.errors());
  for (const Side side : {Side::kBaseline, Side::kCandidate}) {
    const auto* demanded = sides.table(name_of(side));
    if (demanded == nullptr) continue;
    TableReader reader(*demanded, entry_reader.place(), fmt::format("witness.{}", name_of(side)),
                       entry_reader.errors());
    Witness witness;
    witness.side = side;
    witness.line = sides.line_of(name_of(side));
    witness.function = reader.text("function").value_or("");
    witness.has = read_patterns(reader, "has");
    witness.lacks = read_patterns(reader, "lacks");
    witness.is_of_loop = reader.flag("loop");
    reader.finish({"function"});
    entry.witnesses.push_back(std::move(witness));
  }
  sides.finish({});
}

void check_witnesses(const Experiment& entry, TableReader& reader) {
  const auto is_of_baseline = [](const Witness& witness) {
    return witness.side == Side::kBaseline;
  };
  if (entry.baselines.empty() && std::ranges::any_of(entry.witnesses, is_of_baseline))
    reader.report_at("witness", "\"witness.baseline\" has no baseline to look at",
                     "name the baseline, or remove the table");
  if (entry.rule.kind != RuleKind::kWitness) return;
  const auto asks = [](const Witness& witness) {
    return !witness.has.empty() || !witness.lacks.empty();
  };
  if (std::ranges::none_of(entry.witnesses, asks))
    reader.report("a witness rule is judged by demands, and the entry has none",
                  "add [witness.candidate] with function and has, lacks or both");
}

/// Keys of a figure have no meaning where the rule judges none.
void refuse_figures(const Experiment& entry, TableReader& reader) {
  if (entry.is_estimated()) return;
  for (const char* key : {"metric", "compare", "predicted", "cuts", "tiers", "instructions"})
    if (reader.has(key))
      reader.report_at(key, fmt::format("a {} rule judges no figure", name_of(entry.rule.kind)),
                       fmt::format("remove {}", key));
}

void check_sides(const Experiment& entry, TableReader& reader) {
  const bool alone = entry.rule.kind == RuleKind::kBound || entry.rule.kind == RuleKind::kSlope ||
                     entry.rule.kind == RuleKind::kBehaviour;
  if (alone && !entry.baselines.empty())
    reader.report_at("baseline",
                     fmt::format("a {} rule judges the candidate alone", name_of(entry.rule.kind)),
                     "remove baseline");
  const bool is_witness = entry.rule.kind == RuleKind::kWitness;
  if (is_witness && entry.baselines.size() > 1)
    reader.report_at("baseline", "a witness rule looks at one baseline", "register one a rival");
  if (!alone && !is_witness && entry.baselines.empty())
    reader.report("\"baseline\" is missing", "add baseline = \"family/what/variant\"");
  if (entry.rule.kind == RuleKind::kCrossover && entry.baselines.size() > 1)
    reader.report_at("baseline", "a crossover has one baseline", "register one a rival");
  if (entry.rule.kind == RuleKind::kLimit && entry.compare == Compare::kDifference)
    reader.report_at("compare", "a share of a limit is a ratio", "remove compare");
  if (entry.rule.kind == RuleKind::kCrossover && entry.compare == Compare::kDifference)
    reader.report_at("compare", "a crossover is found from ratios", "remove compare");
  if (!entry.is_control() && std::ranges::count(entry.baselines, entry.candidate) > 0)
    reader.report_at("baseline", "baseline and candidate are the same benchmark",
                     "only a control compares a benchmark with itself");
  if (std::set<std::string>(entry.baselines.begin(), entry.baselines.end()).size() !=
      entry.baselines.size())
    reader.report_at("baseline", "a baseline is named twice", "");
}

void check_meaning(const Experiment& entry, TableReader& reader) {
  if (entry.is_control()) {
    if (entry.guards.empty())
      reader.report("\"guards\" is missing", "add guards = [\"family\", ...]");
    if (entry.is_control() && entry.baselines.size() != 1)
      reader.report_at("baseline", "a control compares two benchmarks", "name one baseline");
    return;
  }
  if (!entry.guards.empty())
    reader.report_at("guards", "only a control guards families", "remove guards");
  if (entry.source.empty())
    reader.report("\"source\" is missing", "name the document that makes the claim");
  const char* const good = entry.rule.kind == RuleKind::kEquivalence ? "equivalent" : "supported";
  for (const char* verdict : {good, "refuted"})
    if (!entry.means.contains(verdict))
      reader.report_at("means", fmt::format("\"means.{}\" is missing", verdict),
                       "say in one sentence what a user should then do");
}

void check_predicted(const Experiment& entry, TableReader& reader) {
  if (entry.compare != Compare::kRatio || entry.rule.kind == RuleKind::kSlope) return;
  const auto positive = [](const Scenario& scenario) { return scenario.value > 0; };
  if (!std::ranges::all_of(entry.predicted, positive))
    reader.report_at("predicted", "a predicted value must be above 0", "");
  if (!std::ranges::all_of(entry.cuts, positive))
    reader.report_at("cuts", "a cut must be above 0", "");
}

void read_means(TableReader& reader, Experiment& entry) {
  const auto* table = reader.table("means");
  if (table == nullptr) return;
  TableReader means(*table, reader.place(), "means", reader.errors());
  for (const char* verdict : {"supported", "refuted", "equivalent", "inconclusive"})
    if (auto sentence = means.text(verdict)) entry.means[verdict] = *std::move(sentence);
  means.finish({});
}

bool is_id(std::string_view id) {
  return id.find_first_not_of(
             "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_./") ==
             std::string_view::npos &&
         id.front() != '/' && id.back() != '/' && id.find("//") == std::string_view::npos;
}

std::optional<Experiment> read_entry(const toml::table& table, const CodeBlock& block, Place place,
                                     std::vector<Error>& errors) {
  const std::size_t errors_before = errors.size();
  Experiment entry;
  entry.line = block.line;
  entry.text = block.text;
  entry.hash = sha256(block.text);
  place.id = table["id"].value_or(std::string());
  TableReader reader(table, place, "", errors);
  entry.id = reader.text("id").value_or("");
  if (!entry.id.empty() && !is_id(entry.id))
    reader.report_at("id", fmt::format("\"{}\" is no id", entry.id),
                     "use letters, digits, '-', '_', '.', and '/' between parts");
  entry.claim = reader.text("claim").value_or("");
  entry.source = reader.text("source").value_or("");
  entry.baselines = reader.texts("baseline");
  entry.candidate = reader.text("candidate").value_or("");
  entry.metric = reader.text("metric").value_or("real_time");
  entry.compare = read_compare(reader);
  entry.predicted = reader.named_numbers("predicted", "predicted");
  entry.cuts = reader.named_numbers("cuts", "cut");
  entry.tiers = reader.text("tiers").value_or("");
  entry.sizes = reader.integers<std::int64_t>("sizes");
  entry.tags = reader.texts("tags");
  entry.guards = reader.texts("guards");
  entry.prior_figure_known = reader.flag("prior_figure_known");
  entry.wants_instructions = reader.flag("instructions");
  read_means(reader, entry);
  read_witnesses(reader, entry);
  const auto* rule_table = reader.table("rule");
  const auto rule =
      rule_table == nullptr ? std::nullopt : read_rule(*rule_table, entry, place, errors);
  reader.finish({"id", "claim", "candidate", "rule"});
  if (rule) {
    entry.rule = *rule;
    if (rule->kind == RuleKind::kBehaviour) entry.metric = kHoldsCounter;
    check_sides(entry, reader);
    check_sizes(entry, reader);
    check_witnesses(entry, reader);
    refuse_figures(entry, reader);
    check_predicted(entry, reader);
    check_meaning(entry, reader);
  }
  if (errors.size() > errors_before) return std::nullopt;
  return entry;
}

bool is_level(double alpha) {
  return alpha > 0 && alpha < 1;
}

void read_tiers(TableReader& reader, RegisterSettings& settings) {
  const auto* scales = reader.table("tiers");
  if (scales == nullptr) return;
  for (const auto& [scale, node] : *scales) {
    TableReader wrapped(*scales, reader.place(), "register.tiers", reader.errors());
    const std::string name(scale.str());
    std::vector<Tier> tiers;
    for (const auto& [label, value] : wrapped.named_numbers(name.c_str(), "tier"))
      tiers.push_back({label, value});
    std::ranges::sort(tiers, {}, &Tier::from);
    settings.tiers[name] = std::move(tiers);
  }
}

RegisterSettings read_settings(const toml::table& table, const Place& place,
                               std::vector<Error>& errors) {
  RegisterSettings settings;
  TableReader outer(table, place, "", errors);
  const auto* inner = outer.table("register");
  outer.finish({});
  if (inner == nullptr) return settings;
  TableReader reader(*inner, place, "register", errors);
  settings.alpha = reader.number("alpha").value_or(settings.alpha);
  settings.control_alpha = reader.number("control_alpha").value_or(settings.control_alpha);
  if (!is_level(settings.alpha)) reader.report_at("alpha", "alpha must lie between 0 and 1", "");
  if (!is_level(settings.control_alpha))
    reader.report_at("control_alpha", "control_alpha must lie between 0 and 1", "");
  if (auto looks = reader.integers<std::uint32_t>("looks"); !looks.empty())
    settings.looks = std::move(looks);
  read_tiers(reader, settings);
  reader.finish({});
  return settings;
}

void check_duplicates(const std::string& path, const Register& reg, std::vector<Error>& errors) {
  std::map<std::string, int> lines;
  for (const auto& entry : reg.experiments) {
    const auto [first, added] = lines.emplace(entry.id, entry.line);
    if (added) continue;
    errors.push_back({ExitCode::kUsage, fmt::format("{}:{}: {}", path, entry.line, entry.id),
                      fmt::format("this id is taken by the entry at line {}", first->second),
                      fmt::format("add a part, as in {}/variant", entry.id)});
  }
}

void check_tiers(const std::string& path, const Register& reg, std::vector<Error>& errors) {
  Strings scales;
  for (const auto& [name, tiers] : reg.settings.tiers) scales.push_back(name);
  for (const auto& entry : reg.experiments) {
    if (entry.tiers.empty() || reg.settings.tiers.contains(entry.tiers)) continue;
    errors.push_back({ExitCode::kUsage, fmt::format("{}:{}: {}", path, entry.line, entry.id),
                      fmt::format("no tier scale \"{}\" in [register.tiers]", entry.tiers),
                      did_you_mean(entry.tiers, scales)});
  }
}

/// In any case: a fence of "TOML" is meant, too.
bool is_toml(std::string_view language) {
  return std::ranges::equal(language, std::string_view("toml"), {},
                            [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
}

std::optional<toml::table> read_toml(const std::string& text, const Place& place,
                                     std::vector<Error>& errors) {
  try {
    return toml::parse(text);
  } catch (const toml::parse_error& error) {  // Debian's library is built to throw
    errors.push_back({ExitCode::kUsage, place.at(error.source()),
                      fmt::format("not TOML: {}", error.description()), ""});
    return std::nullopt;
  }
}

}  // namespace

ParsedRegister parse_register(std::string path, std::string_view text) {
  ParsedRegister parsed;
  parsed.reg.path = std::move(path);
  parsed.reg.text = text;
  parsed.reg.hash = sha256(text);
  bool has_settings = false;
  for (const CodeBlock& block : code_blocks(text)) {
    if (!is_toml(block.language)) continue;
    const Place place{&parsed.reg.path, block.line, ""};
    const auto table = read_toml(block.text, place, parsed.errors);
    if (!table) continue;
    if (table->contains("register")) {
      if (has_settings)
        parsed.errors.push_back(
            {ExitCode::kUsage, place.at(table->source()), "a second [register] table", "keep one"});
      has_settings = true;
      parsed.reg.settings = read_settings(*table, place, parsed.errors);
      parsed.reg.settings.hash = sha256(block.text);
    } else if (auto entry = read_entry(*table, block, place, parsed.errors)) {
      parsed.reg.experiments.push_back(*std::move(entry));
    }
  }
  check_duplicates(parsed.reg.path, parsed.reg, parsed.errors);
  check_tiers(parsed.reg.path, parsed.reg, parsed.errors);
  if (parsed.reg.experiments.empty() && parsed.errors.empty())
    parsed.errors.push_back({ExitCode::kUsage, parsed.reg.path, "no experiment in the register",
                             "add a ```toml block with an id"});
  return parsed;
}

Result<Register> load_register(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (file && file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  if (!file.is_open() || file.bad() || text.fail())
    return fail(ExitCode::kUsage, path, "cannot read the register",
                "name one with --register FILE");
  ParsedRegister parsed = parse_register(path, text.view());
  if (parsed.errors.empty()) return std::move(parsed.reg);
  std::string lines;
  for (const Error& error : parsed.errors) lines += (lines.empty() ? "" : "\n") + error.message();
  return fail(ExitCode::kUsage, "", lines);
}

std::string at_size(std::string_view name, std::int64_t size) {
  std::string result(name);
  constexpr std::string_view kPlaceholder = "{size}";
  for (auto at = result.find(kPlaceholder); at != std::string::npos; at = result.find(kPlaceholder))
    result.replace(at, kPlaceholder.size(), std::to_string(size));
  return result;
}

std::vector<std::string> benchmarks_of(const Experiment& experiment) {
  Strings patterns = experiment.baselines;
  patterns.push_back(experiment.candidate);
  Strings names;
  for (const auto& pattern : patterns) {
    if (experiment.sizes.empty()) names.push_back(pattern);
    for (const auto size : experiment.sizes) names.push_back(at_size(pattern, size));
  }
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  return names;
}

std::vector<Error> check_names(const Register& reg, const std::vector<Experiment>& experiments,
                               const std::vector<std::string>& available) {
  const std::set<std::string> known(available.begin(), available.end());
  std::vector<Error> errors;
  for (const auto& entry : experiments)
    for (const auto& name : benchmarks_of(entry))
      if (!known.contains(name))
        errors.push_back(
            {ExitCode::kUsage, fmt::format("{}:{}: {}", reg.path, entry.line, entry.id),
             fmt::format("no benchmark matches \"{}\"", name), did_you_mean(name, available)});
  return errors;
}

}  // namespace assay
