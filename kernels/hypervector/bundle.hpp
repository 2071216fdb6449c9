#pragma once

#include <bit>
#include <utility>

#include "kernels/hypervector/hypervector.hpp"

// The majority by bit-sliced counters: vector i of a counter holds bit i of the counts of all
// columns, and rows are added by full adders, each of which takes three vectors of one weight to
// one of that weight and one of the next. Internal linkage, as in portable.hpp.
//
// Bits is a type of vectors of kBytes bytes, with load, store, zero, &, | and ^, and the full adder
//     static Sum<Bits> add(Bits, Bits, Bits)
namespace assay {
namespace {

template <typename Bits>
struct Sum {
  Bits sum;
  Bits carry;
};

/// The rows to be counted, an odd number: row 0 of a column, and those that follow. Where the rows
/// of a bundle are even in number, the first is counted twice.
struct OddRows {
  const std::byte* first;
  const std::byte* second;
  std::size_t stride;
  std::size_t count;
};

inline constexpr unsigned kGroupBits = 5;
inline constexpr unsigned kMostBits = 16;

/// Adds 2^kLog rows from `row` on to the lowest kLog bits; returns the carry out of these.
template <unsigned kLog, typename Bits>
[[gnu::always_inline]] inline Bits add_rows(Bits* bits, const std::byte*& row, std::size_t stride) {
  if constexpr (kLog == 0) {
    const Bits loaded = Bits::load(row);
    row += stride;
    return loaded;
  } else {
    const Bits low = add_rows<kLog - 1>(bits, row, stride);
    const Bits high = add_rows<kLog - 1>(bits, row, stride);
    const auto added = Bits::add(low, high, bits[kLog - 1]);
    bits[kLog - 1] = added.sum;
    return added.carry;
  }
}

/// Adds 2, 4, 8 and 16 rows, as far as `odd_ones` has these bits. With the one row before them they
/// are fewer than the next bit is worth: the carry is that bit.
template <typename Bits, unsigned... kBit>
[[gnu::always_inline]] inline void add_odd_ones([[maybe_unused]] Bits* bits,
                                                [[maybe_unused]] const std::byte*& row,
                                                [[maybe_unused]] std::size_t stride,
                                                [[maybe_unused]] std::size_t odd_ones,
                                                std::integer_sequence<unsigned, kBit...> /*bits*/) {
  ((bits[kBit + 1] =
        (odd_ones >> (kBit + 1) & 1U) != 0 ? add_rows<kBit + 1>(bits, row, stride) : Bits::zero()),
   ...);
}

/// Whether the count, of kWidth bits, is more than half of `rows`. Adding what it takes makes that
/// the sum's highest bit, of which only the carry matters.
template <unsigned kWidth, typename Bits>
[[gnu::always_inline]] inline Bits is_majority(const Bits* bits, std::size_t rows) {
  const std::size_t added = (std::size_t{1} << (kWidth - 1)) - (rows + 1) / 2;
  Bits carry = Bits::zero();
#pragma GCC unroll 16
  for (unsigned i = 0; i + 1 < kWidth; ++i) {
    carry = (added >> i & 1U) != 0 ? carry | bits[i] : carry & bits[i];
  }
  return carry | bits[kWidth - 1];
}

/// The majority of rows whose number has kWidth bits: those beyond a multiple of 32 first, then 32
/// at a time. With the width known, the compiler keeps all counters in registers, as far as there
/// are any.
template <unsigned kWidth, typename Bits>
void bundle_odd(const OddRows& rows, BitsSpan out) {
  constexpr unsigned kLowBits = kWidth < kGroupBits ? kWidth : kGroupBits;
  for (std::size_t column = 0; column < out.size(); column += Bits::kBytes) {
    Bits bits[kWidth];
    bits[0] = Bits::load(rows.first + column);
    const std::byte* row = rows.second + column;
    add_odd_ones(bits, row, rows.stride, rows.count,
                 std::make_integer_sequence<unsigned, kLowBits - 1>{});
    if constexpr (kWidth > kGroupBits) {
#pragma GCC unroll 16
      for (unsigned i = kGroupBits; i < kWidth; ++i) {
        bits[i] = Bits::zero();
      }
      for (std::size_t group = 0; group < rows.count >> kGroupBits; ++group) {
        Bits carry = add_rows<kGroupBits>(bits, row, rows.stride);
#pragma GCC unroll 16
        for (unsigned i = kGroupBits; i < kWidth; ++i) {
          const Bits both = bits[i] & carry;
          bits[i] = bits[i] ^ carry;
          carry = both;
        }
      }
    }
    is_majority<kWidth>(bits, rows.count).store(out.data() + column);
  }
}

template <typename Bits, unsigned... kLessOne>
[[gnu::always_inline]] inline void bundle_by_width(
    const OddRows& rows, BitsSpan out, std::integer_sequence<unsigned, kLessOne...> /*widths*/) {
  using BundleOddFn = void(const OddRows&, BitsSpan);
  static constexpr BundleOddFn* kBundleOdd[] = {bundle_odd<kLessOne + 1, Bits>...};
  kBundleOdd[std::bit_width(rows.count) - 1](rows, out);
}

/// BundleFn, for vectors of the type Bits.
template <typename Bits>
[[gnu::always_inline]] inline void bundle_sliced(BitsView rows, BitsSpan out) {
  const std::size_t stride = out.size();
  const std::size_t count = rows.size() / stride;
  const bool is_odd = count % 2 == 1;
  bundle_by_width<Bits>({rows.data(), rows.data() + (is_odd ? stride : 0), stride, count | 1}, out,
                        std::make_integer_sequence<unsigned, kMostBits>{});
}

}  // namespace
}  // namespace assay
