#pragma once

/// Several judged runs side by side, over machines, compilers or commits: pure functions.

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <vector>

#include "record/run.hpp"
#include "verdict/judge.hpp"

namespace assay {

struct JudgedRun {
  Run run;
  RunVerdicts verdicts;
};

/// The runs, what must be known before they are compared (other machines, registers, failed
/// controls), and a table of every claim that two of them judged.
/// Requires: at least two runs.
std::string comparison_markdown(const std::vector<JudgedRun>& runs);

/// A figures.json (docs/formats.md) of forests: a row a claim and run.
nlohmann::ordered_json comparison_figures(const std::vector<JudgedRun>& runs);

}  // namespace assay
