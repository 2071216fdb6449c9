#include "gate/reference.hpp"

#include <fmt/format.h>

#include <filesystem>

#include "measure/process.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

std::string without_line_end(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// Runs a command with all of its output appended to a log.
Result<void> run_logged(const std::string& log, const std::vector<std::string>& command,
                        const std::string& what) {
  std::vector<std::string> words = {"sh", "-c", R"(log=$1; shift; exec "$@" >>"$log" 2>&1)", "sh",
                                    log};
  words.insert(words.end(), command.begin(), command.end());
  auto process = LineProcess::start(words, {});
  if (!process) return std::unexpected(process.error());
  constexpr std::chrono::hours kLongestBuild{2};
  std::string line;
  const auto read = process->read_line(line, kLongestBuild);
  if (read == LineProcess::Read::kInterrupted)
    return fail(ExitCode::kInterrupted, "", "interrupted before measuring");
  constexpr std::chrono::minutes kPatience{1};
  const std::string how = process->end(kPatience);
  if (how == "exited with code 0") return {};
  return fail(ExitCode::kInvalid, what, fmt::format("cannot be built: {} {}", command.front(), how),
              fmt::format("see {}", log));
}

}  // namespace

Result<std::string> commit_of(const std::string& reference, const ReferenceOptions& options) {
  const auto commit = output_of({"git", "-C", options.repository, "rev-parse", "--verify",
                                 "--quiet", "--end-of-options", reference + "^{commit}"},
                                true);
  if (commit) return without_line_end(*commit);
  return fail(ExitCode::kUsage, reference, "is neither a build on disk nor a git reference here",
              "name a build's folder, a folder of executables, an executable, JSON files joined by "
              "commas, or a commit that this clone holds (git fetch --deepen 1 brings a parent)");
}

Result<std::string> build_reference(const std::string& commit, const ReferenceOptions& options) {
  const auto top =
      output_of({"git", "-C", options.repository, "rev-parse", "--show-toplevel"}, true);
  if (!top) return fail(ExitCode::kUsage, options.repository, "is in no git repository");
  constexpr std::size_t kShownDigits = 12;
  const std::string name = commit.substr(0, kShownDigits);
  const std::string tree = fmt::format("{}/build/gate/{}", without_line_end(*top), name);
  const std::string log = tree + ".log";
  std::error_code error;
  fs::create_directories(fs::path(tree).parent_path(), error);
  if (error)
    return fail(ExitCode::kOutput, tree, error.message(), "may this folder be written to?");
  fs::remove(log, error);
  if (!fs::exists(tree + "/.git", error)) {
    // One that was removed by hand is still registered.
    const std::vector<std::string> add = {
        "git", "-C", options.repository, "worktree", "add", "--force", "--detach", tree, commit};
    if (auto added = run_logged(log, add, name); !added) return std::unexpected(added.error());
  }
  std::string build = fmt::format("{}/build/{}", tree, options.preset);
  if (auto done = run_logged(
          log,
          {"cmake", "-S", tree, "-B", build, "--preset", options.preset, "-DBUILD_TESTING=OFF"},
          name);
      !done)
    return std::unexpected(done.error());
  std::vector<std::string> command = {"cmake", "--build", build};
  if (!options.targets.empty()) command.emplace_back("--target");
  command.insert(command.end(), options.targets.begin(), options.targets.end());
  if (auto done = run_logged(log, command, name); !done) return std::unexpected(done.error());
  return build;
}

}  // namespace assay
