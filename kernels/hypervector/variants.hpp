#pragma once

#include <algorithm>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>

#include "kernels/hypervector/cpu.hpp"
#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// One implementation of a kernel. Call `run` only where cpu_features().has_all(needs).
template <typename Fn>
struct Variant {
  std::string_view name;  ///< "avx2"; the last part or parts of a benchmark's name
  CpuFeatures needs;
  Fn* run;
};

/// Every variant of a kind, the least preferred first. The first of each but the clone kinds is
/// `scalar`, the reference: it runs on any x86-64.
std::span<const Variant<BindFn>> bind_variants();
std::span<const Variant<HammingFn>> hamming_variants();
std::span<const Variant<BindWideFn>> bind_wide_variants();
std::span<const Variant<HammingWideFn>> hamming_wide_variants();
std::span<const Variant<HammingManyFn>> hamming_many_variants();
std::span<const Variant<NearestFn>> nearest_variants();
std::span<const Variant<BundleFn>> bundle_variants();
std::span<const Variant<PermuteFn>> permute_variants();

/// The baselines of the copy claims. bind_clones: both operands are cloned, then bound.
/// hamming_many_clones: the query is cloned for every comparison; of 2,048 bits alone.
std::span<const Variant<BindFn>> bind_clones_variants();
std::span<const Variant<CopyFn>> copy_one_variants();
std::span<const Variant<HammingManyFn>> hamming_many_clones_variants();

/// The most preferred variant that this CPU runs; programs print its name. The table's first must
/// need nothing. Safe to call from any thread.
/// Throws: as cpu_features().
template <typename Fn>
const Variant<Fn>& select_variant(std::span<const Variant<Fn>> variants) {
  const CpuFeatures present = cpu_features();
  const auto runnable = [&](const Variant<Fn>& variant) { return present.has_all(variant.needs); };
  return *std::find_if(variants.rbegin(), variants.rend(), runnable);
}

/// The variant of that name, which must be in the table.
/// Throws: std::out_of_range.
template <typename Fn>
const Variant<Fn>& find_variant(std::span<const Variant<Fn>> variants, std::string_view name) {
  const auto found = std::ranges::find(variants, name, &Variant<Fn>::name);
  if (found == variants.end()) {
    throw std::out_of_range("no variant is named " + std::string(name));
  }
  return *found;
}

inline const Variant<BindFn>& select_bind() {
  return select_variant(bind_variants());
}
inline const Variant<HammingFn>& select_similarity() {
  return select_variant(hamming_variants());
}

}  // namespace assay
