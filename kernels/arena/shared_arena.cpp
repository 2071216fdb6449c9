#include "kernels/arena/shared_arena.hpp"

#include <limits>

namespace assay {
namespace {

constexpr std::align_val_t kBlockAlignment{Arena::kBlockAlignment};

}  // namespace

SharedArena::SharedArena(std::size_t capacity) {
  // What is added before it is refused must not overflow: a thread may be late with each.
  if (capacity > std::numeric_limits<std::size_t>::max() >> 16) throw std::bad_alloc();
  capacity_ = std::max((capacity + kStep - 1) & ~(kStep - 1), kStep);
  begin_ = static_cast<std::byte*>(::operator new(capacity_, kBlockAlignment, std::nothrow));
  if (begin_ == nullptr) throw std::bad_alloc();
  poison(begin_, capacity_);
}

SharedArena::~SharedArena() {
  unpoison(begin_, capacity_);
  ::operator delete(begin_, kBlockAlignment);
}

void SharedArena::reset() {
  poison(begin_, capacity_);
  used_.store(0, std::memory_order_relaxed);
}

}  // namespace assay
