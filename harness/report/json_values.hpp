#pragma once

#include <cmath>
#include <nlohmann/json.hpp>

namespace assay {

/// JSON has no infinities; an end that is not bounded, or a value that is not known, is null.
inline nlohmann::ordered_json finite(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

}  // namespace assay
