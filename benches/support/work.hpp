#pragma once

#include <benchmark/benchmark.h>

#include <string>

namespace assay {

/// What an iteration moves and does, by which a report places it under a roofline: bytes read and
/// written, and operations of a kind. "words": 64 bits XORed or counted, not what a kernel needs
/// beside that; "flops". A probe of bandwidth alone does no operations, one on registers moves no
/// bytes: 0 for these.
inline void report_work(benchmark::State& state, double bytes, const std::string& kind = "",
                        double operations = 0) {
  if (bytes > 0) state.counters["work_bytes"] = bytes;
  if (operations > 0) state.counters["work_" + kind] = operations;
}

}  // namespace assay
