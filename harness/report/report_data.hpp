#pragma once

#include <kainjow/mustache.hpp>
#include <nlohmann/json_fwd.hpp>

#include "report/report.hpp"

namespace assay {

/// What the templates of reports show. Texts may hold `code` and **strong** words; they are
/// escaped where they are shown: by cell() in tables of Markdown, by inline_html() in HTML.
kainjow::mustache::data report_data(const Run& run, const RunVerdicts& verdicts,
                                    const nlohmann::ordered_json& figures, const Drawn& drawn);

}  // namespace assay
