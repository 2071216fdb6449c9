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

/// Hamming distances of one query to every vector of a database: distances[i] to database[i].
/// Shape:  distances.size() == database.size(); distances overlaps neither input.
/// Errors: as BindFn; a clone form dies when malloc fails.
using HammingBatchFn = void(HvView query, std::span<const HV16> database,
                            std::span<std::uint32_t> distances) noexcept;

/// Makes one copy of a hypervector and drops it; the copy is really written.
/// Errors: as BindFn; the heap form dies when malloc fails.
using CopyFn = void(HvView source) noexcept;

/// Similarity by the Hamming distance in bits: 1 for equal vectors, about 0.5 for unrelated ones.
constexpr double similarity(std::uint32_t distance_bits) {
  return 1.0 - static_cast<double>(distance_bits) / static_cast<double>(kHvBits);
}

}  // namespace assay
