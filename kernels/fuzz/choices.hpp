#pragma once

#include <cstddef>
#include <cstdint>
#include <random>
#include <span>
#include <vector>

namespace assay::fuzz {

/// Takes choices from the front of the input; what is missing counts as zeros.
class Choices {
 public:
  explicit Choices(std::span<const std::uint8_t> input) : left_(input) {}

  std::uint8_t byte() {
    if (left_.empty()) return 0;
    const std::uint8_t first = left_.front();
    left_ = left_.subspan(1);
    return first;
  }
  bool is_over() const { return left_.empty(); }
  /// `least` to `most`, at most 65,536 values.
  std::size_t between(std::size_t least, std::size_t most) {
    const std::size_t high = byte();
    return least + (high << 8U | byte()) % (most - least + 1);
  }
  /// The rest of the input, over and over; or, where the next choice is odd, random bits from it.
  std::vector<std::byte> bits(std::size_t size) {
    std::vector<std::byte> all(size);
    std::mt19937_64 engine(left_.size());
    const bool is_random = byte() % 2 == 1;
    for (std::size_t i = 0; i < size; ++i) {
      const auto given = left_.empty() ? std::uint8_t{0} : left_[i % left_.size()];
      all[i] = static_cast<std::byte>(is_random ? given + engine() : given);
    }
    return all;
  }

 private:
  std::span<const std::uint8_t> left_;
};

}  // namespace assay::fuzz
