#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace assay {

inline constexpr std::size_t kHvBits = 2048;
inline constexpr std::size_t kHvBytes = kHvBits / 8;
inline constexpr std::size_t kHvWords = kHvBytes / sizeof(std::uint64_t);

/// A binary hypervector of 2,048 bits, as an object: 256 bytes, four whole cache lines.
struct alignas(64) HV16 {
  std::array<std::uint64_t, kHvWords> words;

  bool operator==(const HV16&) const = default;
};
static_assert(sizeof(HV16) == kHvBytes);

/// The 256 bytes of a hypervector, wherever they lie: no alignment needed.
using HvView = std::span<const std::byte, kHvBytes>;
using HvSpan = std::span<std::byte, kHvBytes>;

inline HvView view(const HV16& hv) {
  return std::as_bytes(std::span{hv.words});
}
inline HvSpan view(HV16& hv) {
  return std::as_writable_bytes(std::span{hv.words});
}

/// XOR-binds two hypervectors: out[i] = a[i] ^ b[i].
/// Shape:  a, b, out: 256 bytes; out may be exactly a or exactly b, and overlaps neither otherwise.
/// Cost:   768 B of program traffic.
/// Errors: none; a variant run on a CPU without what it needs dies of SIGILL.
/// Source: Kanerva 2009, Cognitive Computation 1(2).
using BindFn = void(HvView a, HvView b, HvSpan out) noexcept;

/// Hamming distance of two hypervectors: the number of bits that differ, 0 to 2,048.
/// Shape:  a, b: 256 bytes; they may overlap.
/// Cost:   512 B read.
/// Errors: as BindFn.
using HammingFn = std::uint32_t(HvView a, HvView b) noexcept;

/// Makes one copy of a hypervector and drops it; the copy is really written.
/// Errors: as BindFn; the heap form dies when malloc fails.
using CopyFn = void(HvView source) noexcept;

/// The bits of a vector of any dimension that is a multiple of 2,048: a multiple of 256 bytes,
/// wherever they lie. Bit i is bit i % 8 of byte i / 8.
using BitsView = std::span<const std::byte>;
using BitsSpan = std::span<std::byte>;

/// XOR-binds two vectors: out[i] = a[i] ^ b[i].
/// Shape:  a, b, out: n * 256 bytes each, n >= 0; out may be exactly a or exactly b, and overlaps
///         neither otherwise.
/// Errors: as BindFn.
using BindWideFn = void(BitsView a, BitsView b, BitsSpan out) noexcept;

/// Hamming distance of two vectors.
/// Shape:  a, b: n * 256 bytes each, n >= 0; they may overlap.
/// Errors: as BindFn.
using HammingWideFn = std::uint64_t(BitsView a, BitsView b) noexcept;

/// Hamming distances of one query to many rows: distances[i] to row i.
/// Shape:  query: n * 256 bytes, 1 <= n < 2^21; rows: distances.size() * query.size() bytes, one
/// row
///         after the other; distances overlaps neither.
/// Errors: as BindFn; a clone form dies when malloc fails.
using HammingManyFn = void(BitsView query, BitsView rows,
                           std::span<std::uint32_t> distances) noexcept;

/// A row of a database, and how far it is.
struct Neighbour {
  std::size_t row;
  std::uint32_t distance;  ///< in bits

  bool operator==(const Neighbour&) const = default;
};

/// The row of the least Hamming distance to the query; of several, the first.
/// Shape:  as HammingManyFn, at least one row.
/// Errors: as BindFn.
using NearestFn = Neighbour(BitsView query, BitsView rows) noexcept;

/// Bundles N vectors: each bit of `out` is the majority of that bit in the rows; where N is even
/// and as many are set as clear, that of the first row. (So the first of an even number counts
/// twice, which leaves fair bits fair; a tie that always clears would not.)
/// Shape:  out: n * 256 bytes, n >= 1; rows: N * out.size() bytes, 1 <= N < 2^16; out overlaps no
/// row. Errors: as BindFn. Source: Kanerva 2009, as BindFn.
using BundleFn = void(BitsView rows, BitsSpan out) noexcept;

/// Permutes a vector by rotation: bit (i + shift) % bits of `out` is bit i of `in`.
/// Shape:  in, out: n * 256 bytes, n >= 1, that do not overlap; shift: any, taken modulo the bits.
/// Errors: as BindFn.
/// Source: Kanerva 2009, as BindFn.
using PermuteFn = void(BitsView in, std::size_t shift, BitsSpan out) noexcept;

/// Similarity by the Hamming distance in bits: 1 for equal vectors, about 0.5 for unrelated ones.
constexpr double similarity(std::uint32_t distance_bits) {
  return 1.0 - static_cast<double>(distance_bits) / static_cast<double>(kHvBits);
}

}  // namespace assay
