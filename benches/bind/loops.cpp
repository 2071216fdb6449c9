#include "benches/bind/loops.hpp"

#include <algorithm>

#include "benches/support/opaque.hpp"
#include "kernels/hypervector/random.hpp"

namespace assay {
namespace {

void report_bytes(benchmark::State& state, std::size_t bytes_per_iteration) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes_per_iteration));
}

std::uint32_t reference_distance(const HV16& a, const HV16& b) {
  return hamming_variants().front().run(view(a), view(b));
}

}  // namespace

PairInput make_pair_input(std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  return {random_hypervector(engine), random_hypervector(engine), HV16{}};
}

BatchInput make_batch_input(std::uint64_t seed) {
  std::mt19937_64 engine(seed);
  BatchInput input{random_hypervector(engine), std::vector<HV16>(kDatabaseSize),
                   std::vector<std::uint32_t>(kDatabaseSize)};
  std::ranges::generate(input.database, [&] { return random_hypervector(engine); });
  return input;
}

bool matches_reference(BindFn* run, const PairInput& input) {
  HV16 out{}, expected{};
  run(view(input.a), view(input.b), view(out));
  bind_variants().front().run(view(input.a), view(input.b), view(expected));
  return out == expected;
}

bool matches_reference(HammingFn* run, const PairInput& input) {
  return run(view(input.a), view(input.b)) == reference_distance(input.a, input.b);
}

bool matches_reference(HammingFn* run, const BatchInput& input) {
  return std::ranges::all_of(input.database, [&](const HV16& row) {
    return run(view(input.query), view(row)) == reference_distance(input.query, row);
  });
}

bool matches_reference(HammingBatchFn* run, const BatchInput& input) {
  std::vector<std::uint32_t> distances(input.database.size()), expected(input.database.size());
  run(view(input.query), input.database, distances);
  std::ranges::transform(input.database, expected.begin(),
                         [&](const HV16& row) { return reference_distance(input.query, row); });
  return distances == expected;
}

bool matches_reference(CopyFn* run, const PairInput& input) {
  const HV16 before = input.a;
  run(view(input.a));
  return input.a == before;
}

void time_bind(benchmark::State& state, BindFn* run, PairInput& input) {
  for (auto _ : state) {
    hide(input.a, input.b);
    run(view(input.a), view(input.b), view(input.out));
    consume(input.out);
  }
  report_bytes(state, 3 * kHvBytes);
}

void time_similarity(benchmark::State& state, HammingFn* run, PairInput& input) {
  for (auto _ : state) {
    hide(input.a, input.b);
    const std::uint32_t distance = run(view(input.a), view(input.b));
    consume(distance);
  }
  report_bytes(state, 2 * kHvBytes);
}

void time_batch(benchmark::State& state, HammingBatchFn* run, BatchInput& input) {
  for (auto _ : state) {
    hide(input);
    run(view(input.query), input.database, input.distances);
    consume(input);
  }
  report_bytes(state, (input.database.size() + 1) * kHvBytes);
}

void time_copy(benchmark::State& state, CopyFn* run, PairInput& input) {
  for (auto _ : state) {
    hide(input.a);
    run(view(input.a));
  }
  report_bytes(state, 2 * kHvBytes);
}

void time_bind_calls(benchmark::State& state, BindFn* run, PairInput& input) {
  const std::int64_t calls = state.range(0);
  for (auto _ : state) {
    for (std::int64_t call = 0; call < calls; ++call) {
      hide(input.a, input.b);
      run(view(input.a), view(input.b), view(input.out));
      consume(input.out);
    }
  }
  report_bytes(state, static_cast<std::size_t>(calls) * 3 * kHvBytes);
}

void time_similarity_calls(benchmark::State& state, HammingFn* run, BatchInput& input) {
  const std::int64_t calls = state.range(0);
  for (auto _ : state) {
    hide(input);
    std::size_t row = 0;
    for (std::int64_t call = 0; call < calls; ++call) {
      input.distances[row] = run(view(input.query), view(input.database[row]));
      row = row + 1 == input.database.size() ? 0 : row + 1;
    }
    consume(input);
  }
  report_bytes(state, static_cast<std::size_t>(calls) * kHvBytes);
}

}  // namespace assay
