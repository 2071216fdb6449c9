#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/hypervector/random.hpp"
#include "kernels/hypervector/variants.hpp"

namespace assay {

// Where GoogleTest looks for it; without it a test's name would hold addresses.
template <typename Fn>
void PrintTo(const Variant<Fn>& variant, std::ostream* os) {
  *os << variant.name;
}

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

template <typename Fn>
bool runs_here(const Variant<Fn>& variant) {
  return cpu_features().has_all(variant.needs);
}

template <typename Fn>
std::string test_name(const testing::TestParamInfo<Variant<Fn>>& info) {
  std::string name(info.param.name);
  std::ranges::replace_if(name, [](char c) { return c == '/' || c == '-'; }, '_');
  return name;
}

/// One test of each variant of a kind; skipped, by name, where the CPU lacks what it needs.
template <typename Fn>
class VariantTest : public testing::TestWithParam<Variant<Fn>> {
 protected:
  void SetUp() override {
    if (!runs_here(this->GetParam())) {
      GTEST_SKIP() << *first_missing(this->GetParam().needs, cpu_features()) << " is absent";
    }
  }
  Fn* run() const { return this->GetParam().run; }
  std::mt19937_64 engine_{2048};
};

}  // namespace assay
