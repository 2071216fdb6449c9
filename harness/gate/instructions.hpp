#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"
#include "gate/result.hpp"
#include "gate/rules.hpp"
#include "gate/sides.hpp"
#include "record/manifest.hpp"

namespace assay {

/// How far counts of one build may lie apart, and changes in instructions that do not matter.
inline constexpr double kInstructionMargin = 1.005;

/// What two counts of a benchmark come to: worse and better lie beyond the margin as exactly as was
/// counted. Counts of different kernels (what the benchmarks say of
/// themselves differs) are invalid.
GateResult judge_instructions(const std::string& benchmark, const BenchmarkRule& rule,
                              const InstructionCount& baseline, const InstructionCount& candidate);

/// Counts the instructions of the pairs on both sides and adds a result each, of the metric
/// "instructions". What cannot be counted is unclear, with its reason; a benchmark that errs,
/// crashes or hangs on either side is invalid, and the report has a failure. An interruption is
/// noted in the report. Errors: kInstrument if nothing here can count.
Result<void> gate_instructions(const GateSide& baseline, const GateSide& candidate,
                               const GateRules& rules,
                               const std::vector<std::pair<std::string, std::string>>& pairs,
                               std::chrono::milliseconds timeout, GateReport& report);

/// Notes the change in instructions beside the times of the same benchmark.
void note_instructions(GateReport& report);

}  // namespace assay
