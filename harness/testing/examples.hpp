#pragma once

/// Small values for tests: rules, experiments, and slices whose effect is known.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "plan/plan.hpp"
#include "record/manifest.hpp"
#include "record/slice.hpp"
#include "register/parse.hpp"
#include "register/register.hpp"

namespace assay::examples {

inline Rule superiority(double threshold) {
  Rule rule;
  rule.threshold = threshold;
  return rule;
}

inline Rule equivalence(double margin) {
  Rule rule;
  rule.kind = RuleKind::kEquivalence;
  rule.margin = margin;
  return rule;
}

inline Rule range(RuleKind kind, std::optional<double> at_least, std::optional<double> at_most) {
  Rule rule;
  rule.kind = kind;
  rule.at_least = at_least;
  rule.at_most = at_most;
  return rule;
}

inline Rule slope(double expected, double margin) {
  Rule rule;
  rule.kind = RuleKind::kSlope;
  rule.expected = expected;
  rule.margin = margin;
  return rule;
}

inline Rule control(double truth, double margin) {
  Rule rule = slope(truth, margin);
  rule.kind = RuleKind::kControl;
  return rule;
}

inline Rule witness_rule() {
  Rule rule;
  rule.kind = RuleKind::kWitness;
  return rule;
}

inline Rule behaviour() {
  Rule rule;
  rule.kind = RuleKind::kBehaviour;
  return rule;
}

/// A claim (or control) of family "f": candidate "f/new" against the baselines.
inline Experiment experiment(std::string id, Rule rule,
                             std::vector<std::string> baselines = {"f/old"},
                             std::string candidate = "f/new") {
  Experiment entry;
  entry.id = std::move(id);
  entry.claim = "claim of " + entry.id;
  entry.source = "a document";
  entry.baselines = std::move(baselines);
  entry.candidate = std::move(candidate);
  entry.rule = rule;
  entry.hash = "hash of " + entry.id;
  if (rule.kind == RuleKind::kBehaviour) entry.metric = kHoldsCounter;
  if (entry.is_control()) entry.guards = {"f"};
  return entry;
}

/// A swept claim over sizes 1, 10, 100.
inline Experiment swept(std::string id, Rule rule) {
  const bool is_slope = rule.kind == RuleKind::kSlope;
  Experiment entry =
      experiment(std::move(id), rule,
                 is_slope ? std::vector<std::string>{} : std::vector<std::string>{"f/old/{size}"},
                 "f/new/{size}");
  entry.sizes = {1, 10, 100};
  return entry;
}

/// The value of a slice by its benchmark and round.
using ValueOf = std::function<double(const std::string& benchmark, std::uint32_t round)>;

/// The slices of `rounds` rounds, scheduled as a run would and with the values given.
inline SlicesByUnit slices_of(const Plan& plan, std::uint32_t rounds, const ValueOf& value_of) {
  SlicesByUnit slices(plan.units.size());
  const std::vector<bool> active(plan.units.size(), true);
  for (std::uint32_t round = 0; round < rounds; ++round) {
    std::uint32_t position = 0;
    for (const auto& request : schedule_round(plan, active, round)) {
      const std::uint32_t at = position++;
      if (request.is_warmup) continue;
      const double value = value_of(plan.units[request.unit].arms[request.arm].benchmark, round);
      slices[request.unit].push_back(
          {request.unit, request.arm, round, request.block, at, value, value});
    }
  }
  return slices;
}

/// The plan of the experiments, every benchmark costing 100 ns, with two blocks a round.
inline Plan plan_of(const std::vector<Experiment>& experiments) {
  std::vector<std::pair<std::string, Cost>> costs;
  for (const auto& entry : experiments)
    for (const auto& name : benchmarks_of(entry)) costs.push_back({name, {"f", 100.0, 0, {}}});
  Plan plan = make_plan(experiments, costs, 42);
  plan.blocks = 2;
  for (auto& unit : plan.units) unit.blocks = 2;
  return plan;
}

/// The manifest of a run of these experiments, which are the whole register.
inline Manifest manifest_of(const Register& reg) {
  Manifest manifest;
  manifest.run_id = "20260101T000000Z-0001";
  manifest.started_at = "2026-01-01T00:00:00Z";
  manifest.budget_seconds = 10;
  for (const auto& entry : reg.experiments) manifest.entry_hashes[entry.id] = entry.hash;
  manifest.register_hash = reg.hash;
  manifest.claims_counted = count_comparisons(reg, false);
  manifest.controls_counted = count_comparisons(reg, true);
  manifest.cores = {1};
  manifest.machine = {{"cpu", "a CPU"}, {"cores", 2}};
  manifest.source = {{"commit", "0123abc"}, {"dirty", false}};
  manifest.instruments = {{"f", {{"sha256", "00"}, {"context", nlohmann::json::object()}}}};
  manifest.plan = plan_of(reg.experiments);
  return manifest;
}

}  // namespace assay::examples
