#pragma once

#include <random>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// A hypervector of independent fair bits; the same from the same engine state everywhere.
inline HV16 random_hypervector(std::mt19937_64& engine) {
  HV16 hv;
  for (std::uint64_t& word : hv.words) {
    word = engine();
  }
  return hv;
}

}  // namespace assay
