#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <new>
#include <span>
#include <type_traits>
#include <utility>
#include <vector>

#if defined(__SANITIZE_ADDRESS__)
#define ASSAY_ARENA_POISONS 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ASSAY_ARENA_POISONS 1
#endif
#endif
#ifdef ASSAY_ARENA_POISONS
#include <sanitizer/asan_interface.h>
#endif

namespace assay {

/// Tells AddressSanitizer, where it runs, that the bytes must not, or may, be touched.
inline void poison([[maybe_unused]] const void* at, [[maybe_unused]] std::size_t size) noexcept {
#ifdef ASSAY_ARENA_POISONS
  ASAN_POISON_MEMORY_REGION(at, size);
#endif
}
inline void unpoison([[maybe_unused]] const void* at, [[maybe_unused]] std::size_t size) noexcept {
#ifdef ASSAY_ARENA_POISONS
  ASAN_UNPOISON_MEMORY_REGION(at, size);
#endif
}

/// The greatest address at or below, or the least at or above, that is a multiple of `alignment`, a
/// power of two.
inline std::byte* aligned_down(std::byte* at, std::size_t alignment) noexcept {
  return at - (reinterpret_cast<std::uintptr_t>(at) & (alignment - 1));
}
inline std::byte* aligned_up(std::byte* at, std::size_t alignment) noexcept {
  return at + (-reinterpret_cast<std::uintptr_t>(at) & (alignment - 1));
}

/// Bump allocation: an allocation moves a cursor, nothing is freed by itself, and reset() frees all
/// at once. For objects that die together.
///
/// Within a block the cursor falls: one subtraction and one mask, where a rising one needs two more
/// operations in the chain from each allocation to the next.
///
/// Not for several threads at once: see thread_arena() and SharedArena. Under AddressSanitizer what
/// is not allocated is poisoned, so that a use after reset() or rewind() is reported.
class Arena {
 public:
  enum class Growth {
    kFixed,  ///< the first block is all there is
    kBlocks  ///< further blocks, each twice the last, from ::operator new
  };

  /// A state to come back to; valid until a reset() or a rewind() to an earlier one.
  struct Mark {
    std::size_t block;
    std::byte* cursor;
  };

  /// Blocks begin at cache lines, so that this alignment needs no check of its own.
  static constexpr std::size_t kBlockAlignment = 64;

  /// Throws: std::bad_alloc if the first block can't be had.
  explicit Arena(std::size_t first_block_bytes, Growth growth = Growth::kBlocks);
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;
  ~Arena();

  /// `size` bytes at a multiple of `alignment` (a power of two), unwritten; nullptr if a fixed
  /// arena has no room, or memory ran out. A size of 0 is allowed and gives an address in the
  /// arena.
  void* try_allocate(std::size_t size, std::size_t alignment = alignof(std::max_align_t)) noexcept {
    const auto room = static_cast<std::size_t>(cursor_ - begin_);
    if (size > room || alignment > kBlockAlignment) [[unlikely]] {
      return allocate_slowly(size, alignment);
    }
    std::byte* const at = aligned_down(cursor_ - size, alignment);
    cursor_ = at;
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

  /// An object whose destructor has nothing to do, since nobody will call it.
  /// Throws: std::bad_alloc, and what the constructor throws.
  template <typename T, typename... Args>
  T* make(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return ::new (allocate(sizeof(T), alignof(T))) T(std::forward<Args>(args)...);
  }

  /// `count` objects, value-initialised. Throws: std::bad_alloc, also where the size overflows.
  template <typename T>
  std::span<T> make_array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    std::size_t bytes = 0;
    if (__builtin_mul_overflow(count, sizeof(T), &bytes)) {
      throw std::bad_array_new_length();
    }
    T* const first = static_cast<T*>(allocate(bytes, alignof(T)));
    std::uninitialized_value_construct_n(first, count);
    return {first, count};
  }

  Mark mark() const { return {current_, cursor_}; }
  /// Frees what was allocated since. Requires a mark that is valid.
  void rewind(Mark mark) {
    if (mark.block != current_) [[unlikely]] {
      return rewind_to_block(mark);
    }
    cursor_ = mark.cursor;
    poison(begin_, static_cast<std::size_t>(cursor_ - begin_));
  }
  /// Frees all; the blocks are kept for what comes next.
  void reset() { rewind({0, blocks_.front().end()}); }
  /// Frees all, and returns every block but the first to the system.
  void release();

  std::size_t reserved_bytes() const;  ///< in all blocks
  std::size_t used_bytes() const;      ///< allocated, with what alignment and ends of blocks waste

 private:
  struct Block {
    std::byte* begin;
    std::size_t size;
    std::byte* end() const { return begin + size; }
  };

  static Block new_block(std::size_t size);
  void* allocate_slowly(std::size_t size, std::size_t alignment) noexcept;
  bool enter_next_block(std::size_t least_bytes) noexcept;
  void rewind_to_block(Mark mark);
  void enter(std::size_t block, std::byte* cursor);

  std::byte* cursor_ = nullptr;  ///< what lies at and above it, in its block, is allocated
  std::byte* begin_ = nullptr;   ///< of the current block
  std::size_t current_ = 0;
  std::vector<Block> blocks_;
  Growth growth_;
};

/// An arena as polymorphic memory resource; deallocation does nothing. Refers to the arena.
class ArenaResource final : public std::pmr::memory_resource {
 public:
  explicit ArenaResource(Arena& arena) : arena_(&arena) {}

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    return arena_->allocate(bytes, alignment);
  }
  void do_deallocate(void* /*at*/, std::size_t /*bytes*/, std::size_t /*alignment*/) override {}
  bool do_is_equal(const memory_resource& other) const noexcept override {
    const auto* same_kind = dynamic_cast<const ArenaResource*>(&other);
    return same_kind != nullptr && same_kind->arena_ == arena_;
  }

  Arena* arena_;
};

/// The calling thread's own arena, made at its first call and gone with the thread.
/// Throws: std::bad_alloc.
Arena& thread_arena();

/// Rewinds an arena at the end of a scope.
class ArenaScope {
 public:
  explicit ArenaScope(Arena& arena) : arena_(arena), mark_(arena.mark()) {}
  ArenaScope(const ArenaScope&) = delete;
  ArenaScope& operator=(const ArenaScope&) = delete;
  ~ArenaScope() { arena_.rewind(mark_); }

 private:
  Arena& arena_;
  Arena::Mark mark_;
};

}  // namespace assay
