#pragma once

/// A judged run in the formats that other tools read: pure functions to text. What was not measured
/// is left out of formats that know only numbers, and named in those that know more.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "record/run.hpp"
#include "verdict/judge.hpp"

namespace assay {

struct ExportFormat {
  std::string_view name;   ///< "junit"
  std::string_view about;  ///< for a list of formats
  std::string (*write)(const Run& run, const RunVerdicts& verdicts);
};

/// All formats, in the order of a list.
const std::vector<ExportFormat>& export_formats();

/// Null if there is none of the name.
const ExportFormat* export_format(std::string_view name);

/// A field of CSV (RFC 4180): quoted where it holds a comma, a quote or a line end.
std::string csv_field(std::string_view text);

}  // namespace assay
