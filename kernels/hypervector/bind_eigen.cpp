#include <Eigen/Core>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// BindFn by one Eigen expression over bytes, left to the compiler, for AVX2.
void bind_eigen(HvView a, HvView b, HvSpan out) noexcept {
  using Bytes = Eigen::Array<std::uint8_t, static_cast<int>(kHvBytes), 1>;
  const Eigen::Map<const Bytes> x(reinterpret_cast<const std::uint8_t*>(a.data()));
  const Eigen::Map<const Bytes> y(reinterpret_cast<const std::uint8_t*>(b.data()));
  Eigen::Map<Bytes> bound(reinterpret_cast<std::uint8_t*>(out.data()));
  bound = x.binaryExpr(
      y, [](std::uint8_t i, std::uint8_t j) { return static_cast<std::uint8_t>(i ^ j); });
}

}  // namespace assay
