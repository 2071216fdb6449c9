#pragma once

#include <atomic>

#include "kernels/arena/arena.hpp"

namespace assay {

/// Bump allocation by several threads at once: one atomic cursor in one block of fixed capacity.
class SharedArena {
 public:
  /// Throws: std::bad_alloc.
  explicit SharedArena(std::size_t capacity);
  SharedArena(const SharedArena&) = delete;
  SharedArena& operator=(const SharedArena&) = delete;
  ~SharedArena();

  /// `size` bytes at a multiple of `alignment` (a power of two), unwritten; nullptr where there is
  /// no room, and from then on until the arena is reset. From any thread. Every allocation takes a
  /// multiple of 16 bytes, so that usual alignments cost one atomic addition and nothing else; a
  /// greater alignment takes as much again.
  void* try_allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) noexcept {
    if (size > capacity_ || alignment > capacity_) [[unlikely]] {
      return nullptr;
    }
    const std::size_t rounded = (size + kStep - 1) & ~(kStep - 1);
    const std::size_t taken = alignment <= kStep ? rounded : rounded + alignment;
    // No order is needed: the bytes were nobody's before. Nothing is read beforehand: that would
    // fetch the line twice from another core, once to read and once to write.
    const std::size_t before = used_.fetch_add(taken, std::memory_order_relaxed);
    if (before + taken > capacity_) [[unlikely]] {
      // Full, so that failures do not carry the cursor round the ends of its type. Giving back what
      // was taken would let others have it twice.
      used_.store(capacity_, std::memory_order_relaxed);
      return nullptr;
    }
    std::byte* const at = aligned_up(begin_ + before, alignment);
    unpoison(at, size);
    return at;
  }

  /// The same. Throws: std::bad_alloc.
  void* allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) {
    void* const at = try_allocate(size, alignment);
    if (at == nullptr) [[unlikely]] {
      throw std::bad_alloc();
    }
    return at;
  }

  /// Frees all. No other thread may use the arena, or what it gave, meanwhile.
  void reset();

  std::size_t capacity() const { return capacity_; }

 private:
  static constexpr std::size_t kStep = 16;

  std::byte* begin_;
  std::size_t capacity_;
  // Alone in its line: the other members are read by every thread.
  alignas(64) std::atomic<std::size_t> used_ = 0;
};

}  // namespace assay
