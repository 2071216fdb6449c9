#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"
#include "gate/result.hpp"
#include "gate/rules.hpp"
#include "gate/sides.hpp"
#include "measure/collect.hpp"

namespace assay {

/// What is compared, and how.
struct GateTask {
  std::string dir;  ///< of the raw data; made by the caller
  std::string run_id;
  std::string started_at;
  const GateSide& baseline;
  const GateSide& candidate;
  const GateRules& rules;
  std::vector<std::pair<std::string, std::string>> pairs;  ///< baseline's name, candidate's
  std::vector<Link> relinks{};  ///< of both sides, by the instruments' names
  std::vector<int> cores{};
  std::optional<double> budget_seconds{};
  std::uint64_t seed = 0;
  std::chrono::milliseconds timeout{10000};
  std::uint32_t rounds_a_relink = 8;
  bool is_fail_fast = false;        ///< the first regression ends the measuring
  bool is_part = false;             ///< other benchmarks are gated in another way
  std::size_t other_intervals = 0;  ///< of these, which share alpha
  /// Told after each round: rounds, open comparisons, all, seconds left.
  std::function<void(std::uint32_t, std::size_t, std::size_t, double)> on_round{};
};

/// Rounds of slices that alternate between a process of each side, on one core, until every
/// benchmark is settled, the budget is spent, or the first regression is found, if the task says
/// so; then, of those that differ, rounds of the relinks. A null control of each executable runs
/// along: the baseline against a second process of itself. Adds results, controls and warnings to
/// the report. Errors: kUsage if the budget cannot bound anything; kInstrument, kOutput,
/// kInterrupted.
Result<void> gate_served(const GateTask& task, GateReport& report);

/// Rounds of whole processes, each of one benchmark, in ABBA order: for executables with another
/// main. As above, without relinks.
Result<void> gate_processes(const GateTask& task, GateReport& report);

}  // namespace assay
