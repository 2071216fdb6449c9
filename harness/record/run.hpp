#pragma once

#include <string>
#include <vector>

#include "error.hpp"
#include "record/machine_code.hpp"
#include "record/manifest.hpp"
#include "record/slice.hpp"
#include "register/register.hpp"

namespace assay {

/// What a run measured so far, and what happened.
struct Collected {
  SlicesByUnit slices;
  std::vector<SlicesByUnit> layouts;  ///< of the same plan, from each relink of the instruments
  Events events;
  std::vector<FunctionCode> machine_code{};  ///< of the functions that entries ask about
};

/// Names of a run's files. Link 0 is the ordinary one; k, the k-th relink.
std::string raw_path(const std::string& run_dir, const std::string& instrument,
                     std::size_t link = 0);
std::string events_path(const std::string& run_dir);

/// A recorded run, read back whole.
struct Run {
  std::string dir;
  std::string results_dir;  ///< what judging writes goes here: `dir`, or `dir`/by-<register's hash>
  Manifest manifest;
  Register reg;  ///< the register as it was when the run began, unless another was asked for
  Collected collected;
  std::vector<std::string> warnings;  ///< a truncated raw file, a run that was killed
};

/// Reads a run's folder. With `register_path` the rules of that register apply instead of the
/// run's own copy, and the run's own results are left alone. Errors: kData for missing, foreign or
/// altered files; kUsage for a malformed register.
Result<Run> load_run(const std::string& dir, const std::string& register_path = "");

/// Writes what is fixed before the first slice: run.json and register.md. Errors: kOutput.
Result<void> create_run(const std::string& dir, const Manifest& manifest, const Register& reg);

/// The metric of each unit, as the register's entries name it.
std::vector<std::string> metrics_of(const Plan& plan, const Register& reg);

/// The slices of a run's raw files, in the order of the run.
struct RecordedSlices {
  SlicesByUnit slices;
  std::vector<SlicesByUnit> layouts;  ///< of each relink
  std::vector<std::string> warnings;  ///< truncated files
};

/// Reads the raw files of a run's folder again; `metrics[unit]` names the value wanted of each
/// unit. Errors: kData for missing, foreign or altered files.
Result<RecordedSlices> read_recorded_slices(const std::string& dir, const Manifest& manifest,
                                            const std::vector<std::string>& metrics);

/// Compresses the raw files (zstd), for a run that is to be kept. Errors: kOutput, kData.
Result<void> archive_run(const std::string& dir);

}  // namespace assay
