#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"
#include "register/register.hpp"

namespace assay {

/// Reads a register from its text: Markdown, with one TOML block an entry and one, holding a table
/// [register], for the settings. `path` is for messages only.
///
/// Returns every error, not the first alone: each names file, line and mend. An empty list of
/// errors means that the register is sound by itself; check_names() asks the instruments.
struct ParsedRegister {
  Register reg;
  std::vector<Error> errors;
};
ParsedRegister parse_register(std::string path, std::string_view text);

/// Reads the file and parses it. Errors: unreadable file; the first parse errors, joined by lines.
Result<Register> load_register(const std::string& path);

/// One error for each benchmark name in `experiments` that is not in `available`, with the nearest
/// name that is.
std::vector<Error> check_names(const Register& reg, const std::vector<Experiment>& experiments,
                               const std::vector<std::string>& available);

/// The benchmark names that the experiment needs, {size} replaced, without repeats.
std::vector<std::string> benchmarks_of(const Experiment& experiment);

/// `name` with {size} replaced.
std::string at_size(std::string_view name, std::int64_t size);

}  // namespace assay
