#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>

namespace assay {

/// A range of memory that is mapped from a file and may lose its file: while it is watched, a read
/// behind the file's end does not end the process.
///
/// A page that lies wholly behind the end of a truncated file raises SIGBUS when it is read. The
/// handler that is installed when the first range is watched finds the range, notes that it is
/// damaged and maps zeros from that page to the range's end, so that the read goes on: nobody's
/// stack is unwound, and who read asks is_damaged() afterwards. Other faults go to the handler that
/// was there before. Who installs a handler for SIGBUS later must pass on what is not theirs.
///
/// Cost: a reader pays one load of a flag, after any number of reads; a page that is gone costs one
/// signal and one mmap.
/// Thread-safe: ranges are watched and forgotten by any thread; a range may be read by many.
class MappingGuard {
 public:
  MappingGuard() = default;
  /// Watches `range`, which starts at a page and is mapped for reading. The same range must not be
  /// watched twice. Throws: std::bad_alloc; std::system_error where no handler can be installed.
  explicit MappingGuard(std::span<const std::byte> range);
  MappingGuard(MappingGuard&& other) noexcept;
  MappingGuard& operator=(MappingGuard&& other) noexcept;
  MappingGuard(const MappingGuard&) = delete;
  MappingGuard& operator=(const MappingGuard&) = delete;
  /// Forgets the range. Requires that nobody reads it any more; goes before munmap.
  ~MappingGuard();

  /// Whether a page was missing in any read so far that happened before this call, in any thread.
  bool is_damaged() const noexcept {
    // Reads of the range may not be moved behind the flag's.
#ifdef __SANITIZE_THREAD__  // g++'s ThreadSanitizer knows no fences; the range is only read
    std::atomic_signal_fence(std::memory_order_acquire);
#else
    std::atomic_thread_fence(std::memory_order_acquire);
#endif
    return range_ != nullptr && range_->is_damaged.load(std::memory_order_relaxed);
  }

  /// A watched range. Never freed, but used again: the handler may look at it at any time.
  struct Range {
    std::atomic<std::uintptr_t> begin = 0;
    std::atomic<std::size_t> size = 0;  ///< 0 while it watches nothing
    std::atomic<bool> is_damaged = false;
    std::atomic<bool> is_taken = false;
    Range* next = nullptr;  ///< set before the range is published
  };

 private:
  Range* range_ = nullptr;
};

}  // namespace assay
