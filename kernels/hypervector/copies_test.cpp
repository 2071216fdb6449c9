#include "kernels/hypervector/copies.hpp"

#include "kernels/hypervector/variant_test.hpp"

namespace assay {
namespace {

HV16 reference(const HV16& a, const HV16& b) {
  HV16 out;
  bind_variants().front().run(view(a), view(b), view(out));
  return out;
}

class Copies : public testing::TestWithParam<CompiledCopies> {
 protected:
  void SetUp() override {
    if (GetParam().ways.empty()) {
      GTEST_SKIP() << "NOT TESTED: built without " << GetParam().compiler;
    }
    if (const auto missing =
            first_missing({CpuFeature::kAvx2, CpuFeature::kPopcnt}, cpu_features())) {
      GTEST_SKIP() << *missing << " is absent";
    }
  }
  std::mt19937_64 engine_{7};
};

INSTANTIATE_TEST_SUITE_P(Compiled, Copies,
                         testing::ValuesIn(compiled_copies().begin(), compiled_copies().end()),
                         [](const auto& of) {
                           std::string name =
                               std::string(of.param.compiler) + std::string(of.param.level);
                           std::ranges::replace_if(
                               name, [](char c) { return c == '+' || c == '-'; }, 'x');
                           return name;
                         });

TEST_P(Copies, NameEveryWayInTheOrderOfTheList) {
  EXPECT_TRUE(std::ranges::equal(GetParam().ways, copy_way_names(), {}, &CopyWay::name));
}

TEST_P(Copies, BindAsTheReferenceAlsoOntoAnOperand) {
  const HV16 a = random_hypervector(engine_), b = random_hypervector(engine_);
  for (const CopyWay& way : GetParam().ways) {
    HV16 out{}, over_a = a, over_b = b;
    way.bind(a, b, out);
    way.bind(over_a, b, over_a);
    way.bind(a, over_b, over_b);
    EXPECT_EQ(out, reference(a, b)) << way.name;
    EXPECT_EQ(over_a, out) << way.name;
    EXPECT_EQ(over_b, out) << way.name;
  }
}

TEST_P(Copies, BindInALoopAsOftenAsTheyAreTold) {
  const HV16 a = random_hypervector(engine_), b = random_hypervector(engine_);
  for (const CopyWay& way : GetParam().ways) {
    HV16 out = a;
    way.bind_loop(0, a, b, out);
    EXPECT_EQ(out, a) << way.name;
    way.bind_loop(1, out, b, out);
    EXPECT_EQ(out, reference(a, b)) << way.name;
    way.bind_loop(3, out, b, out);
    EXPECT_EQ(out, a) << way.name << ": four binds with b undo each other";
  }
}

TEST_P(Copies, ScanAsTheReference) {
  const HV16 query = random_hypervector(engine_);
  std::vector<HV16> database(37);
  std::ranges::generate(database, [&] { return random_hypervector(engine_); });
  std::vector<std::uint32_t> expected(database.size());
  hamming_many_variants().front().run(view(query), std::as_bytes(std::span(database)), expected);
  for (const CopyWay& way : GetParam().ways) {
    for (ScanFn* const scan : {way.scan_query_once, way.scan_row, way.scan_both}) {
      std::vector<std::uint32_t> distances(database.size());
      scan(query, database, distances);
      EXPECT_EQ(distances, expected) << way.name;
    }
  }
}

}  // namespace
}  // namespace assay
