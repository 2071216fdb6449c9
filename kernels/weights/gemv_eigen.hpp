// No #pragma once: a file that includes this names the namespace that Eigen becomes, first. Eigen's
// functions have the same names whatever CPU they are compiled for, and the linker would keep one
// of each for the whole program.

#include <Eigen/Core>
#include <cstddef>

static inline void gemv_by_eigen(const float* w, const float* x, float* y, std::size_t rows,
                                 std::size_t cols) noexcept {
  using Matrix = Eigen::Matrix<float, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
  const auto height = static_cast<Eigen::Index>(rows);
  const auto width = static_cast<Eigen::Index>(cols);
  Eigen::Map<Eigen::VectorXf>(y, height).noalias() =
      Eigen::Map<const Matrix>(w, height, width) * Eigen::Map<const Eigen::VectorXf>(x, width);
}
