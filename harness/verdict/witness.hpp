#pragma once

/// What an entry demands of machine code, held against what was recorded: pure functions.

#include <optional>
#include <string>
#include <vector>

#include "record/machine_code.hpp"
#include "register/register.hpp"

namespace assay {

/// One demand and its answer.
struct DemandResult {
  bool is_for = true;  ///< `has`; else `lacks`
  std::string pattern;
  bool holds = false;
  std::string instruction;  ///< the first that matches; empty if none does
};

/// One side's function as it was disassembled.
struct WitnessResult {
  Witness witness;
  std::optional<FunctionCode> code;   ///< nothing if it was not recorded
  CodeRange loop;                     ///< the hot loop of the code
  std::vector<DemandResult> demands;  ///< in the register's order, `has` first; none without code
};

/// The answers of each side that the entry demands something of, the baseline's first.
std::vector<WitnessResult> check_witnesses(const Experiment& experiment,
                                           const std::vector<FunctionCode>& recorded);

/// Which demand fails first, of which function, and the instruction that offends; empty if none
/// does.
std::string failed_demand(const std::vector<WitnessResult>& results);

/// The first function that was not recorded; empty if all were.
std::string unrecorded_function(const std::vector<WitnessResult>& results);

}  // namespace assay
