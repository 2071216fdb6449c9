#pragma once

// What the optimiser may not see through. benchmark::DoNotOptimize(word) keeps that word alone: of
// a 256-byte result the compiler may then compute those 8 bytes and drop the rest, and inputs that
// it knows it may fold. Here the asm takes the object's address and clobbers memory, so the whole
// object, and all that its pointers reach, counts as written by hide and as read by consume. It
// costs no instruction beyond the address in a register.

namespace assay {

/// Makes every byte of the object count as read and written, in memory.
template <typename Object>
[[gnu::always_inline]] inline void make_opaque(const Object& object) {
  asm volatile("" : : "r"(&object) : "memory");
}

/// Makes the compiler forget what it knows of the objects' contents; goes before the work.
template <typename... Objects>
[[gnu::always_inline]] inline void hide(const Objects&... objects) {
  (make_opaque(objects), ...);
}

/// Makes every byte of the objects needed, in memory; goes after the work.
template <typename... Objects>
[[gnu::always_inline]] inline void consume(const Objects&... objects) {
  (make_opaque(objects), ...);
}

}  // namespace assay
