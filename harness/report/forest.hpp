#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "verdict/judge.hpp"

namespace assay {

/// One line of a forest (docs/formats.md): what was measured, predicted and asked.
nlohmann::ordered_json forest_row(const Experiment& entry, const ComparisonVerdict& part,
                                  const std::string& label, Verdict verdict);

/// Rows on one logarithmic axis.
nlohmann::ordered_json forest_figure(const char* file, const char* title, const char* x_label,
                                     nlohmann::ordered_json rows);

}  // namespace assay
