#pragma once

#include <kainjow/mustache.hpp>
#include <nlohmann/json_fwd.hpp>

#include "report/report.hpp"

namespace assay {

/// What the templates of reports show. Texts are inline Markdown: Markdown takes them as they are,
/// HTML through inline_html().
kainjow::mustache::data report_data(const Run& run, const RunVerdicts& verdicts,
                                    const nlohmann::ordered_json& figures, const Drawn& drawn);

}  // namespace assay
