#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "error.hpp"
#include "measure/instrument.hpp"
#include "record/manifest.hpp"

namespace assay {

/// Iterations that take about 5 ms where one takes `ns_per_iteration` (> 0), at least one: long
/// beside what a process owes to chance, and seconds under valgrind.
std::uint64_t iterations_to_count(double ns_per_iteration);

/// Counts `benchmark` in three processes that differ in the iterations of their one slice alone: N,
/// 2N and 4N, after a warm-up slice of one iteration. In their differences all that is constant
/// drops out. `timeout` holds for the start of a process and for each slice.
/// Errors: kInstrument if valgrind is not installed, if the benchmark refuses, crashes or hangs, or
/// if its count is not constant per iteration; kOutput if the count cannot be written to a
/// temporary file; kInterrupted.
Result<InstructionCount> count_instructions(const InstrumentFile& file,
                                            const std::string& benchmark, std::uint64_t iterations,
                                            std::chrono::milliseconds timeout);

/// The number of executed instructions in the text of a file of cachegrind's.
/// Errors: kOutput if it holds none, as one that was cut off does.
Result<std::uint64_t> total_instructions(std::string_view text);

/// How far the counts from (N, 2N) and from (2N, 4N) may lie apart, relative to the latter. Times
/// in the answers, whose digits differ, cost some hundred instructions a process, rarely ten
/// thousand.
inline constexpr double kMostCountsDiffer = 1e-3;

/// Instructions an iteration, from the totals of processes that made N, 2N and 4N.
/// Errors: kInstrument if the two differences disagree, or nothing was executed.
Result<double> instructions_per_iteration(const std::array<std::uint64_t, 3>& totals,
                                          std::uint64_t iterations);

}  // namespace assay
