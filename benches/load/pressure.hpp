#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "kernels/loading/descriptor.hpp"
#include "kernels/loading/memory_metrics.hpp"

namespace assay {

// What these experiments change on the machine (a zram device that is swapped to, a memory cgroup)
// is noted in a file of the state folder (/run/assay) as soon as it is there, and undone when its
// object goes. Should the process be killed, a watcher undoes each change at once. What is left
// even so (the watcher killed, too) is undone by restore_leftovers(), which every start of the
// instrument calls. Whoever undoes a change renames its note first, so that nobody else does.

/// Who made a change: a process id alone may have come to somebody else.
struct ProcessId {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;  ///< since boot, from /proc/PID/stat

  bool operator==(const ProcessId&) const = default;
};
/// Start of a process, from the text of its /proc/PID/stat.
std::optional<std::uint64_t> parse_start_ticks(std::string_view stat);

/// A change that is to be undone.
struct Change {
  ProcessId owner;
  std::string kind;  ///< "zram" or "cgroup"
  std::string what;  ///< the device's number, or the cgroup's folder

  bool operator==(const Change&) const = default;
};
std::string to_text(const Change& change);
std::optional<Change> parse_change(std::string_view text);

inline constexpr const char* kStateFolder = "/run/assay";

/// Undoes the changes of processes that are no more. Returns how many; what cannot be undone stays
/// noted.
std::size_t restore_leftovers(const std::string& state_folder = kStateFolder);

/// A shell that undoes a change when this process ends without having said a word: it waits for
/// the end of a pipe. Where none can be started, restore_leftovers() is what remains.
class Watcher {
 public:
  /// `script` is given what was changed and the path of the note.
  Watcher(const char* script, const std::string& what, const std::string& note);
  Watcher(Watcher&& other) noexcept;
  Watcher& operator=(Watcher&&) = delete;
  Watcher(const Watcher&) = delete;
  Watcher& operator=(const Watcher&) = delete;
  /// Says the word.
  ~Watcher();

 private:
  Descriptor pipe_;
  pid_t pid_ = -1;
};

/// A zram device of its own that is swapped to before all others.
class ZramSwap {
 public:
  /// The error says why this machine has none ("no zram device: ...").
  static std::expected<ZramSwap, std::string> create(
      std::size_t bytes, const std::string& state_folder = kStateFolder);
  ZramSwap(ZramSwap&& other) noexcept;
  ZramSwap& operator=(ZramSwap&&) = delete;
  ZramSwap(const ZramSwap&) = delete;
  ZramSwap& operator=(const ZramSwap&) = delete;
  ~ZramSwap();

  /// What the device holds. Throws: std::runtime_error.
  ZramUse use() const;
  std::string device() const { return "/dev/zram" + number_; }

 private:
  ZramSwap(std::string number, std::string note, Watcher watcher)
      : number_(std::move(number)), note_(std::move(note)), watcher_(std::move(watcher)) {}

  std::string number_;
  std::string note_;
  Watcher watcher_;  ///< dismissed when the device is undone
};

/// Where a memory cgroup can be made.
struct MemoryController {
  int version = 1;     ///< of cgroups
  std::string folder;  ///< below which to make it
  bool operator==(const MemoryController&) const = default;

  const char* limit_file() const { return version == 1 ? "memory.limit_in_bytes" : "memory.max"; }
};
/// Finds it in the texts of /proc/self/mountinfo and /proc/self/cgroup. `controllers_of` gives the
/// content of a v2 folder's cgroup.subtree_control: what its children have. Of v2, a sibling of the
/// own cgroup is made, as a cgroup with processes may have no children with controllers. The error
/// is the reason.
std::expected<MemoryController, std::string> find_memory_controller(
    std::string_view mountinfo, std::string_view own_cgroups,
    const std::function<std::string(const std::string& folder)>& controllers_of);
/// Of this machine.
std::expected<MemoryController, std::string> find_memory_controller();

/// A cgroup whose processes may have so much memory, swap not counted.
class MemoryCgroup {
 public:
  /// The error says why there is none ("no memory cgroup: ...").
  static std::expected<MemoryCgroup, std::string> create(
      std::size_t limit_bytes, const std::string& state_folder = kStateFolder);
  MemoryCgroup(MemoryCgroup&& other) noexcept;
  MemoryCgroup& operator=(MemoryCgroup&&) = delete;
  MemoryCgroup(const MemoryCgroup&) = delete;
  MemoryCgroup& operator=(const MemoryCgroup&) = delete;
  /// Requires that its processes have ended.
  ~MemoryCgroup();

  /// Moves this process into it; false where the kernel refuses. For a child after fork.
  bool enter() const;
  const std::string& folder() const { return folder_; }

 private:
  MemoryCgroup(std::string folder, std::string note, Watcher watcher)
      : folder_(std::move(folder)), note_(std::move(note)), watcher_(std::move(watcher)) {}

  std::string folder_;
  std::string note_;
  Watcher watcher_;  ///< dismissed when the cgroup is undone
};

}  // namespace assay
