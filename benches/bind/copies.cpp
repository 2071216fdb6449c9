/// The copy claims, by every way to write a copy, every compiler and every level: does the compiler
/// make the copy, and what does it cost where it does?
///
/// bind/copies/<compiler>-<level>/call/<way>        both operands copied, then bound, behind a call
/// bind/copies/<compiler>-<level>/inlined/<way>     the same in a loop that it is inlined into
/// bind/copies-1000/<compiler>-<level>/<what>/<way> 1,000 similarities; <what> is copied:
/// query-once, row, both
///
/// The way `refs` copies nothing: it is the candidate of the others.

#include <optional>

#include "benches/bind/loops.hpp"
#include "kernels/hypervector/copies.hpp"

namespace assay {
namespace {

bool is_bound(const PairInput& input) {
  HV16 expected;
  bind_variants().front().run(view(input.a), view(input.b), view(expected));
  return input.out == expected;
}

bool matches_reference(BindObjectsFn* run, PairInput& input) {
  input.out = HV16{};
  run(input.a, input.b, input.out);
  return is_bound(input);
}

bool matches_reference(BindLoopFn* run, PairInput& input) {
  input.out = HV16{};
  run(1, input.a, input.b, input.out);
  return is_bound(input);
}

bool matches_reference(ScanFn* run, BatchInput& input) {
  std::vector<std::uint32_t> expected(kDatabaseSize);
  hamming_many_variants().front().run(view(input.query), input.rows(), expected);
  run(input.query, input.database(), input.distances);
  return input.distances == expected;
}

// One call site for each function: see loops.hpp. These loops are entered with the function known
// to nobody, and a CPU predicts an indirect call by its history, too; so each is a copy.
template <int kSite>
[[gnu::noinline]] void time_copies(benchmark::State& state, BindObjectsFn* run, PairInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input.a, input.b);
    run(input.a, input.b, input.out);
    consume(input.out);
  }
}

template <int kSite>
[[gnu::noinline]] void time_copies(benchmark::State& state, BindLoopFn* run, PairInput& input) {
  mark_site<kSite>();
  while (state.KeepRunningBatch(state.max_iterations)) {
    run(state.max_iterations, input.a, input.b, input.out);
  }
}

template <int kSite>
[[gnu::noinline]] void time_copies(benchmark::State& state, ScanFn* run, BatchInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input);
    run(input.query, input.database(), input.distances);
    consume(input);
  }
}

template <typename Fn, typename Input>
using TimeFn = void(benchmark::State&, Fn*, Input&);

template <typename Fn, typename Input, int... kSite>
constexpr auto loops(std::integer_sequence<int, kSite...> /*sites*/) {
  return std::array<TimeFn<Fn, Input>*, sizeof...(kSite)>{time_copies<kSite>...};
}

constexpr int kSites = 96;  // of a kind; checked where they are given out

/// Why a compiled way may not be timed here; empty when it may.
template <typename Fn, typename Input>
std::string refusal(std::string_view compiler, Fn* run, Input& input) {
  if (run == nullptr) return "not run: built without " + std::string(compiler);
  if (const auto missing = first_missing({CpuFeature::kAvx2, CpuFeature::kPopcnt}, cpu_features()))
    return "not run: this CPU has no " + std::string(*missing);
  return matches_reference(run, input) ? "" : "wrong result: differs from the scalar reference";
}

template <typename Fn, typename Input>
void register_copies(const std::string& name, std::string_view compiler, Fn* run,
                     Input& (*input)()) {
  static constexpr auto kLoops = loops<Fn, Input>(std::make_integer_sequence<int, kSites>{});
  static std::size_t sites_given = 0;
  auto* const time = kLoops.at(sites_given++);
  std::optional<std::string> refused;
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) mutable {
    try {
      if (!refused) refused = refusal(compiler, run, input());
      if (!refused->empty()) return state.SkipWithError(refused->c_str());
      time(state, run, input());
    } catch (const std::invalid_argument& error) {
      state.SkipWithError(error.what());
    }
  });
}

[[maybe_unused]] const bool kRegistered = [] {
  for (const CompiledCopies& built : compiled_copies()) {
    for (std::size_t i = 0; i < copy_way_names().size(); ++i) {
      const CopyWay way = built.ways.empty() ? CopyWay{} : built.ways[i];
      const auto name = [&](std::string_view family, std::string_view what) {
        std::string joined("bind/");
        joined.append(family).append("/").append(built.compiler).append("-").append(built.level);
        return joined.append("/").append(what).append("/").append(copy_way_names()[i]);
      };
      register_copies(name("copies", "call"), built.compiler, way.bind, pair_input);
      register_copies(name("copies", "inlined"), built.compiler, way.bind_loop, pair_input);
      register_copies(name("copies-1000", "query-once"), built.compiler, way.scan_query_once,
                      batch_input);
      register_copies(name("copies-1000", "row"), built.compiler, way.scan_row, batch_input);
      register_copies(name("copies-1000", "both"), built.compiler, way.scan_both, batch_input);
    }
  }
  return true;
}();

}  // namespace
}  // namespace assay
