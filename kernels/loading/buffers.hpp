#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <span>
#include <system_error>
#include <utility>

namespace assay {

enum class PageSize { kDefault, kSmall, kHuge };  ///< kDefault: as the system is set

/// Anonymous memory of its own, on 4 KiB pages or, where the system grants them, on 2 MiB ones.
/// Nothing of it is written: the first touch of each page takes a fault. Starts at a multiple of 2
/// MiB.
class Buffer {
 public:
  Buffer() = default;
  /// Throws: std::system_error, where the system refuses so much.
  Buffer(std::size_t bytes, PageSize pages) : size_(bytes), mapped_(bytes + 2 * kHugePage) {
    mapping_ = ::mmap(nullptr, mapped_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    // What cannot be touched on both sides keeps the kernel from joining it with its neighbours, so
    // that the kernel's figures of this memory are of it alone.
    const bool is_mapped =
        mapping_ != MAP_FAILED && ::mprotect(begin(), size_, PROT_READ | PROT_WRITE) == 0;
    if (!is_mapped) {
      const int error_number = errno;
      if (mapping_ != MAP_FAILED) ::munmap(mapping_, mapped_);
      throw std::system_error(error_number, std::generic_category(), "memory to load into");
    }
    if (pages != PageSize::kDefault)
      ::madvise(begin(), size_, pages == PageSize::kHuge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
  }
  Buffer(Buffer&& other) noexcept { *this = std::move(other); }
  Buffer& operator=(Buffer&& other) noexcept {
    std::swap(mapping_, other.mapping_);
    std::swap(size_, other.size_);
    std::swap(mapped_, other.mapped_);
    return *this;
  }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    if (mapping_ != MAP_FAILED) ::munmap(mapping_, mapped_);
  }

  std::span<std::byte> span() const {
    if (size_ == 0) return {};
    return {begin(), size_};
  }

 private:
  static constexpr std::size_t kHugePage = std::size_t{2} << 20;

  /// The first multiple of 2 MiB behind the start.
  std::byte* begin() const {
    return static_cast<std::byte*>(mapping_) + kHugePage -
           reinterpret_cast<std::uintptr_t>(mapping_) % kHugePage;
  }

  void* mapping_ = MAP_FAILED;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;
};

}  // namespace assay
