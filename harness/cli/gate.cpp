#include "cli/gate.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <random>
#include <regex>

#include "cli/prepare.hpp"
#include "cli/progress.hpp"
#include "gate/cases.hpp"
#include "gate/google_json.hpp"
#include "gate/instructions.hpp"
#include "gate/recorded.hpp"
#include "gate/report.hpp"
#include "gate/result.hpp"
#include "gate/rules.hpp"
#include "gate/served.hpp"
#include "gate/sides.hpp"
#include "measure/fingerprint.hpp"
#include "measure/process.hpp"
#include "record/raw_file.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

Result<GateRules> rules_of(const GateOptions& options) {
  GateRules rules;
  if (!options.rules.empty())
    if (auto read = read_rules(options.rules, rules); !read) return std::unexpected(read.error());
  if (!options.margin.empty()) {
    const auto margin = margin_from(options.margin);
    if (!margin) return std::unexpected(margin.error());
    rules.margin = *margin;
  }
  if (!options.metrics.empty()) rules.metrics = options.metrics;
  rules.alpha = options.alpha.value_or(rules.alpha);
  return rules;
}

/// Both sides as they are on disk, surveyed.
struct Sides {
  Build baseline_build;
  Build candidate_build;
  GateSide baseline;
  GateSide candidate;
};

std::chrono::milliseconds timeout_of(const GateOptions& options) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(options.slice_timeout_seconds * 1e3));
}

Result<Sides> survey(Build baseline, Build candidate, const std::vector<int>& cores,
                     std::chrono::milliseconds timeout) {
  auto before = survey_side("baseline", baseline, cores, timeout);
  if (!before) return std::unexpected(before.error());
  auto after = survey_side("candidate", candidate, cores, timeout);
  if (!after) return std::unexpected(after.error());
  return Sides{std::move(baseline), std::move(candidate), *std::move(before), *std::move(after)};
}

std::vector<std::string> all_names(const GateSide& side) {
  return {side.benchmarks.begin(), side.benchmarks.end()};
}

/// Leaves what the filter and the rules select; what a rule ignores is named in the report.
Result<Matching> select_pairs(Matching matching, const GateOptions& options, const GateRules& rules,
                              GateReport& report) {
  std::regex filter;
  try {
    filter = std::regex(options.filter);
  } catch (const std::regex_error& error) {
    return fail(ExitCode::kUsage, "--filter",
                fmt::format("\"{}\" does not compile: {}", options.filter, error.what()));
  }
  const auto is_left_out = [&](const std::string& name) {
    return !options.filter.empty() && !std::regex_search(name, filter);
  };
  for (auto& unused : unused_rules(rules, matching)) report.warnings.push_back(std::move(unused));
  const std::size_t all = matching.pairs.size(), removed = matching.removed.size(),
                    added = matching.added.size();
  std::erase_if(matching.pairs, [&](const auto& pair) { return is_left_out(pair.second); });
  for (auto* unpaired : {&matching.added, &matching.removed})
    std::erase_if(*unpaired, [&](const Unpaired& each) { return is_left_out(each.benchmark); });
  std::erase_if(matching.pairs, [&](const auto& pair) {
    const bool is_ignored = rule_for(rules, pair.second).is_ignored;
    if (is_ignored) report.ignored.push_back(pair.second);
    return is_ignored;
  });
  if (!matching.pairs.empty()) return matching;
  if (all > 0)
    return fail(ExitCode::kUsage, options.filter.empty() ? "" : "--filter",
                fmt::format("no benchmark to compare: none is left of {} on both sides", all),
                "change the filter, or what the rules ignore");
  return fail(ExitCode::kUsage, "",
              fmt::format("no benchmark to compare: the sides share none ({} only in the baseline, "
                          "{} only in the candidate)",
                          removed, added),
              "name two builds of one suite, or say in the rules what was renamed");
}

/// Builds' relinks, by the names of both sides' instruments.
std::vector<Link> relinks_of(const Sides& sides) {
  if (sides.baseline_build.folder.empty() || sides.candidate_build.folder.empty()) return {};
  const auto link_of = [](const Build& build) {
    Link link;
    for (const auto& file : build.programs) link[file.name] = file;
    return link;
  };
  const auto before = find_relinks(sides.baseline_build.folder, link_of(sides.baseline_build));
  const auto after = find_relinks(sides.candidate_build.folder, link_of(sides.candidate_build));
  std::vector<Link> relinks;
  for (std::size_t i = 0; i < std::min(before.size(), after.size()); ++i) {
    Link both;
    for (const auto& [name, file] : before[i]) both["baseline." + name] = file;
    for (const auto& [name, file] : after[i]) both["candidate." + name] = file;
    relinks.push_back(std::move(both));
  }
  return relinks;
}

std::string text_in(const nlohmann::json& value) {
  return value.is_string() ? value.get<std::string>() : value.dump();
}

GateReport start_report(const GateOptions& options, const GateRules& rules) {
  GateReport report;
  report.run_id = new_run_id();
  report.started_at = utc_now("%Y-%m-%dT%H:%M:%SZ");
  report.baseline = options.baseline;
  report.candidate = options.candidate;
  report.alpha = rules.alpha;
  report.margin = rules.margin;
  const nlohmann::json machine = machine_fingerprint();
  report.fingerprint = machine.value("fingerprint", "");
  report.machine = fmt::format("{}, {} cores", text_in(machine["cpu"]), text_in(machine["cores"]));
  return report;
}

Result<void> make_folder(const std::string& dir) {
  std::error_code error;
  if (fs::exists(dir + "/gate.json", error))
    return fail(ExitCode::kUsage, dir, "there is a gate's run in this folder already",
                "name another with --output");
  fs::create_directories(dir + "/raw", error);
  if (!error) return {};
  return fail(ExitCode::kOutput, dir, fmt::format("cannot create the folder: {}", error.message()),
              "choose a folder you may write to with --output DIR");
}

/// Pairs of which both sides serve, or the others.
std::vector<std::pair<std::string, std::string>> pairs_of(const Matching& matching,
                                                          const Sides& sides, bool are_served) {
  auto pairs = matching.pairs;
  std::erase_if(pairs, [&](const auto& pair) {
    const bool both = sides.baseline.served.instrument_of.contains(pair.first) &&
                      sides.candidate.served.instrument_of.contains(pair.second);
    return both != are_served;
  });
  return pairs;
}

Result<void> measure(const Sides& sides, const Matching& matching, const GateOptions& options,
                     const GateRules& rules, const std::vector<int>& cores, GateReport& report) {
  std::random_device random;
  Progress progress;
  GateTask task{
      report.folder, report.run_id, report.started_at, sides.baseline, sides.candidate, rules, {}};
  task.cores = cores;
  task.budget_seconds = options.budget_seconds;
  task.seed = options.seed.value_or((std::uint64_t{random()} << 32U) | std::uint64_t{random()});
  task.timeout = timeout_of(options);
  task.rounds_a_relink = options.rounds_a_relink;
  task.is_fail_fast = options.is_fail_fast;
  task.on_round = [&](std::uint32_t rounds, std::size_t open, std::size_t all, double left) {
    if (progress.is_due()) progress.show(rounds, open, all, left, {});
  };
  Result<void> done;
  const bool counts_only = options.instructions == "only";
  const auto others = pairs_of(matching, sides, false);
  task.pairs = pairs_of(matching, sides, true);
  task.is_part = !task.pairs.empty() && !others.empty();
  task.other_intervals = intervals_asked(others, rules);
  if (task.budget_seconds)
    *task.budget_seconds *=
        static_cast<double>(task.pairs.size()) / static_cast<double>(matching.pairs.size());
  const std::size_t served_intervals = intervals_asked(task.pairs, rules);
  if (!task.pairs.empty() && !counts_only) {
    task.relinks = relinks_of(sides);
    done = gate_served(task, report);
  }
  task.pairs = others;
  task.other_intervals = served_intervals;
  if (options.budget_seconds)
    task.budget_seconds = *options.budget_seconds - report.elapsed_seconds;
  const bool has_failed_fast =
      options.is_fail_fast && std::ranges::any_of(report.results, is_regression);
  if (report.was_interrupted || has_failed_fast) {
    for (const auto& [baseline, candidate] : task.pairs)
      add_unanswered(
          report, candidate, rule_for(rules, candidate), GateVerdict::kNotRun,
          report.was_interrupted ? kInterruptedBefore : "a regression had ended the measuring");
    task.pairs.clear();
  }
  if (done && !task.pairs.empty() && !counts_only) {
    task.dir = report.folder + "/processes";
    if (auto made = make_folder(task.dir); !made) return made;
    done = gate_processes(task, report);
    if (done && !report.was_interrupted) done = check_metrics(matching.pairs, rules, report);
  }
  progress.finish();
  if (!done || options.instructions == "no") return done;
  done = gate_instructions(sides.baseline, sides.candidate, rules, matching.pairs, task.timeout,
                           report);
  note_instructions(report);
  return done;
}

Result<void> write_where_asked(const GateReport& report, const GateOptions& options) {
  const std::string json = json_text(report, options.is_strict);
  if (auto written = write_file(report.folder + "/gate.json", json); !written) return written;
  if (!options.json.empty())
    if (auto written = write_file(options.json, json); !written) return written;
  if (!options.markdown.empty())
    if (auto written = write_file(options.markdown, markdown_of(report, options.is_strict));
        !written)
      return written;
  if (!options.junit.empty())
    if (auto written = write_file(options.junit, junit_of(report, options.is_strict)); !written)
      return written;
  return {};
}

bool is_github() {
  const char* const actions = std::getenv("GITHUB_ACTIONS");
  return actions != nullptr && std::string_view(actions) == "true";
}

/// Shows the answer; the last line tells where the data lie.
Result<ExitCode> conclude(const GateReport& report, const GateOptions& options) {
  const auto written = write_where_asked(report, options);
  fmt::print("{}", terminal_table(report, options.shows_all, coloured));
  fmt::print("{}\n", headline(report, options.is_strict));
  fmt::print("{}/gate.json\n", report.folder);
  if (is_github()) fmt::print("{}", annotations_of(report));
  std::fflush(stdout);
  if (!written) return std::unexpected(written.error());
  return exit_code_of(report, options.is_strict);
}

std::string folder_of(const Places& places, const GateOptions& options, const GateReport& report) {
  return options.output.empty() ? places.results + "/gate-" + report.run_id : options.output;
}

bool has_measured(const GateReport& report) {
  return std::ranges::any_of(report.results,
                             [](const GateResult& result) { return result.rounds > 0; });
}

/// What is wrong with executables as a whole.
void note_executables(const GateSide& side, GateReport& report) {
  for (const auto& skipped : side.skipped) report.warnings.push_back("skipped: " + skipped);
  for (const auto& failed : side.failed) report.failures.push_back(failed);
}

/// The candidate's build against a recorded run.
Result<ExitCode> gate_by_record(const Places& places, const GateOptions& options,
                                const GateRules& rules, const std::vector<int>& cores) {
  GateReport report = start_report(options, rules);
  report.baseline = options.recorded;
  const auto recorded = recorded_benchmarks(options.recorded, report.fingerprint);
  if (!recorded) return std::unexpected(recorded.error());
  const auto build = find_build(options.candidate);
  if (!build) return std::unexpected(build.error());
  const auto side = survey_side("candidate", *build, cores, timeout_of(options));
  if (!side) return std::unexpected(side.error());
  note_executables(*side, report);
  auto matching = select_pairs(match_names(*recorded, side->served.benchmarks, rules.renamed),
                               options, rules, report);
  if (!matching) return std::unexpected(matching.error());
  report.added = matching->added;
  report.removed = matching->removed;
  report.folder = folder_of(places, options, report);
  if (auto made = make_folder(report.folder); !made) return std::unexpected(made.error());
  const GateSide none;
  GateTask task{report.folder, report.run_id, report.started_at, none,
                *side,         rules,         matching->pairs};
  task.cores = cores;
  task.budget_seconds = options.budget_seconds;
  task.seed = options.seed.value_or(std::random_device{}());
  task.timeout = timeout_of(options);
  const auto measured = gate_recorded(task, options.recorded, report);
  warn_of_theft(report);
  if (!measured && !has_measured(report)) return std::unexpected(measured.error());
  auto code = conclude(report, options);
  if (!measured) return std::unexpected(measured.error());
  return code;
}

/// What is not on disk is a git reference.
Result<Build> find_or_build(const std::string& named, const ReferenceOptions& options) {
  if (is_on_disk(named)) return find_build(named);
  const auto commit = commit_of(named, options);
  if (!commit) return std::unexpected(commit.error());
  fmt::print(stderr, "building {} ({:.12})\n", named, *commit);
  const auto folder = build_reference(*commit, options);
  if (!folder) return std::unexpected(folder.error());
  auto build = find_build(*folder);
  if (build) build->label = fmt::format("{} ({:.12})", named, *commit);
  return build;
}

Result<ExitCode> gate_recorded_files(const Places& places, const GateOptions& options,
                                     const GateRules& rules, const Build& baseline,
                                     const Build& candidate) {
  GateReport report = start_report(options, rules);
  if (auto compared = gate_files(
          baseline.files, candidate.files, rules,
          [&](Matching matching) {
            return select_pairs(std::move(matching), options, rules, report);
          },
          report);
      !compared)
    return std::unexpected(compared.error());
  report.folder = folder_of(places, options, report);
  if (auto made = make_folder(report.folder); !made) return std::unexpected(made.error());
  return conclude(report, options);
}

}  // namespace

Result<ExitCode> gate_builds(const Places& places, const GateOptions& options) {
  catch_interrupts();
  const auto rules = rules_of(options);
  if (!rules) return std::unexpected(rules.error());
  const auto cores = cores_for(options.cores);
  if (!cores) return std::unexpected(cores.error());
  if (!options.recorded.empty() && options.instructions != "no")
    return fail(ExitCode::kUsage, "--instructions",
                "a recorded run holds no counts of instructions",
                "name a build with --baseline, or leave --instructions out");
  if (!options.recorded.empty()) return gate_by_record(places, options, *rules, *cores);
  auto baseline = find_or_build(options.baseline, options.reference);
  if (!baseline) return std::unexpected(baseline.error());
  auto candidate = find_or_build(options.candidate, options.reference);
  if (!candidate) return std::unexpected(candidate.error());
  if (baseline->files.empty() != candidate->files.empty())
    return fail(ExitCode::kUsage, "", "one side names JSON files, and the other does not",
                "name two builds, or files of both sides");
  if (!baseline->files.empty())
    return gate_recorded_files(places, options, *rules, *baseline, *candidate);
  const auto sides =
      survey(*std::move(baseline), *std::move(candidate), *cores, timeout_of(options));
  if (!sides) return std::unexpected(sides.error());
  GateReport report = start_report(options, *rules);
  report.baseline = sides->baseline_build.label;
  report.candidate = sides->candidate_build.label;
  for (const GateSide* side : {&sides->baseline, &sides->candidate})
    note_executables(*side, report);
  auto matching = select_pairs(
      match_names(all_names(sides->baseline), all_names(sides->candidate), rules->renamed), options,
      *rules, report);
  if (!matching) return std::unexpected(matching.error());
  report.added = matching->added;
  report.removed = matching->removed;
  report.folder = folder_of(places, options, report);
  if (auto made = make_folder(report.folder); !made) return std::unexpected(made.error());
  const auto measured = measure(*sides, *matching, options, *rules, *cores, report);
  warn_of_theft(report);
  if (!measured && !has_measured(report)) return std::unexpected(measured.error());
  auto code = conclude(report, options);
  if (!measured) return std::unexpected(measured.error());
  return code;
}

}  // namespace assay
