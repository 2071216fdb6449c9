#include "kernels/hypervector/cycle.hpp"

#include <algorithm>
#include <vector>

#include "kernels/hypervector/cycle_forms.hpp"
#include "kernels/hypervector/variants.hpp"

namespace assay {
namespace {

/// The best kernels of this CPU, chosen once.
const CycleKernels& kernels() {
  static const CycleKernels kBest = {select_bind().run, select_variant(permute_variants()).run,
                                     select_variant(bundle_variants()).run, select_similarity().run,
                                     select_variant(nearest_variants()).run};
  return kBest;
}

/// The forms as compiled for this CPU, chosen once.
const CycleForms& forms() {
  static const CycleForms kBest = select_variant(cycle_forms_variants()).run();
  return kBest;
}

using Rows = std::array<HV16, kWorkingMemory + 1>;

// Not inlined and not looked into, as an interface between two libraries is.
#if defined(__clang__)
#define ASSAY_INTERFACE [[gnu::noinline]]
#else
#define ASSAY_INTERFACE [[gnu::noipa]]
#endif

ASSAY_INTERFACE Recognised by_value_with(std::vector<HV16> items, const CycleInput& input) {
  CycleInput copied = input;
  copied.item_memory = items;
  return forms().by_value(kernels(), copied);
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

Recognised cycle_references_by_row(const CycleInput& input) {
  return forms().by_reference(kernels(), input);
}

Recognised cycle_by_value(const CycleInput& input) {
  return forms().by_value(kernels(), input);
}

Recognised cycle_by_value_with_memories(const CycleInput& input) {
  return by_value_with({input.item_memory.begin(), input.item_memory.end()}, input);
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
