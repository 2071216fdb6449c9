#pragma once

/// The gate's answer for each kind of reader: pure functions of the report.

#include <nlohmann/json_fwd.hpp>
#include <string>

#include "gate/result.hpp"

namespace assay {

/// "+3.1% [+2.7%, +3.4%]"; "not bounded" where nothing is.
std::string change_text(const GateResult& result);

/// "no regression: 61 benchmarks: 60 same, 1 unclear": the first line of every form.
std::string headline(const GateReport& report, bool is_strict);

/// The table of a terminal, worst first; those that are the same only with `shows_all`.
/// `colour` paints a text, given the digits of an ANSI colour.
std::string terminal_table(const GateReport& report, bool shows_all,
                           std::string (*colour)(const std::string&, const char*));

/// For a pull request: the answer, what is not the same, worst first, what to do; the rest folded.
std::string markdown_of(const GateReport& report, bool is_strict);

/// A test case for each benchmark and metric; regressions are failures, what has no answer is
/// skipped or an error.
std::string junit_of(const GateReport& report, bool is_strict);

/// GitHub's workflow commands, one a line: an error for each regression, a warning for each invalid
/// or weak answer.
std::string annotations_of(const GateReport& report);

/// docs/formats.md has its keys ("assay-gate/1").
nlohmann::ordered_json to_json(const GateReport& report, bool is_strict);

/// The same as text; bytes of names that are no UTF-8 become U+FFFD.
std::string json_text(const GateReport& report, bool is_strict);

}  // namespace assay
