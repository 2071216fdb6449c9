#include "gate/served.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <set>

#include "gate/cases.hpp"
#include "gate/judge.hpp"
#include "measure/fingerprint.hpp"
#include "measure/process.hpp"
#include "measure/step_aside.hpp"
#include "record/raw_file.hpp"
#include "record/run.hpp"
#include "verdict/judge.hpp"

namespace assay {

using nlohmann::json;

namespace {

constexpr double kLeastBudgetSeconds = 240;

/// The name of a benchmark on one side, for a plan that tells the sides apart.
std::string sided(const std::string& side, const std::string& benchmark) {
  return side + ":" + benchmark;
}

/// "null-a.suite" of "baseline.suite".
std::string null_name(const char* null, const std::string& instrument) {
  return null + instrument.substr(instrument.find('.'));
}

std::string not_run_reason(const Failure& failure, const char* side) {
  return fmt::format("{}: {}: {}", side, name_of(failure.kind), failure.what);
}

class ServedGate {
 public:
  ServedGate(const GateTask& task, GateReport& report) : task_(task), report_(report) {}

  Result<void> run() {
    if (auto priced = find_costs(); !priced) return priced;
    choose_cases();
    if (!task_.is_part)
      if (auto checked = check_metrics(task_.pairs, task_.rules, report_); !checked) return checked;
    if (cases_.empty()) return {};
    add_controls();
    if (auto planned = plan(); !planned) return planned;
    if (auto measured = measure({}, {}); !measured) return measured;
    if (auto judged = judge(); !judged) return judged;
    return measure_relinks();
  }

 private:
  // --- before measuring ---

  Result<void> find_costs() {
    std::set<std::string> before, after;
    for (const auto& [baseline, candidate] : task_.pairs) {
      before.insert(baseline);
      after.insert(candidate);
    }
    auto of_baseline = costs_of(task_.baseline, before);
    if (!of_baseline) return std::unexpected(of_baseline.error());
    auto of_candidate = costs_of(task_.candidate, after);
    if (!of_candidate) return std::unexpected(of_candidate.error());
    costs_[0] = *std::move(of_baseline);
    costs_[1] = *std::move(of_candidate);
    return {};
  }

  Result<Costs> costs_of(const GateSide& side, const std::set<std::string>& benchmarks) {
    const auto cores = cores_by_instrument(side.served, benchmarks, task_.cores, allowed_cores());
    for (const auto& [instrument, own] : cores) cores_of_[instrument] = own;
    return survey_costs(side.served, benchmarks, cores, task_.timeout);
  }

  const Failure* failure_of(std::size_t side, const std::string& benchmark) const {
    const auto& failures = costs_.at(side).failures;
    const auto found = std::ranges::find(failures, benchmark, &Failure::benchmark);
    return found == failures.end() ? nullptr : &*found;
  }

  /// What cannot be run is answered at once.
  void choose_cases() {
    for (const auto& [baseline, candidate] : task_.pairs) {
      const BenchmarkRule rule = rule_for(task_.rules, candidate);
      const Failure* const before = failure_of(0, baseline);
      const Failure* const after = failure_of(1, candidate);
      if (before == nullptr && after == nullptr) {
        add_case({baseline, candidate, rule});
        continue;
      }
      const bool is_out_of_reach = before != nullptr && after != nullptr &&
                                   before->kind == FailureKind::kNotRun &&
                                   after->kind == FailureKind::kNotRun;
      std::string why;
      if (before != nullptr) why = not_run_reason(*before, "baseline");
      if (after != nullptr) why += (why.empty() ? "" : "; ") + not_run_reason(*after, "candidate");
      for (const Failure* failure : {before, after})
        if (failure != nullptr && failure->kind != FailureKind::kNotRun)
          report_.has_failures = true;
      report_.reported.insert(rule.metrics.begin(), rule.metrics.end());
      add_unanswered(report_, candidate, rule,
                     is_out_of_reach ? GateVerdict::kNotRun : GateVerdict::kInvalid,
                     is_out_of_reach ? after->what : why);
    }
  }

  Reports metrics_of(std::size_t side, const std::string& benchmark) const {
    return [&metrics = costs_.at(side).metrics.at(benchmark)](const std::string& metric) {
      return std::ranges::count(metrics, metric) > 0;
    };
  }

  void add_case(AskedCase wanted) {
    if (keep_common_metrics(wanted, metrics_of(0, wanted.baseline), metrics_of(1, wanted.candidate),
                            report_))
      cases_.push_back(std::move(wanted));
  }

  const Cost& cost_of(std::size_t side, const std::string& benchmark) const {
    const auto& of = costs_.at(side).of;
    return std::ranges::find(of, benchmark, &std::pair<std::string, Cost>::first)->second;
  }

  void add_controls() {
    std::vector<Timed> timed;
    for (const auto& each : cases_) {
      const Cost& cost = cost_of(0, each.baseline);
      if (asks_for_time(each) && metrics_of(0, each.baseline)("real_time"))
        timed.push_back({each.baseline, cost.instrument, cost.ns_per_iteration, each.rule});
    }
    add_null_controls(std::move(timed), cases_);
  }

  // --- the plan ---

  std::size_t intervals(bool controls) const {
    std::size_t count = 0;
    for (const auto& each : cases_)
      if (each.is_control == controls) count += each.rule.metrics.size();
    return count;
  }

  Result<void> plan() {
    std::vector<Experiment> entries;
    std::vector<std::pair<std::string, Cost>> costs;
    for (const auto& each : cases_) {
      Experiment entry =
          gate_entry(each.candidate, each.rule.metrics.front(), each.rule.margin, false);
      const auto& sides = each.is_control ? kNulls : kSides;
      entry.baselines = {sided(sides[0], each.baseline)};
      entry.candidate = sided(sides[1], each.candidate);
      Cost before = cost_of(0, each.baseline);
      Cost after = each.is_control ? before : cost_of(1, each.candidate);
      // Unequal iterations would amortise what the other process left in the caches unequally.
      before.ns_per_iteration = after.ns_per_iteration =
          std::min(before.ns_per_iteration, after.ns_per_iteration);
      if (each.is_control) {
        // What a process serves besides moves what it serves next (its heap, its caches): the
        // sides' processes serve no control, and those of a control nothing else.
        entry.rule.kind = RuleKind::kControl;
        after.instrument = null_name(kNulls[1], before.instrument);
        before.instrument = null_name(kNulls[0], before.instrument);
      }
      costs.emplace_back(entry.baselines.front(), before);
      costs.emplace_back(entry.candidate, after);
      entries.push_back(std::move(entry));
    }
    Manifest& manifest = manifest_;
    manifest.plan = make_plan(entries, costs, task_.seed);
    strip_sides();
    manifest.run_id = task_.run_id;
    manifest.started_at = task_.started_at;
    const std::size_t all_intervals = intervals(false) + task_.other_intervals;
    manifest.claims_counted = static_cast<std::uint32_t>(all_intervals);
    manifest.controls_counted = static_cast<std::uint32_t>(intervals(true));
    manifest.cores = task_.cores;
    manifest.machine = machine_fingerprint();
    manifest.source = source_state(".");
    manifest.instruments = json::object();
    for (const GateSide* side : {&task_.baseline, &task_.candidate})
      for (const auto& [name, served] : side->served.instruments.items())
        note_instrument(name, served);
    for (const auto& [name, served] : task_.baseline.served.instruments.items())
      for (const char* null : kNulls)
        if (is_needed(null_name(null, name))) {
          note_instrument(null_name(null, name), served);
          manifest.instruments[null_name(null, name)]["cores"] = cores_of_.at(name);
        }
    settings_.alpha = task_.rules.alpha;
    settings_.control_alpha = kControlAlpha;
    settings_.looks = gate_looks(settings_.alpha, all_intervals);
    if (auto enough = set_budget(); !enough) return enough;
    return write_file(
        task_.dir + "/run.json",
        to_json(manifest).dump(1, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }

  bool is_needed(const std::string& instrument) const {
    return std::ranges::any_of(manifest_.plan.units, [&](const Unit& unit) {
      return std::ranges::count(unit.arms, instrument, &Arm::instrument) > 0;
    });
  }

  void note_instrument(const std::string& name, const json& served) {
    manifest_.instruments[name] = served;
    const auto own = cores_of_.find(name);
    const auto& cores = own == cores_of_.end() ? task_.cores : own->second;
    manifest_.instruments[name]["cores"] = cores;
    manifest_.has_cores_alone = claim_cores(cores) && manifest_.has_cores_alone;
  }

  void strip_sides() {
    for (auto& unit : manifest_.plan.units)
      for (auto& arm : unit.arms) arm.benchmark.erase(0, arm.benchmark.find(':') + 1);
  }

  /// Enough for twice the rounds until the first look, unless the caller named less.
  Result<void> set_budget() {
    const double seconds_a_round =
        costs_[0].start_seconds + costs_[1].start_seconds +
        expected_seconds(manifest_.plan, std::vector<bool>(manifest_.plan.units.size(), true));
    const double least = settings_.looks.front() * seconds_a_round;
    manifest_.budget_seconds =
        task_.budget_seconds.value_or(std::max(kLeastBudgetSeconds, std::ceil(2 * least)));
    const auto needed = rounds_to_decide(looks(false).alpha);
    if (manifest_.budget_seconds >= needed * seconds_a_round) return {};
    return fail(ExitCode::kUsage, "--budget",
                fmt::format("{:.0f} s give about {:.0f} rounds of {:.2f} s; the intervals of {} "
                            "benchmarks need {} rounds to be bounded at all",
                            manifest_.budget_seconds, manifest_.budget_seconds / seconds_a_round,
                            seconds_a_round, intervals(false), needed),
                fmt::format("give at least {:.0f} s, or none; or select fewer with --filter",
                            std::ceil(2 * least)));
  }

  LookPlan looks(bool is_control) const { return look_plan(manifest_, settings_, is_control, 0); }

  // --- measuring ---

  Link instruments() const {
    Link link;
    for (const GateSide* side : {&task_.baseline, &task_.candidate})
      for (const auto& file : side->served.files) link[file.name] = file;
    for (const auto& file : task_.baseline.served.files)
      for (const char* null : kNulls)
        link[null_name(null, file.name)] = {null_name(null, file.name), file.path};
    return link;
  }

  std::vector<std::string> first_metrics() const {
    std::vector<std::string> metrics;
    for (const auto& each : cases_) metrics.push_back(each.rule.metrics.front());
    return metrics;
  }

  GateResult judged(std::size_t index, const Collected& collected) const {
    const AskedCase& each = cases_[index];
    const LookPlan plan = looks(each.is_control);
    return judge_gate_case({manifest_.plan.comparisons[index], manifest_.plan, collected.slices,
                            collected.layouts, plan, each.rule, each.rule.metrics.front()});
  }

  static bool is_of_control(const Failure& failure) {
    return std::ranges::count(kNulls, failure.instrument.substr(0, failure.instrument.find('.'))) >
           0;
  }

  /// A control is no less one where its benchmark fails on a side.
  static const Failure* failure_in(const Collected& collected, const AskedCase& of) {
    for (const auto& failure : collected.events.failures)
      if ((failure.benchmark == of.baseline || failure.benchmark == of.candidate) &&
          (!of.is_control || is_of_control(failure)))
        return &failure;
    return nullptr;
  }

  JudgedCase judged_on(const Collected& collected) const {
    return [&](std::size_t index) -> std::optional<GateResult> {
      if (failure_in(collected, cases_[index]) != nullptr) return std::nullopt;
      return judged(index, collected);
    };
  }

  Result<void> measure(const std::vector<Link>& relinks, const std::vector<bool>& relinked) {
    const StepAside aside(manifest_.cores);
    CollectOptions options;
    options.run_dir = task_.dir;
    options.slice_timeout = task_.timeout;
    options.looks = settings_.looks;
    options.metrics = first_metrics();
    for (const auto& each : cases_)
      options.further_metrics.emplace_back(each.rule.metrics.begin() + 1, each.rule.metrics.end());
    const bool is_first = relinks.empty();
    options.open_comparisons = [this, is_first](const Collected& now) {
      return is_first ? open_cases(cases_, task_.is_fail_fast, judged_on(now))
                      : std::vector<bool>(cases_.size(), false);
    };
    options.relinks = relinks;
    options.relinked = relinked;
    options.rounds_a_relink = task_.rounds_a_relink;
    options.on_round = [this](const Collected& now, const std::vector<bool>& open, double left) {
      if (task_.on_round)
        task_.on_round(now.events.rounds_ended,
                       static_cast<std::size_t>(std::ranges::count(open, true)), open.size(), left);
    };
    auto done = collect(manifest_, instruments(), options, collected_);
    report_.elapsed_seconds = collected_.events.elapsed_seconds;
    report_.was_interrupted = report_.was_interrupted || was_interrupted();
    return done;
  }

  // --- afterwards ---

  Result<void> judge() {
    const std::size_t before = report_.results.size();
    if (auto judged = judge_cases({task_.dir, manifest_, cases_, looks(false)}, report_); !judged)
      return judged;
    for (std::size_t i = before; i < report_.results.size(); ++i) note_failure(report_.results[i]);
    judge_controls(
        cases_, judged_on(collected_),
        [this](const std::string& baseline) { return cost_of(0, baseline).instrument; }, report_);
    if (!manifest_.has_cores_alone)
      report_.warnings.emplace_back("another assay was measuring on the same CPU");
    report_.cpu_time += collected_.events.cpu_time;
    return {};
  }

  void note_failure(GateResult& result) {
    const auto of = std::ranges::find(cases_, result.benchmark, &AskedCase::candidate);
    const Failure* const failure = failure_in(collected_, *of);
    if (failure == nullptr) return;
    const std::string side = is_of_control(*failure)
                                 ? "control"
                                 : failure->instrument.substr(0, failure->instrument.find('.'));
    result.verdict = GateVerdict::kInvalid;
    result.why = fmt::format("{}: {}: {}", side, name_of(failure->kind), failure->what);
    report_.has_failures = true;
  }

  /// Where times differ, relinks tell how much of that may be where the code lies.
  Result<void> measure_relinks() {
    if (task_.relinks.empty() || report_.was_interrupted || task_.rounds_a_relink == 0) return {};
    std::vector<bool> relinked(cases_.size());
    for (std::size_t i = 0; i < cases_.size(); ++i)
      relinked[i] = std::ranges::any_of(report_.results, [&](const GateResult& result) {
        const bool differs =
            result.verdict == GateVerdict::kWorse || result.verdict == GateVerdict::kBetter;
        return !cases_[i].is_control && result.benchmark == cases_[i].candidate && differs &&
               is_time(result.metric);
      });
    if (std::ranges::none_of(relinked, std::identity{})) return {};
    if (auto measured = measure(task_.relinks, relinked); !measured) return measured;
    return judge_layouts();
  }

  /// Adds to each result of a time what the relinks say; `pass` is the metric's place in its rule.
  Result<void> judge_layouts() {
    std::size_t passes = 0;
    for (const auto& each : cases_) passes = std::max(passes, each.rule.metrics.size());
    for (std::size_t pass = 0; pass < passes; ++pass)
      if (auto judged = judge_layouts(pass); !judged) return judged;
    return {};
  }

  Result<void> judge_layouts(std::size_t pass) {
    std::vector<std::string> metrics;
    for (const auto& each : cases_)
      metrics.push_back(each.rule.metrics[std::min(pass, each.rule.metrics.size() - 1)]);
    const auto recorded = read_recorded_slices(task_.dir, manifest_, metrics);
    if (!recorded) return std::unexpected(recorded.error());
    const LookPlan plan = looks(false);
    for (std::size_t i = 0; i < cases_.size(); ++i) {
      const AskedCase& each = cases_[i];
      if (each.is_control || pass >= each.rule.metrics.size()) continue;
      const GateResult again =
          judge_gate_case({manifest_.plan.comparisons[i], manifest_.plan, recorded->slices,
                           recorded->layouts, plan, each.rule, metrics[i]});
      for (auto& result : report_.results)
        if (result.benchmark == each.candidate && result.metric == again.metric &&
            result.verdict == again.verdict) {
          result.is_layout_sized = again.is_layout_sized;
          result.layout_sigma = again.layout_sigma;
        }
    }
    return {};
  }

  const GateTask& task_;
  GateReport& report_;
  std::array<Costs, 2> costs_;  ///< of the baseline and of the candidate
  std::map<std::string, std::vector<int>> cores_of_;
  std::vector<AskedCase> cases_;  ///< in the order of the plan's comparisons
  Manifest manifest_;
  RegisterSettings settings_;
  Collected collected_;
};

}  // namespace

Result<void> gate_served(const GateTask& task, GateReport& report) {
  return ServedGate(task, report).run();
}

}  // namespace assay
