#pragma once

#include <string>

namespace assay {

/// What this executable was linked for, as benchmarks name it: "glibc", "glibc-pinned", "jemalloc",
/// "mimalloc" or "tcmalloc".
extern const char* const kMallocName;

/// Proves that malloc is served by what the executable is named for, and makes glibc's settings
/// where it is named for those. Throws std::runtime_error if another allocator serves it.
///
/// glibc-pinned is glibc with M_TRIM_THRESHOLD, M_TOP_PAD and M_MMAP_THRESHOLD out of the way:
/// memory that was freed stays, and large objects come from the heap. (Setting the first alone also
/// ends the adjustment of the last, which then sends every object of 128 KB to mmap.)
void require_malloc();

/// Asks the allocator to return to the system what is free.
void trim_malloc();

}  // namespace assay
