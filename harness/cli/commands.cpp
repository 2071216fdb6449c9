#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cli/run.hpp"
#include "cli/write.hpp"
#include "measure/process.hpp"
#include "record/raw_file.hpp"
#include "record/run.hpp"
#include "register/parse.hpp"
#include "report/format.hpp"
#include "report/report.hpp"
#include "text.hpp"

namespace assay {

namespace fs = std::filesystem;
using nlohmann::json;

Result<ExitCode> judge_run(const Places& places, const JudgeOptions& options) {
  const auto run = load_run(options.run_dir, options.reg);
  if (!run) return std::unexpected(run.error());
  const auto verdicts = write_results(*run, places.root, true);
  if (!verdicts) return std::unexpected(verdicts.error());
  print_summary(*run, *verdicts);
  return exit_code_of(*run, *verdicts, options.is_strict);
}

Result<ExitCode> list_experiments(const Places& places, const std::vector<std::string>& selected,
                                  Listed what) {
  const auto reg = load_register(places.reg);
  if (!reg) return std::unexpected(reg.error());
  const Selection selection = select(*reg, selected);
  if (!selection.unknown.empty())
    return fail(ExitCode::kUsage, reg->path,
                fmt::format("no id, family or tag is \"{}\"", selection.unknown.front()),
                "`assay list` without words shows all");
  std::set<std::string> families;
  for (const auto& entry : selection.experiments) {
    const bool is_new = !entry.is_control() && families.insert(entry.family()).second;
    if (what == Listed::kWords) fmt::print("{}\n", entry.id);
    if ((what == Listed::kFamilies || what == Listed::kWords) && is_new)
      fmt::print("{}\n", entry.family());
    if (what == Listed::kIds && !entry.is_control()) fmt::print("{}\n", entry.id);
    if (what != Listed::kEntries) continue;
    fmt::print("{}  {}\n    {}: {}{}{}\n", entry.id, entry.claim, describe(entry),
               fmt::join(entry.baselines, ", "), entry.baselines.empty() ? "" : " against ",
               entry.candidate);
  }
  return ExitCode::kDone;
}

namespace {

/// What verdicts.json says of one entry.
struct Judged {
  std::string id;
  std::string verdict;
  std::string why;
  bool is_control = false;
  bool has_failed = false;  ///< a benchmark of it failed
  bool is_absent = false;   ///< this machine or build lacks what it needs

  bool is_settled() const {
    return verdict == "supported" || verdict == "refuted" || verdict == "equivalent" ||
           verdict == "held";
  }
};

std::vector<Judged> entries_in(const json& verdicts) {
  std::vector<Judged> entries;
  for (const auto& experiment : verdicts.at("experiments")) {
    Judged entry{experiment.at("id"), experiment.at("verdict"), experiment.at("why"),
                 experiment.at("is_control")};
    entry.is_absent = entry.verdict == "not run" && experiment.at("comparisons").empty();
    for (const auto& comparison : experiment.at("comparisons")) {
      const json& failure = comparison.at("failure");
      entry.has_failed = entry.has_failed || (!failure.is_null() && failure != "not run");
      entry.is_absent = entry.is_absent || (entry.verdict == "not run" && failure == "not run");
    }
    entries.push_back(std::move(entry));
  }
  return entries;
}

Result<std::vector<Judged>> load_verdicts(const std::string& run_dir) {
  const std::string path = run_dir + "/verdicts.json";
  const std::string mend = fmt::format("judge the run first: assay judge {}", run_dir);
  const auto text = read_file(path);
  const json verdicts = text ? json::parse(*text, nullptr, false) : json();
  if (!verdicts.is_object() || verdicts.value("schema", json()) != "assay-verdicts/1")
    return fail(ExitCode::kData, path, "no verdicts here", mend);
  try {
    return entries_in(verdicts);
  } catch (const json::exception& error) {
    return fail(ExitCode::kData, path, error.what(), mend);
  }
}

}  // namespace

Result<ExitCode> show_verdict(const std::string& run_dir, const std::string& id) {
  const auto entries = load_verdicts(run_dir);
  if (!entries) return std::unexpected(entries.error());
  const auto entry = std::ranges::find(*entries, id, &Judged::id);
  if (entry == entries->end())
    return fail(ExitCode::kUsage, run_dir, fmt::format("no verdict on \"{}\"", id),
                "`assay list` shows the register; the run may have measured a part of it");
  fmt::print("{}: {}{}\n", id, entry->verdict, entry->why.empty() ? "" : ": " + entry->why);
  if (entry->has_failed) return ExitCode::kInstrument;
  return entry->is_settled() ? ExitCode::kDone : ExitCode::kInvalid;
}

Result<ExitCode> check_controls(const std::string& run_dir) {
  const auto entries = load_verdicts(run_dir);
  if (!entries) return std::unexpected(entries.error());
  std::vector<std::string> failed;
  std::size_t controls = 0;
  for (const auto& entry : *entries) {
    controls += entry.is_control ? 1 : 0;
    if (entry.is_control && entry.verdict == "failed") failed.push_back(entry.id);
  }
  fmt::print("{} of {} controls failed{}{}\n", failed.size(), controls, failed.empty() ? "" : ": ",
             fmt::join(failed, ", "));
  return failed.empty() && controls > 0 ? ExitCode::kDone : ExitCode::kInvalid;
}

Result<ExitCode> check_settled(const std::string& run_dir, double most_unsettled) {
  const auto entries = load_verdicts(run_dir);
  if (!entries) return std::unexpected(entries.error());
  int claims = 0;
  int absent = 0;
  int unsettled = 0;
  for (const auto& entry : *entries) {
    if (entry.is_control) continue;
    entry.is_absent ? ++absent : ++claims;
    unsettled += entry.is_settled() || entry.is_absent ? 0 : 1;
  }
  fmt::print("{} of {} claims have no verdict; at most {:.0f}% may; {} cannot be run here\n",
             unsettled, claims, 100 * most_unsettled, absent);
  const bool few = claims > 0 && unsettled <= most_unsettled * claims;
  return few ? ExitCode::kDone : ExitCode::kInvalid;
}

namespace {

/// A number of verdicts.json; `otherwise` where it is null.
double number_or(const json& value, double otherwise) {
  return value.is_number() ? value.get<double>() : otherwise;
}

/// What a recorded run says of an entry: "refuted  2.867x [2.746, 2.933]", with what a reader must
/// know beside it; empty if the run has none.
std::string told_of(const json& verdicts, const Experiment& entry) {
  for (const auto& experiment : verdicts.at("experiments")) {
    if (experiment.at("id") != entry.id) continue;
    const bool is_reworded = experiment.at("entry_sha256") != entry.hash;
    std::string text = experiment.at("verdict").get<std::string>() +
                       (is_reworded ? " (of another wording)" : "") +
                       (experiment.at("is_exploratory") == true ? " (exploratory)" : "");
    const json& comparisons = experiment.at("comparisons");
    if (comparisons.empty() || !entry.is_estimated()) return text;
    const json& part = comparisons.at(experiment.at("headline").get<std::size_t>());
    Estimate found;
    found.value = number_or(part.at("value"), std::numeric_limits<double>::quiet_NaN());
    found.interval = {number_or(part.at("interval").at(0), -kInfinity),
                      number_or(part.at("interval").at(1), kInfinity)};
    return fmt::format("{}  {}", text, effect_with_interval(entry, found));
  }
  return "";
}

/// A line for each run in the folder that judged the entry, the oldest first. What cannot be read
/// is no such run.
std::vector<std::string> told_by_runs(const std::string& results, const Experiment& entry) {
  std::vector<std::string> lines;
  std::error_code ignored;
  for (const auto& folder : fs::directory_iterator(results, ignored)) {
    const auto text = read_file((folder.path() / "verdicts.json").string());
    const json verdicts = text ? json::parse(*text, nullptr, false) : json();
    if (!verdicts.is_object() || verdicts.value("schema", json()) != "assay-verdicts/1") continue;
    try {
      if (const std::string told = told_of(verdicts, entry); !told.empty())
        lines.push_back(fmt::format("{}  {}", folder.path().filename().string(), told));
    } catch (const json::exception&) {
      continue;
    }
  }
  std::ranges::sort(lines);
  return lines;
}

std::string described(const Register& reg, const Experiment& entry) {
  std::string text = fmt::format("{}: {}\n", entry.id, entry.claim);
  const auto line = [&](const std::string& key, const std::string& value) {
    if (!value.empty()) text += fmt::format("  {:<11} {}\n", key, value);
  };
  line("source", entry.source);
  line("baseline", fmt::format("{}", fmt::join(entry.baselines, ", ")));
  line("candidate", entry.candidate);
  line("rule", describe(entry));
  line("predicted", entry.predicted.empty() ? "" : predictions(entry));
  for (const auto& [verdict, meaning] : entry.means) line(verdict, meaning);
  std::vector<std::string> guards;
  for (const auto& control : reg.experiments)
    if (control.is_control() && vouches_for(control, entry)) guards.push_back(control.id);
  if (!entry.is_control())
    line("controls", guards.empty() ? "none" : fmt::format("{}", fmt::join(guards, ", ")));
  line("registered", fmt::format("{}:{}", reg.path, entry.line));
  return text;
}

}  // namespace

Result<ExitCode> show_experiment(const Places& places, const std::string& id) {
  const auto reg = load_register(places.reg);
  if (!reg) return std::unexpected(reg.error());
  const auto entry = std::ranges::find(reg->experiments, id, &Experiment::id);
  if (entry == reg->experiments.end())
    return fail(ExitCode::kUsage, reg->path, fmt::format("no entry is \"{}\"", id),
                fmt::format("`assay list {}` shows what the word selects", id));
  std::string text = described(*reg, *entry);
  const auto lines = told_by_runs(places.results, *entry);
  text += lines.empty() ? fmt::format("  {:<11} none in {}; measure: assay run {}\n", "runs",
                                      places.results, id)
                        : "  runs\n";
  for (const auto& line : lines) text += fmt::format("    {}\n", line);
  if (auto printed = print_text(text); !printed) return std::unexpected(printed.error());
  return ExitCode::kDone;
}

namespace {

std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

/// The register as it stood in a commit.
Result<ParsedRegister> register_at(const Places& places, const std::string& commit) {
  const std::string name = fs::relative(places.reg, places.root).string();
  const auto text =
      output_of({"git", "-C", places.root, "show", fmt::format("{}:{}", commit, name)}, true);
  if (!text)
    return fail(ExitCode::kData, commit, fmt::format("the commit has no {}", name),
                "the run must be made from a commit that registers its experiments");
  return parse_register(name, *text);
}

}  // namespace

Result<ExitCode> verify_run(const Places& places, const std::string& run_dir) {
  const auto run = load_run(run_dir);
  if (!run) return std::unexpected(run.error());
  const json& commit = run->manifest.source["commit"];
  if (!commit.is_string())
    return fail(ExitCode::kData, run_dir, "the run was not made in a git repository",
                "commit the register, then run");
  const auto registered = register_at(places, commit.get<std::string>());
  if (!registered) return std::unexpected(registered.error());
  std::vector<std::string> problems;
  for (const auto& [id, hash] : run->manifest.entry_hashes) {
    const auto entry = std::ranges::find(registered->reg.experiments, id, &Experiment::id);
    if (entry == registered->reg.experiments.end())
      problems.push_back(fmt::format("{} was not registered when the run began", id));
    else if (entry->hash != hash)
      problems.push_back(fmt::format("{} was changed between its registration and the run", id));
  }
  // Level, looks, controls and the number of claims are the register's as a whole.
  if (problems.empty() && registered->reg.hash != run->manifest.register_hash)
    problems.emplace_back(
        "the register as a whole is not the one that was committed: its settings, "
        "its controls or the number of its claims may differ");
  const auto recorded =
      output_of({"git", "-C", places.root, "log", "--diff-filter=A", "--format=%H", "--",
                 fs::absolute(run_dir).string() + "/run.json"},
                true);
  const std::string recording = recorded ? first_line(*recorded) : "";
  if (!recording.empty() && (recording == commit.get<std::string>() ||
                             !output_of({"git", "-C", places.root, "merge-base", "--is-ancestor",
                                         commit.get<std::string>(), recording})))
    problems.push_back(
        fmt::format("the commit {} that records the run does not follow the commit {} "
                    "that it was made from",
                    recording.substr(0, 12), commit.get<std::string>().substr(0, 12)));
  for (const auto& problem : problems) fmt::print("{}\n", problem);
  if (!problems.empty())
    return fail(ExitCode::kData, run_dir,
                "not all entries were registered before they were measured",
                "register, commit, then measure again");
  fmt::print("{} entries were registered in {} before the run{}\n",
             run->manifest.entry_hashes.size(), commit.get<std::string>().substr(0, 12),
             recording.empty() ? "; the run is not recorded in a commit yet"
                               : fmt::format(", which {} records", recording.substr(0, 12)));
  if (run->manifest.source["dirty"] == true)
    fmt::print("note: the tree had uncommitted changes when the run was made\n");
  return ExitCode::kDone;
}

Result<ExitCode> archive(const std::string& run_dir) {
  const auto run = load_run(run_dir);  // never archive what cannot be read
  if (!run) return std::unexpected(run.error());
  if (auto archived = archive_run(run_dir); !archived) return std::unexpected(archived.error());
  return ExitCode::kDone;
}

namespace {

constexpr std::string_view kBlockStart = "<!-- assay:summary ";
constexpr std::string_view kStartEnd = " -->\n";
constexpr std::string_view kBlockEnd = "<!-- /assay:summary -->";

/// The verdicts of the claims that the words select (register.hpp); no word selects all.
Result<RunVerdicts> only(RunVerdicts verdicts, const Register& reg,
                         const std::vector<std::string>& words) {
  const Selection selection = select(reg, words);
  if (!selection.unknown.empty())
    return fail(ExitCode::kUsage, reg.path,
                fmt::format("nothing is selected by \"{}\"", selection.unknown.front()),
                "name ids, families or tags of the run's register");
  std::erase_if(verdicts.experiments, [&](const ExperimentVerdict& result) {
    return std::ranges::find(selection.experiments, result.experiment.id, &Experiment::id) ==
           selection.experiments.end();
  });
  return verdicts;
}

/// What stands between a block's marks: `mark` is "RUN" or "RUN word...".
Result<std::string> summary_of(const std::string& folder, const std::string& mark) {
  std::istringstream stream(mark);
  std::string run_dir, word;
  stream >> run_dir;
  std::vector<std::string> words;
  while (stream >> word) words.push_back(word);
  const auto run = load_run((fs::path(folder) / run_dir).string());
  if (!run) return std::unexpected(run.error());
  const RunVerdicts verdicts = judge(run->manifest, run->reg, run->collected);
  const auto shown = only(verdicts, run->reg, words);
  if (!shown) return std::unexpected(shown.error());
  return fmt::format("\n{}, measured on {} ([report]({}/report.md)).{}\n\n{}\n", counts(verdicts),
                     subtitle(*run), run_dir,
                     words.empty() ? "" : " Some of them:", markdown_summary(*run, *shown));
}

}  // namespace

Result<ExitCode> embed_results(const std::string& document, bool check) {
  const auto text = read_file(document);
  if (!text) return std::unexpected(text.error());
  const std::string folder = fs::absolute(document).parent_path().string();
  std::string embedded;
  std::size_t from = 0;
  for (std::size_t at = text->find(kBlockStart); at != std::string::npos;
       at = text->find(kBlockStart, from)) {
    const std::size_t name = at + kBlockStart.size();
    const std::size_t name_end = text->find(kStartEnd, name);
    const std::size_t end = text->find(kBlockEnd, name);
    if (name_end == std::string::npos || end == std::string::npos || name_end > end)
      return fail(ExitCode::kUsage, document, "a block of results is not closed",
                  fmt::format("close it with {}", kBlockEnd));
    const auto summary = summary_of(folder, text->substr(name, name_end - name));
    if (!summary) return std::unexpected(summary.error());
    embedded += text->substr(from, name_end + kStartEnd.size() - from) + *summary;
    from = end;
  }
  if (from == 0)
    return fail(ExitCode::kUsage, document, "no block of results",
                fmt::format("mark one: {}results/RUN{}{}", kBlockStart, " --> ... ", kBlockEnd));
  embedded += text->substr(from);
  if (embedded == *text) return ExitCode::kDone;
  if (check)
    return fail(ExitCode::kData, document, "its figures are not those of the runs it names",
                fmt::format("assay embed {}", document));
  if (auto written = write_file(document, embedded); !written)
    return std::unexpected(written.error());
  return ExitCode::kDone;
}

}  // namespace assay
