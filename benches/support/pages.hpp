#pragma once

#include <sys/mman.h>

#include <cerrno>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <system_error>
#include <utility>

namespace assay {

/// Memory of its own, on huge pages where the system grants them: over small ones, which physical
/// pages a process happens to get decides how well a buffer fits a cache. Every byte has been
/// written, so that no page is the shared page of zeros.
class Pages {
 public:
  Pages() = default;
  /// Throws: std::system_error, where there is not so much memory.
  explicit Pages(std::size_t bytes) : size_(bytes), mapped_(rounded_up(bytes) + kHugePage) {
    mapping_ = ::mmap(nullptr, mapped_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED) {
      throw std::system_error(errno, std::generic_category(), "memory of a benchmark");
    }
    ::madvise(mapping_, mapped_, MADV_HUGEPAGE);  // advice: small pages will do
    std::memset(begin(), 0x5a, size_);
  }
  Pages(Pages&& other) noexcept
      : mapping_(std::exchange(other.mapping_, MAP_FAILED)),
        size_(std::exchange(other.size_, 0)),
        mapped_(std::exchange(other.mapped_, 0)) {}
  Pages& operator=(Pages&& other) noexcept {
    std::swap(mapping_, other.mapping_);
    std::swap(size_, other.size_);
    std::swap(mapped_, other.mapped_);
    return *this;
  }
  Pages(const Pages&) = delete;
  Pages& operator=(const Pages&) = delete;
  ~Pages() {
    if (mapping_ != MAP_FAILED) {
      ::munmap(mapping_, mapped_);
    }
  }

  /// Starts at a multiple of 2 MiB; empty where nothing was asked for.
  std::span<std::byte> span() const { return {size_ == 0 ? nullptr : begin(), size_}; }

 private:
  static constexpr std::size_t kHugePage = std::size_t{2} << 20;
  static std::size_t rounded_up(std::size_t bytes) {
    return (bytes + kHugePage - 1) / kHugePage * kHugePage;
  }
  std::byte* begin() const {
    return static_cast<std::byte*>(mapping_) +
           (kHugePage - reinterpret_cast<std::uintptr_t>(mapping_) % kHugePage) % kHugePage;
  }

  void* mapping_ = MAP_FAILED;
  std::size_t size_ = 0;
  std::size_t mapped_ = 0;
};

/// So many arrays of so many bytes in one piece of memory, some cache lines apart: arrays that lie
/// a power of two apart would share the sets of every cache.
class Arrays {
 public:
  Arrays() = default;
  Arrays(std::size_t count, std::size_t bytes)
      : pages_(count * (bytes + kApart)), count_(count), bytes_(bytes) {}

  std::size_t count() const { return count_; }
  std::size_t bytes() const { return bytes_; }
  /// Starts at a cache line.
  std::span<std::byte> operator[](std::size_t i) const {
    const std::size_t stride = (bytes_ + kApart) / kLine * kLine;
    return pages_.span().subspan(i * stride, bytes_);
  }

 private:
  static constexpr std::size_t kLine = 64;
  static constexpr std::size_t kApart = 33 * kLine;

  Pages pages_;
  std::size_t count_ = 0;
  std::size_t bytes_ = 0;
};

}  // namespace assay
