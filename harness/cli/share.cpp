#include <fmt/format.h>
#include <fmt/ranges.h>

#include <cstdio>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>

#include "cli/run.hpp"
#include "cli/write.hpp"
#include "record/raw_file.hpp"
#include "report/compare.hpp"
#include "report/export.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

Result<JudgedRun> load_judged(const std::string& run_dir) {
  auto run = load_run(run_dir);
  if (!run) return std::unexpected(run.error());
  RunVerdicts verdicts = judge(run->manifest, run->reg, run->collected);
  return JudgedRun{std::move(*run), std::move(verdicts)};
}

}  // namespace

Result<ExitCode> export_run(const std::string& run_dir, const std::string& format,
                            const std::string& output) {
  const ExportFormat* found = export_format(format);
  if (found == nullptr) {
    std::vector<std::string> names;
    for (const auto& known : export_formats()) names.emplace_back(known.name);
    return fail(ExitCode::kUsage, format, "no such format",
                fmt::format("the formats are: {}", fmt::join(names, ", ")));
  }
  const auto judged = load_judged(run_dir);
  if (!judged) return std::unexpected(judged.error());
  const std::string text = found->write(judged->run, judged->verdicts);
  if (auto written = output.empty() ? print_text(text) : write_file(output, text); !written)
    return std::unexpected(written.error());
  return ExitCode::kDone;
}

namespace {

/// A folder that holds a run keeps it. Errors: kUsage.
Result<void> check_is_free(const std::string& dir) {
  if (fs::exists(dir + "/run.json"))
    return fail(ExitCode::kUsage, dir, "there is a run in this folder",
                "name another, or a new one");
  std::error_code ignored;
  const bool is_ours = fs::exists(dir + "/compare.md");
  if (fs::exists(dir) && !fs::is_empty(dir, ignored) && !is_ours)
    return fail(ExitCode::kUsage, dir, "the folder is not empty, and holds no comparison",
                "name another, or a new one");
  return {};
}

/// compare.md, figures.json and plots/ in a folder of their own.
Result<void> write_comparison(const std::vector<JudgedRun>& runs, const std::string& root,
                              const std::string& dir) {
  std::error_code ignored;
  fs::create_directories(dir, ignored);  // a failure is told by the first file
  const auto figures = comparison_figures(runs);
  if (auto written = write_file(dir + "/figures.json", figures.dump() + "\n"); !written)
    return written;
  const Drawn drawn = draw_figures(dir, root);
  std::string text = comparison_markdown(runs);
  for (const auto& file : drawn.files) text += fmt::format("\n![{0}](plots/{0}.svg)\n", file);
  for (const auto& failure : drawn.failures)
    text += fmt::format("\n> Figure not drawn: {}\n", failure);
  return write_file(dir + "/compare.md", text);
}

}  // namespace

Result<ExitCode> compare_runs(const Places& places, const std::vector<std::string>& run_dirs,
                              const std::string& output) {
  if (!output.empty())
    if (auto free = check_is_free(output); !free) return std::unexpected(free.error());
  std::vector<JudgedRun> runs;
  std::set<std::string> ids;
  for (const auto& run_dir : run_dirs) {
    auto judged = load_judged(run_dir);
    if (!judged) return std::unexpected(judged.error());
    if (!ids.insert(judged->run.manifest.run_id).second)
      return fail(ExitCode::kUsage, run_dir,
                  fmt::format("the run {} is named twice", judged->run.manifest.run_id),
                  "name each run once");
    runs.push_back(std::move(*judged));
  }
  if (output.empty()) {
    if (auto printed = print_text(comparison_markdown(runs)); !printed)
      return std::unexpected(printed.error());
    return ExitCode::kDone;
  }
  if (auto written = write_comparison(runs, places.root, output); !written)
    return std::unexpected(written.error());
  fmt::print("{}/compare.md\n", output);
  return ExitCode::kDone;
}

}  // namespace assay
