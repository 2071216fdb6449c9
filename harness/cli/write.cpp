#include "cli/write.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "cli/progress.hpp"
#include "measure/process.hpp"
#include "record/raw_file.hpp"
#include "report/format.hpp"
#include "report/report.hpp"

namespace assay {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

/// The first python3 that has matplotlib; Debian's own is asked first, as the first on the PATH may
/// be another that lacks it. Empty if there is none.
std::string python_with_matplotlib() {
  for (const char* python : {"/usr/bin/python3", "python3"})
    if (output_of({python, "-c",
                   "import importlib.util, sys;"
                   "sys.exit(importlib.util.find_spec('matplotlib') is None)"}))
      return python;
  return "";
}

}  // namespace

Drawn draw_figures(const std::string& dir, const std::string& root) {
  Drawn drawn;
  const std::string python = python_with_matplotlib();
  const std::string script = root + "/plots/figures.py";
  if (python.empty() || !fs::exists(script)) {
    std::error_code ignored;
    fs::remove_all(dir + "/plots", ignored);  // an older drawing must not pass for this
  }
  if (python.empty()) {
    drawn.failures.emplace_back("all: no python3 with matplotlib (install python3-matplotlib)");
    return drawn;
  }
  if (!fs::exists(script)) {
    drawn.failures.emplace_back("all: plots/figures.py is missing");
    return drawn;
  }
  constexpr std::chrono::minutes kLongestDrawing{20};  // a whole register has hundreds of figures
  const auto output = output_of({python, script, dir}, false, kLongestDrawing);
  const auto report = read_file(dir + "/plots/drawn.json");
  const json listed = report ? json::parse(*report, nullptr, false) : json();
  if (!listed.is_object()) {
    // The report is published: it does not say where things lie on this machine.
    const std::string why = output ? "wrote no list of what it drew" : output.error().what;
    drawn.failures.push_back("all: plots/figures.py " + why);
    return drawn;
  }
  drawn.files = listed.value("drawn", std::vector<std::string>{});
  for (const auto& failure : listed.value("failed", json::array()))
    drawn.failures.push_back(
        fmt::format("{}: {}", failure.value("file", "?"), failure.value("why", "?")));
  return drawn;
}

Result<RunVerdicts> write_results(const Run& run, const std::string& root, bool draws_figures) {
  RunVerdicts verdicts = judge(run.manifest, run.reg, run.collected);
  const auto figures = figures_document(run, verdicts);
  const std::string& dir = run.results_dir;
  std::error_code ignored;
  fs::create_directories(dir, ignored);  // a failure is told by the first file
  if (auto written =
          write_file(dir + "/verdicts.json", verdicts_document(run, verdicts).dump(1) + "\n");
      !written)
    return std::unexpected(written.error());
  if (auto written = write_file(dir + "/figures.json", figures.dump() + "\n"); !written)
    return std::unexpected(written.error());
  const Drawn drawn = draws_figures ? draw_figures(dir, root)
                                    : Drawn{{}, {"all: as asked for (`assay judge` draws them)"}};
  if (auto written = write_file(dir + "/report.md", markdown_report(run, verdicts, figures, drawn));
      !written)
    return std::unexpected(written.error());
  if (auto written = write_file(dir + "/report.html", html_page(run, verdicts, figures, drawn));
      !written)
    return std::unexpected(written.error());
  return verdicts;
}

Result<void> print_text(const std::string& text) {
  if (std::fwrite(text.data(), 1, text.size(), stdout) != text.size() || std::fflush(stdout) != 0)
    return fail(ExitCode::kOutput, "stdout", "could not be written",
                "is the disk full, or the reader gone?");
  return {};
}

ExitCode exit_code_of(const Run& run, const RunVerdicts& verdicts, bool is_strict) {
  if (run.collected.events.finish == "interrupted") return ExitCode::kInterrupted;
  const bool failed = std::ranges::any_of(run.collected.events.failures, [](const auto& failure) {
    return failure.kind != FailureKind::kNotRun;
  });
  if (failed) return ExitCode::kInstrument;
  const bool invalid = std::ranges::any_of(verdicts.experiments, [&](const auto& result) {
    return result.verdict == Verdict::kInvalid || result.verdict == Verdict::kFailed ||
           (is_strict && result.verdict == Verdict::kInconclusive);
  });
  return invalid ? ExitCode::kInvalid : ExitCode::kDone;
}

namespace {

const char* colour_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kSupported:
    case Verdict::kEquivalent:
    case Verdict::kHeld:
      return "32";
    case Verdict::kRefuted:
      return "36";
    case Verdict::kInvalid:
    case Verdict::kFailed:
      return "31";
    case Verdict::kInconclusive:
    case Verdict::kNotRun:
      return "33";
  }
  return "0";
}

}  // namespace

void print_summary(const Run& run, const RunVerdicts& verdicts) {
  std::size_t width = 0;
  for (const auto& result : verdicts.experiments)
    width = std::max(width, result.experiment.id.size());
  for (const auto& result : verdicts.experiments) {
    fmt::print("{:<{}}  {}  {}", result.experiment.id, width,
               coloured(fmt::format("{:<12}", name_of(result.verdict)), colour_of(result.verdict)),
               measured(result, run.manifest.plan));
    fmt::print("{}\n", result.why.empty() ? "" : "  (" + result.why + ")");
  }
  for (const auto& warning : warnings_of(run, verdicts)) fmt::print("warning: {}\n", warning);
  fmt::print("{}\n{}/report.md\n", counts(verdicts), run.results_dir);
  std::fflush(stdout);
}

}  // namespace assay
