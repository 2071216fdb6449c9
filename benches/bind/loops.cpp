#include "benches/bind/loops.hpp"

#include <algorithm>

#include "kernels/hypervector/random.hpp"

namespace assay {
namespace {

constexpr std::uint64_t kSeed = 16;

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
  BatchInput input{random_hypervector(engine), Pages(kDatabaseSize * sizeof(HV16)),
                   std::vector<std::uint32_t>(kDatabaseSize)};
  std::ranges::generate(input.database(), [&] { return random_hypervector(engine); });
  return input;
}

PairInput& pair_input() {
  static PairInput input = make_pair_input(kSeed);
  return input;
}

BatchInput& batch_input() {
  static BatchInput input = make_batch_input(kSeed);
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
  return std::ranges::all_of(input.database(), [&](const HV16& row) {
    return run(view(input.query), view(row)) == reference_distance(input.query, row);
  });
}

bool matches_reference(HammingManyFn* run, const BatchInput& input) {
  std::vector<std::uint32_t> distances(kDatabaseSize), expected(kDatabaseSize);
  run(view(input.query), input.rows(), distances);
  std::ranges::transform(input.database(), expected.begin(),
                         [&](const HV16& row) { return reference_distance(input.query, row); });
  return distances == expected;
}

bool matches_reference(CopyFn* run, const PairInput& input) {
  const HV16 before = input.a;
  run(view(input.a));
  return input.a == before;
}

}  // namespace assay
