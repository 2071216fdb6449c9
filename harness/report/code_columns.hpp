#pragma once

#include <string>
#include <vector>

#include "verdict/witness.hpp"

namespace assay {

/// The hot loop of each side's function (the whole function where it has no loop), a column a side
/// and an instruction a line, numbered by its distance from the function's begin. At most 40 lines
/// of at most 60 characters a column; what is cut says so. Empty if no function was recorded.
std::string code_columns(const std::vector<WitnessResult>& results);

}  // namespace assay
