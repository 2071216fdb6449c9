#include "gate/reference.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/file.h>
#include <unistd.h>

#include <filesystem>

#include "measure/process.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

std::string without_line_end(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// Held as long as it lives.
class Lock {
 public:
  explicit Lock(const std::string& path)
      : fd_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0666)),
        is_held_(fd_ >= 0 && ::flock(fd_, LOCK_EX | LOCK_NB) == 0) {}
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  ~Lock() {
    if (fd_ >= 0) ::close(fd_);
  }
  bool is_held() const { return is_held_; }

 private:
  int fd_;
  bool is_held_;
};

/// git in a work tree, whatever repository the caller's environment names.
std::vector<std::string> git_in(const std::string& tree, const std::vector<std::string>& words) {
  std::vector<std::string> command = {
      "env", "-u", "GIT_DIR", "-u", "GIT_WORK_TREE", "-u", "GIT_INDEX_FILE", "git", "-C", tree};
  command.insert(command.end(), words.begin(), words.end());
  return command;
}

/// Brings a work tree to the commit, as if it were new but for its folder build.
Result<void> restore(const std::string& tree, const std::string& commit, const std::string& log,
                     const std::string& name) {
  std::error_code error;
  // In a folder that is no work tree, git would act on the repository around it.
  const auto top = output_of(git_in(tree, {"rev-parse", "--show-toplevel"}), true);
  if (!top || !fs::equivalent(without_line_end(*top), tree, error))
    return fail(ExitCode::kInvalid, tree, "is no work tree of git's", "remove it, and try again");
  if (auto done = run_logged(log, git_in(tree, {"checkout", "--force", "--detach", commit}), name);
      !done)
    return done;
  if (auto done = run_logged(log, git_in(tree, {"clean", "-ffd", "--exclude=/build"}), name); !done)
    return done;
  if (fs::exists(tree + "/.gitmodules", error))
    if (auto done = run_logged(
            log, git_in(tree, {"submodule", "update", "--init", "--recursive", "--force"}), name);
        !done)
      return done;
  const auto status =
      output_of(git_in(tree, {"status", "--porcelain", "--untracked-files=no"}), true);
  if (status && status->empty()) return {};
  return fail(ExitCode::kInvalid, tree, "is not what the commit holds", "remove it, and try again");
}

}  // namespace

Result<void> run_logged(const std::string& log, const std::vector<std::string>& command,
                        const std::string& what, const BuildPatience& patience) {
  // The shell waits, so that its output, which nothing is written to, ends with the command.
  std::vector<std::string> words = {"sh", "-c", R"(log=$1; shift; "$@" >>"$log" 2>&1; exit $?)",
                                    "sh", log};
  words.insert(words.end(), command.begin(), command.end());
  auto process = LineProcess::start(words, {});
  if (!process) return std::unexpected(process.error());
  std::string line;
  const auto read = process->read_line(line, patience.longest);
  if (read != LineProcess::Read::kEnd) process->kill_group();
  if (read == LineProcess::Read::kInterrupted)
    return fail(ExitCode::kInterrupted, "", "interrupted before measuring");
  const std::string how =
      read == LineProcess::Read::kEnd ? process->end(patience.at_end) : "took too long";
  if (how == "exited with code 0") return {};
  return fail(ExitCode::kInvalid, what,
              fmt::format("cannot be built: {}: {}", fmt::join(command, " "), how),
              fmt::format("see {}", log));
}

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
  const Lock lock(tree + ".lock");
  if (!lock.is_held())
    return fail(ExitCode::kInvalid, tree, "another gate is building it",
                "wait for that one, and try again");
  fs::remove(log, error);
  if (!fs::exists(tree + "/.git", error)) {
    // One that was removed by hand is still registered.
    const std::vector<std::string> add = {
        "git", "-C", options.repository, "worktree", "add", "--force", "--detach", tree, commit};
    if (auto added = run_logged(log, add, name); !added) return std::unexpected(added.error());
  }
  if (auto restored = restore(tree, commit, log, name); !restored)
    return std::unexpected(restored.error());
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
