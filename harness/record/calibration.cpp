#include "record/calibration.hpp"

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

namespace assay {

using nlohmann::json;

namespace {

json or_null(const std::optional<double>& value) {
  return value ? json(*value) : json();
}

std::optional<double> optional_from(const json& value) {
  return value.is_null() ? std::nullopt : std::optional(value.get<double>());
}

json to_json(const NullPool& pool) {
  return {{"kernel", pool.kernel},
          {"n", pool.n},
          {"different", pool.different},
          {"different_at_most", pool.different_at_most},
          {"beyond_margin", pool.beyond_margin},
          {"equivalent_in_5_s", pool.equivalent_in_5_s},
          {"median_seconds_to_1_percent", or_null(pool.median_seconds_to_1_percent)},
          {"median_rounds", pool.median_rounds},
          {"median_half_width",
           std::isfinite(pool.median_half_width) ? json(pool.median_half_width) : json()}};
}

NullPool null_pool_from(const json& source) {
  return {source.at("kernel"),
          source.at("n"),
          source.at("different"),
          source.at("different_at_most"),
          source.at("beyond_margin"),
          source.at("equivalent_in_5_s"),
          optional_from(source.at("median_seconds_to_1_percent")),
          source.at("median_rounds"),
          source.at("median_half_width").is_null() ? std::numeric_limits<double>::infinity()
                                                   : source.at("median_half_width").get<double>()};
}

json to_json(const Found& found) {
  return {{"n", found.n}, {"found", found.found}};
}

Found found_from(const json& source) {
  return {source.at("n"), source.at("found")};
}

json to_json(const PositivePool& pool) {
  return {{"kernel", pool.kernel},
          {"extra", pool.extra},
          {"n", pool.n},
          {"in_5_s", to_json(pool.in_5_s)},
          {"in_15_s", to_json(pool.in_15_s)},
          {"wrong_sign", pool.wrong_sign},
          {"interval_holds_truth", pool.interval_holds_truth},
          {"median_ratio", or_null(pool.median_ratio)},
          {"median_seconds", or_null(pool.median_seconds)}};
}

PositivePool positive_pool_from(const json& source) {
  return {source.at("kernel"),
          source.at("extra"),
          source.at("n"),
          found_from(source.at("in_5_s")),
          found_from(source.at("in_15_s")),
          source.at("wrong_sign"),
          source.at("interval_holds_truth"),
          optional_from(source.at("median_ratio")),
          optional_from(source.at("median_seconds"))};
}

}  // namespace

json to_json(const CalibrationSummary& summary) {
  json nulls = json::array();
  for (const auto& pool : summary.nulls) nulls.push_back(to_json(pool));
  json positives = json::array();
  for (const auto& pool : summary.positives) positives.push_back(to_json(pool));
  return {{"first", summary.first},   {"last", summary.last},
          {"builds", summary.builds}, {"alpha_of_comparison", summary.alpha_of_comparison},
          {"nulls", nulls},           {"positives", positives}};
}

CalibrationSummary calibration_summary_from(const json& source) {
  CalibrationSummary summary;
  summary.first = source.at("first");
  summary.last = source.at("last");
  summary.builds = source.at("builds");
  summary.alpha_of_comparison = source.at("alpha_of_comparison");
  for (const auto& pool : source.at("nulls").get_ref<const json::array_t&>())
    summary.nulls.push_back(null_pool_from(pool));
  for (const auto& pool : source.at("positives").get_ref<const json::array_t&>())
    summary.positives.push_back(positive_pool_from(pool));
  return summary;
}

}  // namespace assay
