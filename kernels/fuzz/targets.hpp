#pragma once

/// What the fuzzer of the kernels runs, so that a unit test can replay its corpus under any
/// compiler. A kernel that breaks its promise throws.

#include <cstring>
#include <span>
#include <stdexcept>
#include <string>

#include "kernels/fuzz/choices.hpp"
#include "kernels/hypervector/room.hpp"
#include "kernels/hypervector/variants.hpp"

namespace assay::fuzz {

/// What `result_of` returns for each variant that this CPU runs is what it returns for the first.
template <typename Fn, typename ResultOf>
void compare(const char* kind, std::span<const Variant<Fn>> variants, Fn* reference,
             ResultOf result_of) {
  const auto expected = result_of(reference);
  for (const Variant<Fn>& variant : variants) {
    if (variant.run != reference && cpu_features().has_all(variant.needs) &&
        result_of(variant.run) != expected) {
      throw std::logic_error(std::string(kind) + " " + std::string(variant.name) +
                             " differs from the scalar reference");
    }
  }
}

inline std::vector<std::byte> content_of(Room& room) {
  if (!room.guards_intact()) throw std::logic_error("a kernel writes beyond its result");
  return {room.span().begin(), room.span().end()};
}

inline void run_binds(BitsView a, BitsView b, std::size_t misalignment, std::size_t overlap) {
  compare("bind_wide", bind_wide_variants(), bind_wide_variants().front().run,
          [&](BindWideFn* run) {
            Room out(misalignment, overlap == 2 ? b : a);
            run(overlap == 1 ? out.span() : a, overlap == 2 ? out.span() : b, out.span());
            return content_of(out);
          });
  const auto bind = [&](BindFn* run) {
    Room out(misalignment, kHvBytes);
    run(a.first<kHvBytes>(), b.first<kHvBytes>(), out.span().first<kHvBytes>());
    return content_of(out);
  };
  compare("bind", bind_variants(), bind_variants().front().run, bind);
  compare("bind_clones", bind_clones_variants(), bind_variants().front().run, bind);
}

inline void run_distances(BitsView query, BitsView rows) {
  const BitsView row = rows.first(query.size());
  compare("hamming", hamming_variants(), hamming_variants().front().run,
          [&](HammingFn* run) { return run(query.first<kHvBytes>(), row.first<kHvBytes>()); });
  compare("hamming_wide", hamming_wide_variants(), hamming_wide_variants().front().run,
          [&](HammingWideFn* run) { return run(query, row); });
  const auto distances = [&](HammingManyFn* run) {
    std::vector<std::uint32_t> all(rows.size() / query.size() + 1, 0xdeadbeef);
    run(query, rows, std::span(all).first(all.size() - 1));
    return all;
  };
  compare("hamming_many", hamming_many_variants(), hamming_many_variants().front().run, distances);
  if (query.size() == kHvBytes) {
    compare("hamming_many_clones", hamming_many_clones_variants(),
            hamming_many_variants().front().run, distances);
  }
  compare("nearest", nearest_variants(), nearest_variants().front().run,
          [&](NearestFn* run) { return run(query, rows); });
}

/// Runs every kernel on vectors whose dimension, place in a cache line, number and bits the input
/// chooses. Each variant gives what the scalar one gives, and writes nothing else. Wide vectors are
/// few: the scalar bundle goes bit by bit, and would take all the time.
inline void run_kernels(std::span<const std::uint8_t> input) {
  constexpr std::size_t kMostBytes = 12 * kHvBytes, kMostRowBytes = 140 * kHvBytes;
  Choices choices(input);
  const std::size_t bytes = kHvBytes * choices.between(1, kMostBytes / kHvBytes);
  const std::size_t count = choices.between(1, kMostRowBytes / bytes);
  const std::size_t shift = choices.between(0, 8 * kMostBytes + 64);
  const std::size_t at_rows = choices.byte() % kCacheLine, at_other = choices.byte() % kCacheLine,
                    at_out = choices.byte() % kCacheLine, overlap = choices.byte() % 3;
  Room rows(at_rows, choices.bits(count * bytes));
  Room other(at_other, choices.bits(bytes));
  run_binds(rows.span().first(bytes), other.span(), at_out, overlap);
  run_distances(other.span(), rows.span());
  compare("bundle", bundle_variants(), bundle_variants().front().run, [&](BundleFn* run) {
    Room out(at_out, bytes);
    run(rows.span(), out.span());
    return content_of(out);
  });
  compare("permute", permute_variants(), permute_variants().front().run, [&](PermuteFn* run) {
    Room out(at_out, bytes);
    run(other.span(), shift, out.span());
    return content_of(out);
  });
}

}  // namespace assay::fuzz
