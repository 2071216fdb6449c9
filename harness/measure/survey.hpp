#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "error.hpp"
#include "measure/instrument.hpp"
#include "plan/plan.hpp"

namespace assay {

/// What the instruments offer, found by starting each once.
struct Survey {
  std::vector<InstrumentFile> files;
  nlohmann::json instruments = nlohmann::json::object();  ///< name -> {sha256, context}
  std::map<std::string, std::string> instrument_of;       ///< benchmark -> instrument
  std::vector<std::string> benchmarks;                    ///< all names, ascending
  std::vector<std::string> skipped;  ///< executables that do not serve slices, and why
};

/// Executables that do not serve are skipped. Errors: kInstrument if none serves; kUsage if two
/// offer the same benchmark.
Result<Survey> survey_instruments(const std::vector<InstrumentFile>& files,
                                  const std::vector<int>& cores, std::chrono::milliseconds timeout);

/// Threads that a benchmark runs, as its name says: "threads:2" in a part of its own, as Google
/// Benchmark writes it, or "threads:all", `all` of them. 1 where the name says nothing.
std::size_t threads_in(const std::string& benchmark, std::size_t all);

/// The CPUs of each instrument, by name: the run's own; and for one that has a benchmark of more
/// threads among the needed ones, as many as these, as far as there are further ones in `further`
/// (the last first).
std::map<std::string, std::vector<int>> cores_by_instrument(const Survey& survey,
                                                            const std::set<std::string>& benchmarks,
                                                            const std::vector<int>& cores,
                                                            const std::vector<int>& further);

/// What the benchmarks cost and report, and which cannot be run.
struct Costs {
  std::vector<std::pair<std::string, Cost>> of;
  std::map<std::string, std::vector<std::string>> metrics;  ///< of those that ran
  std::map<std::string, std::uint64_t> threads;             ///< of those that ran
  std::map<std::string, WorkByKind> work;                   ///< of those that reported some
  std::vector<Failure> failures;
  /// Starting every instrument that is needed, and what the first slice of each benchmark sets up.
  double start_seconds = 0;
};

/// Runs each benchmark until its cost is known. One that crashes or hangs is noted, and the rest
/// goes on in a new process. Errors: kInstrument, kInterrupted.
Result<Costs> survey_costs(const Survey& survey, const std::set<std::string>& benchmarks,
                           const std::map<std::string, std::vector<int>>& cores,
                           std::chrono::milliseconds timeout);

}  // namespace assay
