#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// A fenced code block of a CommonMark document.
struct CodeBlock {
  std::string language;  ///< first word of the info string
  std::string text;
  int line = 0;  ///< 1-based line of the text's first line in the document; the fence's if empty
};

/// All fenced code blocks, in order, read by the CommonMark reference library.
std::vector<CodeBlock> code_blocks(std::string_view markdown);

}  // namespace assay
