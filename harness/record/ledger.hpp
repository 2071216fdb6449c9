#pragma once

/// The ledger: every run that was started in a folder of runs, and what it said in the end, so that
/// nobody can retry until a verdict fits without its showing (results/ledger.jsonl).

#include <map>
#include <nlohmann/json_fwd.hpp>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"

namespace assay {

struct Manifest;

/// An earlier run on the same machine of entries of these ids.
struct EarlierRun {
  std::string run_id;
  std::string started_at;                       ///< UTC, ISO 8601
  std::map<std::string, std::string> verdicts;  ///< by id, of the entries in common; "" if none yet
  std::set<std::string> reworded;               ///< of them, those that have been changed since
};

nlohmann::json to_json(const EarlierRun& run);
EarlierRun earlier_run_from(const nlohmann::json& source);

/// The line that a run leaves when it starts, and the one when it is judged.
std::string start_line(const Manifest& manifest);
std::string verdict_line(const std::string& run_id,
                         const std::map<std::string, std::string>& verdicts);

/// The runs in the ledger's text that measured any entry of `manifest` on its machine, in the order
/// of their start. A last line cut short is dropped. Errors: kData with file and line.
Result<std::vector<EarlierRun>> earlier_runs(std::string_view ledger, const std::string& path,
                                             const Manifest& manifest);

}  // namespace assay
