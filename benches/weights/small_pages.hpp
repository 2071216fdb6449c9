#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <span>
#include <system_error>

namespace assay {

/// Memory on pages of 4 KiB, as malloc's is where nobody asks for huge ones; each was written.
class SmallPages {
 public:
  explicit SmallPages(std::size_t bytes) : bytes_(bytes) {
    at_ = ::mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (at_ == MAP_FAILED)
      throw std::system_error(errno, std::generic_category(), "memory of a benchmark");
    ::madvise(at_, bytes, MADV_NOHUGEPAGE);
  }
  SmallPages(const SmallPages&) = delete;
  SmallPages& operator=(const SmallPages&) = delete;
  ~SmallPages() { ::munmap(at_, bytes_); }

  std::span<std::byte> span() const { return {static_cast<std::byte*>(at_), bytes_}; }

 private:
  void* at_ = MAP_FAILED;
  std::size_t bytes_;
};

}  // namespace assay
