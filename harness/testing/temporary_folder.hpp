#pragma once

#include <fstream>
#include <sstream>
#include <string>
#include <string_view>

#include "measure/temporary_folder.hpp"

namespace assay::examples {

using assay::TemporaryFolder;

inline std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream text;
  if (file.peek() != std::ifstream::traits_type::eof()) text << file.rdbuf();
  return std::move(text).str();
}

inline void write_text(const std::string& path, std::string_view text) {
  std::ofstream(path, std::ios::binary) << text;
}

}  // namespace assay::examples
