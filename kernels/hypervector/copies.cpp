#include "kernels/hypervector/copies.hpp"

#include <cstdlib>
#include <cstring>
#include <memory>
#include <vector>

#include "kernels/hypervector/avx2.hpp"

#ifndef ASSAY_COPIES
#define ASSAY_COPIES copies_as_edited  // for editors; kernels/CMakeLists.txt gives the real name
#endif

// Compiled once for each compiler and level, into a namespace of that name. What is timed behind a
// call has external linkage and is reached through a pointer, so that no compiler sees caller and
// callee together. The kernels' bodies are those of the zero-copy forms.
namespace assay {
namespace {

inline const std::byte* bytes_of(const HV16& hv) {
  return reinterpret_cast<const std::byte*>(&hv);
}
inline std::byte* bytes_of(HV16& hv) {
  return reinterpret_cast<std::byte*>(&hv);
}

// Copies one vector in the way that the name says and gives the copy's bytes to `use`.
struct Refs {
  template <typename Use>
  [[gnu::always_inline]] static void copy(const HV16& hv, Use use) {
    use(bytes_of(hv));
  }
};

struct Struct {
  template <typename Use>
  [[gnu::always_inline]] static void copy(const HV16& hv, Use use) {
    HV16 copied = hv;
    use(bytes_of(copied));
  }
};

struct Memcpy {
  template <typename Use>
  [[gnu::always_inline]] static void copy(const HV16& hv, Use use) {
    HV16 copied;
    std::memcpy(&copied, &hv, sizeof copied);
    use(bytes_of(copied));
  }
};

struct Malloc {
  template <typename Use>
  [[gnu::always_inline]] static void copy(const HV16& hv, Use use) {
    void* const copied = std::malloc(sizeof hv);
    if (copied == nullptr) {
      std::abort();
    }
    std::memcpy(copied, &hv, sizeof hv);
    use(static_cast<const std::byte*>(copied));
    std::free(copied);
  }
};

struct Unique {
  template <typename Use>
  [[gnu::always_inline]] static void copy(const HV16& hv, Use use) {
    const auto copied = std::make_unique<HV16>(hv);
    use(bytes_of(*copied));
  }
};

struct Vector {
  template <typename Use>
  [[gnu::always_inline]] static void copy(const HV16& hv, Use use) {
    const std::vector<std::uint64_t> copied(hv.words.begin(), hv.words.end());
    use(reinterpret_cast<const std::byte*>(copied.data()));
  }
};

// What a copy is for is inlined at every level, as it would be where no way of copying is chosen:
// the copies are the compiler's to decide on, and nothing else is.
template <typename Way>
[[gnu::always_inline]] inline void bind_by(const HV16& a, const HV16& b, HV16& out) {
  Way::copy(a, [&](const std::byte* x) __attribute__((always_inline)) {
    Way::copy(b, [&](const std::byte* y)
                     __attribute__((always_inline)) { bind_body(x, y, bytes_of(out)); });
  });
}

template <typename Way>
[[gnu::always_inline]] inline void loop_by(std::int64_t calls, const HV16& a, const HV16& b,
                                           HV16& out) {
  for (; calls > 0; --calls) {
    asm volatile("" : : "r"(&a), "r"(&b) : "memory");
    bind_by<Way>(a, b, out);
    asm volatile("" : : "r"(&out) : "memory");
  }
}

using Distances = std::span<std::uint32_t>;
using Database = std::span<const HV16>;

[[gnu::always_inline]] inline std::uint32_t distance_to(const Query& query, const std::byte* row) {
  return static_cast<std::uint32_t>(total(count_differing(query, row)));
}

// A query that is not copied for each row is loaded once, as in hamming_many_body: the distances
// might overlap it, so no compiler would.
template <typename RowWay>
[[gnu::always_inline]] inline void scan_rows_by(const std::byte* query, Database database,
                                                Distances distances) {
  const Query loaded = load_query(query);
  for (std::size_t row = 0; row < database.size(); ++row) {
    RowWay::copy(database[row], [&](const std::byte* y) __attribute__((always_inline)) {
      distances[row] = distance_to(loaded, y);
    });
  }
}

template <typename Way>
[[gnu::always_inline]] inline void scan_both_by(const HV16& query, Database database,
                                                Distances distances) {
  for (std::size_t row = 0; row < database.size(); ++row) {
    Way::copy(query, [&](const std::byte* x) __attribute__((always_inline)) {
      Way::copy(database[row], [&](const std::byte* y) __attribute__((always_inline)) {
        distances[row] = hamming_body(x, y);
      });
    });
  }
}

template <typename Way>
[[gnu::always_inline]] inline void scan_once_by(const HV16& query, Database database,
                                                Distances distances) {
  Way::copy(query, [&](const std::byte* x) __attribute__((always_inline)) {
    scan_rows_by<Refs>(x, database, distances);
  });
}

// Makes the compiler forget what a pointer points to: a call through it is a real call.
template <typename Fn>
[[gnu::always_inline]] inline Fn* unknown(Fn* function) {
  asm("" : "+r"(function));
  return function;
}

}  // namespace

namespace ASSAY_COPIES {

void bind_refs(const HV16& a, const HV16& b, HV16& out) noexcept {
  bind_by<Refs>(a, b, out);
}
void bind_loop_refs(std::int64_t calls, const HV16& a, const HV16& b, HV16& out) noexcept {
  loop_by<Refs>(calls, a, b, out);
}
void scan_query_once_refs(const HV16& query, Database database, Distances distances) noexcept {
  scan_once_by<Refs>(query, database, distances);
}
void scan_row_refs(const HV16& query, Database database, Distances distances) noexcept {
  scan_rows_by<Refs>(bytes_of(query), database, distances);
}
void scan_both_refs(const HV16& query, Database database, Distances distances) noexcept {
  scan_rows_by<Refs>(bytes_of(query), database, distances);
}

void bind_struct(const HV16& a, const HV16& b, HV16& out) noexcept {
  bind_by<Struct>(a, b, out);
}
void bind_loop_struct(std::int64_t calls, const HV16& a, const HV16& b, HV16& out) noexcept {
  loop_by<Struct>(calls, a, b, out);
}
void scan_query_once_struct(const HV16& query, Database database, Distances distances) noexcept {
  scan_once_by<Struct>(query, database, distances);
}
void scan_row_struct(const HV16& query, Database database, Distances distances) noexcept {
  scan_rows_by<Struct>(bytes_of(query), database, distances);
}
void scan_both_struct(const HV16& query, Database database, Distances distances) noexcept {
  scan_both_by<Struct>(query, database, distances);
}

void bind_memcpy(const HV16& a, const HV16& b, HV16& out) noexcept {
  bind_by<Memcpy>(a, b, out);
}
void bind_loop_memcpy(std::int64_t calls, const HV16& a, const HV16& b, HV16& out) noexcept {
  loop_by<Memcpy>(calls, a, b, out);
}
void scan_query_once_memcpy(const HV16& query, Database database, Distances distances) noexcept {
  scan_once_by<Memcpy>(query, database, distances);
}
void scan_row_memcpy(const HV16& query, Database database, Distances distances) noexcept {
  scan_rows_by<Memcpy>(bytes_of(query), database, distances);
}
void scan_both_memcpy(const HV16& query, Database database, Distances distances) noexcept {
  scan_both_by<Memcpy>(query, database, distances);
}

void bind_malloc(const HV16& a, const HV16& b, HV16& out) noexcept {
  bind_by<Malloc>(a, b, out);
}
void bind_loop_malloc(std::int64_t calls, const HV16& a, const HV16& b, HV16& out) noexcept {
  loop_by<Malloc>(calls, a, b, out);
}
void scan_query_once_malloc(const HV16& query, Database database, Distances distances) noexcept {
  scan_once_by<Malloc>(query, database, distances);
}
void scan_row_malloc(const HV16& query, Database database, Distances distances) noexcept {
  scan_rows_by<Malloc>(bytes_of(query), database, distances);
}
void scan_both_malloc(const HV16& query, Database database, Distances distances) noexcept {
  scan_both_by<Malloc>(query, database, distances);
}

void bind_unique(const HV16& a, const HV16& b, HV16& out) noexcept {
  bind_by<Unique>(a, b, out);
}
void bind_loop_unique(std::int64_t calls, const HV16& a, const HV16& b, HV16& out) noexcept {
  loop_by<Unique>(calls, a, b, out);
}
void scan_query_once_unique(const HV16& query, Database database, Distances distances) noexcept {
  scan_once_by<Unique>(query, database, distances);
}
void scan_row_unique(const HV16& query, Database database, Distances distances) noexcept {
  scan_rows_by<Unique>(bytes_of(query), database, distances);
}
void scan_both_unique(const HV16& query, Database database, Distances distances) noexcept {
  scan_both_by<Unique>(query, database, distances);
}

void bind_vector(const HV16& a, const HV16& b, HV16& out) noexcept {
  bind_by<Vector>(a, b, out);
}
void bind_loop_vector(std::int64_t calls, const HV16& a, const HV16& b, HV16& out) noexcept {
  loop_by<Vector>(calls, a, b, out);
}
void scan_query_once_vector(const HV16& query, Database database, Distances distances) noexcept {
  scan_once_by<Vector>(query, database, distances);
}
void scan_row_vector(const HV16& query, Database database, Distances distances) noexcept {
  scan_rows_by<Vector>(bytes_of(query), database, distances);
}
void scan_both_vector(const HV16& query, Database database, Distances distances) noexcept {
  scan_both_by<Vector>(query, database, distances);
}

// The interface by value: what is passed and returned is copied by the calling convention.
HV16 bound_values(HV16 a, HV16 b) noexcept {
  HV16 out;
  bind_body(bytes_of(a), bytes_of(b), bytes_of(out));
  return out;
}
std::uint32_t distance_of_values(HV16 query, HV16 row) noexcept {
  return hamming_body(bytes_of(query), bytes_of(row));
}
std::uint32_t distance_of_value(const HV16& query, HV16 row) noexcept {
  return hamming_body(bytes_of(query), bytes_of(row));
}
void scan_value(HV16 query, Database database, Distances distances) noexcept {
  scan_rows_by<Refs>(bytes_of(query), database, distances);
}

void bind_value(const HV16& a, const HV16& b, HV16& out) noexcept {
  out = unknown(bound_values)(a, b);
}
void bind_loop_value(std::int64_t calls, const HV16& a, const HV16& b, HV16& out) noexcept {
  for (; calls > 0; --calls) {
    asm volatile("" : : "r"(&a), "r"(&b) : "memory");
    out = bound_values(a, b);
    asm volatile("" : : "r"(&out) : "memory");
  }
}
void scan_query_once_value(const HV16& query, Database database, Distances distances) noexcept {
  unknown(scan_value)(query, database, distances);
}
void scan_row_value(const HV16& query, Database database, Distances distances) noexcept {
  for (std::size_t row = 0; row < database.size(); ++row) {
    distances[row] = unknown(distance_of_value)(query, database[row]);
  }
}
void scan_both_value(const HV16& query, Database database, Distances distances) noexcept {
  for (std::size_t row = 0; row < database.size(); ++row) {
    distances[row] = unknown(distance_of_values)(query, database[row]);
  }
}

extern const CopyWay kWays[];
constinit const CopyWay kWays[] = {
    {"refs", bind_refs, bind_loop_refs, scan_query_once_refs, scan_row_refs, scan_both_refs},
    {"struct", bind_struct, bind_loop_struct, scan_query_once_struct, scan_row_struct,
     scan_both_struct},
    {"memcpy", bind_memcpy, bind_loop_memcpy, scan_query_once_memcpy, scan_row_memcpy,
     scan_both_memcpy},
    {"value", bind_value, bind_loop_value, scan_query_once_value, scan_row_value, scan_both_value},
    {"malloc", bind_malloc, bind_loop_malloc, scan_query_once_malloc, scan_row_malloc,
     scan_both_malloc},
    {"unique", bind_unique, bind_loop_unique, scan_query_once_unique, scan_row_unique,
     scan_both_unique},
    {"vector", bind_vector, bind_loop_vector, scan_query_once_vector, scan_row_vector,
     scan_both_vector},
};

}  // namespace ASSAY_COPIES
}  // namespace assay
