#include "benches/bind/objects_avx2.hpp"

#include <array>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "benches/support/opaque.hpp"
#include "kernels/arena/arena.hpp"

// A file of its own for the reason of inlined_avx2.cpp. The copies are the compiler's.

namespace assay {

bool make_stack_objects(const HV16& source, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) {
    hide(source);
    const HV16 object = source;
    consume(object);
  }
  return true;
}

bool make_malloc_objects(const HV16& source, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) {
    hide(source);
    void* const object = std::malloc(sizeof(HV16));
    if (object == nullptr) return false;
    std::memcpy(object, &source, sizeof(HV16));
    consume(*static_cast<const std::array<char, sizeof(HV16)>*>(object));
    std::free(object);
  }
  return true;
}

bool make_arena_objects(const HV16& source, std::int64_t times) {
  Arena arena(4096, Arena::Growth::kFixed);
  for (std::int64_t i = 0; i < times; ++i) {
    hide(source);
    const ArenaScope scope(arena);
    void* const object = arena.try_allocate(sizeof(HV16), alignof(HV16));
    if (object == nullptr) return false;
    std::memcpy(object, &source, sizeof(HV16));
    consume(*static_cast<const std::array<char, sizeof(HV16)>*>(object));
  }
  return true;
}

bool make_unique_objects(const HV16& source, std::int64_t times) {
  for (std::int64_t i = 0; i < times; ++i) {
    hide(source);
    const auto object = std::make_unique<HV16>(source);
    consume(*object);
  }
  return true;
}

}  // namespace assay
