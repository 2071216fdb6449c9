#include "serve.hpp"

#include <benchmark/benchmark.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <iostream>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "families.hpp"

namespace assay {
namespace {

using benchmark::BenchmarkReporter;
using nlohmann::json;
using Run = BenchmarkReporter::Run;

/// Keeps the runs instead of printing them.
class CapturingReporter : public BenchmarkReporter {
 public:
  bool ReportContext(const Context& /*context*/) override { return true; }
  void ReportRuns(const std::vector<Run>& reports) override {
    runs.insert(runs.end(), reports.begin(), reports.end());
  }
  std::vector<Run> runs;
};

using benchmark::internal::Benchmark;

/// A benchmark as the register names it, its family, and the two halves of its name while it is
/// served: the library puts "/iterations:N" between them.
struct Served {
  std::string name;
  Benchmark* family = nullptr;
  std::string before_iterations;
  std::string after_iterations;
  std::optional<benchmark::IterationCount> fixed_iterations;
};

constexpr std::string_view kIterations = "/iterations:";
/// What families are called while one of them is served. For each slice the library goes through
/// all that are registered and holds their names against a pattern, some 16 us each, but for those
/// that begin with DISABLED_: of hundreds the slices would take a tenth of the time, or less.
constexpr const char* kOff = "DISABLED_";
constexpr const char* kOn = "on";

/// The names of all registered benchmarks, in the library's order.
std::vector<std::string> list_names(char* program) {
  const auto set_listing = [program](const char* flag) {
    std::string argument = flag;
    // The library keeps argv[0] for its context, so it must be the real one.
    std::array<char*, 3> argv = {program, argument.data(), nullptr};
    int argc = 2;
    benchmark::Initialize(&argc, argv.data());
  };
  CapturingReporter reporter;
  std::ostringstream out;
  reporter.SetOutputStream(&out);
  set_listing("--benchmark_list_tests=true");
  benchmark::RunSpecifiedBenchmarks(&reporter, ".");
  set_listing("--benchmark_list_tests=false");
  std::vector<std::string> names;
  std::istringstream lines(out.str());
  for (std::string line; std::getline(lines, line);) names.push_back(line);
  return names;
}

/// The iterations that the benchmark was registered with, if any: the library puts them right after
/// what stands before them while it is served. An argument that is called "iterations" stands
/// further to the left.
std::optional<benchmark::IterationCount> fixed_iterations(std::string_view plain_name,
                                                          std::string_view before_iterations) {
  const std::string_view rest =
      plain_name.substr(std::min(plain_name.size(), before_iterations.size()));
  if (!rest.starts_with(kIterations)) return std::nullopt;
  return std::stoll(std::string(rest.substr(kIterations.size())));
}

/// Prepares every family for serving (one repetition, fixed iterations), and pairs the names before
/// and after, and those where each family is called by its number: same library, same order.
std::vector<Served> prepare(char* program) {
  const auto& families = registered_families();
  const std::vector<std::string> plain = list_names(program);
  for (auto* family : families) family->Repetitions(1)->Iterations(1);
  const std::vector<std::string> served = list_names(program);
  for (std::size_t i = 0; i < families.size(); ++i) families[i]->Name(std::to_string(i));
  const std::vector<std::string> numbered = list_names(program);
  for (auto* family : families) family->Name(kOff);
  const std::string marker = fmt::format("{}1/repeats:1", kIterations);
  std::vector<Served> all;
  for (std::size_t i = 0; i < plain.size() && i < served.size() && i < numbered.size(); ++i) {
    const auto at = served[i].rfind(marker);
    const auto at_of_numbered = numbered[i].rfind(marker);
    if (at == std::string::npos || at_of_numbered == std::string::npos) continue;
    const auto digits = std::min(numbered[i].find_first_not_of("0123456789"), numbered[i].size());
    all.push_back({plain[i], families.at(std::stoul(numbered[i].substr(0, digits))),
                   kOn + numbered[i].substr(digits, at_of_numbered - digits),
                   served[i].substr(at + kIterations.size() + 1),
                   fixed_iterations(plain[i], std::string_view(served[i]).substr(0, at))});
  }
  return all;
}

std::string exactly(std::string_view name) {
  std::string pattern = "^";
  for (const char c : name) {
    if (std::string_view("\\^$.|?*+()[{").contains(c)) pattern += '\\';
    pattern += c;
  }
  return pattern + "$";
}

/// The record of one run as the library's own JSON would have it, on one line, less what places the
/// run among repetitions and families. The library would write it with streams, to be parsed again:
/// half of what a slice of a small suite costs beside its iterations. A counter that is no finite
/// number is null, as the CPU's clock may stand still for a slice, and a rate is then infinite:
/// that spoils the slice for those alone who asked for the counter.
json run_record(const Run& run, const std::string& name) {
  json record = {{"name", name},
                 {"run_type", "iteration"},
                 {"repetitions", run.repetitions},
                 {"threads", run.threads},
                 {"iterations", run.iterations},
                 {"real_time", run.GetAdjustedRealTime()},
                 {"cpu_time", run.GetAdjustedCPUTime()},
                 {"time_unit", benchmark::GetTimeUnitString(run.time_unit)}};
  for (const auto& [key, counter] : run.counters)
    record[key] = std::isfinite(counter.value) ? json(counter.value) : json(nullptr);
  if (const auto* memory = run.memory_result; memory != nullptr) {
    record["allocs_per_iter"] = run.allocs_per_iter;
    record["max_bytes_used"] = memory->max_bytes_used;
    // The library's name for this value, MemoryManager::TombstoneValue, is not in its shared form.
    constexpr auto kUnknown = std::numeric_limits<std::int64_t>::max();
    const auto add_if_known = [&](const char* key, std::int64_t value) {
      if (value != kUnknown) record[key] = value;
    };
    add_if_known("total_allocated_bytes", memory->total_allocated_bytes);
    add_if_known("net_heap_growth", memory->net_heap_growth);
  }
  if (!run.report_label.empty()) record["label"] = run.report_label;
  return record;
}

json failure(std::string_view benchmark, std::string_view why) {
  return {{"benchmark", benchmark}, {"error", why}};
}

json answer_of(const Served& served, std::vector<Run> runs) {
  std::erase_if(runs, [](const Run& run) { return run.run_type != Run::RT_Iteration; });
  if (runs.size() != 1)
    return failure(served.name, fmt::format("{} benchmarks have this name", runs.size()));
  const Run& run = runs.front();
  if (run.error_occurred) return failure(served.name, run.error_message);
  if (!std::isfinite(run.GetAdjustedRealTime()))
    return failure(served.name, "real_time is not a finite number");
  if (!std::isfinite(run.GetAdjustedCPUTime()))
    return failure(served.name, "cpu_time is not a finite number");
  return run_record(run, served.name);
}

/// Runs slices of the benchmarks that it knows.
class Server {
 public:
  explicit Server(char* program) {
    for (Served& served : prepare(program)) {
      std::string name = served.name;
      benchmarks_.emplace(std::move(name), std::move(served));
    }
  }

  json greeting() const {
    json names = json::array();
    for (const auto& [name, served] : benchmarks_) {
      const json fixed = served.fixed_iterations ? json(*served.fixed_iterations) : json(nullptr);
      names.push_back({{"name", name}, {"fixed_iterations", fixed}});
    }
    benchmark::JSONReporter reporter;
    std::ostringstream out;
    reporter.SetOutputStream(&out);
    reporter.ReportContext({});
    json head = json::parse(out.str() + "]}");
    return {{"assay_protocol", 1}, {"context", head["context"]}, {"benchmarks", names}};
  }

  json answer(const std::string& line) {
    const json request = json::parse(line, nullptr, /*allow_exceptions=*/false);
    if (!request.is_object() || !request.contains("benchmark") ||
        !request["benchmark"].is_string() || !request.contains("iterations") ||
        !request["iterations"].is_number_integer() || request["iterations"] < 1)
      return failure("", fmt::format("no request: {}", line));
    const auto found = benchmarks_.find(request["benchmark"].get<std::string>());
    if (found == benchmarks_.end())
      return failure(request["benchmark"].get<std::string>(), "no benchmark has this name");
    return slice(found->second, request["iterations"].get<benchmark::IterationCount>());
  }

 private:
  json slice(const Served& served, benchmark::IterationCount requested) {
    const auto iterations = served.fixed_iterations.value_or(requested);
    if (on_ != served.family && on_ != nullptr) on_->Name(kOff);
    on_ = served.family;
    on_->Name(kOn)->Iterations(iterations);
    CapturingReporter reporter;
    const std::string spec = exactly(fmt::format("{}{}{}{}", served.before_iterations, kIterations,
                                                 iterations, served.after_iterations));
    benchmark::RunSpecifiedBenchmarks(&reporter, spec);
    return answer_of(served, std::move(reporter.runs));
  }

  std::map<std::string, Served> benchmarks_;
  Benchmark* on_ = nullptr;  ///< the family that the library runs
};

}  // namespace

int serve(char* program) {
  // The answers keep the real standard output; what benchmarks print may not mix with them.
  std::FILE* answers = ::fdopen(::dup(STDOUT_FILENO), "w");
  if (answers == nullptr || ::dup2(STDERR_FILENO, STDOUT_FILENO) < 0) return 1;
  const auto write_line = [answers](const json& value) {
    const std::string line = value.dump(-1, ' ', false, json::error_handler_t::replace) + "\n";
    return std::fwrite(line.data(), 1, line.size(), answers) == line.size() &&
           std::fflush(answers) == 0;
  };
  Server server(program);
  bool written = write_line(server.greeting());
  for (std::string line; written && std::getline(std::cin, line);)
    written = write_line(server.answer(line));
  std::fclose(answers);
  return written ? 0 : 1;
}

}  // namespace assay
