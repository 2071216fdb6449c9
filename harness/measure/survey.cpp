#include "measure/survey.hpp"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <ranges>

#include "measure/fingerprint.hpp"
#include "measure/process.hpp"

namespace assay {

Result<Survey> survey_instruments(const std::vector<InstrumentFile>& files,
                                  const std::vector<int>& cores,
                                  std::chrono::milliseconds timeout) {
  Survey survey;
  for (const auto& file : files) {
    const auto instrument = Instrument::start(file, {cores, 0}, timeout);
    if (!instrument && instrument.error().code == ExitCode::kInterrupted)
      return std::unexpected(instrument.error());
    if (!instrument) {
      survey.skipped.push_back(instrument.error().message());
      continue;
    }
    survey.files.push_back(file);
    const auto hash = hash_of_file(file.path);
    if (!hash) return std::unexpected(hash.error());
    survey.instruments[file.name] = {{"sha256", *hash}, {"context", instrument->context()}};
    for (const auto& [name, fixed] : instrument->benchmarks()) {
      const auto [other, added] = survey.instrument_of.emplace(name, file.name);
      if (!added)
        return fail(ExitCode::kUsage, file.path,
                    fmt::format("the benchmark \"{}\" is in {} too", name, other->second),
                    "rename one");
    }
  }
  if (survey.files.empty())
    return fail(ExitCode::kInstrument, "", fmt::format("{}", fmt::join(survey.skipped, "\n")));
  for (const auto& [name, instrument] : survey.instrument_of) survey.benchmarks.push_back(name);
  return survey;
}

std::size_t threads_in(const std::string& benchmark, std::size_t all) {
  constexpr std::string_view kKey = "/threads:";
  const auto at = benchmark.find(kKey);
  if (at == std::string::npos) return 1;
  const std::string_view rest = std::string_view(benchmark).substr(at + kKey.size());
  const std::string_view count = rest.substr(0, rest.find('/'));
  if (count == "all") return all;
  std::size_t threads = 0;
  const auto [end, error] = std::from_chars(count.data(), count.data() + count.size(), threads);
  const bool is_number = error == std::errc() && end == count.data() + count.size();
  return is_number ? std::max<std::size_t>(threads, 1) : 1;
}

std::map<std::string, std::vector<int>> cores_by_instrument(const Survey& survey,
                                                            const std::set<std::string>& benchmarks,
                                                            const std::vector<int>& cores,
                                                            const std::vector<int>& further) {
  std::vector<int> all = cores;
  for (const int core : further | std::views::reverse)
    if (std::ranges::count(cores, core) == 0) all.push_back(core);
  std::map<std::string, std::size_t> counts;
  for (const auto& file : survey.files) counts[file.name] = cores.size();
  for (const auto& name : benchmarks) {
    std::size_t& count = counts.at(survey.instrument_of.at(name));
    count = std::max(count, std::min(threads_in(name, all.size()), all.size()));
  }
  std::map<std::string, std::vector<int>> found;
  for (const auto& [instrument, count] : counts)
    found[instrument].assign(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(count));
  return found;
}

namespace {

/// What a benchmark that cannot be run is planned with; it is never asked for.
constexpr double kUnknownNs = 1e5;

/// What slices set up that cost more than this is looked at again.
constexpr double kDearSetUpNs = 20e6;

/// What the first slices of these benchmarks set up in a process that is not the run's first: what
/// lives longer than a process (a file that was made, say) is there by now.
double set_up_again(const InstrumentFile& file, const std::vector<std::string>& names,
                    const std::vector<int>& cores, std::chrono::milliseconds timeout) {
  if (names.empty()) return 0;
  auto again = Instrument::start(file, {cores, 0}, timeout);
  double ns = 0;
  for (const auto& name : names) {
    if (!again) break;  // the survey tells of instruments that do not start
    const auto cost = calibrate(*again, name, timeout);
    if (!cost) break;
    ns += cost->set_up_ns;
  }
  return ns;
}

Result<void> cost_of_instrument(const InstrumentFile& file, const std::set<std::string>& names,
                                const std::vector<int>& cores, std::chrono::milliseconds timeout,
                                Costs& costs) {
  std::optional<Instrument> running;
  double start_seconds = 0, set_up_ns = 0;
  std::vector<std::string> dear;
  for (const auto& name : names) {
    const auto start = std::chrono::steady_clock::now();
    if (!running) {
      auto started = Instrument::start(file, {cores, 0}, timeout);
      if (!started) return std::unexpected(started.error());
      running.emplace(*std::move(started));
      start_seconds =
          std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    }
    const auto cost = calibrate(*running, name, timeout);
    if (was_interrupted()) return fail(ExitCode::kInterrupted, "", "interrupted before measuring");
    costs.of.push_back({name,
                        {file.name, cost ? cost->ns_per_iteration : kUnknownNs,
                         cost ? cost->ns_per_slice : 0, running->benchmarks().at(name)}});
    if (cost) {
      costs.metrics[name] = cost->metrics;
      costs.threads[name] = cost->threads;
      if (!cost->work.empty()) costs.work[name] = cost->work;
      if (cost->set_up_ns > kDearSetUpNs)
        dear.push_back(name);
      else
        set_up_ns += cost->set_up_ns;
      continue;
    }
    costs.failures.push_back(cost.error());
    const bool is_gone =
        cost.error().kind == FailureKind::kCrash || cost.error().kind == FailureKind::kHang;
    if (is_gone) running.reset();
  }
  running.reset();
  set_up_ns += set_up_again(file, dear, cores, timeout);
  costs.start_seconds += start_seconds + set_up_ns * 1e-9;
  return {};
}

}  // namespace

Result<Costs> survey_costs(const Survey& survey, const std::set<std::string>& benchmarks,
                           const std::map<std::string, std::vector<int>>& cores,
                           std::chrono::milliseconds timeout) {
  Costs costs;
  for (const auto& file : survey.files) {
    std::set<std::string> names;
    for (const auto& name : benchmarks)
      if (survey.instrument_of.at(name) == file.name) names.insert(name);
    if (auto done = cost_of_instrument(file, names, cores.at(file.name), timeout, costs); !done)
      return std::unexpected(done.error());
  }
  return costs;
}

}  // namespace assay
