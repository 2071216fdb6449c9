#include "gate/instructions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "gate/cases.hpp"
#include "measure/instructions.hpp"
#include "measure/process.hpp"

namespace assay {

GateResult judge_instructions(const std::string& benchmark, const BenchmarkRule& rule,
                              const InstructionCount& baseline, const InstructionCount& candidate) {
  GateResult result;
  result.benchmark = benchmark;
  result.metric = "instructions";
  result.margin = kInstructionMargin;
  result.is_gated = rule.is_gated;
  result.evidence = GateEvidence::kCounted;
  result.baseline = baseline.per_iteration;
  result.candidate = candidate.per_iteration;
  result.rounds = 1;
  result.change = candidate.per_iteration / baseline.per_iteration;
  result.interval = {result.change / (1 + kMostCountsDiffer),
                     result.change * (1 + kMostCountsDiffer)};
  if (result.change == 1) result.interval = {1, 1};
  result.verdict = gate_verdict(result.interval, result.change, result.margin, false);
  // Counts have no noise to speak of: what is called worse lies beyond the margin as a whole.
  const bool is_beyond =
      result.interval.low > result.margin || result.interval.high < 1 / result.margin;
  const bool differs =
      result.verdict == GateVerdict::kWorse || result.verdict == GateVerdict::kBetter;
  if (differs && !is_beyond) {
    result.verdict = GateVerdict::kUnclear;
    result.why = "at the margin, as exactly as it was counted";
  }
  if (baseline.label == candidate.label) return result;
  result.verdict = GateVerdict::kInvalid;
  result.why =
      fmt::format("counted other kernels: \"{}\" and \"{}\"", baseline.label, candidate.label);
  return result;
}

namespace {

const InstrumentFile* served_file(const GateSide& side, const std::string& benchmark) {
  const auto name = side.served.instrument_of.find(benchmark);
  if (name == side.served.instrument_of.end()) return nullptr;
  return &*std::ranges::find(side.served.files, name->second, &InstrumentFile::name);
}

/// What stands in the way of a count.
struct NoCount {
  enum class Kind {
    kNotRun,   ///< the benchmark says on both sides that it cannot be run here
    kUnknown,  ///< nothing wrong with the benchmark: it cannot be counted
    kFailed    ///< it erred, crashed or hung
  };
  Kind kind;
  Error error;
};

/// What one iteration of a benchmark costs on one side, or its failure.
Result<std::expected<Calibration, Failure>> calibrated(const InstrumentFile& file,
                                                       const std::string& benchmark,
                                                       std::chrono::milliseconds timeout) {
  auto instrument = Instrument::start(file, {.is_silent = true}, timeout);
  if (!instrument) return std::unexpected(instrument.error());
  return calibrate(*instrument, benchmark, timeout);
}

std::expected<GateResult, NoCount> count_pair(const GateSide& baseline, const GateSide& candidate,
                                              const std::pair<std::string, std::string>& pair,
                                              const BenchmarkRule& rule,
                                              std::chrono::milliseconds timeout) {
  using Kind = NoCount::Kind;
  const auto no = [&](Kind kind, Error error) {
    return std::unexpected(NoCount{kind, std::move(error)});
  };
  const InstrumentFile* const before = served_file(baseline, pair.first);
  const InstrumentFile* const after = served_file(candidate, pair.second);
  if (before == nullptr || after == nullptr)
    return no(Kind::kUnknown,
              {ExitCode::kInstrument, pair.second, "does not serve slices, which counting needs",
               "link assay::instrument_main in place of benchmark_main"});
  const auto old_cost = calibrated(*before, pair.first, timeout);
  if (!old_cost) return no(Kind::kFailed, old_cost.error());
  const auto new_cost = calibrated(*after, pair.second, timeout);
  if (!new_cost) return no(Kind::kFailed, new_cost.error());
  if (!*old_cost || !*new_cost) {
    const auto cannot = [](const auto& cost) {
      return !cost && cost.error().kind == FailureKind::kNotRun;
    };
    const Failure& failure = !*old_cost ? old_cost->error() : new_cost->error();
    return no(cannot(*old_cost) && cannot(*new_cost) ? Kind::kNotRun : Kind::kFailed,
              {ExitCode::kInstrument, !*old_cost ? "baseline" : "candidate",
               fmt::format("{}: {}", name_of(failure.kind), failure.what), ""});
  }
  const auto iterations = iterations_to_count((*old_cost)->ns_per_iteration);
  const auto old_count = count_instructions(*before, pair.first, iterations, timeout);
  if (!old_count) return no(Kind::kUnknown, old_count.error());
  const auto new_count = count_instructions(*after, pair.second, iterations, timeout);
  if (!new_count) return no(Kind::kUnknown, new_count.error());
  return judge_instructions(pair.second, rule, *old_count, *new_count);
}

}  // namespace

Result<void> gate_instructions(const GateSide& baseline, const GateSide& candidate,
                               const GateRules& rules,
                               const std::vector<std::pair<std::string, std::string>>& pairs,
                               std::chrono::milliseconds timeout, GateReport& report) {
  // Under valgrind everything takes some fifty times as long.
  const auto patience = 10 * timeout;
  std::size_t counted = 0;
  Result<void> last;
  for (const auto& pair : pairs) {
    BenchmarkRule rule = rule_for(rules, pair.second);
    rule.metrics = {"instructions"};
    const auto name_as_interrupted = [&] {
      report.was_interrupted = true;
      add_unanswered(report, pair.second, rule, GateVerdict::kNotRun, kInterruptedBefore);
    };
    if (was_interrupted()) {
      name_as_interrupted();
      continue;
    }
    auto result = count_pair(baseline, candidate, pair, rule, patience);
    if (!result && was_interrupted()) {
      name_as_interrupted();
      continue;
    }
    if (result) {
      ++counted;
      report.results.push_back(*std::move(result));
      continue;
    }
    const auto& [kind, error] = result.error();
    using Kind = NoCount::Kind;
    if (kind == Kind::kUnknown) last = std::unexpected(error);
    if (kind == Kind::kFailed) report.has_failures = true;
    add_unanswered(report, pair.second, rule,
                   kind == Kind::kNotRun   ? GateVerdict::kNotRun
                   : kind == Kind::kFailed ? GateVerdict::kInvalid
                                           : GateVerdict::kUnclear,
                   error.message());
  }
  if (counted > 0 || pairs.empty() || report.was_interrupted) return {};
  return last;
}

void note_instructions(GateReport& report) {
  std::map<std::string, double> change_of;
  for (const auto& result : report.results)
    if (result.metric == "instructions" && result.change > 0)
      change_of[result.benchmark] = result.change;
  for (auto& result : report.results)
    if (const auto found = change_of.find(result.benchmark);
        found != change_of.end() && result.metric != "instructions")
      result.instructions = found->second;
}

}  // namespace assay
