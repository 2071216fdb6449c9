#pragma once

#include <chrono>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "error.hpp"
#include "measure/survey.hpp"

namespace assay {

/// One side of a gate, as found on disk: executables, or files that Google Benchmark wrote.
struct Build {
  std::string label;                     ///< as the user named it
  std::vector<InstrumentFile> programs;  ///< by file name
  std::vector<std::string> files;        ///< JSON, in place of programs
  std::string folder;                    ///< of the programs, where relinks may stand beside
};

/// True if the words name something on disk, or a list of JSON files.
bool is_on_disk(const std::string& named);

/// A build's folder (with benches/instruments in it, or of executables itself), one executable, or
/// JSON files joined by commas. Errors: kUsage, naming what is missing.
Result<Build> find_build(const std::string& named);

/// What one side offers, found by starting each executable once.
struct GateSide {
  std::string name;  ///< "baseline" or "candidate"
  Survey served;     ///< of executables that serve slices; these are named "<side>.<file name>"
  std::map<std::string, InstrumentFile> stock;  ///< benchmark -> executable with another main
  std::set<std::string> benchmarks;             ///< all names
  std::vector<std::string> skipped;             ///< executables without benchmarks, and why
  std::vector<std::string> failed;              ///< executables that broke, and how
};

/// An executable that ends well and lists nothing is skipped; one that crashes, hangs or exits with
/// another code than 0 has failed. Errors: kUsage if two executables offer the same benchmark;
/// kInstrument if none offers one; kInterrupted.
Result<GateSide> survey_side(const std::string& name, const Build& build,
                             const std::vector<int>& cores, std::chrono::milliseconds timeout);

/// The benchmarks that a Google Benchmark program lists; empty if it ends well without one.
/// Errors: kInstrument.
Result<std::vector<std::string>> list_benchmarks(const InstrumentFile& file);

}  // namespace assay
