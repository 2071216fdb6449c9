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
constexpr double kSameIterationsFactor = 8;
/// Many rounds of few blocks spread each benchmark over the whole run; a single comparison has the
/// rounds anyway, and more blocks amortise the start of the process.
constexpr std::uint32_t kBlocksInSuite = 4;
constexpr std::uint32_t kBlocksAlone = 12;

std::uint64_t iterations_for(double ns) {
  const double by_length = std::ceil(kSliceNs / ns);
  const double at_least = std::min(kLeastIterations, std::floor(kLongestSliceNs / ns));
  return static_cast<std::uint64_t>(std::max({by_length, at_least, 1.0}));
}

}  // namespace

std::vector<std::uint64_t> slice_iterations(const std::vector<Cost>& costs) {
  std::vector<std::uint64_t> iterations;
  for (const Cost& cost : costs) iterations.push_back(iterations_for(cost.ns_per_iteration));
  const auto [least, most] = std::ranges::minmax(costs, {}, &Cost::ns_per_iteration);
  if (most.ns_per_iteration <= kSameIterationsFactor * least.ns_per_iteration)
    std::ranges::fill(iterations, std::ranges::max(iterations));
  for (std::size_t i = 0; i < costs.size(); ++i)
    iterations[i] = costs[i].fixed_iterations.value_or(iterations[i]);
  return iterations;
}

namespace {

class PlanBuilder {
 public:
  explicit PlanBuilder(std::map<std::string, Cost> cost_of) : cost_of_(std::move(cost_of)) {}

  void add(const Experiment& entry) {
    if (entry.rule.kind == RuleKind::kSlope) return add_slope(entry);
    if (entry.rule.kind == RuleKind::kCrossover) return add_crossover(entry);
    if (entry.baselines.empty()) {
      start(entry, "");
      add_unit({entry.candidate}, std::nullopt);
    }
    for (const auto& baseline : entry.baselines) {
      start(entry, baseline);
      add_unit({baseline, entry.candidate}, std::nullopt);
    }
  }

  Plan take() { return std::move(plan_); }

 private:
  void add_slope(const Experiment& entry) {
    start(entry, "");
    std::vector<std::string> names;
    for (const auto size : entry.sizes) names.push_back(at_size(entry.candidate, size));
    add_unit(names, std::nullopt);
  }

  void add_crossover(const Experiment& entry) {
    start(entry, entry.baselines.front());
    for (const auto size : entry.sizes)
      add_unit({at_size(entry.baselines.front(), size), at_size(entry.candidate, size)}, size);
  }

  void start(const Experiment& entry, const std::string& baseline) {
    plan_.comparisons.push_back({entry.id, baseline, entry.candidate, entry.is_control(), {}});
  }

  void add_unit(const std::vector<std::string>& names, std::optional<std::int64_t> size) {
    std::vector<Cost> costs;
    for (const auto& name : names) costs.push_back(cost_of_.at(name));
    const auto iterations = slice_iterations(costs);
    Unit unit{static_cast<std::uint32_t>(plan_.comparisons.size() - 1), size, {}, 0};
    for (std::size_t i = 0; i < names.size(); ++i) {
      unit.arms.push_back({names[i], costs[i].instrument, iterations[i]});
      unit.slice_ns += static_cast<double>(iterations[i]) * costs[i].ns_per_iteration /
                       static_cast<double>(names.size());
    }
    plan_.comparisons.back().units.push_back(static_cast<std::uint32_t>(plan_.units.size()));
    plan_.units.push_back(std::move(unit));
  }

  std::map<std::string, Cost> cost_of_;
  Plan plan_;
};

}  // namespace

Plan make_plan(const std::vector<Experiment>& experiments,
               const std::vector<std::pair<std::string, Cost>>& cost_of, std::uint64_t seed) {
  PlanBuilder builder({cost_of.begin(), cost_of.end()});
  for (const auto& entry : experiments) builder.add(entry);
  Plan plan = builder.take();
  plan.blocks = plan.units.size() == 1 ? kBlocksAlone : kBlocksInSuite;
  plan.seed = seed;
  return plan;
}

std::uint32_t count_comparisons(const Register& reg, bool controls) {
  std::size_t count = 0;
  for (const auto& entry : reg.experiments)
    if (entry.is_control() == controls) count += std::max<std::size_t>(1, entry.baselines.size());
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
    orders[unit] = block_orders(plan.units[unit].arms.size(), plan.blocks, rng);
    for (std::uint32_t block = 0; block < plan.blocks; ++block) blocks.emplace_back(unit, block);
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
    ns += plan.units[i].slice_ns * arms * (1 + 2.0 * plan.blocks);
  }
  return ns * 1e-9;
}

}  // namespace assay
