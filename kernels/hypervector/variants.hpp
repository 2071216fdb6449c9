#pragma once

#include <span>
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

/// Every variant of a kind, the least preferred first. The first of bind and of hamming is
/// `scalar`, the reference: it runs on any x86-64.
std::span<const Variant<BindFn>> bind_variants();
std::span<const Variant<HammingFn>> hamming_variants();

/// The baselines of the copy claims. bind_clones: both operands are cloned, then bound.
/// hamming_batch: on references, and with the query cloned for every comparison.
std::span<const Variant<BindFn>> bind_clones_variants();
std::span<const Variant<CopyFn>> copy_one_variants();
std::span<const Variant<HammingBatchFn>> hamming_batch_variants();

/// The most preferred variant that this CPU runs; programs print its name.
/// Chosen at the first call and kept; safe to call from any thread.
/// Throws: as cpu_features().
const Variant<BindFn>& select_bind();
const Variant<HammingFn>& select_similarity();

/// The variant of that name, which must be in the table.
/// Throws: std::out_of_range.
const Variant<BindFn>& find_variant(std::span<const Variant<BindFn>> variants,
                                    std::string_view name);
const Variant<HammingBatchFn>& find_variant(std::span<const Variant<HammingBatchFn>> variants,
                                            std::string_view name);

}  // namespace assay
