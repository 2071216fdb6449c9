#include "verdict/calibration.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "record/lines.hpp"
#include "statistics/statistics.hpp"
#include "text.hpp"

namespace assay {

using nlohmann::json;

namespace {

/// Within how many seconds of measuring a difference is said to be found.
constexpr double kShort = 5;
constexpr double kLong = 15;

/// "positive/bind/2" -> {"bind", 0.02}.
std::pair<std::string, double> parts_of(const std::string& id) {
  const auto kernel = id.find('/') + 1;
  const auto end = id.find('/', kernel);
  if (end == std::string::npos) return {id.substr(kernel), 0};
  double percent = 0;
  std::from_chars(id.data() + end + 1, id.data() + id.size(), percent);
  return {id.substr(kernel, end - kernel), percent / 100};
}

/// Seconds that one comparison takes in one round: all have slices of the same length.
double seconds_a_round(const Run& run, const RunVerdicts& verdicts) {
  std::size_t rounds = 0;
  for (const auto& result : verdicts.experiments)
    for (const auto& part : result.comparisons) rounds += part.estimate.rounds.size();
  return rounds == 0 ? 0 : run.collected.events.elapsed_seconds / static_cast<double>(rounds);
}

/// Rounds at the first look that decides; all of them if none does.
std::size_t rounds_until_decided(const Experiment& experiment, const Estimate& found) {
  for (const auto& look : found.looks)
    if (judge_rule(experiment, look.interval) != Verdict::kInconclusive) return look.rounds;
  return found.rounds.size();
}

std::optional<std::size_t> rounds_to_half_width(const Estimate& found, double half_width) {
  std::vector<double> logs;
  for (const auto& [round, value] : found.rounds) {
    logs.push_back(std::log(value));
    const Interval interval = sign_interval(logs, 0.05);
    if (interval.high - interval.low <= 2 * half_width) return logs.size();
  }
  return std::nullopt;
}

/// The instruments that the run used, as one word.
std::string build_of(const Manifest& manifest) {
  constexpr std::size_t kDigits = 16;
  std::set<std::string> used;
  for (const auto& unit : manifest.plan.units)
    for (const auto& arm : unit.arms) used.insert(arm.instrument);
  std::string hashes;
  for (const auto& name : used)
    if (const auto found = manifest.instruments.find(name); found != manifest.instruments.end())
      hashes += found->at("sha256").get<std::string>();
  return sha256(hashes).substr(0, kDigits);
}

}  // namespace

std::vector<Trial> trials_of(const Run& run, const RunVerdicts& verdicts,
                             const std::string& disturbance) {
  const double seconds = seconds_a_round(run, verdicts);
  const std::string build = build_of(run.manifest);
  std::vector<Trial> trials;
  for (const auto& result : verdicts.experiments) {
    const Estimate& found = result.comparisons.front().estimate;
    Trial trial;
    trial.run_id = run.manifest.run_id;
    trial.started_at = run.manifest.started_at;
    trial.fingerprint = run.manifest.machine.value("fingerprint", "");
    trial.build = build;
    trial.alpha = verdicts.alpha_of_look * verdicts.looks;
    trial.disturbance = disturbance;
    std::tie(trial.kernel, trial.extra) = parts_of(result.experiment.id);
    trial.offered =
        run.manifest.budget_seconds / static_cast<double>(run.manifest.plan.comparisons.size());
    trial.value = found.value;
    trial.interval = found.interval;
    trial.verdict = name_of(result.verdict);
    trial.rounds = static_cast<std::uint32_t>(found.rounds.size());
    trial.seconds = seconds * static_cast<double>(rounds_until_decided(result.experiment, found));
    if (const auto rounds = rounds_to_half_width(found, std::log(1.01)))
      trial.seconds_to_1_percent = seconds * static_cast<double>(*rounds);
    trials.push_back(std::move(trial));
  }
  return trials;
}

json to_json(const Trial& trial) {
  const auto finite = [](double value) { return std::isfinite(value) ? json(value) : json(); };
  return {{"run_id", trial.run_id},
          {"started_at", trial.started_at},
          {"fingerprint", trial.fingerprint},
          {"build", trial.build},
          {"alpha", trial.alpha},
          {"disturbance", trial.disturbance},
          {"kernel", trial.kernel},
          {"extra", trial.extra},
          {"offered", trial.offered},
          {"value", finite(trial.value)},
          {"low", finite(trial.interval.low)},
          {"high", finite(trial.interval.high)},
          {"verdict", trial.verdict},
          {"rounds", trial.rounds},
          {"seconds", trial.seconds},
          {"seconds_to_1_percent",
           trial.seconds_to_1_percent ? json(*trial.seconds_to_1_percent) : json()}};
}

namespace {

Trial trial_from(const json& line) {
  const auto or_else = [&](const char* key, double absent) {
    return line.at(key).is_null() ? absent : line.at(key).get<double>();
  };
  Trial trial;
  trial.run_id = line.at("run_id");
  trial.started_at = line.at("started_at");
  trial.fingerprint = line.at("fingerprint");
  trial.build = line.at("build");
  trial.alpha = line.at("alpha");
  trial.disturbance = line.at("disturbance");
  trial.kernel = line.at("kernel");
  trial.extra = line.at("extra");
  trial.offered = line.at("offered");
  trial.value = or_else("value", std::numeric_limits<double>::quiet_NaN());
  trial.interval = {or_else("low", -kInfinity), or_else("high", kInfinity)};
  trial.verdict = line.at("verdict");
  trial.rounds = line.at("rounds");
  trial.seconds = line.at("seconds");
  if (!line.at("seconds_to_1_percent").is_null())
    trial.seconds_to_1_percent = line.at("seconds_to_1_percent").get<double>();
  return trial;
}

}  // namespace

Result<std::vector<Trial>> trials_from(std::string_view text, const std::string& path) {
  std::vector<Trial> trials;
  const auto read = for_each_line(
      text, path, "restore the line, or delete the file and calibrate anew",
      [&](std::string_view line) { trials.push_back(trial_from(json::parse(line))); });
  if (!read) return std::unexpected(read.error());
  return trials;
}

namespace {

using Trials = std::vector<Trial>;

template <typename Wanted>
std::uint64_t count(const Trials& trials, const Wanted& wanted) {
  return static_cast<std::uint64_t>(std::ranges::count_if(trials, wanted));
}

template <typename Value>
double median_of(const Trials& trials, const Value& value) {
  std::vector<double> values;
  for (const auto& trial : trials) values.push_back(value(trial));
  return median(std::move(values));
}

/// Median over the trials; those without a value count as longer than any.
template <typename Seconds>
std::optional<double> median_seconds(const Trials& trials, const Seconds& seconds) {
  const double middle = median_of(trials, seconds);
  return std::isfinite(middle) ? std::optional(middle) : std::nullopt;
}

NullPool pool_of_nulls(const std::string& kernel, const Trials& trials) {
  const std::uint64_t different = count(trials, &Trial::is_different);
  const auto is_soon = [](const Trial& trial) {
    return trial.verdict == "equivalent" && trial.seconds <= kShort;
  };
  return {kernel,
          trials.size(),
          different,
          upper_bound_of_rate(different, trials.size(), 0.95),
          count(trials, [](const Trial& trial) { return trial.verdict == "refuted"; }),
          count(trials, is_soon),
          median_seconds(
              trials,
              [](const Trial& trial) { return trial.seconds_to_1_percent.value_or(kInfinity); }),
          median_of(trials, [](const Trial& trial) { return static_cast<double>(trial.rounds); }),
          median_of(trials, [](const Trial& trial) {
            return trial.interval.low > 0 ? std::log(trial.interval.high / trial.interval.low) / 2
                                          : kInfinity;
          })};
}

Found found_within(const Trials& trials, double seconds) {
  constexpr double kRounding = 1e-9;
  const auto is_offered = [&](const Trial& trial) { return trial.offered >= seconds - kRounding; };
  const auto is_in_time = [&](const Trial& trial) {
    return is_offered(trial) && trial.is_found() && trial.seconds <= seconds;
  };
  return {count(trials, is_offered), count(trials, is_in_time)};
}

PositivePool pool_of_positives(const std::string& kernel, double extra, const Trials& trials) {
  std::vector<double> values;
  for (const auto& trial : trials)
    if (std::isfinite(trial.value)) values.push_back(trial.value);
  return {kernel,
          extra,
          trials.size(),
          found_within(trials, kShort),
          found_within(trials, kLong),
          count(trials, [](const Trial& trial) { return trial.interval.high < 1; }),
          count(trials, &Trial::covers),
          values.empty() ? std::nullopt : std::optional(median(values)),
          median_seconds(trials, [](const Trial& trial) {
            return trial.is_found() ? trial.seconds : kInfinity;
          })};
}

}  // namespace

std::optional<CalibrationSummary> summarise(const std::vector<Trial>& trials,
                                            const std::string& fingerprint,
                                            const std::string& disturbance) {
  std::map<std::pair<double, std::string>, Trials> pools;
  std::vector<std::string> times;
  std::set<std::string> builds;
  double alpha = 0;
  for (const auto& trial : trials) {
    if (trial.fingerprint != fingerprint || trial.disturbance != disturbance) continue;
    pools[{trial.extra, trial.kernel}].push_back(trial);
    times.push_back(trial.started_at);
    builds.insert(trial.build);
    alpha = trial.alpha;
  }
  if (pools.empty()) return std::nullopt;
  CalibrationSummary summary;
  summary.builds = builds.size();
  summary.alpha_of_comparison = alpha;
  const auto range = std::ranges::minmax(times);
  summary.first = range.min;
  summary.last = range.max;
  for (const auto& [key, pool] : pools) {
    const auto& [extra, kernel] = key;
    if (extra == 0)
      summary.nulls.push_back(pool_of_nulls(kernel, pool));
    else
      summary.positives.push_back(pool_of_positives(kernel, extra, pool));
  }
  return summary;
}

}  // namespace assay
