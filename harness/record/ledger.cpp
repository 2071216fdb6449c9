#include "record/ledger.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "record/lines.hpp"
#include "record/manifest.hpp"

namespace assay {

using nlohmann::json;

json to_json(const EarlierRun& run) {
  return {{"run_id", run.run_id},
          {"started_at", run.started_at},
          {"verdicts", run.verdicts},
          {"reworded", run.reworded}};
}

EarlierRun earlier_run_from(const json& source) {
  return {source.at("run_id"), source.at("started_at"), source.at("verdicts"),
          source.at("reworded")};
}

std::string start_line(const Manifest& manifest) {
  return json{{"event", "start"},
              {"run_id", manifest.run_id},
              {"started_at", manifest.started_at},
              {"fingerprint", manifest.machine.value("fingerprint", json())},
              {"entries", manifest.entry_hashes}}
      .dump();
}

std::string verdict_line(const std::string& run_id,
                         const std::map<std::string, std::string>& verdicts) {
  return json{{"event", "verdicts"}, {"run_id", run_id}, {"verdicts", verdicts}}.dump();
}

namespace {

/// Entries of the started run whose ids this one has, too.
EarlierRun common_entries(const json& start, const Manifest& manifest) {
  EarlierRun run{start.at("run_id"), start.at("started_at"), {}, {}};
  for (const auto& [id, hash] : start.at("entries").items()) {
    const auto entry = manifest.entry_hashes.find(id);
    if (entry == manifest.entry_hashes.end()) continue;
    run.verdicts[id] = "";
    if (hash != entry->second) run.reworded.insert(id);
  }
  return run;
}

void apply(const json& line, const Manifest& manifest, std::vector<EarlierRun>& runs) {
  const std::string event = line.at("event");
  if (event == "start") {
    if (line.at("fingerprint") != manifest.machine.value("fingerprint", json())) return;
    if (auto run = common_entries(line, manifest); !run.verdicts.empty())
      runs.push_back(std::move(run));
  } else if (event == "verdicts") {
    const auto run =
        std::ranges::find(runs, line.at("run_id").get<std::string>(), &EarlierRun::run_id);
    if (run == runs.end()) return;
    for (const auto& [id, verdict] : line.at("verdicts").items())
      if (const auto entry = run->verdicts.find(id); entry != run->verdicts.end())
        entry->second = verdict;
  }
}

}  // namespace

Result<std::vector<EarlierRun>> earlier_runs(std::string_view ledger, const std::string& path,
                                             const Manifest& manifest) {
  std::vector<EarlierRun> runs;
  const auto read = for_each_line(
      ledger, path, "restore the line, or delete it: it names a run that was started",
      [&](std::string_view line) { apply(json::parse(line, nullptr, false), manifest, runs); });
  if (!read) return std::unexpected(read.error());
  return runs;
}

}  // namespace assay
