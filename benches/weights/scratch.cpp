#include "benches/weights/scratch.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

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

/// Starts a process of its own session, which removes the folder after the owner's end. It holds
/// none of this one's files: who waits for the end of a pipe would wait for it, too.
void start_caretaker(const fs::path& folder, pid_t owner) {
  std::string script = R"(tail -s 2 --pid="$1" -f /dev/null; rm -rf -- "$2")";
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
  ::posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  pid_t started = 0;
  const int error =
      ::posix_spawn(&started, "/bin/sh", &actions, &attributes, arguments.data(), environ);
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) {
    std::error_code ignored;
    fs::remove_all(folder, ignored);
    throw std::system_error(error, std::generic_category(), "who removes the scratch folder");
  }
}

fs::path make_folder() {
  const char* const named = std::getenv("ASSAY_SCRATCH_DIR");
  const fs::path parent =
      named != nullptr && *named != '\0' ? fs::path(named) : fs::temp_directory_path();
  const pid_t owner = is_serving() ? ::getppid() : ::getpid();
  const fs::path folder = parent / (kPrefix + std::to_string(owner));
  if (!fs::exists(folder)) {
    sweep(parent);
    fs::create_directories(folder);
    start_caretaker(folder, owner);
  }
  return folder;
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
  if (fs::exists(path)) return path;
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
