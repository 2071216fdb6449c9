#pragma once

/// What a run is: everything that was fixed before its first slice (run.json), and what happened
/// since (raw/events.jsonl).

#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "plan/plan.hpp"
#include "record/calibration.hpp"
#include "record/ledger.hpp"
#include "register/register.hpp"

namespace assay {

/// What an iteration of a benchmark moves and does, as its counters work_<kind> say: "bytes" read
/// and written, and operations of other kinds. Above 0.
using WorkByKind = std::map<std::string, double>;

/// run.json. Written once, before the first slice.
struct Manifest {
  std::string run_id;      ///< "20261121T040000Z-4f1c"
  std::string started_at;  ///< UTC, ISO 8601
  double budget_seconds = 0;
  std::vector<std::string> selected;                ///< the words that selected; empty: all
  std::map<std::string, std::string> entry_hashes;  ///< of the selected entries, by id
  std::string register_hash;
  std::string settings_hash;           ///< of the register's settings
  std::uint32_t claims_counted = 0;    ///< M: intervals of claims in the whole register
  std::uint32_t controls_counted = 0;  ///< the same for controls
  std::vector<int> cores;              ///< the instruments are pinned to these
  bool has_cores_alone = true;         ///< no other run of this program was measuring there
  nlohmann::json machine;              ///< fingerprint.hpp
  nlohmann::json source;               ///< commit, dirty
  nlohmann::json instruments;          ///< name -> {sha256, context, cores}
  std::vector<EarlierRun> earlier;     ///< of the same entries on this machine (ledger.hpp)
  std::optional<CalibrationSummary> calibration;        ///< of this machine, before the run
  std::map<std::string, CalibrationSummary> disturbed;  ///< the same, by what disturbed it
  std::map<std::string, WorkByKind> work;               ///< by benchmark, of those that report it
  Plan plan;
};

nlohmann::json to_json(const Manifest& manifest);
/// Errors: kData naming what is missing; `path` is for the message.
Result<Manifest> manifest_from(const nlohmann::json& json, const std::string& path);

enum class FailureKind {
  kNotRun,  ///< the benchmark said "not run: ..."
  kError,   ///< it reported an error, or a value that is no number
  kCrash,   ///< the instrument ended while it ran
  kHang     ///< no answer in time
};

/// A benchmark that could not be measured, or no longer.
struct Failure {
  std::string benchmark;
  FailureKind kind = FailureKind::kError;
  std::string what;
  std::uint32_t round = 0;
  std::string instrument{};  ///< that served it; empty where it is not known, or does not matter
};

/// What a benchmark's own message of an error makes of it: "not run: WHY" is no error.
Failure failure_told(const std::string& benchmark, const std::string& message);

/// Instructions that a benchmark executes in user space, whatever else the machine does. Those that
/// the CPU counted ("perf") are of the kernel that was timed. valgrind's CPU has AVX2 at most, so a
/// benchmark that picks its kernel may pick another there; and it counts every repetition of a
/// string instruction (rep movsb) as an instruction.
struct InstructionCount {
  double per_iteration = 0;  ///< the timed loop's own instructions included; finite, > 0
  std::string label;         ///< what the benchmark said of itself: which kernel was counted
  std::string counted_by;    ///< "perf" or "valgrind"
};

nlohmann::json to_json(const std::string& benchmark, const InstructionCount& count);

/// What some CPUs did, in seconds.
struct CpuTime {
  double busy = 0;    ///< they had work
  double stolen = 0;  ///< of that, the hypervisor ran another guest, as far as it tells

  CpuTime& operator+=(const CpuTime& other);
};

/// What was stolen of the time in which there was work, from 0 to 1; nothing if there was none.
std::optional<double> stolen_share(const CpuTime& time);

/// Beyond this share a machine is not fit to measure.
inline constexpr double kMuchStolen = 0.1;

/// What happened in a run.
struct Events {
  std::vector<Failure> failures;
  std::map<std::string, std::string> labels;             ///< benchmark -> what it said of itself
  std::map<std::string, InstructionCount> instructions;  ///< by benchmark, where asked for
  std::string no_machine_code;  ///< why none could be looked at; empty if it could
  std::uint32_t rounds_started = 0;
  std::uint32_t rounds_ended = 0;  ///< of the ordinary link
  std::uint32_t relinks_failed = 0;
  std::uint32_t resumptions = 0;
  double elapsed_seconds = 0;  ///< measuring the comparisons, over all sittings
  CpuTime cpu_time{};          ///< of the CPUs that measured, in those rounds of which it is known
  std::string finish;  ///< "decided", "budget", "failed", "interrupted"; empty: it was killed
};

/// "not run", "error", "crash", "hang".
const char* name_of(FailureKind kind);

nlohmann::json to_json(const Failure& failure);
/// Reads the event log. A last line cut short is dropped. Errors: kData with file and line.
Result<Events> events_from(std::string_view text, const std::string& path);

}  // namespace assay
