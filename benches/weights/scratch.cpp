#include "benches/weights/scratch.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "kernels/loading/model_data.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = "assay-weights-";

/// Whether the experimenter started this process, to be served.
bool is_serving() {
  std::ifstream file("/proc/self/cmdline", std::ios::binary);
  const std::string words{std::istreambuf_iterator<char>(file), {}};
  return words.find("--assay_serve") != std::string::npos;
}

/// Removes the folders of processes that are no more.
void sweep(const fs::path& parent) {
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(parent, ignored)) {
    const std::string name = item.path().filename();
    if (!name.starts_with(kPrefix)) continue;
    const std::string_view digits = std::string_view(name).substr(std::string_view(kPrefix).size());
    pid_t owner = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), owner);
    const bool is_ours = error == std::errc{} && end == digits.data() + digits.size() && owner > 0;
    if (is_ours && ::kill(owner, 0) != 0 && errno == ESRCH) fs::remove_all(item.path(), ignored);
  }
}

/// Starts a process of its own session, which removes the folder after the owner's end. Of this
/// one's files it holds the lock alone: who waits for the end of a pipe would wait for it, too. If
/// the wait fails, nothing is removed.
void start_caretaker(const fs::path& folder, pid_t owner, int lock) {
  // The wait does not hold the lock, or it would outlive a shell that was killed.
  std::string script = R"(tail -s 2 --pid="$1" -f /dev/null 3<&- && rm -rf -- "$2")";
  std::string shell = "sh", option = "-c", name = "caretaker", pid = std::to_string(owner),
              path = folder.string();
  const std::array arguments = {shell.data(),
                                option.data(),
                                script.data(),
                                name.data(),
                                pid.data(),
                                path.data(),
                                static_cast<char*>(nullptr)};
  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawnattr_init(&attributes);
  for (const int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
    ::posix_spawn_file_actions_addopen(&actions, fd, "/dev/null", O_RDWR, 0);
  constexpr int kLock = STDERR_FILENO + 1;
  ::posix_spawn_file_actions_adddup2(&actions, lock, kLock);
  ::posix_spawn_file_actions_addclosefrom_np(&actions, kLock + 1);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t started = 0;
  const int error =
      ::posix_spawn(&started, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0)
    throw std::system_error(error, std::generic_category(), "who removes the scratch folder");
}

/// A folder that nobody else may write to, this user's; one that is there and is not so is refused.
void make_private(const fs::path& folder) {
  constexpr mode_t kOwnersOnly = 0700, kOthers = 0077;
  if (::mkdir(folder.c_str(), kOwnersOnly) == 0) return;
  if (errno != EEXIST) throw std::system_error(errno, std::generic_category(), folder.string());
  struct stat found{};
  if (::lstat(folder.c_str(), &found) != 0)
    throw std::system_error(errno, std::generic_category(), folder.string());
  if (!S_ISDIR(found.st_mode) || found.st_uid != ::geteuid() || (found.st_mode & kOthers) != 0)
    throw std::runtime_error(folder.string() +
                             " is not this user's alone: remove it, or name another folder by "
                             "ASSAY_SCRATCH_DIR");
}

/// The folder is locked as long as its caretaker lives: whoever gets the lock starts one.
void ensure_caretaker(const fs::path& folder, pid_t owner) {
  // From 4 on: the caretaker's lock is its descriptor 3, and a copy onto itself would be closed.
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
  const int lock = opened < 0 ? -1 : ::fcntl(opened, F_DUPFD_CLOEXEC, STDERR_FILENO + 2);
  if (opened >= 0) ::close(opened);
  if (lock < 0) throw std::system_error(errno, std::generic_category(), folder.string());
  const bool is_mine = ::flock(lock, LOCK_EX | LOCK_NB) == 0;
  try {
    if (is_mine) start_caretaker(folder, owner, lock);
  } catch (...) {
    ::close(lock);
    throw;
  }
  ::close(lock);
}

fs::path make_folder() {
  const char* const named = std::getenv("ASSAY_SCRATCH_DIR");
  const fs::path parent =
      named != nullptr && *named != '\0' ? fs::path(named) : fs::temp_directory_path();
  const pid_t owner = is_serving() ? ::getppid() : ::getpid();
  const fs::path folder = parent / (kPrefix + std::to_string(owner));
  sweep(parent);
  fs::create_directories(parent);
  make_private(folder);
  ensure_caretaker(folder, owner);
  return folder;
}

/// Whether a whole checkpoint of that shape is there, whoever left it.
bool is_checkpoint_of(const std::string& path, const ModelShape& shape) {
  if (!fs::exists(path)) return false;
  const auto data = ModelData::open(path, {.decompresses = false});
  if (!data) return false;
  const auto layout = parse_checkpoint(path, data->bytes());
  return layout && layout->shape == shape;
}

/// Written pages would be written back in the midst of a measurement.
void sync_file(const std::string& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return;
  ::fdatasync(fd);
  ::close(fd);
}

}  // namespace

const fs::path& scratch_folder() {
  static const fs::path kFolder = make_folder();
  return kFolder;
}

std::string scratch_checkpoint(const std::string& name, const ModelShape& shape, bool is_sparse) {
  const std::string path = scratch_folder() / (name + ".bin");
  if (is_checkpoint_of(path, shape)) return path;
  const auto layout = layout_of(shape);
  if (!layout) throw std::runtime_error(layout.error());
  constexpr std::uint64_t kToSpare = std::uint64_t{1} << 30;
  if (!is_sparse && fs::space(scratch_folder()).available < layout->bytes + kToSpare)
    throw std::runtime_error("not run: disk: " + scratch_folder().string() + " has no room for " +
                             std::to_string(layout->bytes >> 20) +
                             " MiB; name another folder by ASSAY_SCRATCH_DIR");
  const auto written =
      is_sparse ? generate_sparse_checkpoint(path, shape) : generate_checkpoint(path, shape);
  if (!written) throw std::runtime_error(written.error());
  sync_file(path);
  return path;
}

}  // namespace assay
