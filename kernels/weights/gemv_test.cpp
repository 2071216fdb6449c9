#include "kernels/weights/gemv.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>
#include <vector>

#include "kernels/hypervector/cpu.hpp"

namespace assay {
namespace {

/// Floats at a given distance behind a cache line, ended by what no product may touch.
struct Floats {
  Floats(std::size_t size, std::size_t offset) : all(size + 64) {
    const auto address = reinterpret_cast<std::uintptr_t>(all.data());
    at = all.data() + (64 - address % 64) % 64 / sizeof(float) + offset;
    // What a kernel reads beside its operands must not matter.
    std::ranges::fill(all, std::numeric_limits<float>::quiet_NaN());
  }
  std::vector<float> all;
  float* at;
};

void check_shape(const Variant<GemvFn>& variant, std::size_t rows, std::size_t cols,
                 std::size_t offset) {
  SCOPED_TRACE(std::string(variant.name) + " " + std::to_string(rows) + "x" + std::to_string(cols) +
               " at " + std::to_string(offset));
  std::mt19937 engine(static_cast<std::uint32_t>(rows * 1000 + cols));
  std::normal_distribution<float> normal;
  Floats w(rows * cols, offset), x(cols, offset / 2), y(rows, 0);
  std::generate_n(w.at, rows * cols, [&] { return normal(engine); });
  std::generate_n(x.at, cols, [&] { return normal(engine); });
  variant.run(w.at, x.at, y.at, rows, cols);
  for (std::size_t r = 0; r < rows; ++r) {
    double exact = 0, magnitude = 0;
    for (std::size_t c = 0; c < cols; ++c) {
      const double product = static_cast<double>(w.at[r * cols + c]) * static_cast<double>(x.at[c]);
      exact += product;
      magnitude += std::abs(product);
    }
    ASSERT_NEAR(y.at[r], exact, 1e-6 * static_cast<double>(cols + 4) * magnitude + 1e-30) << r;
  }
  EXPECT_TRUE(std::isnan(y.at[rows]));
}

TEST(Gemv, GivesTheProductWhateverTheShapeAndThePlace) {
  int run = 0;
  for (const auto& variant : gemv_variants()) {
    if (!cpu_features().has_all(variant.needs)) continue;
    ++run;
    for (const std::size_t cols :
         {1U, 7U, 8U, 15U, 16U, 17U, 31U, 64U, 100U, 172U, 176U, 288U, 1040U})
      for (const std::size_t rows : {1U, 3U, 4U, 6U, 33U})
        for (const std::size_t offset : {0U, 1U, 7U, 12U}) check_shape(variant, rows, cols, offset);
    // Beyond what is taken to lie in L2, and beyond what is copied to the stack.
    check_shape(variant, 300, 304, 7);
    check_shape(variant, 5, 8192, 7);
    check_shape(variant, 5, 8208, 7);
  }
  EXPECT_GE(run, 1);
}

TEST(Gemv, BeginsWithAReferenceThatNeedsNothing) {
  EXPECT_EQ(gemv_variants().front().name, "scalar");
  EXPECT_EQ(gemv_variants().front().needs, CpuFeatures{});
  EXPECT_NE(select_gemv().run, nullptr);
}

TEST(Gemm, GivesTheProductsOfEachVector) {
  GemmFn* const product = blas_gemm();
  if (product == nullptr) GTEST_SKIP() << "OpenBLAS is not installed (libopenblas-dev)";
  constexpr std::size_t kRows = 20, kCols = 24, kCount = 3;
  std::mt19937 engine(3);
  std::normal_distribution<float> normal;
  std::vector<float> w(kRows * kCols), x(kCount * kCols), c(kCount * kRows), y(kRows);
  std::ranges::generate(w, [&] { return normal(engine); });
  std::ranges::generate(x, [&] { return normal(engine); });
  product(w.data(), x.data(), c.data(), kRows, kCols, kCount);
  for (std::size_t i = 0; i < kCount; ++i) {
    gemv_variants().front().run(w.data(), x.data() + i * kCols, y.data(), kRows, kCols);
    for (std::size_t r = 0; r < kRows; ++r) EXPECT_NEAR(c[i * kRows + r], y[r], 1e-4F);
  }
}

}  // namespace
}  // namespace assay
