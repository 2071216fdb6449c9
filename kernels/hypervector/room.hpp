#pragma once

#include <algorithm>
#include <cstdint>
#include <random>
#include <vector>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

inline constexpr std::size_t kCacheLine = 64;

/// Room for so many bytes at any misalignment, with guard bytes on both sides.
class Room {
 public:
  Room(std::size_t misalignment, std::size_t size)
      : bytes_(size + 4 * kCacheLine, kGuard), size_(size) {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes_.data());
    at_ = kCacheLine + (kCacheLine - address % kCacheLine) % kCacheLine + misalignment;
  }
  Room(std::size_t misalignment, BitsView content) : Room(misalignment, content.size()) {
    std::ranges::copy(content, span().begin());
  }

  BitsSpan span() { return BitsSpan(bytes_).subspan(at_, size_); }
  bool holds(BitsView content) { return std::ranges::equal(span(), content); }
  bool guards_intact() const {
    const auto begin = bytes_.begin() + static_cast<std::ptrdiff_t>(at_);
    const auto end = begin + static_cast<std::ptrdiff_t>(size_);
    return std::all_of(bytes_.begin(), begin, is_guard) && std::all_of(end, bytes_.end(), is_guard);
  }

 private:
  static constexpr std::byte kGuard{0xa5};
  static bool is_guard(std::byte byte) { return byte == kGuard; }

  std::vector<std::byte> bytes_;
  std::size_t size_;
  std::size_t at_;
};

inline std::vector<std::byte> random_bytes(std::mt19937_64& engine, std::size_t size) {
  std::vector<std::byte> bytes(size);
  std::ranges::generate(bytes, [&] { return static_cast<std::byte>(engine()); });
  return bytes;
}

}  // namespace assay
