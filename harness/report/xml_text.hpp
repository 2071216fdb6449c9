#pragma once

#include <string>

namespace assay {

/// XML 1.0 has no control characters but tab and line ends, and no bytes that are not UTF-8: both
/// become U+FFFD. A benchmark's last words may hold either.
std::string xml_text(const std::string& text);

}  // namespace assay
