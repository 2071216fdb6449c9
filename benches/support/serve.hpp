#pragma once

namespace assay {

/// Serves slices until standard input ends: one JSON request a line in, one JSON answer a line out.
///
/// First writes a greeting: {"assay_protocol": 1, "context": {...}, "benchmarks": [{"name": ...,
/// "fixed_iterations": n or null}, ...]}, the context being Google Benchmark's own. Then each
/// request {"benchmark": NAME, "iterations": n} runs that benchmark once for n iterations and is
/// answered by its Google Benchmark run record, or by {"benchmark": NAME, "error": WHY} where the
/// name matches nothing, the benchmark skipped itself or a time or counter is not finite. What
/// the benchmarks print on standard output goes to standard error instead.
///
/// Returns the exit code: 0 at the end of the input, 1 when the answers cannot be written.
int serve(char* program);

}  // namespace assay
