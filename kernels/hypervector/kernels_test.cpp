#include "kernels/hypervector/variant_test.hpp"

namespace assay {

namespace {

constexpr std::byte kGuard{0xa5};

/// Room for a hypervector at any misalignment, with guard bytes on both sides.
class Slot {
 public:
  explicit Slot(std::size_t misalignment) : at_(kCacheLine + misalignment) { bytes_.fill(kGuard); }
  Slot(std::size_t misalignment, const HV16& hv) : Slot(misalignment) { put(hv); }

  HvSpan span() { return HvSpan(bytes_.data() + at_, kHvBytes); }
  void put(const HV16& hv) { std::memcpy(span().data(), &hv, kHvBytes); }
  HV16 get() {
    HV16 hv;
    std::memcpy(&hv, span().data(), kHvBytes);
    return hv;
  }
  bool guards_intact() const {
    const auto* hv = bytes_.data() + at_;
    return std::all_of(bytes_.data(), hv, is_guard) &&
           std::all_of(hv + kHvBytes, bytes_.data() + bytes_.size(), is_guard);
  }

 private:
  static bool is_guard(std::byte byte) { return byte == kGuard; }

  alignas(kCacheLine) std::array<std::byte, kHvBytes + 3 * kCacheLine> bytes_;
  std::size_t at_;
};

HV16 filled(std::uint64_t word) {
  HV16 hv;
  hv.words.fill(word);
  return hv;
}

HV16 single_bit(std::size_t bit) {
  HV16 hv = filled(0);
  hv.words[bit / 64] = std::uint64_t{1} << (bit % 64);
  return hv;
}

HV16 bound(const HV16& a, const HV16& b) {
  HV16 out;
  bind_variants().front().run(view(a), view(b), view(out));
  return out;
}

using BindTest = VariantTest<BindFn>;
INSTANTIATE_TEST_SUITE_P(References, BindTest,
                         testing::ValuesIn(bind_variants().begin(), bind_variants().end()),
                         test_name<BindFn>);
INSTANTIATE_TEST_SUITE_P(Clones, BindTest,
                         testing::ValuesIn(bind_clones_variants().begin(),
                                           bind_clones_variants().end()),
                         test_name<BindFn>);

TEST_P(BindTest, MatchesItsDefinition) {
  const HV16 a = random_hypervector(engine_);
  const HV16 b = random_hypervector(engine_);
  HV16 out;
  run()(view(a), view(b), view(out));
  for (std::size_t i = 0; i < kHvWords; ++i) {
    EXPECT_EQ(out.words[i], a.words[i] ^ b.words[i]) << "word " << i;
  }
}

TEST_P(BindTest, MatchesTheReferenceAtEveryMisalignmentAndWritesNowhereElse) {
  const HV16 a = random_hypervector(engine_);
  const HV16 b = random_hypervector(engine_);
  const HV16 expected = bound(a, b);
  const auto check = [&](std::size_t at_a, std::size_t at_b, std::size_t at_out) {
    Slot slot_a(at_a, a), slot_b(at_b, b), slot_out(at_out);
    run()(slot_a.span(), slot_b.span(), slot_out.span());
    ASSERT_EQ(slot_out.get(), expected) << at_a << ' ' << at_b << ' ' << at_out;
    ASSERT_TRUE(slot_out.guards_intact()) << at_a << ' ' << at_b << ' ' << at_out;
    ASSERT_TRUE(slot_a.get() == a && slot_b.get() == b && slot_a.guards_intact() &&
                slot_b.guards_intact());
  };
  for (std::size_t i = 0; i < kCacheLine; ++i) {
    for (std::size_t j = 0; j < kCacheLine; ++j) {
      check(i, j, (i + j) % kCacheLine);
      check(i, 0, j);
      check(0, i, j);
    }
  }
}

TEST_P(BindTest, OutMayBeEitherOperand) {
  const HV16 a = random_hypervector(engine_);
  const HV16 b = random_hypervector(engine_);
  for (std::size_t i = 0; i < kCacheLine; ++i) {
    Slot over_a(i, a), over_b(i, b), over_both(i, a);
    run()(over_a.span(), view(b), over_a.span());
    run()(view(a), over_b.span(), over_b.span());
    run()(over_both.span(), over_both.span(), over_both.span());
    EXPECT_EQ(over_a.get(), bound(a, b));
    EXPECT_EQ(over_b.get(), bound(a, b));
    EXPECT_EQ(over_both.get(), filled(0));
    EXPECT_TRUE(over_a.guards_intact() && over_b.guards_intact() && over_both.guards_intact());
  }
}

TEST_P(BindTest, HoldsForTheExtremes) {
  const HV16 zeros = filled(0), ones = filled(~std::uint64_t{0});
  const HV16 a = random_hypervector(engine_);
  for (const HV16& b : {zeros, ones, a}) {
    HV16 out;
    run()(view(a), view(b), view(out));
    EXPECT_EQ(out, bound(a, b));
    run()(view(out), view(b), view(out));
    EXPECT_EQ(out, a) << "bind is its own inverse";
  }
}

using HammingTest = VariantTest<HammingFn>;
INSTANTIATE_TEST_SUITE_P(Pairs, HammingTest,
                         testing::ValuesIn(hamming_variants().begin(), hamming_variants().end()),
                         test_name<HammingFn>);

std::uint32_t distance(const HV16& a, const HV16& b) {
  return hamming_variants().front().run(view(a), view(b));
}

TEST_P(HammingTest, CountsEverySingleBit) {
  const HV16 zeros = filled(0);
  const HV16 ones = filled(~std::uint64_t{0});
  for (std::size_t bit = 0; bit < kHvBits; ++bit) {
    const HV16 one = single_bit(bit);
    ASSERT_EQ(run()(view(one), view(zeros)), 1u) << "bit " << bit;
    ASSERT_EQ(run()(view(zeros), view(one)), 1u) << "bit " << bit;
    ASSERT_EQ(run()(view(one), view(ones)), kHvBits - 1) << "bit " << bit;
  }
}

TEST_P(HammingTest, CountsEveryPrefix) {
  const HV16 zeros = filled(0);
  HV16 prefix = zeros;
  for (std::uint32_t bits = 0; bits < kHvBits; ++bits) {
    ASSERT_EQ(run()(view(prefix), view(zeros)), bits);
    prefix.words[bits / 64] |= std::uint64_t{1} << (bits % 64);
  }
}

TEST_P(HammingTest, HoldsForTheExtremes) {
  const HV16 a = random_hypervector(engine_);
  const HV16 zeros = filled(0), ones = filled(~std::uint64_t{0});
  EXPECT_EQ(run()(view(a), view(a)), 0u);
  EXPECT_EQ(run()(view(zeros), view(ones)), kHvBits);
  EXPECT_EQ(run()(view(a), view(zeros)) + run()(view(a), view(ones)), kHvBits);
  EXPECT_EQ(run()(view(zeros), view(zeros)), 0u);
}

TEST_P(HammingTest, MatchesTheReferenceOnRandomVectors) {
  for (int i = 0; i < 1000; ++i) {
    const HV16 a = random_hypervector(engine_);
    const HV16 b = random_hypervector(engine_);
    ASSERT_EQ(run()(view(a), view(b)), distance(a, b));
  }
}

TEST_P(HammingTest, MatchesTheReferenceAtEveryMisalignment) {
  const HV16 a = random_hypervector(engine_);
  const HV16 b = random_hypervector(engine_);
  for (std::size_t i = 0; i < kCacheLine; ++i) {
    for (std::size_t j = 0; j < kCacheLine; ++j) {
      Slot slot_a(i, a), slot_b(j, b);
      ASSERT_EQ(run()(slot_a.span(), slot_b.span()), distance(a, b)) << i << ' ' << j;
    }
  }
}

TEST(HammingReference, CountsWhatAByteLoopCounts) {
  std::mt19937_64 engine(1);
  const HV16 a = random_hypervector(engine);
  const HV16 b = random_hypervector(engine);
  std::uint64_t bits = 0;
  for (std::size_t bit = 0; bit < kHvBits; ++bit) {
    bits += ((a.words[bit / 64] ^ b.words[bit / 64]) >> (bit % 64)) & 1;
  }
  EXPECT_EQ(distance(a, b), bits);
  EXPECT_DOUBLE_EQ(similarity(distance(a, a)), 1.0);
  EXPECT_DOUBLE_EQ(similarity(kHvBits), 0.0);
}

using HammingManyTest = VariantTest<HammingManyFn>;
INSTANTIATE_TEST_SUITE_P(References, HammingManyTest,
                         testing::ValuesIn(hamming_many_variants().begin(),
                                           hamming_many_variants().end()),
                         test_name<HammingManyFn>);
INSTANTIATE_TEST_SUITE_P(Clones, HammingManyTest,
                         testing::ValuesIn(hamming_many_clones_variants().begin(),
                                           hamming_many_clones_variants().end()),
                         test_name<HammingManyFn>);

TEST_P(HammingManyTest, MatchesTheReferenceForEverySizeUpTo40) {
  for (std::size_t size = 0; size <= 40; ++size) {
    std::vector<HV16> database(size);
    std::ranges::generate(database, [&] { return random_hypervector(engine_); });
    Slot query(size, random_hypervector(engine_));
    constexpr std::uint32_t kUnwritten = 0xffffffff;
    std::vector<std::uint32_t> distances(size + 1, kUnwritten);
    run()(query.span(), std::as_bytes(std::span(database)), std::span(distances).first(size));
    for (std::size_t row = 0; row < size; ++row) {
      ASSERT_EQ(distances[row], distance(query.get(), database[row])) << size << ' ' << row;
    }
    ASSERT_EQ(distances.back(), kUnwritten);
  }
}

using CopyOneTest = VariantTest<CopyFn>;
INSTANTIATE_TEST_SUITE_P(Copies, CopyOneTest,
                         testing::ValuesIn(copy_one_variants().begin(), copy_one_variants().end()),
                         test_name<CopyFn>);

TEST_P(CopyOneTest, LeavesItsSourceAsItWas) {
  const HV16 a = random_hypervector(engine_);
  for (std::size_t i = 0; i < kCacheLine; ++i) {
    Slot source(i, a);
    run()(source.span());
    EXPECT_TRUE(source.get() == a && source.guards_intact());
  }
}

}  // namespace
}  // namespace assay
