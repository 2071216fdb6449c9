#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/run.hpp"
#include "error.hpp"
#include "gate/reference.hpp"

namespace assay {

struct GateOptions {
  std::string baseline;  ///< empty where a recorded run is the baseline
  std::string recorded;  ///< folder of a run; empty where a build is the baseline
  std::string candidate;
  std::string filter;                ///< a regular expression, searched in the names; empty: all
  std::string rules;                 ///< a TOML file; empty: none
  std::string margin;                ///< as written; empty: the rules' own
  std::optional<double> alpha;       ///< empty: the rules' own
  std::vector<std::string> metrics;  ///< empty: the rules' own
  std::optional<double> budget_seconds;
  std::optional<std::uint64_t> seed;
  std::vector<int> cores;
  double slice_timeout_seconds = 10;
  std::uint32_t rounds_a_relink = 8;
  std::string output;  ///< folder of the raw data; empty: <results>/gate-<run-id>
  std::string json;    ///< files to write; empty: none
  std::string markdown;
  std::string junit;
  std::string instructions = "no";  ///< "no", "also" or "only"
  ReferenceOptions reference;       ///< how a git reference is built
  bool is_fail_fast = false;        ///< a regression ends the measuring
  bool shows_all = false;
  bool is_strict = false;
};

/// Compares two builds and says whether the candidate is a regression.
Result<ExitCode> gate_builds(const Places& places, const GateOptions& options);

}  // namespace assay
