#include "record/slice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <optional>
#include <variant>

namespace assay {

using nlohmann::json;

namespace {

constexpr std::array<std::string_view, 5> kPlaceKeys = {"unit", "arm", "round", "block",
                                                        "position"};

/// NaN for a unit that Google Benchmark does not write.
double ns_per_unit(std::string_view unit) {
  if (unit == "ns") return 1;
  if (unit == "us") return 1e3;
  if (unit == "ms") return 1e6;
  return unit == "s" ? 1e9 : std::numeric_limits<double>::quiet_NaN();
}

/// `number` is the metric as it stands in the record, if it is there and a number; `is_null`: it is
/// there, and null, as JSON has no infinities.
Result<double> normalised(const std::string& metric, std::optional<double> number, bool is_null,
                          std::string_view time_unit, std::string_view name) {
  if (is_null)
    return fail(ExitCode::kData, std::string(name),
                fmt::format("{} is not a finite number", metric));
  if (!number)
    return fail(ExitCode::kData, std::string(name),
                fmt::format("no metric \"{}\" in the record", metric),
                "name a time or a counter that the benchmark reports");
  const bool is_time = metric == "real_time" || metric == "cpu_time";
  const double value = *number * (is_time ? ns_per_unit(time_unit) : 1);
  if (!std::isfinite(value))
    return fail(ExitCode::kData, std::string(name),
                fmt::format("{} is not a finite number", metric));
  return value;
}

/// The text of a key; `absent` where the record lacks it, `other` where it is no text.
std::string text_in(const json& record, const char* key, const char* absent, const char* other) {
  const auto found = record.find(key);
  if (found == record.end()) return absent;
  return found->is_string() ? found->get<std::string>() : other;
}

}  // namespace

std::string_view taken_name_in(const json& answer) {
  const auto found =
      std::ranges::find_if(kPlaceKeys, [&](const auto key) { return answer.contains(key); });
  return found == kPlaceKeys.end() ? "" : *found;
}

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
  const bool is_there = found != record.end() && found->is_number();
  return normalised(metric, is_there ? std::optional(found->get<double>()) : std::nullopt,
                    found != record.end() && found->is_null(),
                    text_in(record, "time_unit", "ns", ""), text_in(record, "name", "?", "?"));
}

namespace {

struct Absent {};
struct Null {};
struct Other {};  ///< a truth value, an array or an object

/// The value of a key in a record.
using Field = std::variant<Absent, Null, Other, std::uint64_t, double, std::string>;

std::string_view text_in(const Field& field, std::string_view absent, std::string_view other) {
  if (std::holds_alternative<Absent>(field)) return absent;
  const auto* text = std::get_if<std::string>(&field);
  return text != nullptr ? std::string_view(*text) : other;
}

std::optional<double> number_in(const Field& field) {
  if (const auto* whole = std::get_if<std::uint64_t>(&field)) return static_cast<double>(*whole);
  if (const auto* real = std::get_if<double>(&field)) return *real;
  return std::nullopt;
}

/// A whole number of 0 to `most`.
std::optional<std::uint32_t> place_in(const Field& field, std::uint32_t most = UINT32_MAX) {
  const auto* whole = std::get_if<std::uint64_t>(&field);
  if (whole == nullptr || *whole > most) return std::nullopt;
  return static_cast<std::uint32_t>(*whole);
}

/// Takes the fields of the given keys from the outermost object of a JSON text.
class FieldPicker final : public nlohmann::json_sax<json> {
 public:
  explicit FieldPicker(const std::vector<std::string>& keys) : keys_(keys), fields_(keys.size()) {}

  bool is_object() const { return is_object_; }
  const std::vector<Field>& fields() const { return fields_; }

  bool null() override { return put(Null{}); }
  bool boolean(bool /*value*/) override { return put(Other{}); }
  bool number_integer(std::int64_t value) override { return put(static_cast<double>(value)); }
  bool number_unsigned(std::uint64_t value) override { return put(value); }
  bool number_float(double value, const std::string& /*text*/) override { return put(value); }
  bool string(std::string& value) override { return put(value); }
  bool binary(json::binary_t& /*value*/) override { return put(Other{}); }
  bool start_object(std::size_t /*elements*/) override {
    is_object_ = is_object_ || depth_ == 0;
    return open();
  }
  bool start_array(std::size_t /*elements*/) override { return open(); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }
  bool key(std::string& name) override {
    if (depth_ == 1)
      current_ = static_cast<std::size_t>(std::ranges::find(keys_, name) - keys_.begin());
    return true;
  }
  bool parse_error(std::size_t /*at*/, const std::string& /*token*/,
                   const json::exception& /*why*/) override {
    return false;
  }

 private:
  template <typename Value>
  bool put(const Value& value) {
    if (depth_ == 1 && current_ < fields_.size()) fields_[current_] = value;
    return true;
  }
  bool open() {
    put(Other{});
    ++depth_;
    return true;
  }
  bool close() {
    --depth_;
    return true;
  }

  const std::vector<std::string>& keys_;
  std::vector<Field> fields_;
  std::size_t current_ = SIZE_MAX;
  std::size_t depth_ = 0;
  bool is_object_ = false;
};

/// Where the keys that every slice needs stand among a reader's keys.
enum Key : std::size_t { kName, kTimeUnit, kRealTime, kUnit, kArm, kRound, kBlock, kPosition };

}  // namespace

SliceReader::SliceReader(const std::vector<std::string>& metrics)
    : keys_{"name", "time_unit", "real_time"} {
  keys_.insert(keys_.end(), kPlaceKeys.begin(), kPlaceKeys.end());
  for (const auto& metric : metrics) {
    const auto found = std::ranges::find(keys_, metric);
    metric_of_unit_.push_back(static_cast<std::size_t>(found - keys_.begin()));
    if (found == keys_.end()) keys_.push_back(metric);
  }
}

Result<Slice> SliceReader::read(std::string_view line) const {
  FieldPicker picker(keys_);
  if (!json::sax_parse(line, &picker) || !picker.is_object())
    return fail(ExitCode::kData, "", "not a JSON object");
  const auto& fields = picker.fields();
  const auto unit = place_in(fields[kUnit]);
  const auto arm = place_in(fields[kArm], UINT16_MAX);
  const auto round = place_in(fields[kRound], UINT32_MAX - 1);  // rounds are counted, too
  const auto block = place_in(fields[kBlock]);
  const auto position = place_in(fields[kPosition]);
  if (!unit || !arm || !round || !block || !position)
    return fail(ExitCode::kData, "", "the record does not say its place in the run");
  if (*unit >= metric_of_unit_.size())
    return fail(ExitCode::kData, "", "the record belongs to no comparison of the plan");
  const auto metric = [&](std::size_t key) {
    return normalised(keys_[key], number_in(fields[key]), std::holds_alternative<Null>(fields[key]),
                      text_in(fields[kTimeUnit], "ns", ""), text_in(fields[kName], "?", "?"));
  };
  const auto value = metric(metric_of_unit_[*unit]);
  if (!value) return fail(ExitCode::kData, "", value.error().message());
  const auto real_time = metric(kRealTime);
  if (!real_time) return fail(ExitCode::kData, "", real_time.error().message());
  return Slice{*unit,     static_cast<std::uint16_t>(*arm), *round, *block, *position, *value,
               *real_time};
}

}  // namespace assay
