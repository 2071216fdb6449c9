#pragma once

/// What will be measured, and in which order. Pure values and functions.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "register/register.hpp"

namespace assay {

/// One benchmark as a unit runs it.
struct Arm {
  std::string benchmark;
  std::string instrument;        ///< name of the executable
  std::uint64_t iterations = 1;  ///< of one slice, found once for the run
};

/// Benchmarks measured next to each other: two of a pair (baseline, candidate), one alone, or
/// the sizes of a slope.
struct Unit {
  std::uint32_t comparison = 0;
  std::optional<std::int64_t> size;  ///< of a crossover's unit
  std::vector<Arm> arms;
  double slice_ns = 0;       ///< mean expected duration of one slice
  std::uint32_t blocks = 4;  ///< in a round
};

/// One interval to be found: an experiment against one of its baselines.
struct Comparison {
  std::string experiment;
  std::string baseline;  ///< empty where the candidate is judged alone
  std::string candidate;
  bool is_control = false;
  std::vector<std::uint32_t> units;
};

struct Plan {
  std::vector<Comparison> comparisons;
  std::vector<Unit> units;
  std::uint32_t blocks = 4;  ///< in a round, of each unit but the slow ones, which have fewer
  std::uint64_t seed = 0;
};

/// The expected time of a benchmark, found by calibration.
struct Cost {
  std::string instrument;
  double ns_per_iteration = 0;
  double ns_per_slice = 0;  ///< what every slice costs beside its iterations
  std::optional<std::uint64_t> fixed_iterations;
};

/// Iterations of one slice for each arm of a unit.
///
/// A slice lasts 0.2 ms and has at least 10 iterations, unless one operation is so long that ten
/// would last over 2 ms; an operation of 2 ms or more is a slice by itself. All arms get the
/// iterations of the cheapest, as the first iterations of a slice run on cold caches, and unequal
/// counts would amortise that unequally; but equal counts would spend the run in a far dearer arm,
/// so no slice grows beyond 1 ms for it.
std::vector<std::uint64_t> slice_iterations(const std::vector<Cost>& costs);

/// Benchmarks that are measured next to each other, in the order of the arms.
struct UnitNames {
  std::optional<std::int64_t> size;  ///< of a crossover's unit
  std::vector<std::string> benchmarks;
};

/// The units that an entry's rule needs against one of its baselines (empty: judged alone).
std::vector<UnitNames> units_of(const Experiment& experiment, const std::string& baseline);

/// The rivals that an entry is compared with; one empty name where it is judged alone.
std::vector<std::string> rivals_of(const Experiment& experiment);

/// The comparisons of the experiments and the units that they need. `cost_of` must know every
/// benchmark named. Of a witness rule nothing is measured.
Plan make_plan(const std::vector<Experiment>& experiments,
               const std::vector<std::pair<std::string, Cost>>& cost_of, std::uint64_t seed);

/// How many intervals of a median the whole register asks for, of its controls or of the rest: the
/// M of Bonferroni, the same whatever subset runs.
std::uint32_t count_comparisons(const Register& reg, bool controls);

/// One slice to be run. Warm-up slices are not recorded.
struct SliceRequest {
  std::uint32_t unit = 0;
  std::uint16_t arm = 0;
  std::uint32_t block = 0;
  bool is_warmup = false;
};

/// The slices of a round, in order: a warm-up of every arm, then the blocks of all units that are
/// `active`, shuffled. A block runs the arms of its unit in random order and then in reverse
/// (ABBA or BAAB for a pair), so that a linear drift cancels. Depends only on its arguments.
std::vector<SliceRequest> schedule_round(const Plan& plan, const std::vector<bool>& active,
                                         std::uint32_t round);

/// Seconds that the slices of a round are expected to take.
double expected_seconds(const Plan& plan, const std::vector<bool>& active);

}  // namespace assay
