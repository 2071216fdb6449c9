#include <nlohmann/json.hpp>

#include "report/format.hpp"
#include "report/report_data.hpp"
#include "templates.hpp"

namespace assay {

namespace {

/// Sections that are left out leave empty lines behind: never more than one.
std::string without_gaps(const std::string& text) {
  std::string result;
  for (const char c : text)
    if (c != '\n' || !result.ends_with("\n\n")) result += c;
  return result;
}

}  // namespace

std::string markdown_report(const Run& run, const RunVerdicts& verdicts,
                            const nlohmann::ordered_json& figures, const Drawn& drawn) {
  kainjow::mustache::mustache page{std::string(kMarkdownTemplate)};
  // Of tables; the template marks prose as it marks what is not to be escaped.
  page.set_custom_escape([](const std::string& text) { return cell(text); });
  return without_gaps(page.render(report_data(run, verdicts, figures, drawn)));
}

}  // namespace assay
