#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "verdict/judge.hpp"

namespace assay {

/// Which forest an entry is in.
inline bool is_limit(const Experiment& entry) {
  return entry.rule.kind == RuleKind::kLimit;
}
inline bool is_time_bound(const Experiment& entry) {
  return entry.rule.kind == RuleKind::kBound && is_time(entry.metric);
}

/// One line of a forest (docs/formats.md): what was measured, predicted and asked.
nlohmann::ordered_json forest_row(const Experiment& entry, const ComparisonVerdict& part,
                                  const std::string& label, Verdict verdict);

/// Rows on one axis, logarithmic where they may not be nil or negative.
nlohmann::ordered_json forest_figure(const std::string& file, const std::string& title,
                                     const std::string& x_label, nlohmann::ordered_json rows,
                                     bool is_log = true);

}  // namespace assay
