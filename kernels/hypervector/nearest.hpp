#pragma once

#include "kernels/hypervector/hypervector.hpp"

// Internal linkage, as in portable.hpp.
namespace assay {
namespace {

// 1 KB of distances: they stay in L1, and searching them costs little beside counting them.
inline constexpr std::size_t kBlockRows = 256;

/// NearestFn by a HammingManyFn, a block of rows at a time.
template <typename Many>
[[gnu::always_inline]] inline Neighbour nearest_in_blocks(BitsView query, BitsView rows,
                                                          Many&& many) {
  alignas(64) std::uint32_t distances[kBlockRows];
  const std::size_t count = rows.size() / query.size();
  Neighbour best{0, ~std::uint32_t{0}};
  for (std::size_t first = 0; first < count; first += kBlockRows) {
    const std::size_t size = count - first < kBlockRows ? count - first : kBlockRows;
    many(query, rows.subspan(first * query.size(), size * query.size()),
         std::span<std::uint32_t>(distances, size));
    std::uint32_t least = distances[0];
    for (std::size_t i = 1; i < size; ++i) {
      least = distances[i] < least ? distances[i] : least;
    }
    if (least < best.distance) {
      std::size_t row = 0;
      while (distances[row] != least) {
        ++row;
      }
      best = {first + row, least};
    }
  }
  return best;
}

}  // namespace
}  // namespace assay
