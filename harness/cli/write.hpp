#pragma once

#include <string>

#include "error.hpp"
#include "record/run.hpp"
#include "report/report.hpp"
#include "verdict/judge.hpp"

namespace assay {

/// Draws the figures.json of a folder into its plots/ by plots/figures.py of the project at `root`.
Drawn draw_figures(const std::string& dir, const std::string& root);

/// Judges the run and writes verdicts.json, figures.json, plots/, report.md and report.html into
/// its folder. Figures that cannot be drawn are named in the report. Errors: kOutput.
Result<RunVerdicts> write_results(const Run& run, const std::string& root, bool draws_figures);

/// Writes all of a text to standard output. Errors: kOutput.
Result<void> print_text(const std::string& text);

/// What the verdicts mean for the exit code.
ExitCode exit_code_of(const Run& run, const RunVerdicts& verdicts, bool is_strict);

/// The summary on standard output: a line a claim and the controls, coloured where it may be.
void print_summary(const Run& run, const RunVerdicts& verdicts);

}  // namespace assay
