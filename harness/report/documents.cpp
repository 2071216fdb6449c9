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

Json to_json(const Evidence& evidence) {
  Json carry_over = nullptr;
  if (evidence.carry_over)
    carry_over = {{"shift", finite(evidence.carry_over->shift)},
                  {"shift_interval", to_json(evidence.carry_over->shift_interval)},
                  {"after_itself", to_json(evidence.carry_over->itself)}};
  Json layout = nullptr;
  if (evidence.layout)
    layout = {{"sigma", finite(evidence.layout->sigma)}, {"effects", evidence.layout->effects}};
  return {{"between_rounds", finite(evidence.between_rounds)},
          {"drift_p", finite(evidence.drift_p)},
          {"carry_over", carry_over},
          {"layout", layout}};
}

Json to_json(const ComparisonVerdict& part, const Experiment& experiment, const Run& run) {
  const Comparison& comparison = run.manifest.plan.comparisons[part.comparison];
  Json looks = Json::array();
  for (const auto& look : part.estimate.looks)
    looks.push_back({{"rounds", look.rounds}, {"interval", to_json(look.interval)}});
  return {
      {"baseline", comparison.baseline.empty() ? Json(nullptr) : Json(comparison.baseline)},
      {"candidate", comparison.candidate},
      {"verdict", name_of(part.verdict)},
      {"why", part.why},
      {"failure", part.failure ? Json(name_of(*part.failure)) : Json(nullptr)},
      {"rounds", part.estimate.rounds.size()},
      {"value", finite(part.estimate.value)},
      {"interval", to_json(part.estimate.interval)},
      {"looks", looks},
      {"evidence", to_json(part.evidence)},
      {"agreement", finite(part.agreement)},
      {"relinks_agreeing", part.relinks_agreeing ? Json(*part.relinks_agreeing) : Json(nullptr)},
      {"cuts", cuts_of(experiment, run.reg.settings, part.estimate.interval)}};
}

Json to_json(const WitnessResult& result) {
  Json demands = Json::array();
  for (const auto& demand : result.demands)
    demands.push_back(
        {{"demand", demand.is_for ? "has" : "lacks"},
         {"pattern", demand.pattern},
         {"holds", demand.holds},
         {"instruction", demand.instruction.empty() ? Json(nullptr) : Json(demand.instruction)}});
  return {{"side", name_of(result.witness.side)},
          {"function", result.witness.function},
          {"instrument", result.code ? Json(result.code->instrument) : Json(nullptr)},
          {"symbol", result.code ? Json(result.code->symbol) : Json(nullptr)},
          {"loop", result.witness.is_of_loop},
          {"demands", demands}};
}

Json to_json(const ExperimentVerdict& result, const Run& run) {
  const Experiment& entry = result.experiment;
  Json comparisons = Json::array();
  for (const auto& part : result.comparisons) comparisons.push_back(to_json(part, entry, run));
  Json predicted = Json::object();
  for (const auto& scenario : entry.predicted) predicted[scenario.name] = scenario.value;
  Json document = {{"id", entry.id},
                   {"is_control", entry.is_control()},
                   {"verdict", name_of(result.verdict)},
                   {"why", result.why},
                   {"caveat", result.caveat},
                   {"is_exploratory", result.is_exploratory},
                   {"is_layout_sized", is_layout_sized(result, run.manifest.plan)},
                   {"rule", describe(entry)},
                   {"metric", entry.metric},
                   {"predicted", predicted},
                   {"headline", result.headline},
                   {"comparisons", comparisons},
                   {"tier", result.scored.tier},
                   {"nearest_scenario", result.scored.nearest_scenario},
                   {"interval_holds_nearest", result.scored.interval_holds_nearest},
                   {"overstated_by", finite(result.scored.overstated)},
                   {"entry_sha256", entry.hash}};
  for (const auto& witness : result.witnesses) document["witnesses"].push_back(to_json(witness));
  return document;
}

}  // namespace

Json verdicts_document(const Run& run, const RunVerdicts& verdicts) {
  Json failures = Json::array();
  for (const auto& failure : run.collected.events.failures)
    failures.push_back({{"benchmark", failure.benchmark},
                        {"kind", name_of(failure.kind)},
                        {"what", failure.what},
                        {"round", failure.round}});
  Json instructions = Json::object();
  for (const auto& [benchmark, count] : run.collected.events.instructions)
    instructions[benchmark] = {{"per_iteration", count.per_iteration},
                               {"label", count.label},
                               {"counted_by", count.counted_by}};
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
          {"instructions", instructions},
          {"experiments", experiments}};
}

}  // namespace assay
