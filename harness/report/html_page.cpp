#include <nlohmann/json.hpp>

#include "report/report_data.hpp"
#include "templates.hpp"

namespace assay {

std::string escaped_html(std::string_view text) {
  std::string html;
  for (const char c : text) switch (c) {
      case '&':
        html += "&amp;";
        break;
      case '<':
        html += "&lt;";
        break;
      case '>':
        html += "&gt;";
        break;
      case '"':
        html += "&quot;";
        break;
      default:
        html += c;
    }
  return html;
}

namespace {

/// Texts between pairs of `mark` go through `inside`, the others through `outside`; a mark without
/// another is text.
template <typename Inside, typename Outside>
std::string between_marks(std::string_view text, std::string_view mark, Inside inside,
                          Outside outside) {
  std::string html;
  while (true) {
    const std::size_t opening = text.find(mark);
    const std::size_t closing =
        opening == std::string_view::npos ? opening : text.find(mark, opening + mark.size());
    if (closing == std::string_view::npos) return html + outside(text);
    html += outside(text.substr(0, opening));
    html += inside(text.substr(opening + mark.size(), closing - opening - mark.size()));
    text.remove_prefix(closing + mark.size());
  }
}

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
  const auto strong = [](std::string_view text) {
    return "<strong>" + escaped_html(text) + "</strong>";
  };
  const auto code = [](std::string_view text) { return "<code>" + escaped_html(text) + "</code>"; };
  const auto words = [&](std::string_view text) {
    return between_marks(text, "**", strong, escaped_html);
  };
  const auto rest = [&](std::string_view text) { return between_marks(text, "`", code, words); };
  return between_marks(markdown, "``", code, rest);
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
