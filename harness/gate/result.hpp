#pragma once

/// What the regression gate found: values, and the pure functions that make them.

#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"
#include "record/manifest.hpp"
#include "statistics/statistics.hpp"

namespace assay {

/// The answer for one metric of one benchmark.
enum class GateVerdict {
  kWorse,    ///< "slower" of times
  kBetter,   ///< "faster" of times
  kSame,     ///< the whole interval lies within the margin
  kUnclear,  ///< a change beyond the margin is neither shown nor excluded
  kInvalid,  ///< cannot be trusted: a control or the benchmark itself failed
  kNotRun    ///< the benchmark says that it cannot be run here, on either side
};

/// "slower", "faster", "same", "unclear", "invalid", "not run"; of what is no time "worse" and
/// "better".
const char* name_of(GateVerdict verdict, bool is_time);

/// How a change was measured, the strongest first.
enum class GateEvidence {
  kServed,       ///< slices that alternate between two processes on one core
  kProcesses,    ///< whole processes in alternation
  kFiles,        ///< a file a process, many on either side; of times, the sides took turns
  kHours,        ///< the same, of sides that did not take turns: weak
  kRepetitions,  ///< repetitions inside one process a side, or too few processes: weak
  kRecorded,     ///< a run of another hour: weak for times
  kCounted       ///< instructions, counted
};

const char* name_of(GateEvidence evidence);

/// True of evidence that cannot bound what lies between processes or hours.
bool is_weak(GateEvidence evidence);

/// What one metric of one benchmark came to. Changes are candidate / baseline.
struct GateResult {
  std::string benchmark;
  std::string metric = "real_time";
  GateVerdict verdict = GateVerdict::kUnclear;
  std::string why;  ///< of a verdict that says nothing, and what qualifies one that does
  double margin = 1.02;
  double baseline = 0;   ///< median over rounds, in the metric's unit; NaN if unknown
  double candidate = 0;  ///< likewise
  double change = 1;     ///< NaN if unknown
  Interval interval = everything();
  std::size_t rounds = 0;
  GateEvidence evidence = GateEvidence::kServed;
  bool is_gated = true;                ///< false: shown, and never fails the gate
  bool is_layout_sized = false;        ///< relinks of the same objects differ as much
  std::optional<double> layout_sigma;  ///< standard deviation of the relinks' log ratios
  std::optional<double> instructions;  ///< change in instructions, where they were counted
};

/// A benchmark that only one side has, and what of the other may be the same by another name.
struct Unpaired {
  std::string benchmark;
  std::string maybe;  ///< empty if nothing resembles it
};

struct GateControl {
  std::string benchmark;
  bool has_failed = false;
  double change = 1;
  Interval interval = everything();
};

struct GateReport {
  std::string run_id;
  std::string started_at;
  std::string baseline;   ///< as the user named it
  std::string candidate;  ///< likewise
  std::string folder;     ///< of the raw data; empty if there is none
  std::string machine;    ///< kind of machine
  std::string fingerprint;
  double alpha = 0.01;
  double margin = 1.02;
  double elapsed_seconds = 0;
  std::vector<GateResult> results;
  std::vector<Unpaired> added;    ///< only the candidate has them
  std::vector<Unpaired> removed;  ///< only the baseline has them
  std::vector<std::string> ignored;
  /// Of the metrics asked for those that a benchmark reports, or failed before it could.
  std::set<std::string> reported;
  std::vector<GateControl> controls;
  CpuTime cpu_time;  ///< of the measuring CPUs, while times were measured
  std::vector<std::string> warnings;
  std::vector<std::string> failures;  ///< of no benchmark alone, as an executable that crashed
  bool has_failures = false;          ///< a benchmark reported an error, crashed or hung
  bool was_interrupted = false;
};

/// Warns where the hypervisor gave much of the measuring CPUs' time to other guests.
void warn_of_theft(GateReport& report);

/// True of a metric of which more is better: its name ends in _per_second or _per_s.
bool is_more_better(const std::string& metric);

/// True of times, and of rates that are made of them.
bool depends_on_time(const std::string& metric);

/// What candidate / baseline says. A difference has a verdict if the interval leaves out 1, and
/// the estimate (NaN if unknown) or the whole interval lies beyond the margin; else it may be one
/// that does not matter. An empty interval is unclear.
GateVerdict gate_verdict(const Interval& change, double estimate, double margin,
                         bool more_is_better);

/// Why a change is unclear, in words: of an interval that leaves out 1, that the change may lie
/// within the margin. Empty of others.
std::string perhaps_within(const Interval& change, const std::string& metric);

/// True when more rounds could change no answer: the interval lies within the margin, or wholly
/// beyond it.
bool is_settled(const Interval& change, double margin);

/// True of a result that fails the gate: worse, gated, of evidence that is not weak, and not to be
/// explained by where the code lies.
bool is_regression(const GateResult& result);

/// Worst first: regressions, then what else is worse, invalid, unclear, better, same, not run; the
/// greater change first.
void sort_worst_first(std::vector<GateResult>& results);

/// What the caller is told: an interruption, a regression, a failed benchmark, an invalid or weak
/// answer (kInvalid; also where nothing at all was bounded), or nothing wrong. With `is_strict`
/// unclear, layout-sized and removed ones are kInvalid, too.
ExitCode exit_code_of(const GateReport& report, bool is_strict);

/// A change in percent: "+0.13%", "+3.1%", "+130%", "?" of NaN.
std::string percent_text(double change);

/// Names that both sides have, and those that only one has.
struct Matching {
  std::vector<std::pair<std::string, std::string>> pairs;  ///< baseline's name, candidate's name
  std::vector<Unpaired> added;
  std::vector<Unpaired> removed;
};

/// Pairs names; `renamed` holds what a user said: old name, new name. Ascending.
Matching match_names(const std::vector<std::string>& baseline,
                     const std::vector<std::string>& candidate,
                     const std::vector<std::pair<std::string, std::string>>& renamed);

}  // namespace assay
