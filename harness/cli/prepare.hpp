#pragma once

#include <vector>

#include "cli/run.hpp"
#include "measure/collect.hpp"
#include "record/manifest.hpp"
#include "register/register.hpp"

namespace assay {

/// Everything that is fixed before the first slice of a run.
struct Prepared {
  Register reg;
  Link instruments;           ///< that serve
  std::vector<Link> relinks;  ///< of the same objects; empty where the build has none
  Manifest manifest;
  std::vector<Failure> failures;  ///< of benchmarks that cannot be run, found while planning
  double seconds_a_round = 0;     ///< as planned, with what a process sets up
  std::vector<FunctionCode> machine_code{};  ///< of the functions that the entries ask about
  std::string no_machine_code{};             ///< why there is none, if there can be none
};

/// Reads the register, asks the instruments what they have and what it costs, and plans. Errors:
/// kUsage for whatever is wrong with register, words or options; kInstrument; kInterrupted.
Result<Prepared> prepare_run(const Places& places, const RunOptions& options);

std::chrono::milliseconds timeout_of(const RunOptions& options);

/// The time now, in UTC, as strftime() formats it.
std::string utc_now(const char* format);

/// "20261121T040000Z-4f1c": the time now and some random digits.
std::string new_run_id();

/// The CPUs to pin to: those named, or the last. Errors: kUsage if one is not available.
Result<std::vector<int>> cores_for(const std::vector<int>& named);

/// The executables in a folder of instruments, by name. Errors: kUsage if there is none.
Result<Link> find_link(const std::string& folder);

/// The relinks that stand beside a folder of instruments, in ../layouts/<k>, each whole.
std::vector<Link> find_relinks(const std::string& folder, const Link& ordinary);

/// Refuses a plan whose rounds are too few for its intervals to be bounded at all.
Result<void> check_attainable(const Prepared& prepared);

/// A comparison that must come within a margin, and what that takes.
struct Demand {
  std::size_t comparison = 0;  ///< index into the plan
  double rounds = 0;           ///< that it needs, by the noise of the pilot
};

/// True if every claim of the plan has a margin to come within, so that all may be hopeless.
bool has_only_margin_claims(const Prepared& prepared);

/// Measures a few rounds, keeps none of them, and tells from their spread alone (never from the
/// value) how many rounds each comparison with a margin needs. Errors: as of collect().
Result<std::vector<Demand>> pilot(const Prepared& prepared, const RunOptions& options);

/// Refuses a plan in which no claim can be accepted, unless it is to go on; names claims that
/// hardly can on stderr.
Result<void> check_demands(const Prepared& prepared, const std::vector<Demand>& demands,
                           bool goes_on);

void print_plan(const Prepared& prepared, const std::vector<Demand>& demands);

}  // namespace assay
