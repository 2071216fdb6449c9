#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "kernels/hypervector/hypervector.hpp"

// Copies as real code writes them. One source is compiled by several compilers at several levels,
// and whether a copy is made at all is for each of them to decide.
namespace assay {

/// So many binds in a loop into which the way of copying is inlined; each counts as if its inputs
/// were new and its result used.
using BindLoopFn = void(std::int64_t calls, const HV16& a, const HV16& b, HV16& out) noexcept;

/// Bind of objects, out may be a or b.
using BindObjectsFn = void(const HV16& a, const HV16& b, HV16& out) noexcept;

/// Distances of one query to every row of a database: distances[i] to database[i].
using ScanFn = void(const HV16& query, std::span<const HV16> database,
                    std::span<std::uint32_t> distances) noexcept;

/// One way to write the copies. All compute what BindFn and HammingManyFn do, by the AVX2 kernels.
/// The heap ways die when memory runs out.
struct CopyWay {
  std::string_view
      name;  ///< "refs" (no copy), "struct", "memcpy", "value", "malloc", "unique", "vector"
  BindObjectsFn* bind;      ///< both operands copied, behind a call
  BindLoopFn* bind_loop;    ///< the same, inlined
  ScanFn* scan_query_once;  ///< 1,000 similarities: the query copied once a scan
  ScanFn* scan_row;         ///< each row copied
  ScanFn* scan_both;        ///< query and row copied for each comparison
};

/// The ways as one compiler built them at one level.
struct CompiledCopies {
  std::string_view compiler;      ///< "g++-12", "clang++-19"
  std::string_view level;         ///< "O2", "O3"
  std::span<const CopyWay> ways;  ///< empty if the compiler was not there when this was built
};

/// Every compiler and level that kernels/CMakeLists.txt names, there or not. They need AVX2 and
/// POPCNT.
std::span<const CompiledCopies> compiled_copies();

/// The names of the ways, in the order of CompiledCopies::ways.
std::span<const std::string_view> copy_way_names();

}  // namespace assay
