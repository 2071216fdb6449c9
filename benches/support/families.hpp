#pragma once

#include <benchmark/benchmark.h>

#include <vector>

namespace assay {

/// Every benchmark family that the program registered, in order of registration, whichever macro
/// registered it.
///
/// Google Benchmark keeps this list to itself, and serving needs it: the iterations of a slice are
/// set through the family's pointer. All its macros pass that pointer to one exported function,
/// so the linker wraps that function (--wrap) and the wrapper notes the pointer.
std::vector<benchmark::internal::Benchmark*>& registered_families();

/// Gives the families the MinTime and MinWarmUpTime that they were registered with.
///
/// Both forbid a later Iterations() (the library aborts), so the wrappers hold them back until it
/// is known that the program runs by hand; a served slice has fixed iterations and needs neither.
void apply_minimum_times();

}  // namespace assay
