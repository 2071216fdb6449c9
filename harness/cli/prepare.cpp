#include "cli/prepare.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <limits>
#include <random>
#include <ranges>
#include <set>

#include "measure/collect.hpp"
#include "measure/disturbance.hpp"
#include "measure/fingerprint.hpp"
#include "measure/machine_code.hpp"
#include "measure/process.hpp"
#include "measure/survey.hpp"
#include "measure/temporary_folder.hpp"
#include "record/ledger.hpp"
#include "record/raw_file.hpp"
#include "register/parse.hpp"
#include "statistics/statistics.hpp"
#include "verdict/calibration.hpp"
#include "verdict/judge.hpp"

namespace assay {

std::chrono::milliseconds timeout_of(const RunOptions& options) {
  return std::chrono::milliseconds(static_cast<std::int64_t>(options.slice_timeout_seconds * 1e3));
}

std::string utc_now(const char* format) {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, format, &parts);
  return text;
}

std::string new_run_id() {
  std::random_device random;
  return fmt::format("{}-{:04x}", utc_now("%Y%m%dT%H%M%SZ"), random() & 0xffffU);
}

Result<std::vector<int>> cores_for(const std::vector<int>& named) {
  const std::vector<int> allowed = allowed_cores();
  for (const int core : named)
    if (std::ranges::count(allowed, core) == 0)
      return fail(ExitCode::kUsage, "--core", fmt::format("CPU {} is not available", core),
                  fmt::format("the CPUs here are {}", fmt::join(allowed, ", ")));
  if (!named.empty()) return named;
  // The last: interrupts and housekeeping tend to the first.
  return allowed.empty() ? std::vector<int>{} : std::vector<int>{allowed.back()};
}

namespace {

std::string joined(const std::vector<Error>& errors) {
  std::string lines;
  for (const auto& error : errors) lines += (lines.empty() ? "" : "\n") + error.message();
  return lines;
}

Result<std::vector<Experiment>> select_entries(const Register& reg, const RunOptions& options) {
  Selection selection = select(reg, options.selected);
  if (!selection.unknown.empty())
    return fail(ExitCode::kUsage, reg.path,
                fmt::format("no id, family or tag is \"{}\"", selection.unknown.front()),
                "`assay list` shows them");
  return std::move(selection.experiments);
}

/// The CPUs of each instrument, by name.
using CoresOf = std::map<std::string, std::vector<int>>;

/// Entries that ask for a metric that a benchmark does not report, or for more threads than CPUs.
std::vector<Error> check_records(const Register& reg, const std::vector<Experiment>& experiments,
                                 const Costs& costs, const Survey& survey, const CoresOf& cores) {
  std::vector<Error> errors;
  for (const auto& entry : experiments)
    for (const auto& name : benchmarks_of(entry)) {
      const std::string where = fmt::format("{}:{}: {}", reg.path, entry.line, entry.id);
      const auto metrics = costs.metrics.find(name);
      if (metrics == costs.metrics.end()) continue;  // it failed, and is reported for that
      if (std::ranges::count(metrics->second, entry.metric) == 0)
        errors.push_back({ExitCode::kUsage, where,
                          fmt::format("\"{}\" reports no metric \"{}\"", name, entry.metric),
                          fmt::format("it reports {}", fmt::join(metrics->second, ", "))});
      const std::size_t cpus = cores.at(survey.instrument_of.at(name)).size();
      if (costs.threads.at(name) > cpus)
        errors.push_back({ExitCode::kUsage, where,
                          fmt::format("\"{}\" runs {} threads, and its instrument is pinned to "
                                      "{} CPU{}",
                                      name, costs.threads.at(name), cpus, cpus == 1 ? "" : "s"),
                          "name as many, as in --core 0,1"});
    }
  return errors;
}

Manifest make_manifest(const Places& places, const Register& reg, const RunOptions& options,
                       const std::vector<Experiment>& experiments, const Survey& survey,
                       const std::vector<int>& cores, const CoresOf& cores_of) {
  std::random_device random;
  Manifest manifest;
  manifest.run_id = new_run_id();
  manifest.started_at = utc_now("%Y-%m-%dT%H:%M:%SZ");
  manifest.selected = options.selected;
  for (const auto& entry : experiments) manifest.entry_hashes[entry.id] = entry.hash;
  manifest.register_hash = reg.hash;
  manifest.settings_hash = reg.settings.hash;
  manifest.claims_counted = count_comparisons(reg, false);
  manifest.controls_counted = count_comparisons(reg, true);
  manifest.cores = cores;
  manifest.has_cores_alone = true;
  manifest.machine = machine_fingerprint();
  manifest.source = source_state(places.root);
  manifest.instruments = survey.instruments;
  for (const auto& [instrument, own] : cores_of) {
    manifest.instruments[instrument]["cores"] = own;
    manifest.has_cores_alone = claim_cores(own) && manifest.has_cores_alone;
  }
  manifest.plan.seed =
      options.seed.value_or((std::uint64_t{random()} << 32U) | std::uint64_t{random()});
  return manifest;
}

std::set<std::string> needed_benchmarks(const std::vector<Experiment>& experiments) {
  std::set<std::string> names;
  for (const auto& entry : experiments)
    if (entry.is_measured() ||
        !entry.witnesses.empty())  // whether it is there at all, of the latter
      for (const auto& name : benchmarks_of(entry)) names.insert(name);
  return names;
}

/// The ledger of the runs' folder; nothing where there is none yet.
Result<std::vector<EarlierRun>> earlier_runs_in(const Places& places, const Manifest& manifest) {
  const std::string path = ledger_path(places);
  if (!std::filesystem::exists(path)) return {};
  const auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  return earlier_runs(*text, path, manifest);
}

Link by_name(const std::vector<InstrumentFile>& files) {
  Link link;
  for (const auto& file : files) link[file.name] = file;
  return link;
}

/// Disassembles the functions that entries ask about, each once an instrument.
class Disassembler {
 public:
  Disassembler(const Register& reg, const Survey& survey, const Link& instruments)
      : reg_(reg), survey_(survey), instruments_(instruments) {}

  /// Of a benchmark that is not run here (built without what it needs), nothing is asked.
  void look_at(const Experiment& entry, const Witness& witness,
               const std::vector<Failure>& failures) {
    const std::string& benchmark = entry.benchmark_of(witness);
    const std::string& served =
        entry.sizes.empty() ? benchmark : at_size(benchmark, entry.sizes.front());
    if (std::ranges::any_of(failures, [&](const Failure& failure) {
          return failure.benchmark == served && failure.kind == FailureKind::kNotRun;
        }))
      return;
    const std::string& instrument = survey_.instrument_of.at(served);
    const auto known = std::ranges::find_if(codes_, [&](const FunctionCode& code) {
      return code.function == witness.function && code.instrument == instrument;
    });
    if (known != codes_.end()) {
      if (std::ranges::count(known->benchmarks, benchmark) == 0)
        known->benchmarks.push_back(benchmark);
      return;
    }
    auto code = disassembled(witness.function, instrument);
    if (code) {
      code->benchmarks.push_back(benchmark);
      codes_.push_back(*std::move(code));
      return;
    }
    Error error = code.error();
    if (error.where.empty())
      error.what = fmt::format("in the instrument {} {}", instrument, error.what);
    error.where = fmt::format("{}:{}: {}", reg_.path, witness.line, entry.id);
    errors_.push_back(std::move(error));
  }

  const std::vector<Error>& errors() const { return errors_; }
  std::vector<FunctionCode> take() { return std::move(codes_); }

 private:
  Result<FunctionCode> disassembled(const std::string& function, const std::string& instrument) {
    const std::string& path = instruments_.at(instrument).path;
    auto known = functions_.find(instrument);
    if (known == functions_.end()) {
      auto functions = functions_of(path);
      if (!functions) return std::unexpected(functions.error());
      known = functions_.emplace(instrument, *std::move(functions)).first;
    }
    const auto symbol = find_function(known->second, function);
    if (!symbol) return std::unexpected(symbol.error());
    auto listing = disassemble(path, *symbol);
    if (!listing) return std::unexpected(listing.error());
    return FunctionCode{function, instrument, symbol->symbol, {}, *std::move(listing)};
  }

  const Register& reg_;
  const Survey& survey_;
  const Link& instruments_;
  std::map<std::string, std::vector<FunctionSymbol>> functions_;  ///< by instrument
  std::vector<FunctionCode> codes_;
  std::vector<Error> errors_;
};

/// The machine code that the entries ask about; where nothing can disassemble it, why.
Result<void> look_at_machine_code(const std::vector<Experiment>& experiments, const Survey& survey,
                                  Prepared& prepared) {
  if (std::ranges::all_of(experiments, &std::vector<Witness>::empty, &Experiment::witnesses))
    return {};
  if (const auto there = require_binutils(); !there) {
    prepared.no_machine_code = there.error().message();
    fmt::print(stderr, "machine code cannot be looked at: {}\n", prepared.no_machine_code);
    return {};
  }
  Disassembler disassembler(prepared.reg, survey, prepared.instruments);
  for (const auto& entry : experiments)
    for (const auto& witness : entry.witnesses)
      disassembler.look_at(entry, witness, prepared.failures);
  if (!disassembler.errors().empty())
    return fail(ExitCode::kUsage, "", joined(disassembler.errors()));
  prepared.machine_code = disassembler.take();
  return {};
}

/// The relinks' hashes beside the instrument's own.
Result<void> record_relinks(const std::vector<Link>& relinks, Manifest& manifest) {
  for (const auto& link : relinks)
    for (const auto& [name, file] : link) {
      const auto hash = hash_of_file(file.path);
      if (!hash) return std::unexpected(hash.error());
      manifest.instruments[name]["relinks_sha256"].push_back(*hash);
    }
  return {};
}

}  // namespace

Result<Link> find_link(const std::string& folder) {
  const auto files = find_instruments(folder);
  if (!files) return std::unexpected(files.error());
  return by_name(*files);
}

std::vector<Link> find_relinks(const std::string& folder, const Link& ordinary) {
  std::vector<Link> relinks;
  for (int k = 1;; ++k) {
    Link relink;
    for (const auto& [name, file] : ordinary) {
      const std::string path = fmt::format("{}/../layouts/{}/{}", folder, k, name);
      std::error_code error;
      const auto linked = std::filesystem::last_write_time(path, error);
      // An older one is of other objects: the instrument was built again without it.
      if (error || linked < std::filesystem::last_write_time(file.path, error)) return relinks;
      relink[name] = {name, path};
    }
    relinks.push_back(std::move(relink));
  }
}

namespace {

const Experiment& entry_named(const Prepared& prepared, const std::string& id) {
  return *std::ranges::find(prepared.reg.experiments, id, &Experiment::id);
}

const Experiment& entry_of(const Prepared& prepared, const Comparison& comparison) {
  return entry_named(prepared, comparison.experiment);
}

/// True if the plan has comparisons, controls or others, whose intervals must be bounded.
bool has_estimates(const Prepared& prepared, bool is_control) {
  return std::ranges::any_of(prepared.manifest.plan.comparisons, [&](const auto& comparison) {
    return comparison.is_control == is_control && entry_of(prepared, comparison).is_estimated();
  });
}

/// The rounds from which on all intervals of the plan are bounded.
std::uint32_t rounds_needed(const Prepared& prepared) {
  std::uint32_t needed = 0;
  for (const bool control : {false, true})
    if (has_estimates(prepared, control))
      needed = std::max(
          needed,
          rounds_to_decide(look_plan(prepared.manifest, prepared.reg.settings, control, 0).alpha));
  return needed;
}

constexpr double kLeastBudgetSeconds = 110;

/// Enough for half as many rounds again as the intervals need, in whole seconds: rounds may take
/// longer than planned, and what is barely bounded is wide.
double budget_for(const Prepared& prepared) {
  return std::max(kLeastBudgetSeconds,
                  std::ceil(1.5 * rounds_needed(prepared) * prepared.seconds_a_round));
}

}  // namespace

Result<Prepared> prepare_run(const Places& places, const RunOptions& options) {
  const auto found = find_instruments(places.instruments);
  if (!found) return std::unexpected(found.error());
  auto reg = load_register(places.reg);
  if (!reg) return std::unexpected(reg.error());
  const auto cores = cores_for(options.cores);
  if (!cores) return std::unexpected(cores.error());
  const auto survey = survey_instruments(*found, *cores, timeout_of(options));
  if (!survey) return std::unexpected(survey.error());
  for (const auto& skipped : survey->skipped) fmt::print(stderr, "skipped: {}\n", skipped);
  if (const auto errors = check_names(*reg, reg->experiments, survey->benchmarks); !errors.empty())
    return fail(ExitCode::kUsage, "", joined(errors));
  const auto experiments = select_entries(*reg, options);
  if (!experiments) return std::unexpected(experiments.error());
  const auto needed = needed_benchmarks(*experiments);
  // Who names CPUs gets these and no others.
  const CoresOf cores_of = cores_by_instrument(
      *survey, needed, *cores, options.cores.empty() ? allowed_cores() : std::vector<int>());
  auto costs = survey_costs(*survey, needed, cores_of, timeout_of(options));
  if (!costs) return std::unexpected(costs.error());
  if (const auto errors = check_records(*reg, *experiments, *costs, *survey, cores_of);
      !errors.empty())
    return fail(ExitCode::kUsage, "", joined(errors));

  Manifest manifest = make_manifest(places, *reg, options, *experiments, *survey, *cores, cores_of);
  manifest.plan = make_plan(*experiments, costs->of, manifest.plan.seed);
  manifest.work = std::move(costs->work);
  auto earlier = earlier_runs_in(places, manifest);
  if (!earlier) return std::unexpected(earlier.error());
  manifest.earlier = *std::move(earlier);
  const auto trials = recorded_trials(places);
  if (!trials) return std::unexpected(trials.error());
  const std::string fingerprint = manifest.machine.value("fingerprint", "");
  manifest.calibration = summarise(*trials, fingerprint, "");
  for (const auto& name : disturbance_names())
    if (auto summary = summarise(*trials, fingerprint, name))
      manifest.disturbed[name] = *std::move(summary);
  const double seconds_a_round =
      costs->start_seconds +
      expected_seconds(manifest.plan, std::vector<bool>(manifest.plan.units.size(), true));
  Link instruments = by_name(survey->files);
  std::vector<Link> relinks = find_relinks(places.instruments, instruments);
  if (auto hashed = record_relinks(relinks, manifest); !hashed)
    return std::unexpected(hashed.error());
  Prepared prepared{*std::move(reg),     std::move(instruments),     std::move(relinks),
                    std::move(manifest), std::move(costs->failures), seconds_a_round};
  if (auto looked = look_at_machine_code(*experiments, *survey, prepared); !looked)
    return std::unexpected(looked.error());
  prepared.manifest.budget_seconds = options.budget_seconds.value_or(budget_for(prepared));
  return prepared;
}

Result<void> check_attainable(const Prepared& prepared) {
  const double seconds = prepared.manifest.budget_seconds;
  const std::uint32_t needed = rounds_needed(prepared);
  const double rounds = seconds / prepared.seconds_a_round;
  if (rounds >= needed) return {};
  return fail(ExitCode::kUsage, "--budget",
              fmt::format("{:.0f} s give about {:.0f} rounds of {:.2f} s; an interval at this "
                          "register's level needs {} rounds to be bounded at all",
                          seconds, rounds, prepared.seconds_a_round, needed),
              fmt::format("give at least {:.0f} s, or none; or select fewer experiments",
                          budget_for(prepared)));
}

namespace {

constexpr std::uint32_t kPilotRounds = 8;
constexpr std::uint32_t kLeastPilotRounds = 4;  ///< fewer tell no spread
constexpr double kPilotShareOfBudget = 0.1;     ///< that the rounds beyond these may take

Result<Collected> pilot_rounds(const Prepared& prepared, const RunOptions& options) {
  const TemporaryFolder folder;
  std::filesystem::create_directory(folder.path("raw"));
  Manifest manifest = prepared.manifest;
  const double most_seconds = kPilotShareOfBudget * manifest.budget_seconds;
  manifest.budget_seconds = std::numeric_limits<double>::infinity();
  CollectOptions collecting;
  collecting.run_dir = folder.path();
  collecting.slice_timeout = timeout_of(options);
  collecting.looks = {kLeastPilotRounds, kPilotRounds};
  collecting.metrics = metrics_of(manifest.plan, prepared.reg);
  collecting.open_comparisons = [&](const Collected& now) {
    const Events& events = now.events;
    const bool goes_on =
        events.rounds_started < kLeastPilotRounds ||
        (events.rounds_started < kPilotRounds && events.elapsed_seconds < most_seconds);
    return std::vector<bool>(manifest.plan.comparisons.size(), goes_on);
  };
  collecting.on_round = [](const Collected&, const std::vector<bool>&, double) {};
  Collected collected;
  collected.events.failures = prepared.failures;
  if (auto done = collect(manifest, prepared.instruments, collecting, collected); !done)
    return std::unexpected(done.error());
  if (was_interrupted()) return fail(ExitCode::kInterrupted, "", "interrupted before measuring");
  return collected;
}

}  // namespace

bool has_only_margin_claims(const Prepared& prepared) {
  auto claims =
      prepared.manifest.plan.comparisons |
      std::views::filter([](const Comparison& comparison) { return !comparison.is_control; });
  const bool has_witness = std::ranges::any_of(
      prepared.manifest.entry_hashes,
      [&](const auto& entry) { return !entry_named(prepared, entry.first).is_measured(); });
  return !has_witness && !claims.empty() && std::ranges::all_of(claims, [&](const auto& claim) {
    return margin_of(entry_of(prepared, claim)).has_value();
  });
}

Result<std::vector<Demand>> pilot(const Prepared& prepared, const RunOptions& options) {
  const auto collected = pilot_rounds(prepared, options);
  if (!collected) return std::unexpected(collected.error());
  const Manifest& manifest = prepared.manifest;
  std::vector<Demand> demands;
  for (std::size_t i = 0; i < manifest.plan.comparisons.size(); ++i) {
    const Comparison& comparison = manifest.plan.comparisons[i];
    const Experiment& entry = entry_of(prepared, comparison);
    const auto margin = margin_of(entry);
    if (!margin) continue;
    const LookPlan looks = look_plan(manifest, prepared.reg.settings, comparison.is_control, 0);
    const Estimate found = estimate(entry, comparison, manifest.plan, collected->slices, looks);
    if (found.rounds.size() < kLeastPilotRounds) continue;
    demands.push_back(
        {i, rounds_for_margin(robust_sd(on_scale_of_margin(entry, found)), *margin, looks.alpha)});
  }
  return demands;
}

Result<void> check_demands(const Prepared& prepared, const std::vector<Demand>& demands,
                           bool goes_on) {
  // So few pilot rounds tell the spread to within a factor of two, and the rounds to four.
  constexpr double kHopeless = 4;
  const Manifest& manifest = prepared.manifest;
  const double available = manifest.budget_seconds / prepared.seconds_a_round;
  std::vector<std::string> hopeless;
  for (const auto& demand : demands) {
    const Comparison& comparison = manifest.plan.comparisons[demand.comparison];
    if (comparison.is_control || demand.rounds <= kHopeless * available) continue;
    hopeless.push_back(
        fmt::format("{} needs about {:.0f} rounds to come within its margin, by the "
                    "noise of now, and the budget has {:.0f}",
                    comparison.experiment, demand.rounds, available));
  }
  const auto claims = std::ranges::count(manifest.plan.comparisons, false, &Comparison::is_control);
  if (!goes_on && has_only_margin_claims(prepared) && std::cmp_equal(hopeless.size(), claims))
    return fail(
        ExitCode::kUsage, "--budget", fmt::format("{}", fmt::join(hopeless, "; ")),
        "give more time, select fewer experiments, wait for a quieter hour, or measure with "
        "--anyway, as what cannot be accepted may still be refuted");
  for (const auto& line : hopeless) fmt::print(stderr, "hardly decidable: {}\n", line);
  return {};
}

void print_plan(const Prepared& prepared, const std::vector<Demand>& demands) {
  const auto& [reg, instruments, relinks, manifest, failures, seconds_a_round, machine_code,
               no_machine_code] = prepared;
  for (const auto& comparison : manifest.plan.comparisons) {
    fmt::print("{}: {}{}{}\n", comparison.experiment, comparison.baseline,
               comparison.baseline.empty() ? "" : " against ", comparison.candidate);
    for (const auto unit : comparison.units)
      for (const auto& arm : manifest.plan.units[unit].arms)
        fmt::print("    {} x {} ({})\n", arm.iterations, arm.benchmark, arm.instrument);
  }
  for (const auto& entry : reg.experiments) {
    if (!manifest.entry_hashes.contains(entry.id)) continue;
    for (const auto& witness : entry.witnesses)
      fmt::print("{}: the machine code of {} ({})\n", entry.id, witness.function,
                 no_machine_code.empty() ? name_of(witness.side) : "cannot be looked at");
  }
  if (manifest.plan.comparisons.empty()) return;
  const double rounds = manifest.budget_seconds / seconds_a_round;
  fmt::print(
      "{} comparisons, {} blocks of each a round (fewer of slow ones), about {:.2f} s a round: "
      "about {:.0f} "
      "rounds in {:.0f} s\n",
      manifest.plan.comparisons.size(), manifest.plan.blocks, seconds_a_round, rounds,
      manifest.budget_seconds);
  if (!has_estimates(prepared, false) && !has_estimates(prepared, true)) return;
  for (const bool control : {false, true}) {
    const double alpha = look_plan(manifest, reg.settings, control, 0).alpha;
    const auto needed = rounds_to_decide(alpha);
    fmt::print("{}: alpha {:.2e} a look; bounded from {} rounds on: {}\n",
               control ? "controls" : "claims", alpha, needed,
               rounds >= needed ? "can decide" : "cannot decide");
  }
  for (const auto& demand : demands)
    fmt::print("{}: about {:.0f} rounds to come within its margin, by the noise of now: {}\n",
               manifest.plan.comparisons[demand.comparison].experiment, demand.rounds,
               rounds >= demand.rounds ? "likely" : "unlikely in this budget");
}

}  // namespace assay
