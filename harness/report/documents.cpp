#include <nlohmann/json.hpp>

#include "report/json_values.hpp"
#include "report/report.hpp"

namespace assay {

using Json = nlohmann::ordered_json;

namespace {

Json to_json(const Interval& interval) {
  return {finite(interval.low), finite(interval.high)};
}

Json cuts_of(const Experiment& experiment, const RegisterSettings& settings,
             const Interval& interval) {
  Json cuts = Json::array();
  for (const auto& cut : all_cuts(experiment, settings))
    cuts.push_back(
        {{"label", cut.label}, {"value", cut.value}, {"state", name_of(hold(cut, interval))}});
  return cuts;
}

Json to_json(const ComparisonVerdict& part, const Experiment& experiment, const Run& run) {
  const Comparison& comparison = run.manifest.plan.comparisons[part.comparison];
  Json looks = Json::array();
  for (const auto& look : part.estimate.looks)
    looks.push_back({{"rounds", look.rounds}, {"interval", to_json(look.interval)}});
  return {{"baseline", comparison.baseline.empty() ? Json(nullptr) : Json(comparison.baseline)},
          {"candidate", comparison.candidate},
          {"verdict", name_of(part.verdict)},
          {"why", part.why},
          {"failure", part.failure ? Json(name_of(*part.failure)) : Json(nullptr)},
          {"rounds", part.estimate.rounds.size()},
          {"value", finite(part.estimate.value)},
          {"interval", to_json(part.estimate.interval)},
          {"looks", looks},
          {"cuts", cuts_of(experiment, run.reg.settings, part.estimate.interval)}};
}

Json to_json(const ExperimentVerdict& result, const Run& run) {
  const Experiment& entry = result.experiment;
  Json comparisons = Json::array();
  for (const auto& part : result.comparisons) comparisons.push_back(to_json(part, entry, run));
  Json predicted = Json::object();
  for (const auto& scenario : entry.predicted) predicted[scenario.name] = scenario.value;
  return {{"id", entry.id},
          {"is_control", entry.is_control()},
          {"verdict", name_of(result.verdict)},
          {"why", result.why},
          {"is_exploratory", result.is_exploratory},
          {"rule", describe(entry)},
          {"metric", entry.metric},
          {"predicted", predicted},
          {"headline", result.headline},
          {"comparisons", comparisons},
          {"tier", result.scored.tier},
          {"nearest_scenario", result.scored.nearest_scenario},
          {"interval_holds_nearest", result.scored.interval_holds_nearest},
          {"overstated_by",
           result.scored.overstated ? finite(*result.scored.overstated) : Json(nullptr)},
          {"entry_sha256", entry.hash}};
}

}  // namespace

Json verdicts_document(const Run& run, const RunVerdicts& verdicts) {
  Json failures = Json::array();
  for (const auto& failure : run.collected.events.failures)
    failures.push_back({{"benchmark", failure.benchmark},
                        {"kind", name_of(failure.kind)},
                        {"what", failure.what},
                        {"round", failure.round}});
  Json experiments = Json::array();
  for (const auto& result : verdicts.experiments) experiments.push_back(to_json(result, run));
  return {{"schema", "assay-verdicts/1"},
          {"run_id", run.manifest.run_id},
          {"register_sha256", run.reg.hash},
          {"alpha", run.reg.settings.alpha},
          {"control_alpha", run.reg.settings.control_alpha},
          {"claims_counted", run.manifest.claims_counted},
          {"controls_counted", run.manifest.controls_counted},
          {"looks_counted", verdicts.looks},
          {"alpha_of_look", verdicts.alpha_of_look},
          {"control_alpha_of_look", verdicts.control_alpha_of_look},
          {"finish", run.collected.events.finish},
          {"warnings", run.warnings},
          {"unguarded_families", unguarded_families(verdicts)},
          {"failures", failures},
          {"experiments", experiments}};
}

}  // namespace assay
