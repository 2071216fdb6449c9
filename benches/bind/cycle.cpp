/// The cognitive cycle, with 1,000 items: all forms recognise the same.
///
/// bind/cycle/refs           on references, by the best kernels of this CPU
/// bind/cycle/refs-by-row    on references through interfaces, each item compared by a call
/// bind/cycle/by-value       the same, every vector by value
/// bind/cycle/by-value-all   the same, the memories by value, too
/// bind/cycle/naive          a bit at a time, everything copied onto the heap

#include <memory>

#include "benches/bind/loops.hpp"
#include "kernels/hypervector/cycle.hpp"

namespace assay {
namespace {

struct CycleData {
  PairInput pair = make_pair_input(16);
  BatchInput batch = make_batch_input(16);

  CycleInput input() const {
    return {pair.a, pair.b, 77, batch.database().first<kWorkingMemory>(), batch.database()};
  }
};

CycleData& data() {
  static CycleData of_process;
  return of_process;
}

const NaiveCycle& naive() {
  static const NaiveCycle of_process(data().input());
  return of_process;
}

template <typename Run>
void time_cycle(benchmark::State& state, Run run) {
  static const Recognised expected = naive().run();
  if (!(run() == expected))
    return state.SkipWithError("wrong result: differs from the naive cycle");
  const CycleData& input = data();
  for (auto _ : state) {
    hide(input);
    const Recognised found = run();
    consume(found);
  }
}

template <typename Run>
void add(const char* name, Run run) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State& state) {
    try {
      time_cycle(state, run);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
}

[[maybe_unused]] const bool kRegistered = [] {
  add("bind/cycle/refs", [] { return cycle_references(data().input()); });
  add("bind/cycle/refs-by-row", [] { return cycle_references_by_row(data().input()); });
  add("bind/cycle/by-value", [] { return cycle_by_value(data().input()); });
  add("bind/cycle/by-value-all", [] { return cycle_by_value_with_memories(data().input()); });
  add("bind/cycle/naive", [] { return naive().run(); });
  return true;
}();

}  // namespace
}  // namespace assay
