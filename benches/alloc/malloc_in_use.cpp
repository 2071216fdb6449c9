#include "benches/alloc/malloc_in_use.hpp"

#include <dlfcn.h>
#include <malloc.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <stdexcept>
#include <string>
#include <string_view>

#if defined(ASSAY_JEMALLOC)
#include <jemalloc/jemalloc.h>
#elif defined(ASSAY_MIMALLOC)
#include <mimalloc.h>
#elif defined(ASSAY_TCMALLOC)
#include <gperftools/malloc_extension.h>
#endif

namespace assay {

const char* const kMallocName = ASSAY_MALLOC;

namespace {

void require(bool is_so, const std::string& what) {
  if (!is_so) throw std::runtime_error(std::string("malloc is not ") + kMallocName + "'s: " + what);
}

/// The file that a symbol is found in first, as the program's own calls find it.
std::string home_of(const char* symbol) {
  void* const address = ::dlsym(RTLD_DEFAULT, symbol);
  Dl_info info{};
  if (address == nullptr || ::dladdr(address, &info) == 0 || info.dli_fname == nullptr) return "";
  return info.dli_fname;
}

#if defined(ASSAY_JEMALLOC)

constexpr const char* kLibrary = "libjemalloc";

std::uint64_t bytes_ever_allocated() {
  std::uint64_t bytes = 0;
  std::size_t size = sizeof bytes;
  require(::mallctl("thread.allocated", &bytes, &size, nullptr, 0) == 0, "it keeps no count");
  return bytes;
}
/// jemalloc's own count for this thread must notice the allocation.
bool has_served(const void* /*at*/, std::uint64_t before) {
  return bytes_ever_allocated() >= before + 100'000;
}

#elif defined(ASSAY_MIMALLOC)

constexpr const char* kLibrary = "libmimalloc";

std::uint64_t bytes_ever_allocated() {
  return 0;
}
bool has_served(const void* at, std::uint64_t /*before*/) {
  return ::mi_is_in_heap_region(at);
}

#elif defined(ASSAY_TCMALLOC)

constexpr const char* kLibrary = "libtcmalloc";

std::uint64_t bytes_ever_allocated() {
  return 0;
}
bool has_served(const void* at, std::uint64_t /*before*/) {
  return MallocExtension::instance()->GetOwnership(at) == MallocExtension::kOwned;
}

#else

#if defined(ASSAY_EXPECTED_LIBRARY)
constexpr const char* kLibrary = ASSAY_EXPECTED_LIBRARY;  // of a test
#else
constexpr const char* kLibrary = "libc.so";
#endif

std::uint64_t bytes_ever_allocated() {
  return ::mallinfo2().uordblks;
}
bool has_served(const void* /*at*/, std::uint64_t before) {
  return ::mallinfo2().uordblks >= before + 100'000;
}

#endif

void require_served_by_library() {
  for (const char* const symbol : {"malloc", "free", "calloc", "realloc", "aligned_alloc"}) {
    const std::string home = home_of(symbol);
    require(home.find(kLibrary) != std::string::npos,
            std::string(symbol) + " is in " + (home.empty() ? "no library" : home));
  }
  const std::uint64_t before = bytes_ever_allocated();
  // By a pointer that the compiler does not know, so that the pair is not removed.
  void* (*volatile allocate)(std::size_t) = std::malloc;
  void* const at = allocate(100'000);
  const bool has = at != nullptr && has_served(at, before);
  std::free(at);
  require(has, "it does not know what malloc gave");
}

void pin_glibc() {
  constexpr int kNever = 1 << 30;
  constexpr int kTopPad = 64 << 20;
  constexpr int kMostForHeap = 32 << 20;  // what M_MMAP_THRESHOLD may be at most
  const bool set = ::mallopt(M_TRIM_THRESHOLD, kNever) == 1 && ::mallopt(M_TOP_PAD, kTopPad) == 1 &&
                   ::mallopt(M_MMAP_THRESHOLD, kMostForHeap) == 1;
  require(set, "mallopt refuses the settings");
  constexpr std::size_t kLarge = std::size_t{4} << 20;
  void* (*volatile allocate)(std::size_t) = std::malloc;
  std::free(allocate(kLarge));
  require(::mallinfo2().keepcost >= kLarge, "what is freed at the top of the heap does not stay");
}

}  // namespace

void require_malloc() {
#if !defined(ASSAY_SANITIZED) && !defined(ASSAY_ABSENT)
  require_served_by_library();
  if (std::string_view(kMallocName) == "glibc-pinned") pin_glibc();
#else
  static_cast<void>(require_served_by_library);
  static_cast<void>(pin_glibc);
#endif
}

void trim_malloc() {
#if defined(ASSAY_JEMALLOC)
  // The number of all arenas at once, as the manual has it (MALLCTL_ARENAS_ALL).
  require(::mallctl("thread.tcache.flush", nullptr, nullptr, nullptr, 0) == 0 &&
              ::mallctl("arena.4096.purge", nullptr, nullptr, nullptr, 0) == 0,
          "mallctl cannot purge");
#elif defined(ASSAY_MIMALLOC)
  ::mi_collect(true);
#elif defined(ASSAY_TCMALLOC)
  MallocExtension::instance()->MarkThreadIdle();  // empties the thread's cache
  MallocExtension::instance()->ReleaseFreeMemory();
#else
  ::malloc_trim(0);
#endif
}

}  // namespace assay
