#pragma once

/// What every JUnit file of the project is made by.

#include <pugixml.hpp>
#include <string>

namespace assay {

/// XML 1.0 has no control characters but tab and line ends, and no bytes that are not UTF-8: both
/// become U+FFFD. A benchmark's last words may hold either.
std::string xml_text(const std::string& text);

struct JunitCounts {
  int tests = 0;
  int failures = 0;
  int errors = 0;
  int skipped = 0;
};

/// What a suite's cases say.
JunitCounts counts_of(pugi::xml_node suite);

/// Adds the counts as the suite's attributes. Once, after its last case.
void append_counts(pugi::xml_node suite);

}  // namespace assay
