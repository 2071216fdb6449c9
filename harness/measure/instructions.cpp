#include "measure/instructions.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "measure/temporary_folder.hpp"
#include "record/raw_file.hpp"

namespace assay {

namespace {

constexpr const char* kValgrind = "valgrind";

Result<void> require_valgrind() {
  if (output_of({kValgrind, "--version"}, true)) return {};
  return fail(ExitCode::kInstrument, kValgrind,
              "instructions cannot be counted: it is not installed, or does not run",
              "install the Debian package valgrind");
}

/// Of valgrind's tools the fastest that counts exactly.
std::vector<std::string> counting_into(const std::string& path) {
  return {kValgrind, "--tool=cachegrind", "--cache-sim=no", "--vgdb=no",
          "--cachegrind-out-file=" + path};
}

/// The record of a slice, or why there is none.
Result<nlohmann::json> slice(Instrument& instrument, const std::string& benchmark,
                             std::uint64_t iterations, std::chrono::milliseconds timeout) {
  if (!instrument.request(benchmark, iterations))
    return fail(ExitCode::kInstrument, benchmark, "the instrument is gone");
  auto answer = instrument.answer(benchmark, timeout);
  if (answer.interrupted) return fail(ExitCode::kInterrupted, benchmark, "interrupted");
  if (answer.failure)
    return fail(ExitCode::kInstrument, benchmark, "under valgrind: " + answer.failure->what);
  if (answer.record.value("iterations", nlohmann::json()) != iterations)
    return fail(ExitCode::kInstrument, benchmark,
                fmt::format("ran another number of iterations than the {} asked for", iterations),
                "count a benchmark of one thread whose iterations are not fixed");
  return std::move(answer.record);
}

struct Counted {
  std::uint64_t instructions;  ///< of the whole process
  std::string label;
};

Result<Counted> count_process(const InstrumentFile& file, const std::string& benchmark,
                              std::uint64_t iterations, std::chrono::milliseconds timeout,
                              const std::string& path) {
  const Surroundings surroundings{.is_silent = true, .wrapper = counting_into(path)};
  auto instrument = Instrument::start(file, surroundings, timeout);
  if (!instrument) return std::unexpected(instrument.error());
  if (auto warm_up = slice(*instrument, benchmark, 1, timeout); !warm_up)
    return std::unexpected(warm_up.error());
  const auto record = slice(*instrument, benchmark, iterations, timeout);
  if (!record) return std::unexpected(record.error());
  if (const std::string how = instrument->finish(timeout); how != "exited with code 0")
    return fail(ExitCode::kInstrument, file.path, how + " under valgrind at its end");
  const auto total = total_instructions(read_file(path).value_or(""));
  if (!total) return std::unexpected(total.error());
  return Counted{*total, record->value("label", std::string())};
}

}  // namespace

std::uint64_t iterations_to_count(double ns_per_iteration) {
  constexpr double kSliceNs = 5e6;
  return static_cast<std::uint64_t>(std::max(1.0, std::round(kSliceNs / ns_per_iteration)));
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

Result<InstructionCount> count_instructions(const InstrumentFile& file,
                                            const std::string& benchmark, std::uint64_t iterations,
                                            std::chrono::milliseconds timeout) {
  if (auto there = require_valgrind(); !there) return std::unexpected(there.error());
  try {
    const TemporaryFolder folder;
    std::array<std::uint64_t, 3> totals{};
    InstructionCount count{};
    for (std::size_t i = 0; i < totals.size(); ++i) {
      auto counted =
          count_process(file, benchmark, iterations << i, timeout, folder.path("cachegrind.out"));
      if (!counted) return std::unexpected(counted.error());
      totals.at(i) = counted->instructions;
      count.label = std::move(counted->label);
    }
    auto found = instructions_per_iteration(totals, iterations);
    if (!found) {
      found.error().where = benchmark;
      return std::unexpected(std::move(found.error()));
    }
    count.per_iteration = *found;
    return count;
  } catch (const std::filesystem::filesystem_error& error) {
    return fail(ExitCode::kOutput, error.path1().string(), error.code().message(),
                "let TMPDIR name a folder that can be written to");
  }
}

}  // namespace assay
