#pragma once

/// The allocators under test, behind one interface, so that the allocator is all that differs in a
/// body that is measured.
///
/// A policy is made for batches of at most so many bytes, outside the timed part, and offers
///     begin()              starts a batch
///     allocate(bytes)      memory at a multiple of 16; nullptr where there is none
///     deallocate(at, bytes)
///     end()                frees what the batch has not freed by itself
/// Those that give no memory of their own to each object (kGivesMemory is false) are limits: what
/// the body costs without an allocator.

#include <sys/mman.h>

#include <cstddef>
#include <cstdlib>
#include <memory_resource>
#include <new>
#include <optional>
#include <system_error>
#include <vector>

#include "kernels/arena/arena.hpp"
#include "kernels/arena/shared_arena.hpp"

namespace assay {

/// Room for a batch whose objects are each rounded up to their alignment.
inline constexpr std::size_t kSlackBytes = 4096;

/// What allocators without a release of single objects have in common.
struct FreesAtOnce {
  static constexpr bool kGivesMemory = true;
  void begin() {}
  void deallocate(void* /*at*/, std::size_t /*bytes*/) {}
};
struct FreesSingly {
  static constexpr bool kGivesMemory = true;
  void begin() {}
  void end() {}
};

/// The empty loop: no allocation, the same address again and again.
class Nothing : public FreesAtOnce {
 public:
  static constexpr bool kGivesMemory = false;
  explicit Nothing(std::size_t capacity) : buffer_(capacity) {}
  void* allocate(std::size_t /*bytes*/) {
    std::byte* at = buffer_.data();
    asm volatile("" : "+r"(at));  // or the loop would store several at once
    return at;
  }
  void end() {}

 private:
  std::vector<std::byte> buffer_;
};

/// The empty loop made to last two cycles longer an object: three additions, each of which needs
/// the one before, where the loop's own counter needs one. An addition takes one cycle.
class NothingForTwoCycles : public FreesAtOnce {
 public:
  static constexpr bool kGivesMemory = false;
  explicit NothingForTwoCycles(std::size_t capacity) : buffer_(capacity) {}
  void begin() { offset_ = 0; }
  void* allocate(std::size_t /*bytes*/) {
#if defined(__x86_64__)
    asm volatile("addq $8, %0\n\taddq $-4, %0\n\taddq $-4, %0" : "+r"(offset_));
#else
    for (int i = 0; i < 3; ++i) asm volatile("" : "+r"(++offset_));
    offset_ = 0;
#endif
    return buffer_.data() + offset_;
  }
  void end() {}

 private:
  std::vector<std::byte> buffer_;
  std::size_t offset_ = 0;
};

/// The limit of what is written: objects side by side in a buffer of fixed size, without a check.
class FixedBuffer : public FreesAtOnce {
 public:
  explicit FixedBuffer(std::size_t capacity) : buffer_(capacity + 64) {}
  void begin() { cursor_ = aligned_up(buffer_.data(), 64); }
  void* allocate(std::size_t bytes) {
    std::byte* const at = cursor_;
    cursor_ += (bytes + 15) & ~std::size_t{15};
    return at;
  }
  void end() {}

 private:
  std::vector<std::byte> buffer_;
  std::byte* cursor_ = nullptr;
};

/// The arena as it is meant to be used: of fixed capacity, reset after each batch.
class ArenaReset : public FreesAtOnce {
 public:
  explicit ArenaReset(std::size_t capacity) : arena_(capacity, Arena::Growth::kFixed) {}
  void* allocate(std::size_t bytes) { return arena_.try_allocate(bytes); }
  void end() { arena_.reset(); }

 private:
  Arena arena_;
};

/// An arena that begins with 64 KB, grows by blocks and gives them back after each batch.
class ArenaReleased : public FreesAtOnce {
 public:
  explicit ArenaReleased(std::size_t /*capacity*/) : arena_(kFirstBlock) {}
  void* allocate(std::size_t bytes) { return arena_.try_allocate(bytes); }
  void end() { arena_.release(); }

 private:
  static constexpr std::size_t kFirstBlock = std::size_t{64} << 10U;
  Arena arena_;
};

/// An arena made for each batch and destroyed after it.
class ArenaMadeAnew : public FreesAtOnce {
 public:
  explicit ArenaMadeAnew(std::size_t capacity) : capacity_(capacity) {}
  void begin() { arena_.emplace(capacity_); }
  void* allocate(std::size_t bytes) { return arena_->try_allocate(bytes); }
  void end() { arena_.reset(); }

 private:
  std::size_t capacity_;
  std::optional<Arena> arena_;
};

/// The calling thread's arena, asked for at each allocation.
class ArenaOfThread : public FreesAtOnce {
 public:
  explicit ArenaOfThread(std::size_t /*capacity*/) {}
  void* allocate(std::size_t bytes) { return thread_arena().try_allocate(bytes); }
  void end() { thread_arena().reset(); }
};

/// One atomic cursor; here with one user.
class ArenaShared : public FreesAtOnce {
 public:
  explicit ArenaShared(std::size_t capacity) : arena_(capacity) {}
  void* allocate(std::size_t bytes) { return arena_.try_allocate(bytes); }
  void end() { arena_.reset(); }

 private:
  SharedArena arena_;
};

/// Bump allocation on memory that is new from the system in each batch: what is written faults.
class BumpOnFreshPages : public FreesAtOnce {
 public:
  explicit BumpOnFreshPages(std::size_t capacity) : capacity_(capacity) {}
  void begin() {
    mapping_ =
        ::mmap(nullptr, capacity_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "memory of a benchmark");
    cursor_ = static_cast<std::byte*>(mapping_);
  }
  void* allocate(std::size_t bytes) {
    std::byte* const at = cursor_;
    cursor_ += (bytes + 15) & ~std::size_t{15};
    return at;
  }
  void end() { ::munmap(mapping_, capacity_); }

 private:
  std::size_t capacity_;
  void* mapping_ = nullptr;
  std::byte* cursor_ = nullptr;
};

/// A polymorphic memory resource, seen as what it is, so that the compiler may call it directly.
class MonotonicOnBuffer : public FreesAtOnce {
 public:
  explicit MonotonicOnBuffer(std::size_t capacity)
      : buffer_(capacity), resource_(buffer_.data(), buffer_.size()) {}
  void* allocate(std::size_t bytes) { return resource_.allocate(bytes); }
  void end() { resource_.release(); }

 private:
  std::vector<std::byte> buffer_;
  std::pmr::monotonic_buffer_resource resource_;
};

class MonotonicOnNew : public FreesAtOnce {
 public:
  explicit MonotonicOnNew(std::size_t /*capacity*/) {}
  void* allocate(std::size_t bytes) { return resource_.allocate(bytes); }
  void end() { resource_.release(); }

 private:
  std::pmr::monotonic_buffer_resource resource_{std::pmr::new_delete_resource()};
};

/// The arena by way of the same interface.
class ArenaAsResource : public FreesAtOnce {
 public:
  explicit ArenaAsResource(std::size_t capacity) : arena_(capacity, Arena::Growth::kFixed) {}
  void* allocate(std::size_t bytes) { return resource_.allocate(bytes); }
  void end() { arena_.reset(); }

 private:
  Arena arena_;
  ArenaResource resource_{arena_};
};

template <typename Resource>
class Pool : public FreesSingly {
 public:
  explicit Pool(std::size_t /*capacity*/) {}
  void* allocate(std::size_t bytes) { return resource_.allocate(bytes); }
  void deallocate(void* at, std::size_t bytes) { resource_.deallocate(at, bytes); }

 private:
  Resource resource_{std::pmr::new_delete_resource()};
};

class OperatorNew : public FreesSingly {
 public:
  explicit OperatorNew(std::size_t /*capacity*/) {}
  void* allocate(std::size_t bytes) { return ::operator new(bytes, std::nothrow); }
  void deallocate(void* at, std::size_t bytes) { ::operator delete(at, bytes); }
};

class AlignedNew : public FreesSingly {
 public:
  explicit AlignedNew(std::size_t /*capacity*/) {}
  void* allocate(std::size_t bytes) { return ::operator new(bytes, kLine, std::nothrow); }
  void deallocate(void* at, std::size_t bytes) { ::operator delete(at, bytes, kLine); }

 private:
  static constexpr std::align_val_t kLine{64};
};

/// malloc and free, whoever serves them in this process: see malloc_in_use.hpp.
class Malloc : public FreesSingly {
 public:
  explicit Malloc(std::size_t /*capacity*/) {}
  void* allocate(std::size_t bytes) { return std::malloc(bytes); }
  void deallocate(void* at, std::size_t /*bytes*/) { std::free(at); }
};

}  // namespace assay
