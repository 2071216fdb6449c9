#include "kernels/hypervector/cycle.hpp"

#include <algorithm>
#include <vector>

#include "kernels/hypervector/variants.hpp"

namespace assay {
namespace {

/// The best kernels of this CPU, chosen once.
struct Kernels {
  BindFn* bind = select_bind().run;
  PermuteFn* permute = select_variant(permute_variants()).run;
  BundleFn* bundle = select_variant(bundle_variants()).run;
  HammingFn* hamming = select_similarity().run;
  NearestFn* nearest = select_variant(nearest_variants()).run;
};

const Kernels& kernels() {
  static const Kernels kBest;
  return kBest;
}

using Rows = std::array<HV16, kWorkingMemory + 1>;

// Not inlined and not looked into, as an interface between two libraries is.
#if defined(__clang__)
#define ASSAY_INTERFACE [[gnu::noinline]]
#else
#define ASSAY_INTERFACE [[gnu::noipa]]
#endif

ASSAY_INTERFACE HV16 bound(HV16 a, HV16 b) {
  HV16 out;
  kernels().bind(view(a), view(b), view(out));
  return out;
}

ASSAY_INTERFACE HV16 permuted(HV16 in, std::size_t shift) {
  HV16 out;
  kernels().permute(view(in), shift, view(out));
  return out;
}

ASSAY_INTERFACE HV16 bundled(Rows rows) {
  HV16 out;
  kernels().bundle(std::as_bytes(std::span(rows)), view(out));
  return out;
}

ASSAY_INTERFACE std::uint32_t distance(HV16 a, HV16 b) {
  return kernels().hamming(view(a), view(b));
}

Neighbour nearest_among(HV16 query, std::span<const HV16> items) {
  Neighbour best{0, ~std::uint32_t{0}};
  for (std::size_t row = 0; row < items.size(); ++row) {
    const std::uint32_t bits = distance(query, items[row]);
    if (bits < best.distance) best = {row, bits};
  }
  return best;
}

ASSAY_INTERFACE Neighbour nearest_by_value(HV16 query, std::vector<HV16> items) {
  return nearest_among(query, items);
}

Rows rows_of(const HV16& first, std::span<const HV16, kWorkingMemory> rest) {
  Rows rows;
  rows[0] = first;
  std::ranges::copy(rest, rows.begin() + 1);
  return rows;
}

// A first version: bits on the heap, one at a time.
using Bits = std::vector<bool>;

Bits bits_of(const HV16& hv) {
  Bits bits(kHvBits);
  for (std::size_t i = 0; i < kHvBits; ++i) bits[i] = (hv.words[i / 64] >> (i % 64) & 1) == 1;
  return bits;
}

HV16 packed(const Bits& bits) {
  HV16 hv{};
  for (std::size_t i = 0; i < kHvBits; ++i)
    if (bits[i]) hv.words[i / 64] |= std::uint64_t{1} << (i % 64);
  return hv;
}

ASSAY_INTERFACE Bits naive_bound(Bits a, Bits b) {
  Bits out(a.size());
  for (std::size_t i = 0; i < a.size(); ++i) out[i] = a[i] != b[i];
  return out;
}

ASSAY_INTERFACE Bits naive_permuted(Bits in, std::size_t shift) {
  Bits out(in.size());
  for (std::size_t i = 0; i < in.size(); ++i) out[(i + shift) % in.size()] = in[i];
  return out;
}

ASSAY_INTERFACE Bits naive_bundled(std::vector<Bits> rows) {
  Bits out(rows.front().size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    std::size_t set = 0;
    for (const Bits& row : rows) set += row[i] ? 1U : 0U;
    out[i] = 2 * set > rows.size();
  }
  return out;
}

ASSAY_INTERFACE std::uint32_t naive_distance(Bits a, Bits b) {
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < a.size(); ++i) bits += a[i] != b[i] ? 1U : 0U;
  return bits;
}

}  // namespace

Neighbour cycle_in_room(const CycleInput& input, const CycleRoom& room) {
  kernels().bind(view(input.percept), view(input.role), view(room.pair));
  kernels().permute(view(room.pair), input.position, view(room.rows[0]));
  std::ranges::copy(input.working_memory, room.rows.begin() + 1);
  kernels().bundle(std::as_bytes(std::span(room.rows)), view(room.bundle));
  const Neighbour nearest = kernels().nearest(view(room.bundle), std::as_bytes(input.item_memory));
  kernels().bind(view(input.item_memory[nearest.row]), view(input.role), view(room.filler));
  return nearest;
}

Recognised cycle_references(const CycleInput& input) {
  HV16 pair, bundle;
  Rows rows;
  Recognised found;
  found.nearest = cycle_in_room(input, {pair, rows, bundle, found.filler});
  return found;
}

Recognised cycle_by_value(const CycleInput& input) {
  const HV16 moved = permuted(bound(input.percept, input.role), input.position);
  const HV16 bundle = bundled(rows_of(moved, input.working_memory));
  const Neighbour nearest = nearest_among(bundle, input.item_memory);
  return {nearest, bound(input.item_memory[nearest.row], input.role)};
}

Recognised cycle_by_value_with_memories(const CycleInput& input) {
  const HV16 moved = permuted(bound(input.percept, input.role), input.position);
  const HV16 bundle = bundled(rows_of(moved, input.working_memory));
  const Neighbour nearest =
      nearest_by_value(bundle, {input.item_memory.begin(), input.item_memory.end()});
  return {nearest, bound(input.item_memory[nearest.row], input.role)};
}

NaiveCycle::NaiveCycle(const CycleInput& input)
    : percept_(bits_of(input.percept)), role_(bits_of(input.role)), position_(input.position) {
  std::ranges::transform(input.working_memory, std::back_inserter(working_memory_), bits_of);
  std::ranges::transform(input.item_memory, std::back_inserter(item_memory_), bits_of);
}

Recognised NaiveCycle::run() const {
  std::vector<Bits> rows = {naive_permuted(naive_bound(percept_, role_), position_)};
  rows.insert(rows.end(), working_memory_.begin(), working_memory_.end());
  const Bits bundle = naive_bundled(rows);
  Neighbour best{0, ~std::uint32_t{0}};
  for (std::size_t row = 0; row < item_memory_.size(); ++row) {
    const std::uint32_t bits = naive_distance(bundle, item_memory_[row]);
    if (bits < best.distance) best = {row, bits};
  }
  return {best, packed(naive_bound(item_memory_[best.row], role_))};
}

}  // namespace assay
