#pragma once

/// The register: what EXPERIMENTS.md says, as data. Pure values; reading is in parse.hpp.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace assay {

enum class RuleKind {
  kSuperiority,  ///< baseline / candidate reaches the threshold
  kEquivalence,  ///< baseline / candidate lies within [1/margin, margin]
  kBound,        ///< the candidate's own value lies between at_least and at_most
  kSlope,        ///< elasticity of the value over a size: d log(value) / d log(size)
  kCrossover,    ///< the size from which the candidate wins
  kLimit,        ///< the candidate's share of what a machine allows, as independent probes found it
  kBehaviour,    ///< the candidate's counter `holds` is 1 in every slice
  kWitness,      ///< what the machine code of the kernels holds and lacks; nothing is measured
  kControl       ///< a comparison whose truth is known
};

/// How two values of a metric are compared.
enum class Compare {
  kRatio,      ///< baseline / candidate; both above 0
  kDifference  ///< baseline - candidate; for metrics that may be 0
};

/// The decision rule. Which members have a meaning depends on the kind; parse.cpp admits no others.
struct Rule {
  RuleKind kind = RuleKind::kSuperiority;
  std::optional<double> threshold;  ///< superiority
  std::optional<double> margin;     ///< equivalence, slope (+-), control
  std::optional<double> at_least;   ///< bound, crossover, limit (the share)
  std::optional<double> at_most;    ///< bound, crossover
  std::optional<double> expected;   ///< slope: the elasticity claimed; control: the known truth
};

enum class Side { kBaseline, kCandidate };

/// "baseline" or "candidate".
const char* name_of(Side side);

/// What an entry demands of the machine code of one side's kernel. The patterns are std::regex in
/// its ECMAScript form, searched in the text of one instruction at a time, and compile.
struct Witness {
  Side side = Side::kCandidate;
  std::string function;              ///< demangled, up to its parameter list; or the symbol itself
  std::vector<std::string> has{};    ///< each matches some instruction
  std::vector<std::string> lacks{};  ///< none matches any instruction
  bool is_of_loop = false;           ///< asked of the hot loop alone
  int line = 0;                      ///< of the table in the register
};

/// A predicted value with its name in the source ("optimistic"), or "predicted".
struct Scenario {
  std::string name;
  double value = 0;
};

/// A grade that is reached from this value up.
struct Tier {
  std::string name;
  double from = 0;
};

/// One entry of the register: a claim to test, or a control.
struct Experiment {
  std::string id;                      ///< "BIND-1/stack"
  std::string claim;                   ///< one sentence
  std::string source;                  ///< the document that claims it; empty for controls
  std::vector<std::string> baselines;  ///< benchmark names; empty for bound and slope
  std::string candidate;
  std::string metric = "real_time";
  Compare compare = Compare::kRatio;
  std::vector<Scenario> predicted;
  std::vector<Scenario> cuts;       ///< further named values the interval is held against
  std::string tiers;                ///< name of a tier scale, or empty
  std::vector<std::int64_t> sizes;  ///< what {size} in the benchmark names stands for
  std::vector<std::string> tags;
  std::vector<std::string> guards;           ///< controls: the families or ids they vouch for
  std::map<std::string, std::string> means;  ///< verdict -> what it means for a decision
  bool prior_figure_known = false;
  bool wants_instructions = false;  ///< counted beside the time, as a second witness
  std::vector<Witness> witnesses;   ///< the baseline's first; at most one a side
  Rule rule;

  int line = 0;      ///< of the TOML block's first line in the register
  std::string text;  ///< the TOML block as written
  std::string hash;  ///< SHA-256 of `text`

  bool is_control() const { return rule.kind == RuleKind::kControl; }
  bool is_measured() const { return rule.kind != RuleKind::kWitness; }
  /// True where the interval of a median decides: it has a share of the level, and a control can
  /// vouch for it.
  bool is_estimated() const { return is_measured() && rule.kind != RuleKind::kBehaviour; }
  /// The benchmark whose kernel the witness is of. Requires: a witness of this entry.
  const std::string& benchmark_of(const Witness& witness) const {
    return witness.side == Side::kCandidate ? candidate : baselines.front();
  }
  /// The first part of the candidate's name: "bind".
  std::string family() const { return candidate.substr(0, candidate.find('/')); }
};

/// What holds for all entries.
struct RegisterSettings {
  double alpha = 0.05;           ///< family-wise, over all claims and looks
  double control_alpha = 0.001;  ///< family-wise, over all controls and looks
  std::vector<std::uint32_t> looks = {16, 32, 64, 128};  ///< in rounds; the end is one more
  std::map<std::string, std::vector<Tier>> tiers;        ///< by scale, ascending
  std::string hash;                                      ///< SHA-256 of the block's text
};

struct Register {
  std::string path;
  std::string text;
  std::string hash;  ///< SHA-256 of `text`
  RegisterSettings settings;
  std::vector<Experiment> experiments;  ///< in the order of the file
};

/// The counter by which a benchmark says whether a behaviour holds (1) or not (0).
inline constexpr const char* kHoldsCounter = "holds";

/// True of the metrics that are times.
bool is_time(const std::string& metric);

/// True if the control guards the claim's family, its id or the first parts of its id, and an error
/// in what the control measures would be one in what the claim is about: a control of time says
/// nothing of a claim on bytes. Counters of time have names that end in _ns, _per_s or _per_second.
bool vouches_for(const Experiment& control, const Experiment& claim);

/// The text of the rule, as a reader of the report needs it: "baseline / candidate >= 5".
std::string describe(const Experiment& experiment);

const char* name_of(RuleKind kind);

/// Entries that any of the words select: an id ("BIND-1/stack"), the first part of ids ("BIND-1"),
/// a family ("bind") or a tag. No word selects all. Controls that vouch for a selected claim
/// come along. A word that selects nothing is
/// returned in `unknown`.
struct Selection {
  std::vector<Experiment> experiments;
  std::vector<std::string> unknown;
};
Selection select(const Register& reg, const std::vector<std::string>& words);

}  // namespace assay
