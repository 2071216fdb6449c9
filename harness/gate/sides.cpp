#include "gate/sides.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <ranges>
#include <sstream>

#include "measure/fingerprint.hpp"
#include "measure/process.hpp"

namespace assay {

namespace fs = std::filesystem;

namespace {

std::vector<std::string> split_at_commas(const std::string& text) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, ',');)
    if (!part.empty()) parts.push_back(part);
  return parts;
}

bool are_json_files(const std::vector<std::string>& paths) {
  return !paths.empty() &&
         std::ranges::all_of(paths, [](const auto& path) { return path.ends_with(".json"); });
}

constexpr const char* kBuildMend =
    "name a build's folder, a folder of executables, an executable, JSON files joined by commas, "
    "or "
    "a git reference";

}  // namespace

bool is_on_disk(const std::string& named) {
  std::error_code ignored;
  return fs::exists(named, ignored) || are_json_files(split_at_commas(named));
}

Result<Build> find_build(const std::string& named) {
  std::error_code ignored;
  Build build{named, {}, {}, {}};
  if (const auto paths = split_at_commas(named); are_json_files(paths)) {
    for (const auto& path : paths)
      if (!fs::exists(path, ignored))
        return fail(ExitCode::kUsage, path, "there is no such file", kBuildMend);
    build.files = paths;
    return build;
  }
  if (!fs::exists(named, ignored))
    return fail(ExitCode::kUsage, named, "there is no such build", kBuildMend);
  if (!fs::is_directory(named, ignored)) {
    if (::access(named.c_str(), X_OK) != 0)
      return fail(ExitCode::kUsage, named, "is not an executable", kBuildMend);
    const fs::path path = fs::absolute(named);
    build.programs.push_back({path.filename().string(), path.string()});
    return build;
  }
  const std::string inside = named + "/benches/instruments";
  build.folder = fs::absolute(fs::is_directory(inside, ignored) ? inside : named).string();
  auto found = find_instruments(build.folder);
  if (!found)
    return fail(ExitCode::kUsage, build.folder, "no executable in this folder",
                "build first, or name another folder");
  build.programs = *std::move(found);
  return build;
}

Result<std::vector<std::string>> list_benchmarks(const InstrumentFile& file) {
  const auto listed = output_of({file.path, "--benchmark_list_tests=true"}, true);
  if (!listed)
    return fail(ExitCode::kInstrument, file.path,
                fmt::format("lists no benchmarks: {}", listed.error().what),
                "is it a Google Benchmark program?");
  std::vector<std::string> names;
  std::istringstream lines(*listed);
  for (std::string line; std::getline(lines, line);)
    if (!line.empty()) names.push_back(line);
  return names;
}

namespace {

Result<void> take_name(const std::string& benchmark, const std::string& path, GateSide& side) {
  if (side.benchmarks.insert(benchmark).second) return {};
  return fail(ExitCode::kUsage, path,
              fmt::format("the benchmark \"{}\" is in another executable of the {}, too", benchmark,
                          side.name),
              "rename one, or name one executable");
}

Result<void> take_served(const InstrumentFile& file, const Instrument& instrument, GateSide& side) {
  const auto hash = hash_of_file(file.path);
  if (!hash) return std::unexpected(hash.error());
  side.served.files.push_back(file);
  side.served.instruments[file.name] = {{"sha256", *hash}, {"context", instrument.context()}};
  for (const auto& benchmark : std::views::keys(instrument.benchmarks())) {
    if (auto taken = take_name(benchmark, file.path, side); !taken) return taken;
    side.served.instrument_of[benchmark] = file.name;
    side.served.benchmarks.push_back(benchmark);
  }
  return {};
}

Result<void> take_stock(const InstrumentFile& file, const Error& why_not_served, GateSide& side) {
  const auto listed = list_benchmarks(file);
  if (!listed || listed->empty()) {
    const std::string what = listed ? "lists no benchmarks" : listed.error().what;
    (listed ? side.skipped : side.failed)
        .push_back(fmt::format("{}: {}; {}", side.name, why_not_served.message(), what));
    return {};
  }
  for (const auto& benchmark : *listed) {
    if (auto taken = take_name(benchmark, file.path, side); !taken) return taken;
    side.stock[benchmark] = file;
  }
  return {};
}

}  // namespace

Result<GateSide> survey_side(const std::string& name, const Build& build,
                             const std::vector<int>& cores, std::chrono::milliseconds timeout) {
  GateSide side;
  side.name = name;
  for (const auto& [file_name, path] : build.programs) {
    const InstrumentFile file{fmt::format("{}.{}", name, file_name), path};
    const auto instrument = Instrument::start(file, {cores, 0, true}, timeout);
    if (was_interrupted()) return fail(ExitCode::kInterrupted, "", "interrupted before measuring");
    auto taken = instrument ? take_served(file, *instrument, side)
                            : take_stock(file, instrument.error(), side);
    if (!taken) return std::unexpected(taken.error());
  }
  if (side.benchmarks.empty())
    return fail(ExitCode::kInstrument, build.label,
                fmt::format("no executable of the {} offers a benchmark: {}{}{}", name,
                            fmt::join(side.failed, "; "),
                            side.failed.empty() || side.skipped.empty() ? "" : "; ",
                            fmt::join(side.skipped, "; ")),
                "name Google Benchmark programs");
  return side;
}

}  // namespace assay
