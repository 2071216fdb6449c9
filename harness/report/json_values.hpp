#pragma once

#include <cmath>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>

namespace assay {

/// JSON has no infinities; an end that is not bounded, or a value that is not known, is null.
inline nlohmann::ordered_json finite(double value) {
  return std::isfinite(value) ? nlohmann::ordered_json(value) : nlohmann::ordered_json(nullptr);
}

inline nlohmann::ordered_json finite(const std::optional<double>& value) {
  return value ? finite(*value) : nlohmann::ordered_json(nullptr);
}

/// A value for people: a string without quotes, "unknown" for null.
inline std::string plain_text(const nlohmann::json& value) {
  if (value.is_null()) return "unknown";
  return value.is_string() ? value.get<std::string>() : value.dump();
}

}  // namespace assay
