#include "measure/collect.hpp"

#include <algorithm>
#include <deque>
#include <numeric>
#include <random>
#include <set>

#include "measure/cpu_time.hpp"
#include "record/raw_file.hpp"
#include "statistics/statistics.hpp"

namespace assay {

using nlohmann::json;
using Clock = std::chrono::steady_clock;

namespace {

/// Requests sent ahead to one process, so that it never waits for the experimenter between slices.
/// Well below what a pipe holds in either direction.
constexpr std::size_t kGroup = 32;
constexpr std::uint32_t kMostPaddingBytes = 4096;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

class Collector {
 public:
  Collector(const Manifest& manifest, const Link& instruments, const CollectOptions& options,
            Collected& collected)
      : manifest_(manifest),
        plan_(manifest.plan),
        ordinary_(instruments),
        options_(options),
        collected_(collected),
        reader_(options.metrics) {
    collected_.slices.resize(plan_.units.size());
    // Rounds never come again, even of a run whose event log is lost.
    for (const auto& slices : collected_.slices)
      if (!slices.empty())
        collected_.events.rounds_started =
            std::max(collected_.events.rounds_started, slices.back().round + 1);
    for (const auto& failure : collected_.events.failures) failed_.insert(failure.benchmark);
    elapsed_before_ = collected_.events.elapsed_seconds;
    std::set<int> cores(manifest_.cores.begin(), manifest_.cores.end());
    for (const auto& unit : plan_.units)
      for (const auto& arm : unit.arms)
        for (const int core : cores_of(arm.instrument)) cores.insert(core);
    measuring_cores_.assign(cores.begin(), cores.end());
  }

  Result<void> run() {
    std::vector<bool> open = options_.open_comparisons(collected_);
    std::string why = "budget";
    for (std::uint32_t round = collected_.events.rounds_started;; ++round) {
      const std::vector<bool> units = active_units(open);
      if (std::ranges::none_of(units, std::identity{})) {
        const bool all_failed =
            !plan_.units.empty() &&
            std::ranges::all_of(plan_.units, [&](const Unit& unit) { return has_failed(unit); });
        why = all_failed ? "failed" : "decided";
        break;
      }
      if (elapsed() + predicted_seconds(units) > manifest_.budget_seconds && round > 0) break;
      if (auto done = measure_round(round, units); !done) return done;
      if (interrupted_) break;
      if (std::ranges::count(options_.looks, round + 1) > 0)
        open = options_.open_comparisons(collected_);
      for (std::size_t i = 0; i < open.size(); ++i)
        open[i] = open[i] && !options_.is_over(collected_, plan_.comparisons[i]);
      options_.on_round(collected_, open, manifest_.budget_seconds - elapsed());
    }
    if (interrupted_) why = "interrupted";
    if (auto done = log({{"event", "finish"}, {"why", why}, {"elapsed_seconds", elapsed()}}); !done)
      return done;
    return interrupted_ || why == "failed" ? Result<void>() : measure_relinks();
  }

 private:
  /// Measuring time: what passed, less the waiting for benchmarks that hung.
  double elapsed() const { return elapsed_before_ + seconds_since(start_) - hung_seconds_; }

  /// What the slices are expected to take, and what recent rounds took beyond that: the median, so
  /// that one bad moment does not end the run.
  double predicted_seconds(const std::vector<bool>& units) const {
    std::vector<double> beyond(beyond_expected_.begin(), beyond_expected_.end());
    return expected_seconds(plan_, units) + (beyond.empty() ? 0 : median(std::move(beyond)));
  }

  void learn_from_round(double seconds, const std::vector<bool>& units) {
    constexpr std::size_t kRecent = 9;
    beyond_expected_.push_back(seconds - expected_seconds(plan_, units));
    if (beyond_expected_.size() > kRecent) beyond_expected_.pop_front();
  }

  /// Round after round of all relinks in random order, so that a bad moment hits no one link.
  Result<void> measure_relinks() {
    // Three rounds of eight links of a register of a hundred entries take some 40 s.
    constexpr double kShareOfBudget = 0.3;
    constexpr double kLeastTurns = 3;
    if (options_.relinks.empty()) return {};
    const auto units = active_units(options_.relinked);
    const double allowed =
        std::max(kShareOfBudget * manifest_.budget_seconds, manifest_.budget_seconds - elapsed());
    const double end = elapsed() + allowed;
    const auto links = static_cast<double>(options_.relinks.size());
    if (std::ranges::none_of(units, std::identity{})) return {};
    if (predicted_seconds(units) * links * kLeastTurns > allowed) return {};  // too few to tell
    std::mt19937_64 rng(plan_.seed);
    for (std::uint32_t turn = 0; turn < options_.rounds_a_relink; ++turn) {
      std::vector<std::size_t> order(options_.relinks.size());
      std::iota(order.begin(), order.end(), std::size_t{1});
      std::ranges::shuffle(order, rng);
      for (const std::size_t link : order) {
        if (failed_links_.contains(link)) continue;
        if (interrupted_ || elapsed() + predicted_seconds(units) > end) return {};
        link_ = link;
        auto done = measure_round(collected_.events.rounds_started, units);
        link_ = 0;
        if (!done) return done;
      }
    }
    return {};
  }

  const InstrumentFile& file_of(const std::string& instrument) const {
    return link_ == 0 ? ordinary_.at(instrument) : options_.relinks[link_ - 1].at(instrument);
  }

  bool has_failed(const Unit& unit) const {
    return std::ranges::any_of(unit.arms,
                               [&](const Arm& arm) { return failed_.contains(arm.benchmark); });
  }

  std::vector<bool> active_units(const std::vector<bool>& open) const {
    std::vector<bool> active(plan_.units.size());
    for (std::size_t i = 0; i < active.size(); ++i)
      active[i] = open[plan_.units[i].comparison] && !has_failed(plan_.units[i]);
    return active;
  }

  Result<void> log(const json& event) {
    return append_line(events_path(options_.run_dir), event.dump());
  }

  /// A failure of a relink ends the measuring of that link, and is no failure of the benchmark.
  Result<void> note(Failure failure, std::uint32_t round) {
    if (link_ != 0) {
      const bool is_first = failed_links_.insert(link_).second;
      return is_first ? log({{"event", "relink_failure"}, {"link", link_}, {"what", failure.what}})
                      : Result<void>();
    }
    failure.round = round;
    failed_.insert(failure.benchmark);
    collected_.events.failures.push_back(failure);
    return log(to_json(failure));
  }

  /// Starts the instruments that the units need, in random order and surroundings.
  Result<bool> start_processes(std::uint32_t round, const std::vector<bool>& units) {
    processes_.clear();
    std::set<std::string> needed;
    for (std::size_t i = 0; i < units.size(); ++i)
      if (units[i])
        for (const auto& arm : plan_.units[i].arms) needed.insert(arm.instrument);
    std::vector<std::string> order(needed.begin(), needed.end());
    std::seed_seq seeds{static_cast<std::uint32_t>(plan_.seed),
                        static_cast<std::uint32_t>(plan_.seed >> 32U), round, 1U};
    std::mt19937_64 rng(seeds);
    std::ranges::shuffle(order, rng);
    json started = json::array();
    bool all = true;
    for (const auto& name : order) {
      const auto padding = static_cast<std::uint32_t>(rng() % kMostPaddingBytes);
      auto process = start_instrument(name, padding);
      if (!process) {
        all = false;
        if (process.error().code == ExitCode::kInterrupted) {
          interrupted_ = true;
          break;
        }
        for (const auto& benchmark : benchmarks_of_instrument(name))
          if (auto noted = note(
                  {benchmark, FailureKind::kCrash, process.error().message(), round, name}, round);
              !noted)
            return std::unexpected(noted.error());
        continue;
      }
      started.push_back({{"instrument", name}, {"environment_bytes", padding}});
      processes_.emplace(name, *std::move(process));
    }
    if (auto logged =
            log({{"event", "round"}, {"round", round}, {"link", link_}, {"processes", started}});
        !logged)
      return std::unexpected(logged.error());
    collected_.events.rounds_started = round + 1;
    return all;
  }

  /// A second try for a process that something killed before it was ready.
  Result<Instrument> start_instrument(const std::string& name, std::uint32_t padding) {
    const Surroundings surroundings{cores_of(name), padding};
    auto process = Instrument::start(file_of(name), surroundings, options_.slice_timeout);
    if (process || process.error().code == ExitCode::kInterrupted) return process;
    return Instrument::start(file_of(name), surroundings, options_.slice_timeout);
  }

  /// The run's own; more for an instrument whose benchmarks run several threads.
  std::vector<int> cores_of(const std::string& instrument) const {
    const auto found = manifest_.instruments.find(instrument);
    return found == manifest_.instruments.end() ? manifest_.cores
                                                : found->value("cores", manifest_.cores);
  }

  std::set<std::string> benchmarks_of_instrument(const std::string& name) const {
    std::set<std::string> names;
    for (const auto& unit : plan_.units)
      for (const auto& arm : unit.arms)
        if (arm.instrument == name) names.insert(arm.benchmark);
    return names;
  }

  const Arm& arm_of(const SliceRequest& slice) const {
    return plan_.units[slice.unit].arms[slice.arm];
  }

  Result<void> measure_round(std::uint32_t round, const std::vector<bool>& units) {
    const double start = elapsed();
    const CpuTimer timer(measuring_cores_);
    const std::size_t failed_before = failed_.size();
    const auto started = start_processes(round, units);
    if (!started) return std::unexpected(started.error());
    if (!*started) return {};
    std::vector<SliceRequest> slices = schedule_round(plan_, units, round);
    for (std::size_t first = 0; first < slices.size() && !interrupted_;) {
      const std::size_t end = end_of_group(slices, first);
      const auto whole = measure_group(round,
                                       {slices.begin() + static_cast<std::ptrdiff_t>(first),
                                        slices.begin() + static_cast<std::ptrdiff_t>(end)},
                                       static_cast<std::uint32_t>(first));
      if (!whole) return std::unexpected(whole.error());
      if (!*whole) break;  // the process is gone: its round ends here
      first = end;
    }
    processes_.clear();
    if (interrupted_) return {};
    if (failed_.size() == failed_before) learn_from_round(elapsed() - start, units);
    json ended = {
        {"event", "round_end"}, {"round", round}, {"link", link_}, {"elapsed_seconds", elapsed()}};
    const CpuTime time = timer.passed();
    if (time.busy > 0) {
      ended["busy_seconds"] = time.busy;
      ended["stolen_seconds"] = time.stolen;
    }
    if (link_ == 0) {
      ++collected_.events.rounds_ended;
      collected_.events.elapsed_seconds = elapsed();
      collected_.events.cpu_time += time;
    }
    return log(ended);
  }

  /// Consecutive slices of one process form a group. One that has several CPUs gets one slice at a
  /// time: the experimenter, who reads the last slice's answer while the next one runs, may have to
  /// do so on one of these CPUs.
  std::size_t end_of_group(const std::vector<SliceRequest>& slices, std::size_t first) const {
    const bool is_alone =
        cores_of(arm_of(slices[first]).instrument).size() > manifest_.cores.size();
    const std::size_t most = is_alone ? 1 : kGroup;
    std::size_t end = first + 1;
    while (end < slices.size() && end - first < most &&
           arm_of(slices[end]).instrument == arm_of(slices[first]).instrument)
      ++end;
    return end;
  }

  std::chrono::milliseconds timeout_of(const SliceRequest& slice) const {
    constexpr double kPatience = 20;
    const double ms = plan_.units[slice.unit].slice_ns * 1e-6 * kPatience;
    return options_.slice_timeout + std::chrono::milliseconds(static_cast<std::int64_t>(ms));
  }

  /// Runs a group and writes its records. False if its process ended.
  Result<bool> measure_group(std::uint32_t round, const std::vector<SliceRequest>& group,
                             std::uint32_t first_position) {
    const std::string& name = arm_of(group.front()).instrument;
    Instrument& process = processes_.at(name);
    for (const auto& slice : group)
      if (!process.request(arm_of(slice).benchmark, arm_of(slice).iterations)) break;
    std::vector<std::string> records;
    bool alive = true;
    for (std::size_t i = 0; i < group.size() && alive; ++i) {
      const Arm& arm = arm_of(group[i]);
      const auto asked = Clock::now();
      auto answer = process.answer(arm.benchmark, timeout_of(group[i]));
      if (link_ == 0 && answer.failure && answer.failure->kind == FailureKind::kHang)
        hung_seconds_ += seconds_since(asked);
      interrupted_ = interrupted_ || answer.interrupted;
      alive = !answer.is_over && !answer.interrupted;
      const bool is_new = answer.failure && !failed_.contains(arm.benchmark);
      if (is_new) answer.failure->instrument = name;
      if (is_new)
        if (auto noted = note(*answer.failure, round); !noted)
          return std::unexpected(noted.error());
      if (answer.failure || answer.interrupted) continue;
      if (auto kept = keep(answer.record, group[i], round,
                           first_position + static_cast<std::uint32_t>(i), records);
          !kept)
        return std::unexpected(kept.error());
    }
    if (auto written = raw_file(name, process.context()); !written)
      return std::unexpected(written.error());
    if (auto written = raw_files_.at({name, link_}).append(records); !written)
      return std::unexpected(written.error());
    return alive;
  }

  Result<void> keep(const json& record, const SliceRequest& request, std::uint32_t round,
                    std::uint32_t position, std::vector<std::string>& records) {
    const std::string name = record.at("name");
    const std::string label = record.value("label", "");
    if (!label.empty() && collected_.events.labels.emplace(name, label).second)
      if (auto logged = log({{"event", "label"}, {"benchmark", name}, {"label", label}}); !logged)
        return logged;
    if (request.is_warmup) return {};
    std::string line = raw_line(record, request, round, position);
    auto slice = reader_.read(line);
    if (!options_.further_metrics.empty())
      for (const auto& metric : options_.further_metrics[request.unit])
        if (const auto found = metric_in(record, metric); !found)
          slice = std::unexpected(found.error());
    if (!slice && failed_.contains(name)) return {};
    if (!slice)
      return note({name, FailureKind::kError, slice.error().what, round,
                   plan_.units[request.unit].arms[request.arm].instrument},
                  round);
    if (link_ == 0) collected_.slices[request.unit].push_back(*slice);
    records.push_back(std::move(line));
    return {};
  }

  Result<void> raw_file(const std::string& instrument, const json& context) {
    const std::pair key(instrument, link_);
    if (raw_files_.contains(key)) return {};
    auto file =
        RawFile::open(raw_path(options_.run_dir, instrument, link_), manifest_.run_id, context);
    if (!file) return std::unexpected(file.error());
    raw_files_.emplace(key, *std::move(file));
    return {};
  }

  const Manifest& manifest_;
  const Plan& plan_;
  const Link& ordinary_;
  std::set<std::size_t> failed_links_;
  std::size_t link_ = 0;  ///< being measured: 0 the ordinary one, then the relinks
  const CollectOptions& options_;
  Collected& collected_;
  SliceReader reader_;
  std::map<std::string, Instrument> processes_;
  std::map<std::pair<std::string, std::size_t>, RawFile> raw_files_;  ///< by instrument and link
  std::set<std::string> failed_;
  Clock::time_point start_ = Clock::now();
  double elapsed_before_ = 0;
  std::vector<int> measuring_cores_;  ///< of any instrument
  double hung_seconds_ = 0;
  std::deque<double> beyond_expected_;  ///< of recent rounds, in seconds
  bool interrupted_ = false;
};

}  // namespace

Result<void> collect(const Manifest& manifest, const Link& instruments,
                     const CollectOptions& options, Collected& collected) {
  return Collector(manifest, instruments, options, collected).run();
}

}  // namespace assay
