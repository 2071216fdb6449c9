#include "record/slice.hpp"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace assay {

namespace {

using nlohmann::json;

/// NaN for a unit that Google Benchmark does not write.
double ns_per_unit(const json& record) {
  const auto unit = record.find("time_unit");
  if (unit == record.end() || *unit == "ns") return 1;
  if (*unit == "us") return 1e3;
  if (*unit == "ms") return 1e6;
  return *unit == "s" ? 1e9 : std::numeric_limits<double>::quiet_NaN();
}

std::string name_in(const json& record) {
  const auto name = record.find("name");
  return name != record.end() && name->is_string() ? name->get<std::string>() : "?";
}

}  // namespace

std::string raw_line(const json& answer, const SliceRequest& request, std::uint32_t round,
                     std::uint32_t position) {
  nlohmann::ordered_json record;
  record["name"] = answer.at("name");
  for (const auto& [key, value] : answer.items()) {
    const bool same_everywhere = key == "family_index" || key == "per_family_instance_index" ||
                                 key == "run_name" || key == "repetitions" ||
                                 key == "repetition_index" || key == "label" || key == "name";
    if (!same_everywhere) record[key] = value;
  }
  record["unit"] = request.unit;
  record["arm"] = request.arm;
  record["round"] = round;
  record["block"] = request.block;
  record["position"] = position;
  return record.dump();
}

Result<double> metric_in(const json& record, const std::string& metric) {
  const auto found = record.find(metric);
  if (found == record.end() || !found->is_number())
    return fail(ExitCode::kData, name_in(record),
                fmt::format("no metric \"{}\" in the record", metric),
                "name a time or a counter that the benchmark reports");
  const bool is_time = metric == "real_time" || metric == "cpu_time";
  const double value = found->get<double>() * (is_time ? ns_per_unit(record) : 1);
  if (!std::isfinite(value))
    return fail(ExitCode::kData, name_in(record), fmt::format("{} is not finite", metric));
  return value;
}

Result<Slice> read_slice(std::string_view line, const std::vector<std::string>& metrics,
                         const std::string& where) {
  const json record = json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (!record.is_object()) return fail(ExitCode::kData, where, "not a JSON object");
  const auto place = [&](const char* key) -> std::int64_t {
    const auto found = record.find(key);
    if (found == record.end() || !found->is_number_unsigned()) return -1;
    const auto value = found->get<std::uint64_t>();
    return value > UINT32_MAX ? -1 : static_cast<std::int64_t>(value);
  };
  const auto unit = place("unit");
  const auto arm = place("arm");
  const auto round = place("round");
  const auto block = place("block");
  const auto position = place("position");
  if (unit < 0 || arm < 0 || arm > UINT16_MAX || round < 0 || round == UINT32_MAX || block < 0 ||
      position < 0)
    return fail(ExitCode::kData, where, "the record does not say its place in the run");
  if (static_cast<std::size_t>(unit) >= metrics.size())
    return fail(ExitCode::kData, where, "the record belongs to no comparison of the plan");
  const auto value = metric_in(record, metrics[static_cast<std::size_t>(unit)]);
  if (!value) return fail(ExitCode::kData, where, value.error().message());
  const auto real_time = metric_in(record, "real_time");
  if (!real_time) return fail(ExitCode::kData, where, real_time.error().message());
  return Slice{static_cast<std::uint32_t>(unit),
               static_cast<std::uint16_t>(arm),
               static_cast<std::uint32_t>(round),
               static_cast<std::uint32_t>(block),
               static_cast<std::uint32_t>(position),
               *value,
               *real_time};
}

}  // namespace assay
