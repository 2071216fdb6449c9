#include "record/manifest.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "record/lines.hpp"

namespace assay {

using nlohmann::json;

Failure failure_told(const std::string& benchmark, const std::string& message) {
  constexpr std::string_view kNotRun = "not run: ";
  if (message.starts_with(kNotRun))
    return {benchmark, FailureKind::kNotRun, message.substr(kNotRun.size())};
  return {benchmark, FailureKind::kError, message};
}

namespace {

constexpr const char* kSchema = "assay-run/2";
constexpr const char* kFailureKinds[] = {"not run", "error", "crash", "hang"};

/// The library would wrap -1 and cut 2.7 without a word.
template <typename Integer>
Integer whole(const json& value) {
  if (value.is_number_unsigned() && std::in_range<Integer>(value.get<std::uint64_t>()))
    return value.get<Integer>();
  if (value.is_number_integer() && !value.is_number_unsigned() &&
      std::in_range<Integer>(value.get<std::int64_t>()))
    return value.get<Integer>();
  throw json::type_error::create(302, fmt::format("{} is no number of this kind", value.dump()),
                                 &value);
}

const json::array_t& list(const json& value) {
  if (value.is_array()) return value.get_ref<const json::array_t&>();
  throw json::type_error::create(302, fmt::format("{} is no array", value.dump()), &value);
}

template <typename Integer>
std::vector<Integer> wholes(const json& array) {
  std::vector<Integer> values;
  for (const auto& value : list(array)) values.push_back(whole<Integer>(value));
  return values;
}

double real(const json& value) {
  if (value.is_number()) return value.get<double>();
  throw json::type_error::create(302, fmt::format("{} is no number", value.dump()), &value);
}

std::map<std::string, WorkByKind> work_from(const json& source) {
  std::map<std::string, WorkByKind> work;
  for (const auto& [benchmark, kinds] : source.items())
    for (const auto& [kind, amount] : kinds.items()) {
      if (!amount.is_number() || !(amount.get<double>() > 0))
        throw json::type_error::create(302, fmt::format("{} is no number above 0", amount.dump()),
                                       &amount);
      work[benchmark][kind] = amount;
    }
  return work;
}

json to_json(const Arm& arm) {
  return {
      {"benchmark", arm.benchmark}, {"instrument", arm.instrument}, {"iterations", arm.iterations}};
}

json to_json(const Plan& plan) {
  json comparisons = json::array();
  for (const auto& comparison : plan.comparisons)
    comparisons.push_back({{"experiment", comparison.experiment},
                           {"baseline", comparison.baseline},
                           {"candidate", comparison.candidate},
                           {"is_control", comparison.is_control},
                           {"units", comparison.units}});
  json units = json::array();
  for (const auto& unit : plan.units) {
    json arms = json::array();
    for (const auto& arm : unit.arms) arms.push_back(to_json(arm));
    units.push_back({{"comparison", unit.comparison},
                     {"size", unit.size ? json(*unit.size) : json(nullptr)},
                     {"arms", arms},
                     {"slice_ns", unit.slice_ns}});
    if (unit.blocks != plan.blocks) units.back()["blocks"] = unit.blocks;
  }
  return {
      {"seed", plan.seed}, {"blocks", plan.blocks}, {"comparisons", comparisons}, {"units", units}};
}

Plan plan_from(const json& source) {
  Plan plan;
  plan.seed = whole<std::uint64_t>(source.at("seed"));
  plan.blocks = whole<std::uint32_t>(source.at("blocks"));
  for (const auto& item : list(source.at("comparisons")))
    plan.comparisons.push_back({item.at("experiment"), item.at("baseline"), item.at("candidate"),
                                item.at("is_control"), wholes<std::uint32_t>(item.at("units"))});
  for (const auto& item : list(source.at("units"))) {
    Unit unit;
    unit.comparison = whole<std::uint32_t>(item.at("comparison"));
    if (!item.at("size").is_null()) unit.size = whole<std::int64_t>(item.at("size"));
    for (const auto& arm : list(item.at("arms")))
      unit.arms.push_back(
          {arm.at("benchmark"), arm.at("instrument"), whole<std::uint64_t>(arm.at("iterations"))});
    unit.slice_ns = real(item.at("slice_ns"));
    unit.blocks = item.contains("blocks") ? whole<std::uint32_t>(item.at("blocks")) : plan.blocks;
    plan.units.push_back(std::move(unit));
  }
  return plan;
}

/// What reports and checks read of the parts that are kept as they were written.
void require_members(const Manifest& manifest) {
  for (const char* key : {"cpu", "cores"}) static_cast<void>(manifest.machine.at(key));
  for (const char* key : {"commit", "dirty"}) static_cast<void>(manifest.source.at(key));
  for (const auto& [name, instrument] : manifest.instruments.items()) {
    static_cast<void>(instrument.at("sha256").get_ref<const std::string&>());
    if (instrument.contains("cores")) wholes<int>(instrument.at("cores"));
  }
}

/// Indices that point outside the plan would be read as other data.
bool is_consistent(const Plan& plan) {
  for (const auto& comparison : plan.comparisons) {
    if (comparison.units.empty()) return false;
    for (const auto unit : comparison.units)
      if (unit >= plan.units.size()) return false;
  }
  for (const auto& unit : plan.units)
    if (unit.comparison >= plan.comparisons.size() || unit.arms.empty() || unit.blocks == 0)
      return false;
  return true;
}

}  // namespace

json to_json(const Manifest& manifest) {
  json earlier = json::array();
  for (const auto& run : manifest.earlier) earlier.push_back(to_json(run));
  json disturbed = json::object();
  for (const auto& [name, summary] : manifest.disturbed) disturbed[name] = to_json(summary);
  return {{"schema", kSchema},
          {"run_id", manifest.run_id},
          {"started_at", manifest.started_at},
          {"budget_seconds", manifest.budget_seconds},
          {"selected", manifest.selected},
          {"register",
           {{"sha256", manifest.register_hash},
            {"settings", manifest.settings_hash},
            {"entries", manifest.entry_hashes},
            {"claims_counted", manifest.claims_counted},
            {"controls_counted", manifest.controls_counted}}},
          {"cores", manifest.cores},
          {"has_cores_alone", manifest.has_cores_alone},
          {"machine", manifest.machine},
          {"source", manifest.source},
          {"instruments", manifest.instruments},
          {"earlier_runs", earlier},
          {"calibration", manifest.calibration ? to_json(*manifest.calibration) : json()},
          {"disturbed", disturbed},
          {"work", manifest.work},
          {"plan", to_json(manifest.plan)}};
}

Result<Manifest> manifest_from(const json& source, const std::string& path) {
  if (!source.is_object() || source.value("schema", json()) != kSchema)
    return fail(ExitCode::kData, path, fmt::format("not a run's description ({})", kSchema),
                "name a folder that `assay run` wrote");
  try {
    Manifest manifest;
    manifest.run_id = source.at("run_id");
    manifest.started_at = source.at("started_at");
    manifest.budget_seconds = real(source.at("budget_seconds"));
    source.at("selected").get_to(manifest.selected);
    const json& reg = source.at("register");
    manifest.register_hash = reg.at("sha256");
    manifest.settings_hash = reg.at("settings");
    reg.at("entries").get_to(manifest.entry_hashes);
    manifest.claims_counted = whole<std::uint32_t>(reg.at("claims_counted"));
    manifest.controls_counted = whole<std::uint32_t>(reg.at("controls_counted"));
    manifest.cores = wholes<int>(source.at("cores"));
    manifest.has_cores_alone = source.at("has_cores_alone");
    manifest.machine = source.at("machine");
    manifest.source = source.at("source");
    manifest.instruments = source.at("instruments");
    require_members(manifest);
    for (const auto& run : list(source.at("earlier_runs")))
      manifest.earlier.push_back(earlier_run_from(run));
    if (!source.at("calibration").is_null())
      manifest.calibration = calibration_summary_from(source.at("calibration"));
    // Runs of before benchmarks reported it hold none.
    if (source.contains("work")) manifest.work = work_from(source.at("work"));
    for (const auto& [name, summary] : source.at("disturbed").items())
      manifest.disturbed[name] = calibration_summary_from(summary);
    manifest.plan = plan_from(source.at("plan"));
    if (!is_consistent(manifest.plan))
      return fail(ExitCode::kData, path, "the plan refers to units it does not have");
    return manifest;
  } catch (const json::exception& error) {
    return fail(ExitCode::kData, path, error.what(), "restore the file as the run wrote it");
  }
}

CpuTime& CpuTime::operator+=(const CpuTime& other) {
  busy += other.busy;
  stolen += other.stolen;
  return *this;
}

std::optional<double> stolen_share(const CpuTime& time) {
  if (!(time.busy > 0)) return std::nullopt;
  return std::clamp(time.stolen / time.busy, 0.0, 1.0);
}

const char* name_of(FailureKind kind) {
  return kFailureKinds[static_cast<int>(kind)];
}

json to_json(const Failure& failure) {
  json event = {{"event", "failure"},
                {"benchmark", failure.benchmark},
                {"kind", name_of(failure.kind)},
                {"what", failure.what},
                {"round", failure.round}};
  if (!failure.instrument.empty()) event["instrument"] = failure.instrument;
  return event;
}

json to_json(const std::string& benchmark, const InstructionCount& count) {
  return {{"event", "instructions"},
          {"benchmark", benchmark},
          {"per_iteration", count.per_iteration},
          {"label", count.label},
          {"counted_by", count.counted_by}};
}

namespace {

FailureKind kind_from(const std::string& name) {
  for (int i = 0; i < 4; ++i)
    if (name == kFailureKinds[i]) return static_cast<FailureKind>(i);
  return FailureKind::kError;
}

void apply(const json& event, Events& events) {
  const std::string name = event.at("event");
  if (name == "round") {
    events.rounds_started = whole<std::uint32_t>(event.at("round")) + 1;
  } else if (name == "round_end") {
    if (event.at("link") != 0) return;
    ++events.rounds_ended;
    events.elapsed_seconds = real(event.at("elapsed_seconds"));
    if (event.contains("busy_seconds"))
      events.cpu_time += {real(event["busy_seconds"]), real(event.at("stolen_seconds"))};
  } else if (name == "failure") {
    events.failures.push_back({event.at("benchmark"), kind_from(event.at("kind")), event.at("what"),
                               whole<std::uint32_t>(event.at("round")),
                               event.value("instrument", "")});
  } else if (name == "label") {
    events.labels[event.at("benchmark")] = event.at("label");
  } else if (name == "relink_failure") {
    ++events.relinks_failed;
  } else if (name == "instructions") {
    events.instructions[event.at("benchmark")] = {real(event.at("per_iteration")),
                                                  event.at("label"), event.at("counted_by")};
  } else if (name == "no_machine_code") {
    events.no_machine_code = event.at("why");
  } else if (name == "resume") {
    ++events.resumptions;
    events.finish.clear();
  } else if (name == "finish") {
    events.finish = event.at("why");
  }
}

}  // namespace

Result<Events> events_from(std::string_view text, const std::string& path) {
  Events events;
  const auto read =
      for_each_line(text, path, "restore the file as the run wrote it", [&](std::string_view line) {
        const json event = json::parse(line, nullptr, false);
        apply(event, events);
      });
  if (!read) return std::unexpected(read.error());
  return events;
}

}  // namespace assay
