#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <memory_resource>
#include <new>

namespace assay {

/// Memory straight from the system, for what is kept beside a measurement: a large block that goes
/// through malloc changes how glibc treats all that come later (freeing one that was mapped raises
/// its thresholds for mapping and trimming).
class MappedMemory final : public std::pmr::memory_resource {
  void* do_allocate(std::size_t bytes, std::size_t /*alignment*/) override {
    void* const at = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
    if (at == MAP_FAILED) throw std::bad_alloc();
    return at;
  }
  void do_deallocate(void* at, std::size_t bytes, std::size_t /*alignment*/) override {
    ::munmap(at, bytes);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override { return this == &other; }
};

inline std::pmr::memory_resource* mapped_memory() {
  static MappedMemory resource;
  return &resource;
}

}  // namespace assay
