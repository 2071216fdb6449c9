#include "benches/limits/probes.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <random>
#include <span>
#include <type_traits>
#include <vector>

#include "benches/support/pages.hpp"

// A probe that did less than its name says would set a limit that nobody can reach.

namespace assay {
namespace {

using Words = std::vector<std::uint64_t>;

constexpr std::size_t kWorks[] = {256, 512, 768, 4096, 4096 + 256, 25856, 256000};

template <typename Probe>
bool runs_here() {
  return cpu_features().has_all(Probe::kNeeds);
}

std::span<std::byte> randomised(std::span<std::byte> bytes) {
  std::mt19937_64 engine(bytes.size());
  std::ranges::generate(bytes, [&] { return static_cast<std::byte>(engine()); });
  return bytes;
}

/// The bytes, eight at a time.
Words words_of(std::span<const std::byte> bytes) {
  Words words(bytes.size() / sizeof(std::uint64_t));
  std::memcpy(words.data(), bytes.data(), bytes.size());
  return words;
}

template <typename Probe>
Kept kept_by(std::span<const std::byte> from) {
  Kept kept;
  Probe::template run<true>(from.data(), from.size(), &kept);
  end_vectors(Probe::kNeeds);
  return kept;
}

template <typename Probe>
class LoadProbeTest : public testing::Test {};
using LoadProbes = testing::Types<LoadAvx2, LoadAvx512, LoadAvx2Streams, LoadAvx512Prefetch>;
TYPED_TEST_SUITE(LoadProbeTest, LoadProbes);

TYPED_TEST(LoadProbeTest, ReadsEveryWord) {
  if (!runs_here<TypeParam>()) GTEST_SKIP();
  for (const std::size_t size : kWorks) {
    const Arrays arrays(1, size);
    const Words words = words_of(randomised(arrays[0]));
    const Kept kept = kept_by<TypeParam>(arrays[0]);
    const auto folded = [](const auto& all) {
      return std::accumulate(all.begin(), all.end(), std::uint64_t{0}, std::bit_xor{});
    };
    EXPECT_EQ(folded(kept.words), folded(words)) << size;
  }
}

template <typename Probe>
class PopcountProbeTest : public testing::Test {};
using PopcountProbes = testing::Types<PopcountScalar, PopcountAvx2, PopcountAvx512>;
TYPED_TEST_SUITE(PopcountProbeTest, PopcountProbes);

TYPED_TEST(PopcountProbeTest, CountsEveryBit) {
  if (!runs_here<TypeParam>()) GTEST_SKIP();
  for (const std::size_t size : kWorks) {
    const Arrays arrays(1, size);
    const Words words = words_of(randomised(arrays[0]));
    const auto bits = [](std::uint64_t sum, std::uint64_t word) {
      return sum + static_cast<std::uint64_t>(std::popcount(word));
    };
    const Kept kept = kept_by<TypeParam>(arrays[0]);
    EXPECT_EQ(std::accumulate(kept.words.begin(), kept.words.end(), std::uint64_t{0}),
              std::accumulate(words.begin(), words.end(), std::uint64_t{0}, bits))
        << size;
    std::ranges::fill(arrays[0], std::byte{0xff});
    const Kept all = kept_by<TypeParam>(arrays[0]);
    EXPECT_EQ(std::accumulate(all.words.begin(), all.words.end(), std::uint64_t{0}), 8 * size);
  }
}

template <typename Probe>
class StoreProbeTest : public testing::Test {};
using StoreProbes =
    testing::Types<StoreSse2, StoreAvx2, StoreAvx512, StoreAvx2Nt, StoreAvx512Nt, StoreString>;
TYPED_TEST_SUITE(StoreProbeTest, StoreProbes);

TYPED_TEST(StoreProbeTest, WritesEveryByteAndNoOther) {
  if (!runs_here<TypeParam>()) GTEST_SKIP();
  for (const std::size_t size : kWorks) {
    const Arrays arrays(1, size + 128);
    std::ranges::fill(arrays[0], std::byte{1});
    TypeParam::run(arrays[0].data() + 64, size);
    end_vectors(TypeParam::kNeeds);
    std::vector<std::byte> expected(size + 128, std::byte{1});
    std::fill_n(expected.begin() + 64, size, std::byte{0xff});
    EXPECT_TRUE(std::ranges::equal(arrays[0], expected)) << size;
  }
}

template <typename Probe>
class CopyProbeTest : public testing::Test {};
using CopyProbes = testing::Types<CopyAvx2, CopyAvx512, CopyAvx2Nt, CopyString>;
TYPED_TEST_SUITE(CopyProbeTest, CopyProbes);

TYPED_TEST(CopyProbeTest, CopiesEveryByteAndNoOther) {
  if (!runs_here<TypeParam>()) GTEST_SKIP();
  for (const std::size_t size : kWorks) {
    const Arrays arrays(2, size + 128);
    randomised(arrays[0]);
    std::vector<std::byte> expected(size + 128, std::byte{1});
    std::copy_n(arrays[0].begin() + 64, size, expected.begin() + 64);
    std::ranges::fill(arrays[1], std::byte{1});
    TypeParam::run(arrays[0].data() + 64, arrays[1].data() + 64, size);
    end_vectors(TypeParam::kNeeds);
    EXPECT_TRUE(std::ranges::equal(arrays[1], expected)) << size;
  }
}

template <typename Probe>
class XorProbeTest : public testing::Test {};
using XorProbes = testing::Types<XorAvx2, XorAvx2Grouped, XorAvx512, XorAvx512Halves, XorAvx2Nt,
                                 XorAvx2NtGrouped, XorAvx512Nt>;
TYPED_TEST_SUITE(XorProbeTest, XorProbes);

TYPED_TEST(XorProbeTest, XorsEveryByteAndNoOther) {
  if (!runs_here<TypeParam>()) GTEST_SKIP();
  for (const std::size_t size : kWorks) {
    const Arrays arrays(3, size + 128);
    std::mt19937_64 engine(size);
    std::vector<std::byte> expected(size + 128, std::byte{1});
    for (std::size_t i = 0; i < size + 128; ++i) {
      arrays[0][i] = static_cast<std::byte>(engine());
      arrays[1][i] = static_cast<std::byte>(engine());
      if (i >= 64 && i < size + 64) expected[i] = arrays[0][i] ^ arrays[1][i];
    }
    std::ranges::fill(arrays[2], std::byte{1});
    const std::byte *const a = arrays[0].data() + 64, *const b = arrays[1].data() + 64;
    if (size == 256)
      TypeParam::template run<true>(a, b, arrays[2].data() + 64, size);
    else
      TypeParam::template run<false>(a, b, arrays[2].data() + 64, size);
    end_vectors(TypeParam::kNeeds);
    EXPECT_TRUE(std::ranges::equal(arrays[2], expected)) << size;
  }
}

template <typename Probe>
class IssueProbeTest : public testing::Test {};
using IssueProbes = testing::Types<IssueAvx2, IssueAvx512, IssueMixed>;
TYPED_TEST_SUITE(IssueProbeTest, IssueProbes);

TYPED_TEST(IssueProbeTest, ExecutesSoManyInstructions) {
  if (!runs_here<TypeParam>()) GTEST_SKIP();
  constexpr bool kIsMixed = std::is_same_v<TypeParam, IssueMixed>;
  constexpr std::size_t kVectorWords = TypeParam::kNeeds.has(CpuFeature::kAvx512) ? 8 : 4;
  for (const std::size_t turns : {1UL, 2UL, 7UL, 100UL}) {
    Kept kept;
    TypeParam::template run<true>(turns * (kIsMixed ? 30 : 94), &kept);
    end_vectors(TypeParam::kNeeds);
    std::uint64_t vector = 0;  // every word of a vector was added to
    for (std::size_t i = 0; i < 8; ++i) vector += kept.words[i * kVectorWords];
    if constexpr (kIsMixed) {
      EXPECT_EQ(vector + kept.words[63], turns * 28);  // and the loop's own two
      EXPECT_EQ(kept.words[63], turns * 8);
    } else {
      EXPECT_EQ(vector, turns * 94);
    }
  }
}

template <typename Probe>
class RotateProbeTest : public testing::Test {};
using RotateProbes = testing::Types<RotateAvx2, RotateAvx512>;
TYPED_TEST_SUITE(RotateProbeTest, RotateProbes);

TYPED_TEST(RotateProbeTest, WritesWhatItSays) {
  if (!runs_here<TypeParam>()) GTEST_SKIP();
  const Arrays arrays(2, 256 + 128);
  std::ranges::fill(arrays[0], std::byte{0xff});
  std::ranges::fill(arrays[1], std::byte{1});
  std::vector<std::byte> expected(256 + 128, std::byte{1});
  std::fill_n(expected.begin() + 64, 256, std::byte{0xff});
  TypeParam::run(arrays[0].data() + 64, arrays[1].data() + 64, 256);
  end_vectors(TypeParam::kNeeds);
  EXPECT_TRUE(std::ranges::equal(arrays[1], expected));
}

TEST(Pages, StartAtAHugePageAndAreWritten) {
  const Pages pages(5 << 20);
  ASSERT_EQ(pages.span().size(), 5U << 20);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(pages.span().data()) % (2 << 20), 0U);
  EXPECT_TRUE(std::ranges::all_of(pages.span(), [](std::byte b) { return b != std::byte{0}; }));
  EXPECT_TRUE(Pages().span().empty());
}

TEST(Arrays, LieApartAtCacheLines) {
  for (const std::size_t size : {256UL, 4096UL, 87040UL, 1UL << 20}) {
    const Arrays arrays(3, size);
    for (std::size_t i = 0; i < 3; ++i) {
      EXPECT_EQ(arrays[i].size(), size);
      EXPECT_EQ(reinterpret_cast<std::uintptr_t>(arrays[i].data()) % 64, 0U);
      if (i > 0) {
        EXPECT_GE(arrays[i].data(), arrays[i - 1].data() + size + 64);
      }
    }
  }
}

}  // namespace
}  // namespace assay
