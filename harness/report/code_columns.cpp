#include "report/code_columns.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace assay {

namespace {

constexpr std::size_t kMostLines = 40;
constexpr std::size_t kMostCharacters = 60;

using Column = std::vector<std::string>;

std::string shortened(const std::string& text) {
  constexpr std::string_view kCut = "...";
  return text.size() <= kMostCharacters
             ? text
             : text.substr(0, kMostCharacters - kCut.size()) + std::string(kCut);
}

std::string heading(const WitnessResult& result) {
  const char* const part = !result.code          ? "not recorded"
                           : result.loop.is_loop ? "its hot loop"
                                                 : "has no loop";
  return fmt::format("{}: {}, {}", name_of(result.witness.side), result.witness.function, part);
}

Column column_of(const WitnessResult& result) {
  Column lines = {heading(result)};
  if (!result.code) return lines;
  const auto& instructions = result.code->instructions;
  const std::size_t count = result.loop.end - result.loop.first;
  const std::size_t shown = count < kMostLines ? count : kMostLines - 2;  // a heading, a last line
  for (std::size_t i = result.loop.first; i < result.loop.first + shown; ++i)
    lines.push_back(fmt::format(
        "{:>7}  {}", fmt::format("+{:#x}", instructions[i].address - instructions.front().address),
        relative_text(instructions[i], instructions)));
  if (shown < count) lines.push_back(fmt::format("(cut: {} more instructions)", count - shown));
  return lines;
}

}  // namespace

std::string code_columns(const std::vector<WitnessResult>& results) {
  std::vector<Column> columns;
  std::size_t rows = 0;
  for (const auto& result : results) {
    columns.push_back(column_of(result));
    std::ranges::transform(columns.back(), columns.back().begin(), shortened);
    rows = std::max(rows, columns.back().size());
  }
  if (rows < 2) return "";
  std::vector<std::size_t> widths;
  for (const auto& column : columns)
    widths.push_back(std::ranges::max(column, {}, &std::string::size).size());
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    std::string line;
    for (std::size_t i = 0; i < columns.size(); ++i)
      line += fmt::format("{}{:<{}}", i == 0 ? "" : " | ",
                          row < columns[i].size() ? columns[i][row] : "", widths[i]);
    text += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return text;
}

}  // namespace assay
