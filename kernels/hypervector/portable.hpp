#pragma once

#include <bit>
#include <cstring>

#include "kernels/hypervector/hypervector.hpp"

// The one source of `scalar` and `auto`, which differ in their compiler flags alone. Internal
// linkage, as each includer is compiled for other instructions, and the linker keeps one of
// several definitions: that of the wrong CPU, perhaps.
namespace assay {
namespace {

inline std::uint64_t load_word(const std::byte* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

inline void bind_portable(HvView a, HvView b, HvSpan out) {
  for (std::size_t i = 0; i < kHvBytes; i += sizeof(std::uint64_t)) {
    const std::uint64_t bound = load_word(a.data() + i) ^ load_word(b.data() + i);
    std::memcpy(out.data() + i, &bound, sizeof bound);
  }
}

inline std::uint32_t hamming_portable(HvView a, HvView b) {
  int bits = 0;
  for (std::size_t i = 0; i < kHvBytes; i += sizeof(std::uint64_t)) {
    bits += std::popcount(load_word(a.data() + i) ^ load_word(b.data() + i));
  }
  return static_cast<std::uint32_t>(bits);
}

inline std::uint64_t differing_bits(const std::byte* a, const std::byte* b) {
  return static_cast<std::uint64_t>(std::popcount(load_word(a) ^ load_word(b)));
}

// The same by hand as a compiler might unroll it: four sums, none of which waits for another. (Of
// a longer stretch g++ 12 makes all differences first, and keeps them on the stack.)
inline std::uint64_t hamming_unrolled_portable(const std::byte* a, const std::byte* b,
                                               std::size_t bytes) {
  constexpr std::size_t kWord = sizeof(std::uint64_t);
  std::uint64_t sum0 = 0, sum1 = 0, sum2 = 0, sum3 = 0;
#pragma GCC unroll 1
  for (std::size_t i = 0; i < bytes; i += 4 * kWord) {
    sum0 += differing_bits(a + i, b + i);
    sum1 += differing_bits(a + i + kWord, b + i + kWord);
    sum2 += differing_bits(a + i + 2 * kWord, b + i + 2 * kWord);
    sum3 += differing_bits(a + i + 3 * kWord, b + i + 3 * kWord);
  }
  return sum0 + sum1 + sum2 + sum3;
}

inline void store_word(std::byte* to, std::uint64_t word) {
  std::memcpy(to, &word, sizeof word);
}

inline void bind_wide_portable(BitsView a, BitsView b, BitsSpan out) {
  for (std::size_t i = 0; i < out.size(); i += sizeof(std::uint64_t)) {
    store_word(out.data() + i, load_word(a.data() + i) ^ load_word(b.data() + i));
  }
}

inline std::uint64_t hamming_wide_portable(const std::byte* a, const std::byte* b,
                                           std::size_t bytes) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < bytes; i += sizeof(std::uint64_t)) {
    bits += static_cast<std::uint64_t>(std::popcount(load_word(a + i) ^ load_word(b + i)));
  }
  return bits;
}

inline void hamming_many_portable(BitsView query, BitsView rows,
                                  std::span<std::uint32_t> distances) {
  for (std::size_t row = 0; row < distances.size(); ++row) {
    distances[row] = static_cast<std::uint32_t>(
        hamming_wide_portable(query.data(), rows.data() + row * query.size(), query.size()));
  }
}

inline Neighbour nearest_portable(BitsView query, BitsView rows) {
  Neighbour best{0, ~std::uint32_t{0}};
  for (std::size_t row = 0; row < rows.size() / query.size(); ++row) {
    const auto distance = static_cast<std::uint32_t>(
        hamming_wide_portable(query.data(), rows.data() + row * query.size(), query.size()));
    if (distance < best.distance) {
      best = {row, distance};
    }
  }
  return best;
}

inline unsigned bit_at(BitsView bits, std::size_t i) {
  return std::to_integer<unsigned>(bits[i / 8] >> (i % 8)) & 1U;
}

// As it is defined, a bit at a time.
inline void bundle_portable(BitsView rows, BitsSpan out) {
  const std::size_t count = rows.size() / out.size();
  for (std::size_t byte = 0; byte < out.size(); ++byte) {
    unsigned majority = 0;
    for (std::size_t bit = 0; bit < 8; ++bit) {
      std::size_t set = 0;
      for (std::size_t row = 0; row < count; ++row) {
        set += bit_at(rows.subspan(row * out.size(), out.size()), byte * 8 + bit);
      }
      const std::size_t first_again = count % 2 == 0 ? bit_at(rows, byte * 8 + bit) : 0;
      majority |= static_cast<unsigned>(2 * (set + first_again) > count + 1 - count % 2) << bit;
    }
    out[byte] = static_cast<std::byte>(majority);
  }
}

inline void permute_portable(BitsView in, std::size_t shift, BitsSpan out) {
  const std::size_t words = in.size() / sizeof(std::uint64_t);
  const std::size_t whole = shift / 64 % words;
  const unsigned rest = shift % 64;
  for (std::size_t i = 0; i < words; ++i) {
    const std::size_t from = (i + words - whole) % words;
    const std::uint64_t here = load_word(in.data() + 8 * from);
    const std::uint64_t below = load_word(in.data() + 8 * ((from + words - 1) % words));
    store_word(out.data() + 8 * i, rest == 0 ? here : (here << rest) | (below >> (64 - rest)));
  }
}

}  // namespace
}  // namespace assay
