#include "verdict/rounds.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "testing/examples.hpp"

namespace assay {
namespace {

using namespace examples;
using testing::DoubleEq;
using testing::ElementsAre;
using testing::SizeIs;

/// A slice of a block: who ran (0: the baseline), where, and its value.
Slice slice(std::uint32_t block, std::uint16_t arm, std::uint32_t position, double value) {
  return {0, arm, 0, block, position, value, value};
}

/// Block 1 (BAAB) ran before block 0 (ABBA).
const std::vector<Slice> kRound = {slice(1, 1, 3, 1),  slice(1, 0, 4, 2),  slice(1, 0, 5, 3),
                                   slice(1, 1, 6, 4),  slice(0, 0, 20, 5), slice(0, 1, 21, 6),
                                   slice(0, 1, 22, 7), slice(0, 0, 23, 8)};

TEST(AdjacentPairs, HoldBothSidesBlockAfterBlock) {
  const auto pairs = adjacent_pairs(kRound);
  ASSERT_THAT(pairs, SizeIs(4));
  std::vector<std::pair<double, double>> values;
  for (const auto& [baseline, candidate] : pairs)
    values.emplace_back(baseline.value, candidate.value);
  EXPECT_THAT(values,
              ElementsAre(std::pair(5, 6), std::pair(8, 7), std::pair(2, 1), std::pair(3, 4)));
}

TEST(EffectsOfSlices, AreOfThePairsOrOfTheSlicesAlone) {
  Experiment entry = experiment("A", superiority(2));
  EXPECT_THAT(effects_of_slices(entry, kRound),
              ElementsAre(DoubleEq(std::log(5.0 / 6)), DoubleEq(std::log(8.0 / 7)),
                          DoubleEq(std::log(2.0)), DoubleEq(std::log(3.0 / 4))));
  entry.compare = Compare::kDifference;
  EXPECT_THAT(effects_of_slices(entry, kRound), ElementsAre(-1, 1, 1, -1));
  const std::vector<Slice> alone = {slice(1, 0, 3, 1), slice(1, 0, 4, 2), slice(0, 0, 9, 3),
                                    slice(0, 0, 10, 4)};
  EXPECT_THAT(effects_of_slices(experiment("B", range(RuleKind::kBound, 1, 2), {}), alone),
              ElementsAre(3, 4, 1, 2));
}

TEST(ValueOfSlices, IsTheMedianOfTheirEffects) {
  const Experiment entry = experiment("A", superiority(2));
  EXPECT_DOUBLE_EQ(value_of_slices(entry, kRound), (std::log(5.0 / 6) + std::log(8.0 / 7)) / 2);
}

}  // namespace
}  // namespace assay
