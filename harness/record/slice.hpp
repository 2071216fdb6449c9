#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"
#include "plan/plan.hpp"

namespace assay {

/// One slice as the instrument reported it, and its place in the run.
struct Slice {
  std::uint32_t unit = 0;
  std::uint16_t arm = 0;
  std::uint32_t round = 0;     ///< which process start, 0-based
  std::uint32_t block = 0;     ///< of the unit in its round
  std::uint32_t position = 0;  ///< order within the round
  double value = 0;            ///< of the experiment's metric
  double real_time_ns = 0;     ///< wall time an iteration
};

/// Slices of each unit, in the order of the run.
using SlicesByUnit = std::vector<std::vector<Slice>>;

/// A key of the record that raw_line() would overwrite with the slice's place: "unit", "arm",
/// "round", "block" or "position"; empty if the benchmark has no counter of such a name.
std::string_view taken_name_in(const nlohmann::json& answer);

/// The record as it is written to a raw file: the instrument's answer, less what says the same of
/// every slice, plus the slice's place. One line. Requires: taken_name_in(answer) is empty.
std::string raw_line(const nlohmann::json& answer, const SliceRequest& request, std::uint32_t round,
                     std::uint32_t position);

/// Reads raw lines back. It keeps the keys that a slice needs and builds no document: a run has
/// millions of lines.
class SliceReader {
 public:
  /// `metrics[unit]` names the value wanted of each unit.
  explicit SliceReader(const std::vector<std::string>& metrics);

  /// Of a key that a line holds twice, the last value counts. Errors: kData, saying what is
  /// missing; `where` is left to the caller, who knows file and line.
  Result<Slice> read(std::string_view line) const;

 private:
  std::vector<std::string> keys_;            ///< that are looked at
  std::vector<std::size_t> metric_of_unit_;  ///< index into keys_
};

/// The metric in a Google Benchmark run record: real_time and cpu_time in ns, any other name as
/// the counter stands. Errors: kData if there is none of this name.
Result<double> metric_in(const nlohmann::json& record, const std::string& metric);

}  // namespace assay
