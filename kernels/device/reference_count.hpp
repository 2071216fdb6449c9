#pragma once

#include <atomic>
#include <cstdint>
#include <cstdlib>

namespace assay {

/// How many handles hold a block, and whether its only holder is writing it. Lies in a cache line
/// of its own. There are no weak references, so a count of one stays one until its holder shares
/// it.
///
/// Orders: an increment needs none, as who increments holds a reference already. A decrement
/// releases what its thread did with the block, and the last one acquires what all others released,
/// before the memory goes. begin_write and is_unique acquire for the same reason: who finds himself
/// alone writes where others have read. (std::shared_ptr::use_count is relaxed, so copy-on-write
/// cannot be built on it.)
class alignas(64) ReferenceCount {
 public:
  static constexpr std::uint32_t kMost = std::uint32_t{1} << 30;

  /// Errors: none; `first` other than 1 is for tests of the overflow.
  explicit ReferenceCount(std::uint32_t first = 1) noexcept : count_(first) {}

  /// One holder more. False, and nothing done, while the only holder writes. Aborts above kMost
  /// holders: a count that wraps would free what is in use.
  [[nodiscard]] bool share() noexcept {
    const std::uint32_t before = count_.fetch_add(1, std::memory_order_relaxed);
    if (before >= kMost) [[unlikely]]
      return refuse(before);
    return true;
  }

  /// One holder less. True for the last, who then frees the block.
  [[nodiscard]] bool drop() noexcept { return count_.fetch_sub(1, std::memory_order_acq_rel) == 1; }

  bool is_unique() const noexcept { return count_.load(std::memory_order_acquire) == 1; }

  /// Makes the only holder the writer; false where there are others, or a writer.
  [[nodiscard]] bool begin_write() noexcept {
    std::uint32_t alone = 1;
    return count_.compare_exchange_strong(alone, kWriting | 1, std::memory_order_acquire,
                                          std::memory_order_relaxed);
  }
  /// True where the holder has gone meanwhile: the writer frees the block.
  [[nodiscard]] bool end_write() noexcept {
    return count_.fetch_sub(kWriting, std::memory_order_acq_rel) == kWriting;
  }
  bool is_being_written() const noexcept {
    return (count_.load(std::memory_order_relaxed) & kWriting) != 0;
  }

 private:
  static constexpr std::uint32_t kWriting = std::uint32_t{1} << 31;

  [[gnu::noinline]] bool refuse(std::uint32_t before) noexcept {
    if ((before & kWriting) == 0) std::abort();
    count_.fetch_sub(1, std::memory_order_relaxed);
    return false;
  }

  std::atomic<std::uint32_t> count_;
};

}  // namespace assay
