#include "verdict/witness.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <regex>
#include <span>

namespace assay {

namespace {

std::string first_match(const std::string& pattern, std::span<const Instruction> instructions) {
  const std::regex compiled(pattern);
  for (const auto& instruction : instructions)
    if (std::regex_search(instruction.text, compiled)) return instruction.text;
  return "";
}

WitnessResult check_side(const Experiment& experiment, const Witness& witness,
                         const std::vector<FunctionCode>& recorded) {
  WitnessResult result{witness, std::nullopt, {}, {}};
  const auto code = std::ranges::find_if(recorded, [&](const FunctionCode& known) {
    return known.function == witness.function &&
           std::ranges::count(known.benchmarks, experiment.benchmark_of(witness)) > 0;
  });
  if (code == recorded.end()) return result;
  result.code = *code;
  result.loop = hot_loop(code->instructions);
  const std::span<const Instruction> all(code->instructions);
  const auto asked = witness.is_of_loop
                         ? all.subspan(result.loop.first, result.loop.end - result.loop.first)
                         : all;
  for (const auto& pattern : witness.has) {
    const std::string found = first_match(pattern, asked);
    result.demands.push_back({true, pattern, !found.empty(), found});
  }
  for (const auto& pattern : witness.lacks) {
    const std::string found = first_match(pattern, asked);
    result.demands.push_back({false, pattern, found.empty(), found});
  }
  return result;
}

}  // namespace

std::vector<WitnessResult> check_witnesses(const Experiment& experiment,
                                           const std::vector<FunctionCode>& recorded) {
  std::vector<WitnessResult> results;
  for (const auto& witness : experiment.witnesses)
    results.push_back(check_side(experiment, witness, recorded));
  return results;
}

std::string failed_demand(const std::vector<WitnessResult>& results) {
  for (const auto& [witness, code, loop, demands] : results)
    for (const auto& demand : demands) {
      if (demand.holds) continue;
      const std::string what =
          fmt::format("{}{} ({})", witness.is_of_loop ? "the hot loop of " : "", witness.function,
                      name_of(witness.side));
      return demand.is_for
                 ? fmt::format("{} has no instruction that matches /{}/", what, demand.pattern)
                 : fmt::format("{} has \"{}\", which matches /{}/ that it must lack", what,
                               demand.instruction, demand.pattern);
    }
  return "";
}

std::string unrecorded_function(const std::vector<WitnessResult>& results) {
  const auto found = std::ranges::find_if(
      results, [](const WitnessResult& result) { return !result.code.has_value(); });
  return found == results.end() ? "" : found->witness.function;
}

}  // namespace assay
