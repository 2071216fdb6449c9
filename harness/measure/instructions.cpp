#include "measure/instructions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <optional>

#include "measure/temporary_folder.hpp"
#include "record/raw_file.hpp"
#include "statistics/statistics.hpp"

namespace assay {

namespace {

constexpr const char* kValgrind = "valgrind";

/// `other_mend` is what would do instead; may be empty.
Result<void> require_valgrind(const std::string& other_mend) {
  if (output_of({kValgrind, "--version"}, true)) return {};
  return fail(ExitCode::kInstrument, kValgrind,
              "instructions cannot be counted: it is not installed, or does not run",
              "install the Debian package valgrind" +
                  (other_mend.empty() ? "" : fmt::format("; or {}", other_mend)));
}

/// Of valgrind's tools the fastest that counts exactly.
std::vector<std::string> counting_into(const std::string& path) {
  return {kValgrind, "--tool=cachegrind", "--cache-sim=no", "--vgdb=no",
          "--cachegrind-out-file=" + path};
}

/// The record of a slice, or why there is none; `how` it was run stands before the reason.
Result<nlohmann::json> slice(Instrument& instrument, const std::string& benchmark,
                             std::uint64_t iterations, std::chrono::milliseconds timeout,
                             const char* how) {
  if (!instrument.request(benchmark, iterations))
    return fail(ExitCode::kInstrument, benchmark, "the instrument is gone");
  auto answer = instrument.answer(benchmark, timeout);
  if (answer.interrupted) return fail(ExitCode::kInterrupted, benchmark, "interrupted");
  if (answer.failure)
    return fail(ExitCode::kInstrument, benchmark, fmt::format("{}: {}", how, answer.failure->what));
  if (answer.record.value("iterations", nlohmann::json()) != iterations)
    return fail(ExitCode::kInstrument, benchmark,
                fmt::format("ran another number of iterations than the {} asked for", iterations),
                "count a benchmark of one thread whose iterations are not fixed");
  return std::move(answer.record);
}

struct Counted {
  std::uint64_t instructions;  ///< of the whole process, or of a slice
  std::string label;
};

constexpr const char* kUnderValgrind = "under valgrind";
constexpr const char* kUnderACounter = "while it was counted";

Result<Counted> count_process(const InstrumentFile& file, const std::string& benchmark,
                              std::uint64_t iterations, std::chrono::milliseconds timeout,
                              const std::string& path) {
  const Surroundings surroundings{.is_silent = true, .wrapper = counting_into(path)};
  auto instrument = Instrument::start(file, surroundings, timeout);
  if (!instrument) return std::unexpected(instrument.error());
  if (auto warm_up = slice(*instrument, benchmark, 1, timeout, kUnderValgrind); !warm_up)
    return std::unexpected(warm_up.error());
  const auto record = slice(*instrument, benchmark, iterations, timeout, kUnderValgrind);
  if (!record) return std::unexpected(record.error());
  if (const std::string how = instrument->finish(timeout); how != "exited with code 0")
    return fail(ExitCode::kInstrument, file.path, how + " under valgrind at its end");
  const auto total = total_instructions(read_file(path).value_or(""));
  if (!total) return std::unexpected(total.error());
  return Counted{*total, record->value("label", std::string())};
}

}  // namespace

std::uint64_t iterations_to_count(double ns_per_iteration) {
  constexpr double kCountedNs = 5e6;
  return static_cast<std::uint64_t>(std::max(1.0, std::round(kCountedNs / ns_per_iteration)));
}

Result<std::uint64_t> total_instructions(std::string_view text) {
  constexpr std::string_view kEvents = "\nevents: Ir\n";
  constexpr std::string_view kSummary = "\nsummary: ";
  const auto events = text.find(kEvents);
  const auto summary = text.rfind(kSummary);
  std::uint64_t total = 0;
  if (events != std::string_view::npos && summary != std::string_view::npos) {
    const std::string_view number = text.substr(summary + kSummary.size());
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), total);
    if (error == std::errc() && end != number.data() + number.size() && *end == '\n') return total;
  }
  return fail(ExitCode::kOutput, "cachegrind", "wrote no number of instructions",
              "see whether the temporary folder is full");
}

Result<double> instructions_per_iteration(const std::array<std::uint64_t, 3>& totals,
                                          std::uint64_t iterations) {
  const auto [once, twice, four_times] = totals;
  const auto n = static_cast<double>(iterations);
  const double first = (static_cast<double>(twice) - static_cast<double>(once)) / n;
  const double second = (static_cast<double>(four_times) - static_cast<double>(twice)) / (2 * n);
  if (second > 0 && std::abs(first - second) <= kMostCountsDiffer * second) return second;
  return fail(
      ExitCode::kInstrument, "",
      fmt::format("its instructions are not constant per iteration: {:.6g} from {} to {} "
                  "iterations, {:.6g} from {} to {}",
                  first, iterations, 2 * iterations, second, 2 * iterations, 4 * iterations),
      "count more iterations, or see whether its work depends on their number");
}

namespace {

Result<InstructionCount> count_from(const std::array<std::uint64_t, 3>& totals,
                                    std::uint64_t iterations, std::string label,
                                    const std::string& benchmark, const char* counted_by) {
  auto found = instructions_per_iteration(totals, iterations);
  if (found) return InstructionCount{*found, std::move(label), counted_by};
  found.error().where = benchmark;
  return std::unexpected(std::move(found.error()));
}

Result<InstructionCount> count_by_valgrind(const InstrumentFile& file, const std::string& benchmark,
                                           std::uint64_t iterations,
                                           std::chrono::milliseconds timeout) {
  try {
    const TemporaryFolder folder;
    std::array<std::uint64_t, 3> totals{};
    std::string label;
    for (std::size_t i = 0; i < totals.size(); ++i) {
      auto counted =
          count_process(file, benchmark, iterations << i, timeout, folder.path("cachegrind.out"));
      if (!counted) return std::unexpected(counted.error());
      totals.at(i) = counted->instructions;
      label = std::move(counted->label);
    }
    return count_from(totals, iterations, std::move(label), benchmark, "valgrind");
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(ExitCode::kOutput, error.path1().string(), error.code().message(),
                "let TMPDIR name a folder that can be written to");
  }
}

/// None if the counter stood still, as in some virtual machines, or could not be had all the time.
Result<std::optional<Counted>> count_slice(Instrument& instrument, const PerfCounter& counter,
                                           const std::string& benchmark, std::uint64_t iterations,
                                           std::chrono::milliseconds timeout) {
  const auto before = counter.read();
  const auto record = slice(instrument, benchmark, iterations, timeout, kUnderACounter);
  if (!record) return std::unexpected(record.error());
  const auto after = counter.read();
  if (!before || !after || *after == *before) return std::nullopt;
  return Counted{*after - *before, record->value("label", std::string())};
}

/// None if no counter counts the benchmark.
Result<std::optional<InstructionCount>> count_by_counter(const InstrumentFile& file,
                                                         const std::string& benchmark,
                                                         std::uint64_t iterations,
                                                         std::chrono::milliseconds timeout,
                                                         const PerfEvent& event) {
  constexpr int kRepetitions = 5;  // an interrupt, or a signal, may add a few to one of them
  auto instrument = Instrument::start(file, {.is_silent = true}, timeout);
  if (!instrument) return std::unexpected(instrument.error());
  const auto counter = PerfCounter::open(instrument->pid(), event);
  if (!counter) return std::nullopt;
  if (auto warm_up = slice(*instrument, benchmark, 1, timeout, kUnderACounter); !warm_up)
    return std::unexpected(warm_up.error());
  std::array<std::vector<double>, 3> counts;
  std::string label;
  for (int repetition = 0; repetition < kRepetitions; ++repetition)
    for (std::size_t i = 0; i < counts.size(); ++i) {
      auto counted = count_slice(*instrument, *counter, benchmark, iterations << i, timeout);
      if (!counted) return std::unexpected(counted.error());
      if (!*counted) return std::nullopt;
      counts.at(i).push_back(static_cast<double>((*counted)->instructions));
      label = std::move((*counted)->label);
    }
  std::array<std::uint64_t, 3> totals{};
  std::ranges::transform(counts, totals.begin(),
                         [](auto& of_size) { return static_cast<std::uint64_t>(median(of_size)); });
  return count_from(totals, iterations, std::move(label), benchmark, "perf");
}

}  // namespace

Result<InstructionCount> count_instructions(const InstrumentFile& file,
                                            const std::string& benchmark, std::uint64_t iterations,
                                            std::chrono::milliseconds timeout,
                                            const PerfEvent& event) {
  const auto permitted =
      PerfCounter::open(0, event);  // on the caller: it starts no process in vain
  if (permitted) {
    auto count = count_by_counter(file, benchmark, iterations, timeout, event);
    if (!count) return std::unexpected(count.error());
    if (*count) return *std::move(*count);
  }
  if (auto there = require_valgrind(permitted ? "" : permitted.error().mend); !there)
    return std::unexpected(there.error());
  return count_by_valgrind(file, benchmark, iterations, timeout);
}

}  // namespace assay
