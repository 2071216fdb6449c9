#include "report/roofline.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <optional>
#include <utility>

#include "report/forest.hpp"

namespace assay {

namespace {

constexpr const char* kBytes = "bytes";
constexpr double kNsPerSecond = 1e9;

/// An end of the interval that bounds nothing stays one.
OverRounds rate(double amount, const OverRounds& ns) {
  const double a_second = amount * kNsPerSecond;
  const auto [low, high] = ns.interval;
  return {a_second / ns.value,
          {std::isfinite(high) ? a_second / high : everything().low,
           low > 0 ? a_second / low : everything().high}};
}

/// The claim's comparison with its fastest probe, in which that ran beside the kernel.
struct Headline {
  std::string probe;
  OverRounds probe_ns;
  OverRounds kernel_ns;
};

std::optional<Headline> headline_of(const Run& run, const ExperimentVerdict& result, double alpha) {
  const Plan& plan = run.manifest.plan;
  const ComparisonVerdict& part = result.comparisons[result.headline];
  const Comparison& comparison = plan.comparisons[part.comparison];
  if (part.estimate.rounds.empty()) return std::nullopt;
  const std::uint32_t unit = comparison.units.front();
  const auto probe = median_of_arm(plan, unit, 0, run.collected.slices, alpha);
  const auto kernel = median_of_arm(plan, unit, 1, run.collected.slices, alpha);
  if (!probe || !kernel || probe->value <= 0 || kernel->value <= 0) return std::nullopt;
  return Headline{comparison.baseline, *probe, *kernel};
}

/// A benchmark's work; nothing if it reported none.
const WorkByKind& work_of(const Run& run, const std::string& benchmark) {
  static const WorkByKind kNone;
  const auto found = run.manifest.work.find(benchmark);
  return found == run.manifest.work.end() ? kNone : found->second;
}

void add_roof(std::vector<Roof>& roofs, Roof roof) {
  if (std::ranges::find(roofs, roof.benchmark, &Roof::benchmark) == roofs.end())
    roofs.push_back(std::move(roof));
}

void add_kernel(std::vector<UnderRoof>& kernels, UnderRoof kernel) {
  const auto known = std::ranges::find(kernels, kernel.benchmark, &UnderRoof::benchmark);
  if (known == kernels.end())
    kernels.push_back(std::move(kernel));
  else
    known->results.push_back(kernel.results.front());
}

template <typename Shown>
void sort_by_rate(std::vector<Shown>& shown) {
  std::ranges::stable_sort(shown, std::ranges::greater(),
                           [](const Shown& one) { return one.per_second.value; });
}

}  // namespace

std::vector<Roofline> rooflines_of(const Run& run, const RunVerdicts& verdicts) {
  std::map<std::string, Roofline> found;
  for (const auto& result : verdicts.experiments) {
    if (!is_limit(result.experiment) || result.experiment.metric != "real_time") continue;
    const auto headline = headline_of(run, result, verdicts.alpha_of_look);
    if (!headline) continue;
    const std::string& kernel = result.experiment.candidate;
    const WorkByKind& work = work_of(run, kernel);
    const auto moved = work.find(kBytes);
    if (moved == work.end()) continue;
    const WorkByKind& probed = work_of(run, headline->probe);
    if (probed.size() != 1) continue;  // what does both is no roof of either
    const auto& [probed_kind, amount] = *probed.begin();
    for (const auto& [kind, operations] : work) {
      if (kind == kBytes || (probed_kind != kBytes && probed_kind != kind)) continue;
      Roofline& roofline = found[kind];
      add_kernel(
          roofline.kernels,
          {{&result}, kernel, operations / moved->second, rate(operations, headline->kernel_ns)});
      add_roof(probed_kind == kBytes ? roofline.bandwidth : roofline.compute,
               {headline->probe, rate(amount, headline->probe_ns)});
    }
  }
  std::vector<Roofline> rooflines;
  for (auto& [kind, roofline] : found) {
    roofline.operation = kind;
    sort_by_rate(roofline.bandwidth);
    sort_by_rate(roofline.compute);
    sort_by_rate(roofline.kernels);
    rooflines.push_back(std::move(roofline));
  }
  return rooflines;
}

Verdict least_favourable(const UnderRoof& kernel) {
  constexpr std::array kLeastFirst = {Verdict::kInvalid,    Verdict::kRefuted,
                                      Verdict::kNotRun,     Verdict::kInconclusive,
                                      Verdict::kEquivalent, Verdict::kSupported};
  const auto place = [&](const ExperimentVerdict* result) {
    return std::ranges::find(kLeastFirst, result->verdict);
  };
  return (*std::ranges::min_element(kernel.results, {}, place))->verdict;
}

}  // namespace assay
