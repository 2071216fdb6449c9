#pragma once

/// What Google Benchmark's own main writes.

#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"
#include "gate/result.hpp"
#include "gate/rules.hpp"

namespace assay {

/// The runs in the text of a document: its repetitions, without aggregates. Errors: kData if it is
/// no such document, as one that was cut off; kInstrument if one of them reports an error.
Result<std::vector<nlohmann::json>> records_in(std::string_view text, const std::string& path);

/// Of a benchmark's repetitions the one of median real time, under the benchmark's name.
/// Errors: kInstrument if there is none, or a time is not above 0.
Result<nlohmann::json> median_record(std::vector<nlohmann::json> records,
                                     const std::string& benchmark, const std::string& path);

/// Whether a record holds a metric, be it a number or, as null, one that is none.
std::function<bool(const std::string&)> reported_by(const nlohmann::json& record);

/// The name without what the library adds for repetitions.
std::string plain_name(const nlohmann::json& record);

/// candidate / baseline from independent values of both sides, each with the exact sign interval of
/// its median at alpha / 2. Requires: neither is empty.
Interval change_of_medians(const std::vector<double>& baseline,
                           const std::vector<double>& candidate, double alpha);

/// Compares files of two sides. A file is taken for a process; where either side has too few to
/// bound anything, repetitions are taken in their place, and the evidence is called weak. Adds
/// results, names and warnings to the report.
/// `select` leaves out what the user did not ask for.
/// Errors: kData with the path for a file that is cut off or no such document; kUsage for a metric
/// that no benchmark reports; those of `select`.
Result<void> gate_files(const std::vector<std::string>& baseline,
                        const std::vector<std::string>& candidate, const GateRules& rules,
                        const std::function<Result<Matching>(Matching)>& select,
                        GateReport& report);

}  // namespace assay
