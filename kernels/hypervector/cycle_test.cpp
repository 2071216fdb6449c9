#include "kernels/hypervector/cycle.hpp"

#include "kernels/hypervector/cycle_forms.hpp"
#include "kernels/hypervector/variant_test.hpp"

namespace assay {
namespace {

class Cycle : public testing::Test {
 protected:
  Cycle() : items_(200) {
    std::ranges::generate(working_, [&] { return random_hypervector(engine_); });
    std::ranges::generate(items_, [&] { return random_hypervector(engine_); });
  }
  CycleInput input() const { return {percept_, role_, 77, working_, items_}; }

  std::mt19937_64 engine_{5};
  HV16 percept_ = random_hypervector(engine_);
  HV16 role_ = random_hypervector(engine_);
  std::array<HV16, kWorkingMemory> working_;
  std::vector<HV16> items_;
};

HV16 bundle_of(const CycleInput& input) {
  HV16 pair, moved, out;
  bind_variants().front().run(view(input.percept), view(input.role), view(pair));
  permute_variants().front().run(view(pair), input.position, view(moved));
  std::vector<HV16> rows = {moved};
  rows.insert(rows.end(), input.working_memory.begin(), input.working_memory.end());
  bundle_variants().front().run(std::as_bytes(std::span(rows)), view(out));
  return out;
}

TEST_F(Cycle, RecognisesThePlantedItem) {
  HV16 noisy = bundle_of(input());
  for (std::size_t word = 0; word < 5; ++word) noisy.words[word] = ~noisy.words[word];
  items_[123] = noisy;
  HV16 filler;
  bind_variants().front().run(view(noisy), view(role_), view(filler));
  const Recognised expected{{123, 5 * 64}, filler};
  EXPECT_EQ(cycle_references(input()), expected);
  EXPECT_EQ(cycle_references_by_row(input()), expected);
  EXPECT_EQ(cycle_by_value(input()), expected);
  EXPECT_EQ(cycle_by_value_with_memories(input()), expected);
  EXPECT_EQ(NaiveCycle(input()).run(), expected);
}

TEST_F(Cycle, IsTheSameInEveryForm) {
  for (int i = 0; i < 20; ++i) {
    percept_ = random_hypervector(engine_);
    const Recognised expected = NaiveCycle(input()).run();
    EXPECT_EQ(cycle_references(input()), expected);
    EXPECT_EQ(cycle_references_by_row(input()), expected);
    EXPECT_EQ(cycle_by_value(input()), expected);
    EXPECT_EQ(cycle_by_value_with_memories(input()), expected);
  }
}

TEST_F(Cycle, IsTheSameAsCompiledForEveryCpu) {
  const Recognised expected = NaiveCycle(input()).run();
  const CycleKernels scalar = {bind_variants().front().run, permute_variants().front().run,
                               bundle_variants().front().run, hamming_variants().front().run,
                               nearest_variants().front().run};
  for (const Variant<CycleFormsFn>& variant : cycle_forms_variants()) {
    if (!runs_here(variant)) continue;
    SCOPED_TRACE(variant.name);
    EXPECT_EQ(variant.run().by_value(scalar, input()), expected);
    EXPECT_EQ(variant.run().by_reference(scalar, input()), expected);
  }
}

}  // namespace
}  // namespace assay
