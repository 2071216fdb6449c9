#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "record/raw_file.hpp"

namespace assay::examples {

/// What a scan of a raw file found.
struct RawRecords {
  std::vector<std::string> texts;
  std::vector<std::size_t> lines;
  RawExtent extent;
};

/// Scans the text, fed in pieces of so many bytes.
inline Result<RawRecords> records_in(std::string_view text, const std::string& path,
                                     const std::string& run_id, std::size_t piece_size) {
  RawRecords found;
  RawScanner scanner(path, run_id, [&](const RawLine& record) -> Result<void> {
    found.texts.emplace_back(record.text);
    found.lines.push_back(record.line);
    return {};
  });
  for (std::size_t at = 0; at < text.size(); at += piece_size)
    if (auto fed = scanner.feed(text.substr(at, piece_size)); !fed)
      return std::unexpected(fed.error());
  const auto extent = scanner.finish();
  if (!extent) return std::unexpected(extent.error());
  found.extent = *extent;
  return found;
}

/// True if two scans found the same, or failed alike.
inline bool is_same(const Result<RawRecords>& a, const Result<RawRecords>& b) {
  if (!a || !b) return !a && !b && a.error().message() == b.error().message();
  const auto all = [](const RawRecords& found) {
    return std::tie(found.texts, found.lines, found.extent.records, found.extent.body_size,
                    found.extent.is_truncated);
  };
  return all(*a) == all(*b);
}

}  // namespace assay::examples
