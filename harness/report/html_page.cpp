#include <cmark.h>

#include <cstdlib>
#include <memory>
#include <nlohmann/json.hpp>

#include "report/report_data.hpp"
#include "templates.hpp"

namespace assay {

namespace {

/// Before the text, so that no beginning of it can open a list or a heading.
constexpr std::string_view kGuard = "\u2060";
constexpr std::string_view kOpening = "<p>\u2060";
constexpr std::string_view kClosing = "</p>\n";

/// For a script element: "</script>" in a text would end it.
std::string script_json(const nlohmann::ordered_json& document) {
  std::string text;
  for (const char c : document.dump()) {
    if (c == '<')
      text += "\\u003c";
    else
      text += c;
  }
  return text;
}

}  // namespace

std::string inline_html(const std::string& markdown) {
  std::string text(kGuard);
  for (const char c : markdown) text += c == '\n' || c == '\r' ? ' ' : c;
  const std::unique_ptr<char, decltype(&std::free)> html(
      cmark_markdown_to_html(text.data(), text.size(), CMARK_OPT_DEFAULT), std::free);
  std::string_view inside(html.get());
  if (!inside.starts_with(kOpening) || !inside.ends_with(kClosing)) return "";
  inside.remove_prefix(kOpening.size());
  inside.remove_suffix(kClosing.size());
  return std::string(inside);
}

std::string html_page(const Run& run, const RunVerdicts& verdicts,
                      const nlohmann::ordered_json& figures, const Drawn& drawn) {
  auto data = report_data(run, verdicts, figures, drawn);
  data.set("style", std::string(kPageStyle));
  data.set("script", std::string(kPageScript));
  data.set("figures_json", script_json(figures));
  kainjow::mustache::mustache page{std::string(kPageTemplate)};
  page.set_custom_escape(inline_html);
  return page.render(data);
}

}  // namespace assay
