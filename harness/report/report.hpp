#pragma once

/// What a judged run is written as: pure functions from verdicts to text. The same run gives the
/// same bytes.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "record/run.hpp"
#include "verdict/judge.hpp"

namespace assay {

/// verdicts.json (docs/formats.md).
nlohmann::ordered_json verdicts_document(const Run& run, const RunVerdicts& verdicts);

/// figures.json (docs/formats.md).
nlohmann::ordered_json figures_document(const Run& run, const RunVerdicts& verdicts);

/// What became of the figures: drawn, or not and why.
struct Drawn {
  std::vector<std::string> files;
  std::vector<std::string> failures;  ///< "file: why"
};

/// report.md. `figures` is figures_document() of the same run.
std::string markdown_report(const Run& run, const RunVerdicts& verdicts,
                            const nlohmann::ordered_json& figures, const Drawn& drawn);

/// report.html: the same in one page that needs nothing beside it, with its figures drawn by itself
/// from `figures`.
std::string html_page(const Run& run, const RunVerdicts& verdicts,
                      const nlohmann::ordered_json& figures, const Drawn& drawn);

/// A text with `code` and **strong** words as HTML; all else is text.
std::string inline_html(const std::string& markdown);

std::string escaped_html(std::string_view text);

/// The table of claims alone, for a README or a terminal without colour.
std::string markdown_summary(const Run& run, const RunVerdicts& verdicts);

/// What a reader must know before the verdicts: about the data, and families without a control.
std::vector<std::string> warnings_of(const Run& run, const RunVerdicts& verdicts);

/// "12 claims: 3 supported, 7 refuted, 2 inconclusive".
std::string counts(const RunVerdicts& verdicts);

/// The one line a reader of the machine needs: CPU, cores, compiler, date.
std::string subtitle(const Run& run);

}  // namespace assay
