#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "benches/support/pages.hpp"
#include "kernels/hypervector/variants.hpp"

namespace assay {

/// The operands and the result of a bind_wide.
struct WideInput {
  Arrays arrays;

  BitsView a() const { return arrays[0]; }
  BitsView b() const { return arrays[1]; }
  BitsSpan out() const { return arrays[2]; }
};

/// Rows of 2,048 bits, one after the other, and their bundle.
struct BundleInput {
  std::vector<HV16> rows;
  HV16 out{};

  BitsView all_rows() const { return std::as_bytes(std::span(rows)); }
};

/// The result lies apart from the input: stored right behind it, results cost 40% more on Zen 4.
struct PermuteInput {
  Arrays arrays;
  std::size_t shift;

  HvView in() const { return arrays[0].first<kHvBytes>(); }
  HvSpan out() const { return arrays[1].first<kHvBytes>(); }
};

/// Random inputs, the same each time: of arrays of so many bytes, of so many rows, of 2,048 bits to
/// be rotated by so many. Throws: std::system_error, where there is not so much memory.
WideInput make_wide_input(std::size_t bytes);
BundleInput make_bundle_input(std::size_t rows);
PermuteInput make_permute_input(std::size_t shift);

/// Whether a kernel gives on this input what the scalar reference gives.
bool matches_reference(BindWideFn* run, const WideInput& input);
bool matches_reference(BundleFn* run, const BundleInput& input);
bool matches_reference(PermuteFn* run, const PermuteInput& input);

}  // namespace assay
