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
#include "record/manifest.hpp"

namespace assay {

/// The runs in a document.
struct RecordedRuns {
  std::vector<nlohmann::json> records;  ///< repetitions; of a benchmark without, their median
  std::vector<Failure> failures;        ///< of benchmarks that erred or were skipped
};

/// The runs in the text of a document. Errors: kData if it is no such document, as one that was cut
/// off.
Result<RecordedRuns> runs_in(std::string_view text, const std::string& path);

/// Of a benchmark's repetitions the one of median real time, under the benchmark's name.
/// Errors: kInstrument if there is none, or a time is not above 0.
Result<nlohmann::json> median_record(std::vector<nlohmann::json> records,
                                     const std::string& benchmark, const std::string& path);

/// Whether a record holds a metric, be it a number or, as null, one that is none.
std::function<bool(const std::string&)> reported_by(const nlohmann::json& record);

/// The name without what the library adds for repetitions.
std::string plain_name(const nlohmann::json& record);

/// True of dates, as Google Benchmark writes them, of sides that took turns: in the order of time
/// no three of one side follow each other. False where a file has none.
bool are_interleaved(const std::vector<std::string>& baseline,
                     const std::vector<std::string>& candidate);

/// candidate / baseline; of a baseline below 0 one more than the difference relative to its amount,
/// so that more is above 1.
double relative_change(double baseline, double candidate);

/// True of a change of a counter that the iterations made in as many parts, so that it is likely a
/// total over them, and says nothing of one. `iterations`: candidate / baseline, too.
bool moves_with_iterations(double change, double iterations);

/// Makes a counter invalid that moves with the iterations (medians of both sides).
void refuse_total(GateResult& result, double baseline_iterations, double candidate_iterations);

/// candidate / baseline from independent values of both sides, each with the exact sign interval of
/// its median at alpha / 2. Requires: neither is empty.
Interval change_of_medians(const std::vector<double>& baseline,
                           const std::vector<double>& candidate, double alpha);

/// Compares files of two sides. A file is taken for a process; where either side has too few to
/// bound anything, repetitions are taken in their place, and the evidence is called weak, as it is
/// of times where the sides did not take turns. A benchmark that failed in a file is invalid. Adds
/// results, names and warnings to the report.
/// `select` leaves out what the user did not ask for.
/// Errors: kData with the path for a file that is cut off or no such document; kUsage for a metric
/// that no benchmark reports, and for a file that is named twice or copied; those of `select`.
Result<void> gate_files(const std::vector<std::string>& baseline,
                        const std::vector<std::string>& candidate, const GateRules& rules,
                        const std::function<Result<Matching>(Matching)>& select,
                        GateReport& report);

}  // namespace assay
