#include "register/markdown.hpp"

#include <cmark.h>

#include <memory>

namespace assay {

std::vector<CodeBlock> code_blocks(std::string_view markdown) {
  const std::unique_ptr<cmark_node, decltype(&cmark_node_free)> document(
      cmark_parse_document(markdown.data(), markdown.size(), CMARK_OPT_DEFAULT), cmark_node_free);
  const std::unique_ptr<cmark_iter, decltype(&cmark_iter_free)> iterator(
      cmark_iter_new(document.get()), cmark_iter_free);
  std::vector<CodeBlock> blocks;
  for (auto event = cmark_iter_next(iterator.get()); event != CMARK_EVENT_DONE;
       event = cmark_iter_next(iterator.get())) {
    cmark_node* node = cmark_iter_get_node(iterator.get());
    if (event != CMARK_EVENT_ENTER || cmark_node_get_type(node) != CMARK_NODE_CODE_BLOCK) continue;
    const std::string info = cmark_node_get_fence_info(node);
    if (info.empty()) continue;  // indented or unnamed: prose
    const std::string text = cmark_node_get_literal(node);
    const int first_line = cmark_node_get_start_line(node) + (text.empty() ? 0 : 1);
    blocks.push_back({info.substr(0, info.find_first_of(" \t")), text, first_line});
  }
  return blocks;
}

}  // namespace assay
