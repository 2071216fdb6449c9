#pragma once

#include <cstdint>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

// So many objects, one after the other: each is made, filled from `source` by moves of 32 bytes,
// and dropped. `source` and the object are opaque, so none of it is left out. They need AVX2.
// Return whether there was memory.

/// A local.
bool make_stack_objects(const HV16& source, std::int64_t times);

/// From malloc, and freed.
bool make_malloc_objects(const HV16& source, std::int64_t times);

/// In an arena, within a scope that rewinds it.
bool make_arena_objects(const HV16& source, std::int64_t times);

/// By std::make_unique, which takes the aligned operator new. Throws: std::bad_alloc.
bool make_unique_objects(const HV16& source, std::int64_t times);

}  // namespace assay
