#include <array>
#include <bit>
#include <functional>
#include <limits>

#include "kernels/hypervector/variant_test.hpp"

// The kernels of vectors of any dimension: each variant against the definition, spelt out a bit at
// a time, on random and on adversarial data, at every misalignment, with guards around what it
// writes.

namespace assay {
namespace {

using Bytes = std::vector<std::byte>;
using Sizes = std::vector<std::size_t>;

unsigned bit_of(BitsView bits, std::size_t i) {
  return static_cast<unsigned>(bits[i / 8] >> (i % 8)) & 1U;
}
void set_bit(BitsSpan bits, std::size_t i) {
  bits[i / 8] |= static_cast<std::byte>(1U << (i % 8));
}

Bytes bound(BitsView a, BitsView b) {
  Bytes out(a.size());
  std::ranges::transform(a, b, out.begin(), std::bit_xor{});
  return out;
}

std::uint64_t distance(BitsView a, BitsView b) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < 8 * a.size(); ++i) {
    bits += bit_of(a, i) ^ bit_of(b, i);
  }
  return bits;
}

Bytes bundled(BitsView rows, std::size_t row_bytes) {
  const std::size_t count = rows.size() / row_bytes;
  Bytes out(row_bytes);
  for (std::size_t i = 0; i < 8 * row_bytes; ++i) {
    std::size_t set = 0;
    for (std::size_t row = 0; row < count; ++row) {
      set += bit_of(rows.subspan(row * row_bytes, row_bytes), i);
    }
    if (2 * set > count || (2 * set == count && bit_of(rows, i) == 1)) {
      set_bit(out, i);
    }
  }
  return out;
}

Bytes permuted(BitsView in, std::size_t shift) {
  Bytes out(in.size());
  const std::size_t bits = 8 * in.size();
  for (std::size_t i = 0; i < bits; ++i) {
    if (bit_of(in, i) == 1) {
      set_bit(out, (i + shift % bits) % bits);
    }
  }
  return out;
}

Bytes filled(std::size_t size, unsigned byte) {
  return Bytes(size, static_cast<std::byte>(byte));
}

constexpr std::array<std::size_t, 7> kSizes = {256, 512, 768, 1024, 1280, 4096, 8192 + 256};

template <typename Fn>
auto all_of(std::span<const Variant<Fn>> variants) {
  return testing::ValuesIn(variants.begin(), variants.end());
}

using BindWideTest = VariantTest<BindWideFn>;
INSTANTIATE_TEST_SUITE_P(Wide, BindWideTest, all_of(bind_wide_variants()), test_name<BindWideFn>);

TEST_P(BindWideTest, XorsEveryMultipleOf256BytesAndNoneAtAll) {
  run()({}, {}, {});
  for (const std::size_t size : kSizes) {
    const Bytes a = random_bytes(engine_, size), b = random_bytes(engine_, size);
    Room out(0, size);
    run()(a, b, out.span());
    EXPECT_TRUE(out.holds(bound(a, b)) && out.guards_intact()) << size;
  }
}

TEST_P(BindWideTest, MayLieAtEveryMisalignment) {
  const Bytes a = random_bytes(engine_, 768), b = random_bytes(engine_, 768);
  for (std::size_t i = 0; i < kCacheLine; ++i) {
    for (std::size_t j = 0; j < kCacheLine; ++j) {
      Room at_a(i, a), at_b(j, b), out((i + 2 * j) % kCacheLine, 768);
      run()(at_a.span(), at_b.span(), out.span());
      ASSERT_TRUE(out.holds(bound(a, b)) && out.guards_intact()) << i << ' ' << j;
    }
  }
}

TEST_P(BindWideTest, WritesOverEitherOperand) {
  const Bytes a = random_bytes(engine_, 1280), b = random_bytes(engine_, 1280);
  for (std::size_t i = 0; i < kCacheLine; ++i) {
    Room over_a(i, a), over_b(i, b), over_both(i, a);
    run()(over_a.span(), b, over_a.span());
    run()(a, over_b.span(), over_b.span());
    run()(over_both.span(), over_both.span(), over_both.span());
    EXPECT_TRUE(over_a.holds(bound(a, b)) && over_b.holds(bound(a, b)));
    EXPECT_TRUE(over_both.holds(filled(1280, 0)));
    EXPECT_TRUE(over_a.guards_intact() && over_b.guards_intact() && over_both.guards_intact());
  }
}

// Beyond any cache, where a kernel may store past the caches.
TEST_P(BindWideTest, XorsMoreThanTheCachesHold) {
  constexpr std::size_t kSize = (std::size_t{8} << 20) + 256;
  const Bytes a = random_bytes(engine_, kSize), b = random_bytes(engine_, kSize);
  const Bytes expected = bound(a, b);
  for (const std::size_t misalignment : Sizes{0, 1, 16, 32}) {
    Room out(misalignment, kSize);
    run()(a, b, out.span());
    EXPECT_TRUE(out.holds(expected) && out.guards_intact()) << misalignment;
  }
}

using HammingWideTest = VariantTest<HammingWideFn>;
INSTANTIATE_TEST_SUITE_P(Wide, HammingWideTest, all_of(hamming_wide_variants()),
                         test_name<HammingWideFn>);

TEST_P(HammingWideTest, CountsEveryMultipleOf256BytesAndNoneAtAll) {
  EXPECT_EQ(run()({}, {}), 0u);
  for (const std::size_t size : kSizes) {
    const Bytes a = random_bytes(engine_, size), b = random_bytes(engine_, size);
    EXPECT_EQ(run()(a, b), distance(a, b)) << size;
    EXPECT_EQ(run()(a, a), 0u) << size;
    EXPECT_EQ(run()(filled(size, 0), filled(size, 0xff)), 8 * size) << size;
  }
}

TEST_P(HammingWideTest, CountsMoreThanANarrowSumHolds) {
  constexpr std::size_t kSize = std::size_t{16} << 20;
  EXPECT_EQ(run()(filled(kSize, 0), filled(kSize, 0xff)), 8 * kSize);
}

TEST_P(HammingWideTest, CountsEverySingleBit) {
  Bytes one(768), zeros(768);
  for (std::size_t bit = 0; bit < 8 * one.size(); ++bit) {
    one[bit / 8] = static_cast<std::byte>(1U << (bit % 8));
    ASSERT_EQ(run()(one, zeros), 1u) << bit;
    one[bit / 8] = std::byte{0};
  }
}

TEST_P(HammingWideTest, MayLieAtEveryMisalignment) {
  const Bytes a = random_bytes(engine_, 768), b = random_bytes(engine_, 768);
  const std::uint64_t expected = distance(a, b);
  for (std::size_t i = 0; i < kCacheLine; ++i) {
    for (std::size_t j = 0; j < kCacheLine; ++j) {
      Room at_a(i, a), at_b(j, b);
      ASSERT_EQ(run()(at_a.span(), at_b.span()), expected) << i << ' ' << j;
    }
  }
}

using WideManyTest = VariantTest<HammingManyFn>;
INSTANTIATE_TEST_SUITE_P(Wide, WideManyTest, all_of(hamming_many_variants()),
                         test_name<HammingManyFn>);

TEST_P(WideManyTest, CountsRowsOfEveryWidthAtEveryMisalignment) {
  for (const std::size_t width : Sizes{256, 512, 768, 2304}) {
    for (std::size_t at = 0; at < kCacheLine; ++at) {
      const std::size_t count = at % 19;
      Room query(at, random_bytes(engine_, width));
      Room rows((7 * at) % kCacheLine, random_bytes(engine_, count * width));
      constexpr std::uint32_t kUnwritten = 0xffffffff;
      std::vector<std::uint32_t> distances(count + 1, kUnwritten);
      run()(query.span(), rows.span(), std::span(distances).first(count));
      for (std::size_t row = 0; row < count; ++row) {
        ASSERT_EQ(distances[row], distance(query.span(), rows.span().subspan(row * width, width)))
            << width << ' ' << at << ' ' << row;
      }
      ASSERT_EQ(distances.back(), kUnwritten);
    }
  }
}

// Beyond a core's own caches a kernel may take another way.
TEST_P(WideManyTest, CountsMoreRowsThanACacheHolds) {
  constexpr std::size_t kCount = 4099;
  const Bytes query = random_bytes(engine_, 256), rows = random_bytes(engine_, kCount * 256);
  std::vector<std::uint32_t> distances(kCount), expected(kCount);
  hamming_many_variants().front().run(query, rows, expected);
  run()(query, rows, distances);
  EXPECT_EQ(distances, expected);
}

TEST_P(WideManyTest, HoldsForTheExtremes) {
  const Bytes rows = filled(40 * 256, 0xff);
  std::vector<std::uint32_t> distances(40);
  run()(filled(256, 0), rows, distances);
  EXPECT_EQ(distances, std::vector<std::uint32_t>(40, 2048));
  run()(filled(256, 0xff), rows, distances);
  EXPECT_EQ(distances, std::vector<std::uint32_t>(40, 0));
}

TEST_P(WideManyTest, CountsMoreThanANarrowSumHolds) {
  constexpr std::size_t kWidth = std::size_t{1} << 20;
  std::vector<std::uint32_t> distances(9);
  run()(filled(kWidth, 0), filled(9 * kWidth, 0xff), distances);
  EXPECT_EQ(distances, std::vector<std::uint32_t>(9, 8 * kWidth));
}

using NearestTest = VariantTest<NearestFn>;
INSTANTIATE_TEST_SUITE_P(Wide, NearestTest, all_of(nearest_variants()), test_name<NearestFn>);

TEST_P(NearestTest, FindsTheRowWhereverItLies) {
  for (const std::size_t width : Sizes{256, 768}) {
    for (std::size_t count = 1; count <= 40; ++count) {
      const std::size_t at = count % kCacheLine;
      const Bytes query = random_bytes(engine_, width);
      Bytes rows = random_bytes(engine_, count * width);
      for (std::size_t row = 0; row < count; ++row) {
        Bytes changed = rows;
        std::ranges::copy(query, changed.begin() + static_cast<std::ptrdiff_t>(row * width));
        changed[row * width] ^= std::byte{1};
        Room at_query(at, query), at_rows((5 * at) % kCacheLine, changed);
        ASSERT_EQ(run()(at_query.span(), at_rows.span()), (Neighbour{row, 1}))
            << width << ' ' << count;
      }
    }
  }
}

TEST_P(NearestTest, TakesTheFirstOfSeveral) {
  const Bytes query = random_bytes(engine_, 256);
  for (std::size_t first = 0; first < 20; ++first) {
    Bytes rows = random_bytes(engine_, 40 * 256);
    for (const std::size_t row : Sizes{first, first + 1, first + 9, std::size_t{39}}) {
      std::ranges::copy(query, rows.begin() + static_cast<std::ptrdiff_t>(row * 256));
    }
    EXPECT_EQ(run()(query, rows), (Neighbour{first, 0}));
  }
}

TEST_P(NearestTest, FindsTheRowBeyondTheCaches) {
  const Bytes query = random_bytes(engine_, 256);
  Bytes rows = random_bytes(engine_, 4099 * 256);
  for (const std::size_t row : Sizes{4098, 4096, 3}) {
    std::ranges::copy(query, rows.begin() + static_cast<std::ptrdiff_t>(row * 256));
    EXPECT_EQ(run()(query, rows), (Neighbour{row, 0}));
  }
}

// More rows than a kernel takes at once.
TEST_P(NearestTest, FindsTheFirstAmongThousands) {
  const Bytes query = random_bytes(engine_, 256);
  const Bytes rows = random_bytes(engine_, 2100 * 256);
  const auto put = [&](Bytes& into, std::size_t row) {
    std::ranges::copy(query, into.begin() + static_cast<std::ptrdiff_t>(row * 256));
  };
  for (const std::size_t row : Sizes{0, 1, 255, 256, 511, 512, 1023, 1024, 2047, 2048, 2099}) {
    Bytes changed = rows;
    put(changed, row);
    EXPECT_EQ(run()(query, changed), (Neighbour{row, 0}));
    put(changed, 2099);
    EXPECT_EQ(run()(query, changed), (Neighbour{row, 0}));
  }
}

TEST_P(NearestTest, FindsTheFirstWhereAllAreOpposite) {
  EXPECT_EQ(run()(filled(256, 0), filled(37 * 256, 0xff)), (Neighbour{0, 2048}));
}

using BundleTest = VariantTest<BundleFn>;
INSTANTIATE_TEST_SUITE_P(Wide, BundleTest, all_of(bundle_variants()), test_name<BundleFn>);

TEST_P(BundleTest, TakesTheMajorityOfEveryNumberOfRows) {
  for (std::size_t count = 1; count <= 140; ++count) {
    const Bytes rows = random_bytes(engine_, count * 256);
    Room out(count % kCacheLine, 256);
    run()(rows, out.span());
    ASSERT_TRUE(out.holds(bundled(rows, 256)) && out.guards_intact()) << count;
  }
}

TEST_P(BundleTest, HoldsAroundThePowersOfTwo) {
  for (const std::size_t count : Sizes{255, 256, 257, 511, 512, 1023, 1024, 1025}) {
    const Bytes rows = random_bytes(engine_, count * 256);
    Room out(0, 256);
    run()(rows, out.span());
    ASSERT_TRUE(out.holds(bundled(rows, 256)) && out.guards_intact()) << count;
    run()(filled(count * 256, 0xff), out.span());
    ASSERT_TRUE(out.holds(filled(256, 0xff))) << count;
  }
}

TEST_P(BundleTest, DecidesByASingleRow) {
  for (const std::size_t count : Sizes{1, 2, 3, 7, 8, 9, 64, 100, 101}) {
    for (std::size_t set = 0; set <= count; ++set) {
      Bytes rows = filled(count * 256, 0);
      std::fill_n(rows.end() - static_cast<std::ptrdiff_t>(set * 256), set * 256, std::byte{0xff});
      Room out(3, 256);
      run()(rows, out.span());
      ASSERT_TRUE(out.holds(bundled(rows, 256))) << count << ' ' << set;
    }
  }
}

// The most rows that a kernel must count, and a tie: every counter is full at some row.
TEST_P(BundleTest, CountsTheMostRows) {
  constexpr std::size_t kMost = 65535, kHalf = 32767;
  Bytes rows = filled(kMost * 256, 0);
  const auto set = [&](std::size_t first, std::size_t count) {
    std::fill_n(rows.begin() + static_cast<std::ptrdiff_t>(first * 256), count * 256,
                std::byte{0xff});
  };
  Room out(5, 256);
  set(1, kHalf);
  run()(rows, out.span());
  EXPECT_TRUE(out.holds(filled(256, 0))) << "one too few";
  run()(std::span(rows).first((kMost - 1) * 256), out.span());
  EXPECT_TRUE(out.holds(filled(256, 0))) << "a tie, the first clear";
  set(0, 1);
  run()(rows, out.span());
  EXPECT_TRUE(out.holds(filled(256, 0xff))) << "one more than half";
  std::fill_n(rows.begin() + 256, 256, std::byte{0});
  run()(std::span(rows).first((kMost - 1) * 256), out.span());
  EXPECT_TRUE(out.holds(filled(256, 0xff)) && out.guards_intact()) << "a tie, the first set";
}

TEST_P(BundleTest, TakesRowsOfEveryWidthAtEveryMisalignment) {
  for (const std::size_t width : Sizes{256, 512, 768, 1280}) {
    for (std::size_t at = 0; at < kCacheLine; ++at) {
      Room rows(at, random_bytes(engine_, (1 + at % 9) * width)), out((3 * at) % kCacheLine, width);
      run()(rows.span(), out.span());
      ASSERT_TRUE(out.holds(bundled(rows.span(), width)) && out.guards_intact())
          << width << ' ' << at;
    }
  }
}

using PermuteTest = VariantTest<PermuteFn>;
INSTANTIATE_TEST_SUITE_P(Wide, PermuteTest, all_of(permute_variants()), test_name<PermuteFn>);

TEST_P(PermuteTest, RotatesByEveryNumberOfBits) {
  const Bytes in = random_bytes(engine_, 256);
  Room out(0, 256);
  for (std::size_t shift = 0; shift <= 2048 + 3; ++shift) {
    run()(in, shift, out.span());
    ASSERT_TRUE(out.holds(permuted(in, shift)) && out.guards_intact()) << shift;
  }
  run()(in, std::numeric_limits<std::size_t>::max(), out.span());
  EXPECT_TRUE(out.holds(permuted(in, std::numeric_limits<std::size_t>::max())));
}

TEST_P(PermuteTest, RotatesVectorsOfEveryWidthAtEveryMisalignment) {
  for (const std::size_t width : Sizes{256, 512, 768, 1280}) {
    for (std::size_t at = 0; at < kCacheLine; ++at) {
      Room in(at, random_bytes(engine_, width)), out((11 * at) % kCacheLine, width);
      const std::size_t shift = engine_() % (8 * width);
      run()(in.span(), shift, out.span());
      ASSERT_TRUE(out.holds(permuted(in.span(), shift)) && out.guards_intact())
          << width << ' ' << at << ' ' << shift;
    }
  }
}

}  // namespace
}  // namespace assay
