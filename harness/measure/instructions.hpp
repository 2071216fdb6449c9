#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "error.hpp"
#include "measure/instrument.hpp"
#include "measure/perf_counter.hpp"
#include "record/manifest.hpp"

namespace assay {

/// Iterations that take about 5 ms where one takes `ns_per_iteration` (> 0), at least one: long
/// beside what a process or a slice owes to chance, and seconds under valgrind.
std::uint64_t iterations_to_count(double ns_per_iteration);

/// Counts `benchmark` in slices of N, 2N and 4N iterations after a warm-up slice of one; in the
/// differences all that is constant drops out. Where the machine counts `event`, the slices run in
/// one process, several times over, and the median of each size is taken. Where no counter opens,
/// stands still or does not count all the time, valgrind counts: each slice in a process of its
/// own. `timeout` holds for the start of a process and for each slice. An `event` other than
/// instructions is counted in their place (the tests do so).
/// Errors: kInstrument if there is neither a counter nor valgrind, if the benchmark refuses,
/// crashes or hangs, or if its count is not constant per iteration; kOutput if valgrind's count
/// cannot be written to a temporary file; kInterrupted.
Result<InstructionCount> count_instructions(const InstrumentFile& file,
                                            const std::string& benchmark, std::uint64_t iterations,
                                            std::chrono::milliseconds timeout,
                                            const PerfEvent& event = kHardwareInstructions);

/// The number of executed instructions in the text of a file of cachegrind's.
/// Errors: kOutput if it holds none, as one that was cut off does.
Result<std::uint64_t> total_instructions(std::string_view text);

/// How far the counts from (N, 2N) and from (2N, 4N) may lie apart, relative to the latter. Times
/// in the answers, whose digits differ, cost some hundred instructions a process, rarely ten
/// thousand.
inline constexpr double kMostCountsDiffer = 1e-3;

/// Instructions an iteration, from the totals of slices or processes that made N, 2N and 4N.
/// Errors: kInstrument if the two differences disagree, or nothing was executed.
Result<double> instructions_per_iteration(const std::array<std::uint64_t, 3>& totals,
                                          std::uint64_t iterations);

}  // namespace assay
