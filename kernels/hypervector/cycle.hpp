#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

inline constexpr std::size_t kWorkingMemory = 8;

/// What a cognitive cycle works on, contiguous where a kernel takes many rows.
struct CycleInput {
  const HV16& percept;
  const HV16& role;
  std::size_t position;  ///< bits to rotate by
  std::span<const HV16, kWorkingMemory> working_memory;
  std::span<const HV16> item_memory;  ///< at least one
};

/// What it recognised.
struct Recognised {
  Neighbour nearest;  ///< in the item memory
  HV16 filler;        ///< the nearest item, unbound from the role

  bool operator==(const Recognised&) const = default;
};

/// A cognitive cycle: binds the percept with its role, permutes by position, bundles with the
/// working memory (nine rows, the permuted one first), takes the nearest item and unbinds it from
/// the role. All forms recognise the same, bit for bit. Errors: forms that copy onto the heap throw
/// std::bad_alloc. Source: claims of the Zero-copy plan; Kanerva 2009, as BindFn.
using CycleFn = Recognised(const CycleInput& input);

/// On references, by the best kernels of this CPU; nothing is copied but the nine rows to be
/// bundled. The item memory goes to one kernel as a whole.
CycleFn cycle_references;

/// Where a cycle puts what it makes on its way, and what is left of it.
struct CycleRoom {
  HV16& pair;
  std::array<HV16, kWorkingMemory + 1>& rows;
  HV16& bundle;
  HV16& filler;
};

/// On references, as cycle_references, with every vector that it makes in the caller's memory.
/// Returns the nearest; its filler is in the room.
Neighbour cycle_in_room(const CycleInput& input, const CycleRoom& room);

/// By the same kernels, each behind a function that is not inlined; each row of the item memory is
/// compared by a call of its own. Vectors are passed by reference. It differs from cycle_by_value
/// in that alone, and from cycle_references in that alone that it compares row by row.
CycleFn cycle_references_by_row;

/// The same, but every vector is passed and returned by value. The copies are the compiler's, made
/// for this CPU: by moves of 32 bytes where it has AVX2, of 64 with AVX-512, of 16 else.
CycleFn cycle_by_value;

/// The same, where the item memory is passed by value as well: all items are copied, onto the heap.
CycleFn cycle_by_value_with_memories;

/// What a first version looks like: a bit at a time, on std::vector<bool>, every argument copied
/// onto the heap for every call. It holds its input in that form.
class NaiveCycle {
 public:
  explicit NaiveCycle(const CycleInput& input);
  Recognised run() const;

 private:
  using Bits = std::vector<bool>;
  Bits percept_, role_;
  std::size_t position_;
  std::vector<Bits> working_memory_, item_memory_;
};

}  // namespace assay
