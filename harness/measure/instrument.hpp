#pragma once

#include <chrono>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "error.hpp"
#include "measure/process.hpp"
#include "plan/plan.hpp"
#include "record/manifest.hpp"

namespace assay {

/// A benchmark executable that serves slices, as found on disk.
struct InstrumentFile {
  std::string name;  ///< file name
  std::string path;
};

/// The executables in a folder, by name. Errors: kUsage if there is none.
Result<std::vector<InstrumentFile>> find_instruments(const std::string& folder);

/// An instrument process that greeted and answers requests (benches/support/serve.hpp says how).
class Instrument {
 public:
  /// Errors: kInstrument if it cannot be started or does not greet in time.
  static Result<Instrument> start(const InstrumentFile& file, const Surroundings& surroundings,
                                  std::chrono::milliseconds timeout);

  /// The context of Google Benchmark, as the greeting told it.
  const nlohmann::json& context() const { return context_; }
  /// Its benchmarks, and the iterations that some are fixed to.
  const std::map<std::string, std::optional<std::uint64_t>>& benchmarks() const {
    return benchmarks_;
  }

  /// Asks for a slice without waiting; requests may queue. False if the process is gone.
  bool request(const std::string& benchmark, std::uint64_t iterations);

  /// One answer: the record, or why there is none. An interruption is no failure of the benchmark.
  struct Answer {
    nlohmann::json record;
    std::optional<Failure> failure;
    bool interrupted = false;
    bool is_over = false;  ///< the process is of no further use
  };
  /// The answer to the oldest request, which was for `benchmark`.
  Answer answer(const std::string& benchmark, std::chrono::milliseconds timeout);

  /// Ends its input, at which an instrument exits, and says how it ended.
  std::string finish(std::chrono::milliseconds timeout);

  int pid() const { return process_.pid(); }

 private:
  Instrument(LineProcess process, nlohmann::json context,
             std::map<std::string, std::optional<std::uint64_t>> benchmarks)
      : process_(std::move(process)),
        context_(std::move(context)),
        benchmarks_(std::move(benchmarks)) {}

  LineProcess process_;
  nlohmann::json context_;
  std::map<std::string, std::optional<std::uint64_t>> benchmarks_;
};

/// What a benchmark costs and reports.
struct Calibration {
  double ns_per_iteration = 0;
  double ns_per_slice = 0;           ///< what a slice takes beside its iterations
  double set_up_ns = 0;              ///< what the first slice of a process takes beyond the others
  std::vector<std::string> metrics;  ///< numbers of its record, ascending
  std::uint64_t threads = 1;
  WorkByKind work;
};

/// Expected time of an iteration, found by growing slices until one lasts long enough to trust,
/// again and again. Returns the failure where the benchmark cannot be run.
std::expected<Calibration, Failure> calibrate(Instrument& instrument, const std::string& benchmark,
                                              std::chrono::milliseconds timeout);

}  // namespace assay
