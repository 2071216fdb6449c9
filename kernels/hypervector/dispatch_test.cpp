#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <latch>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "kernels/hypervector/random.hpp"
#include "kernels/hypervector/variants.hpp"

namespace assay {
namespace {

using testing::HasSubstr;

constexpr int kThreads = 8;

TEST(Select, IsTheSameFromManyThreadsThatAskAtOnce) {
  std::mt19937_64 engine(7);
  const HV16 a = random_hypervector(engine);
  const HV16 b = random_hypervector(engine);
  std::vector<std::string_view> binds(kThreads), similarities(kThreads);
  std::vector<HV16> outs(kThreads);
  std::latch start(kThreads);
  std::vector<std::jthread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      start.arrive_and_wait();
      binds[i] = select_bind().name;
      similarities[i] = select_similarity().name;
      select_bind().run(view(a), view(b), view(outs[i]));
    });
  }
  threads.clear();
  EXPECT_THAT(binds, testing::Each(select_bind().name));
  EXPECT_THAT(similarities, testing::Each(select_similarity().name));
  for (const HV16& out : outs) {
    EXPECT_EQ(out, outs.front());
  }
}

TEST(Select, TakesTheLastVariantThatTheCpuRuns) {
  const CpuFeatures present = cpu_features();
  bool after_selected = false;
  for (const auto& variant : bind_variants()) {
    EXPECT_FALSE(after_selected && present.has_all(variant.needs)) << variant.name;
    after_selected = after_selected || variant.name == select_bind().name;
  }
  EXPECT_TRUE(after_selected);
  EXPECT_TRUE(present.has_all(select_bind().needs));
  EXPECT_TRUE(present.has_all(select_similarity().needs));
}

TEST(Variants, BeginWithAReferenceThatNeedsNothing) {
  EXPECT_EQ(bind_variants().front().name, "scalar");
  EXPECT_EQ(hamming_variants().front().name, "scalar");
  EXPECT_EQ(bind_variants().front().needs, CpuFeatures{});
  EXPECT_EQ(hamming_variants().front().needs, CpuFeatures{});
}

TEST(Variants, AreFoundByNameOrSaidToBeMissing) {
  EXPECT_EQ(find_variant(bind_variants(), "auto").name, "auto");
  EXPECT_THROW(find_variant(bind_variants(), "avx3"), std::out_of_range);
}

TEST(ParseFeatures, TakesAListOfNames) {
  EXPECT_EQ(parse_features(""), CpuFeatures{});
  EXPECT_EQ(parse_features("avx2"), CpuFeatures{CpuFeature::kAvx2});
  EXPECT_EQ(parse_features("popcnt,avx2"), (CpuFeatures{CpuFeature::kPopcnt, CpuFeature::kAvx2}));
}

TEST(ParseFeatures, RefusesWhatItDoesNotKnow) {
  for (const char* malformed : {"avx3", "AVX2", "avx2,", ",avx2", "avx2,,popcnt", " avx2", ","}) {
    const auto parsed = parse_features(malformed);
    ASSERT_FALSE(parsed) << malformed;
    EXPECT_THAT(parsed.error(), HasSubstr("known are: popcnt avx2 avx512 vpopcntdq vbmi2 fma"));
  }
}

TEST(FirstMissing, NamesTheFeatureAsPeopleWriteIt) {
  EXPECT_EQ(first_missing({CpuFeature::kAvx2}, {CpuFeature::kPopcnt}), "AVX2");
  EXPECT_EQ(first_missing({CpuFeature::kAvx2}, {CpuFeature::kAvx2}), std::nullopt);
}

// Detection happens once a process: a fresh process a question, which the death test's
// re-executed child is.
class CpuWithoutDeathTest : public testing::Test {
 protected:
  void SetUp() override { GTEST_FLAG_SET(death_test_style, "threadsafe"); }
};

[[noreturn]] void tell_selected_without(const char* list) {
  setenv("ASSAY_CPU_WITHOUT", list, 1);
  try {
    const std::string selected(select_bind().name);
    std::fputs(("selected " + selected + "\n").c_str(), stderr);
  } catch (const std::invalid_argument& error) {
    std::fputs(error.what(), stderr);
  }
  std::exit(0);
}

TEST_F(CpuWithoutDeathTest, HidesAFeatureFromSelection) {
  EXPECT_EXIT(tell_selected_without("avx2"), testing::ExitedWithCode(0), "selected scalar");
}

TEST_F(CpuWithoutDeathTest, ReportsAMisspeltFeature) {
  EXPECT_EXIT(tell_selected_without("avx3"), testing::ExitedWithCode(0),
              "ASSAY_CPU_WITHOUT: no CPU feature is named \"avx3\"");
}

}  // namespace
}  // namespace assay
