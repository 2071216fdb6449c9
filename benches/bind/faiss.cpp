// The header uses both without including them.
#include <cassert>
#include <cstring>

#include <faiss/utils/hamming.h>

#include "benches/bind/peers.hpp"

namespace assay {

std::uint32_t hamming_faiss(HvView a, HvView b) noexcept {
  const faiss::HammingComputerDefault computer(reinterpret_cast<const std::uint8_t*>(a.data()),
                                               static_cast<int>(kHvBytes));
  return static_cast<std::uint32_t>(
      computer.hamming(reinterpret_cast<const std::uint8_t*>(b.data())));
}

void hamming_many_faiss(BitsView query, BitsView rows,
                        std::span<std::uint32_t> distances) noexcept {
  const auto* codes = reinterpret_cast<const std::uint8_t*>(rows.data());
  const faiss::HammingComputerDefault computer(reinterpret_cast<const std::uint8_t*>(query.data()),
                                               static_cast<int>(kHvBytes));
  for (std::size_t row = 0; row < distances.size(); ++row) {
    distances[row] = static_cast<std::uint32_t>(computer.hamming(codes + row * kHvBytes));
  }
}

}  // namespace assay
