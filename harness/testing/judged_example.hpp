#pragma once

#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>

#include "report/report.hpp"
#include "testing/examples.hpp"

namespace assay::examples {

/// A judged run of an entry of every kind, with names chosen to break tables and file names.
struct JudgedExample {
  explicit JudgedExample(std::uint32_t rounds = 20) {
    Experiment rivals = experiment("A/b", superiority(2), {"f/old|x", "f/peer"});
    rivals.claim = "a | b\nand c";
    rivals.predicted = {{"best|case", 50}, {"worst", 1}};
    rivals.cuts = {{"x|y", 2.5}};
    rivals.tiers = "t";
    rivals.means = {{"refuted", "leave it"}};
    Experiment twin = experiment("B-1", equivalence(1.5));
    Experiment bound = experiment("B/1", range(RuleKind::kBound, 1, 200), {});
    Experiment size = experiment("S", superiority(1), {"f/old"});
    size.compare = Compare::kDifference;
    Experiment null = experiment("C", control(1, 1.1), {"c/a"}, "c/b");
    null.guards = {"f", "g|h"};
    Experiment absent = experiment("N", superiority(2), {"f/old"}, "f/absent");
    run.reg.experiments = {null,
                           rivals,
                           twin,
                           bound,
                           size,
                           swept("L", slope(1, 0.1)),
                           swept("X", range(RuleKind::kCrossover, 2, 50)),
                           absent};
    run.reg.hash = "hash of the register";
    run.reg.settings.looks = {16};
    run.reg.settings.tiers["t"] = {{"none", 1}, {"some", 2}};
    run.manifest = manifest_of(run.reg);
    run.manifest.machine["cpu"] = "a CPU | with a bar";
    run.reg.experiments.push_back(experiment("UNSELECTED", superiority(2)));
    run.collected.events.failures = {{"f/absent", FailureKind::kNotRun, "no AVX-512 | here", 0}};
    run.collected.events.labels = {{"f/new", "avx2"}};
    run.collected.events.rounds_ended = rounds;
    run.collected.events.finish = "budget";
    run.warnings = {"a warning"};
    run.collected.slices =
        slices_of(run.manifest.plan, rounds, [](const std::string& name, std::uint32_t round) {
          if (name.starts_with("f/old/")) return 4 * std::stod(name.substr(6));
          if (name.starts_with("f/new/")) return 30 + std::stod(name.substr(6));
          return (name.starts_with("f/old") ? 300.0 : 100.0) + round;
        });
    verdicts = judge(run.manifest, run.reg, run.collected);
    figures = figures_document(run, verdicts);
    for (const auto& figure : figures["figures"]) drawn.files.push_back(figure["file"]);
    drawn.failures = {"forest-x: why"};
  }

  std::string report() const { return markdown_report(run, verdicts, figures, drawn); }

  Run run;
  RunVerdicts verdicts;
  nlohmann::ordered_json figures;
  Drawn drawn;
};

}  // namespace assay::examples
