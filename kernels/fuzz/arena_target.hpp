#pragma once

/// What the fuzzer of the arena runs: operations decoded from bytes, checked against a model of
/// what is allocated.

#include <array>
#include <cstring>
#include <map>
#include <stdexcept>
#include <vector>

#include "kernels/arena/arena.hpp"
#include "kernels/arena/shared_arena.hpp"
#include "kernels/fuzz/choices.hpp"

namespace assay::fuzz {

/// What is allocated now, by address; each byte holds a value that its allocation wrote.
class Allocated {
 public:
  /// Throws std::logic_error if the memory is misaligned or overlaps another; else writes to it.
  void add(void* at, std::size_t size, std::size_t alignment) {
    const auto address = reinterpret_cast<std::uintptr_t>(at);
    if (address % alignment != 0) throw std::logic_error("an allocation is not aligned");
    const auto next = pieces_.lower_bound(address);
    if (next != pieces_.end() && address + size > next->first)
      throw std::logic_error("an allocation overlaps the next");
    if (next != pieces_.begin() && std::prev(next)->first + std::prev(next)->second.size > address)
      throw std::logic_error("an allocation overlaps the one before");
    ++count_;
    if (size == 0) return;
    const auto value = static_cast<unsigned char>(count_);
    std::memset(at, value, size);  // beyond the arena's memory, the sanitizer stops here
    pieces_[address] = {at, size, value, count_};
  }
  /// Throws std::logic_error if an allocation lost what it holds.
  void check() const {
    for (const auto& [address, piece] : pieces_) {
      const auto* const bytes = static_cast<const unsigned char*>(piece.at);
      for (std::size_t i = 0; i < piece.size; ++i)
        if (bytes[i] != piece.value) throw std::logic_error("an allocation was written over");
    }
  }
  std::size_t count() const { return count_; }
  /// Forgets all but the first so many.
  void forget_after(std::size_t count) {
    std::erase_if(pieces_, [&](const auto& piece) { return piece.second.number > count; });
    count_ = count;
  }

 private:
  struct Piece {
    void* at;
    std::size_t size;
    unsigned char value;
    std::size_t number;
  };
  std::map<std::uintptr_t, Piece> pieces_;
  std::size_t count_ = 0;
};

/// Sizes around what matters: small ones, a block's, and those that overflow.
inline std::size_t size_from(Choices& choices) {
  const std::uint8_t kind = choices.byte();
  const std::size_t near = choices.byte();
  if (kind < 200) return near;
  if (kind < 240) return choices.between(0, 5000);
  return ~std::size_t{0} - (near << (kind % 57));
}

inline std::size_t alignment_from(Choices& choices) {
  return std::size_t{1} << (choices.byte() % 13);
}

/// Allocates, marks, rewinds, resets and releases as the input says. Throws std::logic_error if
/// what is allocated at once overlaps, is misaligned or changes, or a refusal takes anything.
inline void run_arena(std::span<const std::uint8_t> input) {
  constexpr std::size_t kMostOps = 4000;
  Choices choices(input);
  const auto growth = choices.byte() % 2 == 0 ? Arena::Growth::kBlocks : Arena::Growth::kFixed;
  Arena arena(choices.between(0, 2000), growth);
  Allocated allocated;
  std::vector<std::pair<Arena::Mark, std::size_t>> marks;
  for (std::size_t op = 0; op < kMostOps && !choices.is_over(); ++op) {
    switch (choices.byte() % 8) {
      default: {
        const std::size_t size = size_from(choices), alignment = alignment_from(choices);
        const std::size_t used = arena.used_bytes();
        if (void* const at = arena.try_allocate(size, alignment))
          allocated.add(at, size, alignment);
        else if (arena.used_bytes() != used)
          throw std::logic_error("a refusal takes memory");
        break;
      }
      case 5:
        marks.emplace_back(arena.mark(), allocated.count());
        break;
      case 6:
        if (marks.empty()) break;
        allocated.check();
        arena.rewind(marks.back().first);
        allocated.forget_after(marks.back().second);
        marks.pop_back();
        break;
      case 7:
        allocated.check();
        if (choices.byte() % 2 == 0)
          arena.reset();
        else
          arena.release();
        if (arena.used_bytes() != 0) throw std::logic_error("a reset leaves something");
        allocated.forget_after(0);
        marks.clear();
        break;
    }
    if (arena.used_bytes() > arena.reserved_bytes())
      throw std::logic_error("more is used than reserved");
  }
  allocated.check();
}

/// The same for the shared arena, by one thread.
inline void run_shared_arena(std::span<const std::uint8_t> input) {
  Choices choices(input);
  SharedArena arena(choices.between(0, 4000));
  Allocated allocated;
  while (!choices.is_over()) {
    if (choices.byte() % 16 == 15) {
      allocated.check();
      arena.reset();
      allocated.forget_after(0);
      continue;
    }
    const std::size_t size = size_from(choices), alignment = alignment_from(choices);
    if (void* const at = arena.try_allocate(size, alignment)) allocated.add(at, size, alignment);
  }
  allocated.check();
}

}  // namespace assay::fuzz
