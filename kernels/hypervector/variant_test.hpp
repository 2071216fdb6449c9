#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <ostream>
#include <string>
#include <vector>

#include "kernels/hypervector/random.hpp"
#include "kernels/hypervector/room.hpp"
#include "kernels/hypervector/variants.hpp"

namespace assay {

// Where GoogleTest looks for it; without it a test's name would hold addresses.
template <typename Fn>
void PrintTo(const Variant<Fn>& variant, std::ostream* os) {
  *os << variant.name;
}

template <typename Fn>
bool runs_here(const Variant<Fn>& variant) {
  return cpu_features().has_all(variant.needs);
}

template <typename Fn>
std::string test_name(const testing::TestParamInfo<Variant<Fn>>& info) {
  std::string name(info.param.name);
  std::ranges::replace_if(name, [](char c) { return c == '/' || c == '-'; }, '_');
  return name;
}

/// One test of each variant of a kind; skipped, by name, where the CPU lacks what it needs.
template <typename Fn>
class VariantTest : public testing::TestWithParam<Variant<Fn>> {
 protected:
  void SetUp() override {
    if (!runs_here(this->GetParam())) {
      GTEST_SKIP() << *first_missing(this->GetParam().needs, cpu_features()) << " is absent";
    }
  }
  Fn* run() const { return this->GetParam().run; }
  std::mt19937_64 engine_{2048};
};

}  // namespace assay
