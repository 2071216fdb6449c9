#include "kernels/arena/arena.hpp"

#include <algorithm>
#include <limits>

namespace assay {
namespace {

constexpr std::align_val_t kAlignment{Arena::kBlockAlignment};

/// No allocation is larger: pointer differences must hold it.
constexpr std::size_t kMostBytes = std::numeric_limits<std::ptrdiff_t>::max();

std::size_t rounded_up(std::size_t size) {
  return (std::max<std::size_t>(size, 1) + Arena::kBlockAlignment - 1) &
         ~(Arena::kBlockAlignment - 1);
}

}  // namespace

Arena::Block Arena::new_block(std::size_t size) {
  const std::size_t rounded = rounded_up(size);
  auto* const begin = static_cast<std::byte*>(::operator new(rounded, kAlignment, std::nothrow));
  if (begin == nullptr) throw std::bad_alloc();
  poison(begin, rounded);
  return {begin, rounded};
}

Arena::Arena(std::size_t first_block_bytes, Growth growth) : growth_(growth) {
  if (first_block_bytes > kMostBytes - kBlockAlignment) throw std::bad_alloc();
  blocks_.reserve(1);
  blocks_.push_back(new_block(first_block_bytes));
  enter(0, blocks_.front().end());
}

Arena::~Arena() {
  for (const Block& block : blocks_) {
    unpoison(block.begin, block.size);
    ::operator delete(block.begin, kAlignment);
  }
}

void Arena::enter(std::size_t block, std::byte* cursor) {
  current_ = block;
  begin_ = blocks_[block].begin;
  cursor_ = cursor;
}

void Arena::rewind_to_block(Mark mark) {
  for (std::size_t block = mark.block + 1; block <= current_; ++block)
    poison(blocks_[block].begin, blocks_[block].size);
  enter(mark.block, mark.cursor);
  poison(begin_, static_cast<std::size_t>(cursor_ - begin_));
}

void Arena::release() {
  reset();
  while (blocks_.size() > 1) {
    unpoison(blocks_.back().begin, blocks_.back().size);
    ::operator delete(blocks_.back().begin, kAlignment);
    blocks_.pop_back();
  }
}

std::size_t Arena::reserved_bytes() const {
  std::size_t bytes = 0;
  for (const Block& block : blocks_) bytes += block.size;
  return bytes;
}

std::size_t Arena::used_bytes() const {
  std::size_t bytes = static_cast<std::size_t>(blocks_[current_].end() - cursor_);
  for (std::size_t block = 0; block < current_; ++block) bytes += blocks_[block].size;
  return bytes;
}

// A block that is too small for this allocation is passed over until the next reset(): blocks are
// entered in order, so that a mark is two words.
bool Arena::enter_next_block(std::size_t least_bytes) noexcept {
  while (current_ + 1 < blocks_.size()) {
    enter(current_ + 1, blocks_[current_ + 1].end());
    if (blocks_[current_].size >= least_bytes) return true;
  }
  if (growth_ == Growth::kFixed) return false;
  const std::size_t last = blocks_.back().size;
  const std::size_t twice = last > kMostBytes / 4 ? last : 2 * last;
  try {
    blocks_.reserve(blocks_.size() + 1);
    blocks_.push_back(new_block(std::max(twice, least_bytes)));
  } catch (const std::bad_alloc&) {
    return false;
  }
  enter(blocks_.size() - 1, blocks_.back().end());
  return true;
}

void* Arena::allocate_slowly(std::size_t size, std::size_t alignment) noexcept {
  if (size > kMostBytes / 4 || alignment > kMostBytes / 4) return nullptr;
  // What no block can fail to hold, wherever it begins.
  const std::size_t enough = size + (alignment > kBlockAlignment ? alignment : 0);
  const Mark before = mark();
  if (enough > static_cast<std::size_t>(cursor_ - begin_) && !enter_next_block(enough)) {
    // One that is aligned beyond a cache line may fit all the same.
    enter(before.block, before.cursor);
    const auto address = reinterpret_cast<std::uintptr_t>(cursor_);
    if (size > static_cast<std::size_t>(cursor_ - begin_) ||
        ((address - size) & ~(std::uintptr_t{alignment} - 1)) <
            reinterpret_cast<std::uintptr_t>(begin_))
      return nullptr;
  }
  cursor_ = aligned_down(cursor_ - size, alignment);
  unpoison(cursor_, size);
  return cursor_;
}

Arena& thread_arena() {
  constexpr std::size_t kFirstBlock = std::size_t{64} << 10;
  thread_local Arena arena(kFirstBlock);
  return arena;
}

}  // namespace assay
