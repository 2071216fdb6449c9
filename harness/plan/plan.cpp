#include "plan/plan.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <random>

#include "register/parse.hpp"

namespace assay {

namespace {

constexpr double kSliceNs = 0.2e6;
constexpr double kLongestSliceNs = 2e6;
constexpr double kLeastIterations = 10;
constexpr double kLongestForRivalNs = 1e6;
/// Many rounds of few blocks spread each benchmark over the whole run; a single comparison has the
/// rounds anyway, and more blocks amortise the start of the process.
constexpr std::uint32_t kBlocksInSuite = 4;
constexpr std::uint32_t kBlocksAlone = 12;
constexpr double kMostNsOfUnit = 25e6;  ///< in a round, where it has more than one block
constexpr double kMostNsOfSuite = 3e9;  ///< in a round, shared by the units alike

std::uint64_t iterations_for(double ns) {
  const double by_length = std::ceil(kSliceNs / ns);
  const double at_least = std::min(kLeastIterations, std::floor(kLongestSliceNs / ns));
  return static_cast<std::uint64_t>(std::max({by_length, at_least, 1.0}));
}

}  // namespace

std::vector<std::uint64_t> slice_iterations(const std::vector<Cost>& costs) {
  std::uint64_t of_cheapest = 1;
  for (const Cost& cost : costs)
    of_cheapest = std::max(of_cheapest, iterations_for(cost.ns_per_iteration));
  std::vector<std::uint64_t> iterations;
  for (const Cost& cost : costs) {
    const auto longest = static_cast<std::uint64_t>(kLongestForRivalNs / cost.ns_per_iteration);
    const std::uint64_t own = iterations_for(cost.ns_per_iteration);
    iterations.push_back(
        cost.fixed_iterations.value_or(std::max(own, std::min(of_cheapest, longest))));
  }
  return iterations;
}

std::vector<std::string> rivals_of(const Experiment& experiment) {
  return experiment.baselines.empty() ? std::vector<std::string>{""} : experiment.baselines;
}

std::vector<UnitNames> units_of(const Experiment& experiment, const std::string& baseline) {
  const std::string& candidate = experiment.candidate;
  std::vector<UnitNames> units;
  if (experiment.rule.kind == RuleKind::kSlope) {
    units.emplace_back();
    for (const auto size : experiment.sizes)
      units.front().benchmarks.push_back(at_size(candidate, size));
  } else if (experiment.rule.kind == RuleKind::kCrossover) {
    for (const auto size : experiment.sizes)
      units.push_back({size, {at_size(baseline, size), at_size(candidate, size)}});
  } else if (baseline.empty()) {
    units.push_back({std::nullopt, {candidate}});
  } else {
    units.push_back({std::nullopt, {baseline, candidate}});
  }
  return units;
}

namespace {

class PlanBuilder {
 public:
  explicit PlanBuilder(std::map<std::string, Cost> cost_of) : cost_of_(std::move(cost_of)) {}

  void add(const Experiment& entry) {
    for (const auto& baseline : rivals_of(entry)) {
      plan_.comparisons.push_back({entry.id, baseline, entry.candidate, entry.is_control(), {}});
      for (const auto& unit : units_of(entry, baseline)) add_unit(unit);
    }
  }

  Plan take() { return std::move(plan_); }

 private:
  void add_unit(const UnitNames& wanted) {
    const auto& names = wanted.benchmarks;
    std::vector<Cost> costs;
    for (const auto& name : names) costs.push_back(cost_of_.at(name));
    const auto iterations = slice_iterations(costs);
    Unit unit{static_cast<std::uint32_t>(plan_.comparisons.size() - 1), wanted.size, {}, 0};
    for (std::size_t i = 0; i < names.size(); ++i) {
      unit.arms.push_back({names[i], costs[i].instrument, iterations[i]});
      const double slice_ns = static_cast<double>(iterations[i]) * costs[i].ns_per_iteration;
      unit.slice_ns += (slice_ns + costs[i].ns_per_slice) / static_cast<double>(names.size());
    }
    plan_.comparisons.back().units.push_back(static_cast<std::uint32_t>(plan_.units.size()));
    plan_.units.push_back(std::move(unit));
  }

  std::map<std::string, Cost> cost_of_;
  Plan plan_;
};

}  // namespace

namespace {

/// Slow units have fewer blocks, or a few of them would take most of the run from all others; but
/// two, one the reverse of the other, where these are bearable: alone, a block's order would weigh
/// on one side. Of a control, which many verdicts rest on, there are twice as many.
std::uint32_t blocks_of(const Plan& plan, const Unit& unit) {
  const double weight = plan.comparisons[unit.comparison].is_control ? 2 : 1;
  const double ns_a_block = unit.slice_ns * 2 * static_cast<double>(unit.arms.size());
  const double ns_a_unit = kMostNsOfSuite / static_cast<double>(plan.units.size());
  const double affordable = weight * std::min(kMostNsOfUnit, ns_a_unit) / ns_a_block;
  const auto pairs =
      static_cast<std::uint32_t>(std::clamp(affordable / 2, 1.0, weight * plan.blocks / 2));
  return ns_a_block > kMostNsOfUnit ? 1 : 2 * pairs;
}

}  // namespace

Plan make_plan(const std::vector<Experiment>& experiments,
               const std::vector<std::pair<std::string, Cost>>& cost_of, std::uint64_t seed) {
  PlanBuilder builder({cost_of.begin(), cost_of.end()});
  for (const auto& entry : experiments)
    if (entry.is_measured()) builder.add(entry);
  Plan plan = builder.take();
  plan.blocks = plan.units.size() == 1 ? kBlocksAlone : kBlocksInSuite;
  for (auto& unit : plan.units) unit.blocks = blocks_of(plan, unit);
  plan.seed = seed;
  return plan;
}

std::uint32_t count_comparisons(const Register& reg, bool controls) {
  std::size_t count = 0;
  for (const auto& entry : reg.experiments)
    if (entry.is_control() == controls && entry.is_estimated()) count += rivals_of(entry).size();
  return static_cast<std::uint32_t>(count);
}

namespace {

/// The order of the arms in each block of a unit. Blocks come in twos, one the reverse of the
/// other: a pair has as many ABBA as BAAB blocks in a round (but for an odd one), so that what a
/// slice owes to its place in the block weighs on both sides alike.
using Order = std::vector<std::uint16_t>;
std::vector<Order> block_orders(std::size_t arms, std::uint32_t blocks, std::mt19937_64& rng) {
  std::vector<Order> orders;
  Order order(arms);
  std::iota(order.begin(), order.end(), std::uint16_t{0});
  for (std::uint32_t block = 0; block < blocks; ++block) {
    if (block % 2 == 0)
      std::ranges::shuffle(order, rng);
    else
      std::ranges::reverse(order);
    orders.push_back(order);
  }
  return orders;
}

void append_block(std::uint32_t unit, std::uint32_t block, Order order,
                  std::vector<SliceRequest>& slices) {
  for (const auto arm : order) slices.push_back({unit, arm, block, false});
  std::ranges::reverse(order);
  for (const auto arm : order) slices.push_back({unit, arm, block, false});
}

}  // namespace

std::vector<SliceRequest> schedule_round(const Plan& plan, const std::vector<bool>& active,
                                         std::uint32_t round) {
  std::seed_seq seeds{static_cast<std::uint32_t>(plan.seed),
                      static_cast<std::uint32_t>(plan.seed >> 32U), round};
  std::mt19937_64 rng(seeds);
  std::vector<SliceRequest> slices;
  std::vector<std::pair<std::uint32_t, std::uint32_t>> blocks;
  std::vector<std::vector<Order>> orders(plan.units.size());
  for (std::uint32_t unit = 0; unit < plan.units.size(); ++unit) {
    if (!active[unit]) continue;
    for (std::size_t arm = 0; arm < plan.units[unit].arms.size(); ++arm)
      slices.push_back({unit, static_cast<std::uint16_t>(arm), 0, true});
    const std::uint32_t count = plan.units[unit].blocks;
    orders[unit] = block_orders(plan.units[unit].arms.size(), count, rng);
    for (std::uint32_t block = 0; block < count; ++block) blocks.emplace_back(unit, block);
  }
  std::ranges::shuffle(slices, rng);
  std::ranges::shuffle(blocks, rng);
  for (const auto& [unit, block] : blocks) append_block(unit, block, orders[unit][block], slices);
  return slices;
}

double expected_seconds(const Plan& plan, const std::vector<bool>& active) {
  double ns = 0;
  for (std::size_t i = 0; i < plan.units.size(); ++i) {
    if (!active[i]) continue;
    const auto arms = static_cast<double>(plan.units[i].arms.size());
    ns += plan.units[i].slice_ns * arms * (1 + 2.0 * plan.units[i].blocks);
  }
  return ns * 1e-9;
}

}  // namespace assay
