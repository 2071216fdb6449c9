#include "report/junit.hpp"

#include <nlohmann/json.hpp>

namespace assay {

using nlohmann::json;

std::string xml_text(const std::string& text) {
  const std::string utf8 =
      json::parse(json(text).dump(-1, ' ', false, json::error_handler_t::replace));
  std::string clean;
  for (const char c : utf8) {
    const bool is_control =
        static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n' && c != '\r';
    clean += is_control ? "\xef\xbf\xbd" : std::string(1, c);
  }
  return clean;
}

JunitCounts counts_of(pugi::xml_node suite) {
  JunitCounts counts;
  for (const pugi::xml_node test : suite.children("testcase")) {
    ++counts.tests;
    counts.failures += test.child("failure") ? 1 : 0;
    counts.errors += test.child("error") ? 1 : 0;
    counts.skipped += test.child("skipped") ? 1 : 0;
  }
  return counts;
}

void append_counts(pugi::xml_node suite) {
  const JunitCounts counts = counts_of(suite);
  suite.append_attribute("tests") = counts.tests;
  suite.append_attribute("failures") = counts.failures;
  suite.append_attribute("errors") = counts.errors;
  suite.append_attribute("skipped") = counts.skipped;
}

}  // namespace assay
