#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "error.hpp"

namespace assay {

/// Calls `use` with each whole line of a file of JSON lines; a last line cut short is dropped.
/// Errors: kData with file and line, and `mend`, where `use` throws nlohmann::json::exception.
template <typename Use>
Result<void> for_each_line(std::string_view text, const std::string& path, const char* mend,
                           const Use& use) {
  for (std::size_t line = 1; !text.empty(); ++line) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) break;
    try {
      use(text.substr(0, end));
    } catch (const nlohmann::json::exception& error) {
      return fail(ExitCode::kData, fmt::format("{}:{}", path, line), error.what(), mend);
    }
    text.remove_prefix(end + 1);
  }
  return {};
}

}  // namespace assay
