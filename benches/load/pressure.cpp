#include "benches/load/pressure.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <stdexcept>
#include <utility>
#include <vector>

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr const char* kHotAdd = "/sys/class/zram-control/hot_add";
constexpr const char* kHotRemove = "/sys/class/zram-control/hot_remove";

/// One write of the whole text, as files of /sys and of cgroups want it.
bool write_text(const std::string& path, std::string_view text, int flags = 0) {
  const int fd = ::open(path.c_str(), O_WRONLY | O_CLOEXEC | flags, 0600);
  if (fd < 0) return false;
  const bool is_written =
      ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size());
  const int error_number = errno;
  ::close(fd);
  errno = error_number;
  return is_written;
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

std::vector<std::string> words_of(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> words;
  for (std::string word; stream >> word;) words.push_back(word);
  return words;
}

std::vector<std::string> lines_of_text(std::string_view text) {
  std::istringstream stream{std::string(text)};
  std::vector<std::string> lines;
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

template <typename Number>
std::optional<Number> whole_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<ProcessId> process_of(pid_t pid) {
  const auto stat = content_of_file("/proc/" + std::to_string(pid) + "/stat");
  if (!stat) return std::nullopt;
  const auto ticks = parse_start_ticks(*stat);
  if (!ticks) return std::nullopt;
  return ProcessId{pid, *ticks};
}

/// A process that was killed and not yet waited for has ended, too.
bool is_alive(const ProcessId& process) {
  const auto stat = content_of_file("/proc/" + std::to_string(process.pid) + "/stat");
  if (!stat || parse_start_ticks(*stat) != process.start_ticks) return false;
  const auto state = stat->rfind(") ");
  return state != std::string::npos && !std::string_view("ZX").contains((*stat)[state + 2]);
}

constexpr std::string_view kUndoing = ".undoing";

/// Renames the note, which only one process can.
bool claim(const std::string& note) {
  return ::rename(note.c_str(), (note + std::string(kUndoing)).c_str()) == 0;
}

void forget(const std::string& note) {
  ::unlink((note + std::string(kUndoing)).c_str());
}

/// Whether somebody may still be undoing it: renaming changes the time.
bool was_claimed_just_now(const fs::path& note) {
  constexpr std::time_t kSeconds = 10;
  struct stat status{};
  return ::stat(note.c_str(), &status) == 0 &&
         std::time(nullptr) - status.st_ctim.tv_sec < kSeconds;
}

/// Undo the zram device of number $1, or the cgroup of folder $1, unless the owner says a word
/// first; $2 is the note. The cgroup's processes end when their pipes to the owner do.
constexpr const char* kUndoZram =
    "read -r word && exit; mv \"$2\" \"$2.undoing\" || exit; swapoff \"/dev/zram$1\"; "
    "for _ in 1 2 3 4 5 6 7 8 9 10; do echo 1 > \"/sys/block/zram$1/reset\" && "
    "echo \"$1\" > /sys/class/zram-control/hot_remove && rm -f \"$2.undoing\" && exit; "
    "sleep 0.1; done";
constexpr const char* kUndoCgroup =
    "read -r word && exit; mv \"$2\" \"$2.undoing\" || exit; "
    "for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do "
    "{ rmdir \"$1\" || test ! -e \"$1\"; } && rm -f \"$2.undoing\" && exit; sleep 0.1; done";

}  // namespace

Watcher::Watcher(const char* script, const std::string& what, const std::string& note) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, ends[0], STDIN_FILENO);
  // Who waits for the instrument's last word must not wait for the watcher's.
  ::posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
  posix_spawnattr_t attributes;
  ::posix_spawnattr_init(&attributes);
  ::posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID);
  std::array<std::string, 6> words = {"sh", "-c", script, "assay-load-watcher", what, note};
  std::array<char*, 7> argv{};
  std::ranges::transform(words, argv.begin(), [](std::string& word) { return word.data(); });
  std::array<std::string, 1> settings = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"};
  std::array<char*, 2> environment = {settings[0].data(), nullptr};
  const int failed =
      ::posix_spawn(&pid_, "/bin/sh", &actions, &attributes, argv.data(), environment.data());
  ::posix_spawnattr_destroy(&attributes);
  ::posix_spawn_file_actions_destroy(&actions);
  ::close(ends[0]);
  pipe_ = Descriptor(ends[1]);
  if (failed == 0) return;
  pipe_.close();
  pid_ = -1;
}

Watcher::Watcher(Watcher&& other) noexcept
    : pipe_(std::move(other.pipe_)), pid_(std::exchange(other.pid_, -1)) {}

Watcher::~Watcher() {
  if (pid_ < 0) return;
  const ssize_t written = ::write(pipe_.get(), "done\n", 5);
  pipe_.close();
  if (written == 5) ::waitpid(pid_, nullptr, 0);
}

namespace {

/// Notes a change; the path of the note, or nothing where that cannot be written.
std::optional<std::string> note_change(const std::string& state_folder, const std::string& kind,
                                       const std::string& what) {
  std::error_code failed;
  fs::create_directories(state_folder, failed);
  const auto self = process_of(::getpid());
  if (failed || !self) return std::nullopt;
  const std::string name = kind + "-" + fs::path(what).filename().string();
  std::string path = (fs::path(state_folder) / name).string();
  if (!write_text(path, to_text({*self, kind, what}), O_CREAT | O_TRUNC)) return std::nullopt;
  return path;
}

bool remove_zram(const std::string& number) {
  const std::string device = "/dev/zram" + number, folder = "/sys/block/zram" + number;
  if (!fs::exists(folder)) return true;
  if (::swapoff(device.c_str()) != 0 && errno != EINVAL && errno != ENOENT) return false;
  // Who looks at new devices (udev) may have it open for a moment.
  constexpr int kTries = 50;
  constexpr useconds_t kPauseUs = 10'000;
  for (int tries = 0; tries < kTries; ++tries) {
    if (write_text(folder + "/reset", "1") && write_text(kHotRemove, number)) return true;
    ::usleep(kPauseUs);
  }
  return false;
}

bool remove_cgroup(const std::string& folder) {
  constexpr int kTries = 50;  // a process that has just ended may still be in it
  constexpr useconds_t kPauseUs = 10'000;
  for (int tries = 0; tries < kTries; ++tries) {
    if (::rmdir(folder.c_str()) == 0 || errno == ENOENT) return true;
    ::usleep(kPauseUs);
  }
  return false;
}

/// Whether the change is undone. A note that names what Assay never makes is left alone.
bool undo(const Change& change) {
  if (change.kind == "zram" && whole_number<unsigned>(change.what)) return remove_zram(change.what);
  if (change.kind == "cgroup" && fs::path(change.what).filename().string().starts_with("assay-"))
    return remove_cgroup(change.what);
  return false;
}

/// The first page of a swap device, as mkswap writes it.
std::vector<char> swap_header(std::size_t device_bytes, std::size_t page) {
  struct Info {
    std::uint32_t version, last_page, bad_pages;
  };
  constexpr std::string_view kMagic = "SWAPSPACE2";
  constexpr std::size_t kInfoAt = 1024;
  std::vector<char> header(page);
  const Info info{1, static_cast<std::uint32_t>(device_bytes / page - 1), 0};
  std::memcpy(header.data() + kInfoAt, &info, sizeof info);
  std::memcpy(header.data() + page - kMagic.size(), kMagic.data(), kMagic.size());
  return header;
}

bool make_swap(const std::string& device, std::size_t bytes) {
  const auto header = swap_header(bytes, static_cast<std::size_t>(::sysconf(_SC_PAGESIZE)));
  constexpr int kTries = 50;  // the device's node may come a moment later
  constexpr useconds_t kPauseUs = 10'000;
  for (int tries = 0; ::access(device.c_str(), W_OK) != 0 && tries < kTries; ++tries)
    ::usleep(kPauseUs);
  return write_text(device, {header.data(), header.size()}) &&
         ::swapon(device.c_str(), SWAP_FLAG_PREFER | SWAP_FLAG_PRIO_MASK) == 0;
}

std::unexpected<std::string> no_zram(const std::string& why) {
  return std::unexpected("no zram device: " + why);
}

}  // namespace

std::optional<std::uint64_t> parse_start_ticks(std::string_view stat) {
  const auto name_end = stat.rfind(')');  // the program's name may hold anything
  if (name_end == std::string_view::npos) return std::nullopt;
  const auto words = words_of(stat.substr(name_end + 1));
  constexpr std::size_t kStartTime = 19;  // field 22, and the state behind the name is field 3
  if (words.size() <= kStartTime) return std::nullopt;
  return whole_number<std::uint64_t>(words[kStartTime]);
}

std::string to_text(const Change& change) {
  std::ostringstream text;
  text << "assay-change 1\n"
       << change.owner.pid << ' ' << change.owner.start_ticks << '\n'
       << change.kind << '\n'
       << change.what << '\n';
  return text.str();
}

std::optional<Change> parse_change(std::string_view text) {
  const auto lines = lines_of_text(text);
  constexpr std::size_t kLines = 4;
  if (lines.size() != kLines || lines[0] != "assay-change 1" || !text.ends_with('\n'))
    return std::nullopt;
  const auto owner = words_of(lines[1]);
  if (owner.size() != 2 || lines[3].empty()) return std::nullopt;
  const auto pid = whole_number<pid_t>(owner[0]);
  const auto ticks = whole_number<std::uint64_t>(owner[1]);
  if (!pid || !ticks) return std::nullopt;
  return Change{{*pid, *ticks}, lines[2], lines[3]};
}

std::size_t restore_leftovers(const std::string& state_folder) {
  std::size_t restored = 0;
  std::error_code ignored;
  for (const auto& item : fs::directory_iterator(state_folder, ignored)) {
    const auto text = content_of_file(item.path().string());
    const auto change = text ? parse_change(*text) : std::nullopt;
    if (!change || is_alive(change->owner)) continue;
    std::string note = item.path().string();
    if (note.ends_with(kUndoing)) {
      if (was_claimed_just_now(note)) continue;
      note.resize(note.size() - kUndoing.size());
    } else if (!claim(note)) {
      continue;
    }
    if (!undo(*change)) continue;
    forget(note);
    ++restored;
  }
  return restored;
}

std::expected<ZramSwap, std::string> ZramSwap::create(std::size_t bytes,
                                                      const std::string& state_folder) {
  restore_leftovers(state_folder);
  if (::geteuid() != 0) return no_zram("only root may make one");
  // Reading the file makes a device and gives its number.
  const auto added = content_of_file(kHotAdd);
  if (!added) return no_zram(added.error() + " (load the module: modprobe zram)");
  const std::string number = trimmed(*added);
  if (!whole_number<unsigned>(number)) return no_zram(std::string(kHotAdd) + " gave no number");
  const auto note = note_change(state_folder, "zram", number);
  if (!note) {
    remove_zram(number);
    return no_zram(state_folder + " cannot be written, so a killed run could not be undone");
  }
  ZramSwap swap(number, *note, Watcher(kUndoZram, number, *note));
  if (!write_text("/sys/block/zram" + number + "/disksize", std::to_string(bytes)) ||
      !make_swap(swap.device(), bytes))
    return no_zram(swap.device() + " cannot be swapped to: " + std::strerror(errno));
  return swap;
}

ZramSwap::ZramSwap(ZramSwap&& other) noexcept
    : number_(std::exchange(other.number_, "")),
      note_(std::exchange(other.note_, "")),
      watcher_(std::move(other.watcher_)) {}

ZramSwap::~ZramSwap() {
  if (!note_.empty() && claim(note_) && remove_zram(number_)) forget(note_);
}

ZramUse ZramSwap::use() const {
  const auto found = zram_use("/sys/block/zram" + number_ + "/mm_stat");
  if (!found) throw std::runtime_error(found.error());
  return *found;
}

std::expected<MemoryController, std::string> find_memory_controller(
    std::string_view mountinfo, std::string_view own_cgroups,
    const std::function<std::string(const std::string& folder)>& controllers_of) {
  const auto own_path = [&](const std::string& controller) -> std::optional<std::string> {
    for (const std::string& line : lines_of_text(own_cgroups)) {
      const auto first = line.find(':'), second = line.find(':', first + 1);
      if (first == std::string::npos || second == std::string::npos) continue;
      const std::string names = "," + line.substr(first + 1, second - first - 1) + ",";
      if (names.contains("," + controller + ",")) return line.substr(second + 1);
    }
    return std::nullopt;
  };
  std::string reason = "no memory cgroup: no controller is mounted";
  for (const std::string& line : lines_of_text(mountinfo)) {
    const auto words = words_of(line);
    const auto dash = std::ranges::find(words, "-");
    constexpr std::size_t kRoot = 3, kMountPoint = 4;
    if (words.size() <= kMountPoint || words.end() - dash < 4) continue;
    const std::string& type = *(dash + 1);
    const std::string options = "," + *(dash + 3) + ",";
    const bool is_v1 = type == "cgroup" && options.contains(",memory,");
    if (!is_v1 && type != "cgroup2") continue;
    const auto path = own_path(is_v1 ? "memory" : "");
    if (!path) continue;
    // A container sees a part of the tree: what lies above it is not mounted.
    std::string below = *path;
    if (words[kRoot] != "/" && below.starts_with(words[kRoot]))
      below = below.substr(words[kRoot].size());
    fs::path folder = fs::path(words[kMountPoint]) / fs::path(below).relative_path();
    if (is_v1) return MemoryController{1, folder.lexically_normal().string()};
    if (below != "/" && !below.empty()) folder = folder.parent_path();
    const std::string controllers = " " + trimmed(controllers_of(folder.string())) + " ";
    if (controllers.contains(" memory ")) return MemoryController{2, folder.string()};
    reason = "no memory cgroup: " + folder.string() + " (v2) has no memory controller";
  }
  return std::unexpected(reason);
}

std::expected<MemoryController, std::string> find_memory_controller() {
  const auto mountinfo = content_of_file("/proc/self/mountinfo");
  const auto own = content_of_file("/proc/self/cgroup");
  if (!mountinfo || !own) return std::unexpected("no memory cgroup: /proc cannot be read");
  return find_memory_controller(*mountinfo, *own, [](const std::string& folder) {
    return content_of_file(folder + "/cgroup.subtree_control").value_or("");
  });
}

std::expected<MemoryCgroup, std::string> MemoryCgroup::create(std::size_t limit_bytes,
                                                              const std::string& state_folder) {
  const auto controller = find_memory_controller();
  if (!controller) return std::unexpected(controller.error());
  std::string folder =
      (fs::path(controller->folder) / ("assay-" + std::to_string(::getpid()))).string();
  const auto note = note_change(state_folder, "cgroup", folder);
  if (!note)
    return std::unexpected("no memory cgroup: " + state_folder +
                           " cannot be written, so a killed run could not be undone");
  if (::mkdir(folder.c_str(), 0755) != 0 && errno != EEXIST) {
    const int error_number = errno;
    ::unlink(note->c_str());
    return std::unexpected("no memory cgroup: " + folder +
                           " cannot be made: " + std::strerror(error_number));
  }
  MemoryCgroup cgroup(folder, *note, Watcher(kUndoCgroup, folder, *note));
  if (!write_text(folder + "/" + controller->limit_file(), std::to_string(limit_bytes)))
    return std::unexpected("no memory cgroup: " + folder +
                           " takes no limit: " + std::strerror(errno));
  return cgroup;
}

MemoryCgroup::MemoryCgroup(MemoryCgroup&& other) noexcept
    : folder_(std::exchange(other.folder_, "")),
      note_(std::exchange(other.note_, "")),
      watcher_(std::move(other.watcher_)) {}

MemoryCgroup::~MemoryCgroup() {
  if (!note_.empty() && claim(note_) && remove_cgroup(folder_)) forget(note_);
}

bool MemoryCgroup::enter() const {
  return write_text(folder_ + "/cgroup.procs", std::to_string(::getpid()));
}

}  // namespace assay
