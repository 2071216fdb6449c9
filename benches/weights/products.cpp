/// Products of a matrix of weights, by where the matrix lies.
///
///     weights/product/<variant>/<where>/<level>   one matrix by one vector
///     weights/gemm/blas/<where>/l2                one matrix by 16 vectors, as a prompt's tokens
///     weights/written/blas/<gemm|gemv>/<level>    bytes of the pages that a first product writes
///     weights/control/product/...                 the same product twice, and more of it; buffer-a
///                                                 and buffer-b: of two copies of the matrix
///
/// <variant> is as in gemv_variants(), `best` the one that forward passes take here. <where>:
/// `owned` in memory of this process on 4 KiB pages, 64-byte aligned; `huge` the same on huge pages
/// (by the product `best`); `view28` and `view64` in a
/// mapped file, 28 bytes and none behind a multiple of 64. <level>: l2, 288 x 288 (a wq of the 15M
/// shape); l3, 2048 x 768 (a w1 of the 110M shape), 6 MB; dram, 5632 x 2048 (a w1 of the 1.1B
/// shape), 46 MB, which L3 does not hold.

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <map>
#include <optional>
#include <random>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "benches/support/pages.hpp"
#include "benches/support/work.hpp"
#include "benches/weights/bench.hpp"
#include "benches/weights/memory.hpp"
#include "benches/weights/models.hpp"
#include "benches/weights/scratch.hpp"
#include "benches/weights/small_pages.hpp"
#include "kernels/weights/gemv.hpp"

namespace assay {

enum class Place { kOwned, kOwnedToo, kHuge, kView28, kView64 };

/// A matrix in each place, a vector, and their product. Values are the same everywhere.
class ProductInput {
 public:
  ProductInput(std::size_t height, std::size_t width);

  /// Copies beside the first are made when they are first asked for.
  const float* matrix(Place place);
  /// Throws: std::runtime_error, if what was last computed is not the product.
  void check() const;
  std::size_t rows, cols;
  std::vector<float> x, y;

 private:
  std::size_t aligned_;
  SmallPages owned_;
  std::optional<SmallPages> owned_too_;
  std::optional<Pages> huge_;
  ModelData mapped_;
  std::vector<float> expected_;
};

ProductInput::ProductInput(std::size_t height, std::size_t width)
    : rows(height),
      cols(width),
      x(cols),
      y(rows),
      aligned_((kCheckpointHeaderBytes + rows * cols * sizeof(float) + 4095) / 4096 * 4096),
      owned_(rows * cols * sizeof(float)),
      expected_(rows) {
  std::mt19937 engine(9);
  std::uniform_real_distribution<float> value(-1, 1);
  std::ranges::generate(x, [&] { return value(engine); });
  std::vector<float> values(65521);
  std::ranges::generate(values, [&] { return value(engine); });
  auto* const matrix = reinterpret_cast<float*>(owned_.span().data());
  for (std::size_t i = 0; i < rows * cols; ++i) matrix[i] = values[i % values.size()];
  const std::string path =
      scratch_folder() / ("product-" + std::to_string(rows) + "x" + std::to_string(cols) + ".bin");
  const std::size_t bytes = rows * cols * sizeof(float);
  if (std::error_code none; std::filesystem::file_size(path, none) != aligned_ + bytes) {
    std::ofstream file(path, std::ios::binary);
    for (const std::size_t at : {kCheckpointHeaderBytes, aligned_}) {
      file.seekp(static_cast<std::streamoff>(at));
      file.write(reinterpret_cast<const char*>(matrix), static_cast<std::streamsize>(bytes));
    }
    if (!file.flush()) throw std::runtime_error(path + ": cannot be written; not enough disk?");
  }
  auto mapped = ModelData::open(path);
  if (!mapped) throw std::runtime_error(mapped.error().message());
  mapped_ = std::move(*mapped);
  // Nothing faults while it is timed.
  if (const auto populated = mapped_.populate(); !populated)
    throw std::runtime_error(populated.error().message());
  gemv_variants().front().run(matrix, x.data(), expected_.data(), rows, cols);
}

const float* ProductInput::matrix(Place place) {
  const auto copy_to = [&](auto& pages) {
    if (!pages) {
      pages.emplace(owned_.span().size());
      std::ranges::copy(owned_.span(), pages->span().begin());
    }
    return reinterpret_cast<const float*>(pages->span().data());
  };
  switch (place) {
    case Place::kOwned:
      return reinterpret_cast<const float*>(owned_.span().data());
    case Place::kOwnedToo:
      return copy_to(owned_too_);
    case Place::kHuge:
      return copy_to(huge_);
    case Place::kView28:
      return reinterpret_cast<const float*>(mapped_.bytes().data() + kCheckpointHeaderBytes);
    case Place::kView64:
      break;
  }
  return reinterpret_cast<const float*>(mapped_.bytes().data() + aligned_);
}

void ProductInput::check() const {
  for (std::size_t r = 0; r < rows; ++r)
    if (!(std::abs(y[r] - expected_[r]) <= 1e-4F * static_cast<float>(cols)))
      throw std::runtime_error("wrong result in row " + std::to_string(r));
}

namespace {

template <std::size_t kRows, std::size_t kCols>
ProductInput& product_input() {
  static ProductInput input(kRows, kCols);
  return input;
}

template <int kSite>
[[gnu::noinline]] void time_product(benchmark::State& state, GemvFn* run, ProductInput& input,
                                    const float* matrix) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input.x, *matrix);
    run(matrix, input.x.data(), input.y.data(), input.rows, input.cols);
    consume(input.y);
  }
  const std::size_t weights = input.rows * input.cols;
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(weights * sizeof(float)));
  report_work(state, static_cast<double>(weights * sizeof(float)), "flops",
              2 * static_cast<double>(weights));
}

template <int kSite>
[[gnu::noinline]] void time_calls(benchmark::State& state, GemvFn* run, ProductInput& input,
                                  const float* matrix) {
  mark_site<kSite>();
  const std::int64_t calls = state.range(0);
  for (auto _ : state) {
    for (std::int64_t call = 0; call < calls; ++call) {
      hide(input.x, *matrix);
      run(matrix, input.x.data(), input.y.data(), input.rows, input.cols);
      consume(input.y);
    }
  }
}

using TimeProduct = void(benchmark::State&, GemvFn*, ProductInput&, const float*);

benchmark::internal::Benchmark* add_product(const std::string& name, const std::string& variant,
                                            Place place, ProductInput& (*input_of)(),
                                            TimeProduct* time) {
  return add_benchmark(name, [=](benchmark::State& state) {
    const Variant<GemvFn>& found = runnable_gemv(variant);
    ProductInput& input = input_of();
    state.SetLabel(std::string(found.name));
    time(state, found.run, input, input.matrix(place));
    input.check();
  });
}

/// Benchmarks of one variant in the three places, each from a copy of the loop.
template <int kSite>
void add_places(const std::string& variant, const std::string& level, ProductInput& (*input_of)()) {
  const std::string prefix = "weights/product/" + variant;
  add_product(prefix + "/owned/" + level, variant, Place::kOwned, input_of, time_product<kSite>);
  add_product(prefix + "/view28/" + level, variant, Place::kView28, input_of,
              time_product<kSite + 1>);
  add_product(prefix + "/view64/" + level, variant, Place::kView64, input_of,
              time_product<kSite + 2>);
}

template <int kSite>
void add_levels(const std::string& variant) {
  add_places<kSite>(variant, "l2", product_input<288, 288>);
  add_places<kSite + 3>(variant, "l3", product_input<2048, 768>);
  add_places<kSite + 6>(variant, "dram", product_input<5632, 2048>);
}

constexpr std::size_t kPrompt = 16;

template <int kSite>
[[gnu::noinline]] void time_gemm(benchmark::State& state, GemmFn* run, ProductInput& input,
                                 const float* matrix, const std::vector<float>& x,
                                 std::vector<float>& y) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(x, *matrix);
    run(matrix, x.data(), y.data(), input.rows, input.cols, kPrompt);
    consume(y);
  }
}

template <int kSite>
void add_gemm(const std::string& where, Place place) {
  add_benchmark("weights/gemm/blas/" + where + "/l2", [place](benchmark::State& state) {
    GemmFn* const run = blas_gemm();
    if (run == nullptr) return static_cast<void>(runnable_gemv("blas/gemm"));
    ProductInput& input = product_input<288, 288>();
    std::vector<float> x, y(kPrompt * input.rows);
    for (std::size_t i = 0; i < kPrompt; ++i) x.insert(x.end(), input.x.begin(), input.x.end());
    time_gemm<kSite>(state, run, input, input.matrix(place), x, y);
    std::copy_n(y.end() - static_cast<std::ptrdiff_t>(input.rows), input.rows, input.y.begin());
    input.check();
  });
}

/// Pages that the first product in a process writes: where BLAS packs its operands, it writes them
/// there. The whole of each page is counted, and once, however often it is written.
template <std::size_t kRows, std::size_t kCols>
void add_written(const std::string& variant, const std::string& level) {
  add_benchmark("weights/written/" + variant + "/" + level, [variant](benchmark::State& state) {
    GemvFn* const run = runnable_gemv(variant).run;
    ProductInput& input = product_input<kRows, kCols>();
    const float* const matrix = input.matrix(Place::kOwned);
    double written = 0;
    for (auto _ : state) {
      written = in_child([&] {
                  // Operands are the parent's, and the result is written before, so that their
                  // pages are there.
                  float sum = 0;
                  for (std::size_t at = 0; at < kRows * kCols; at += 512) sum += matrix[at];
                  consume(sum);
                  std::ranges::fill(input.y, 0.0F);
                  // What any first call writes is no packing: buffers' tables, the stack, symbols.
                  constexpr float kOne[] = {1, 1, 1, 1};
                  for (const char* const first : {"blas/gemm", "blas/gemv"})
                    runnable_gemv(first).run(kOne, kOne, input.y.data(), 2, 2);
                  written_bytes();
                  const double before = written_bytes();
                  run(matrix, input.x.data(), input.y.data(), input.rows, input.cols);
                  const double after = written_bytes();
                  input.check();
                  return std::vector<double>{after - before};
                }).front();
    }
    state.counters["written_bytes"] = written;
    state.counters["matrix_bytes"] = static_cast<double>(kRows * kCols * sizeof(float));
  });
}

[[maybe_unused]] const bool kProductsRegistered = [] {
  add_levels<0>("best");
  add_levels<9>("avx2");
  add_levels<18>("eigen");
  add_levels<27>("blas/gemv");
  add_levels<36>("blas/gemm");
  add_levels<45>("auto");
  add_levels<54>("scalar");
  add_levels<63>("eigen/avx512");
  add_gemm<0>("owned", Place::kOwned);
  add_gemm<1>("view28", Place::kView28);
  for (const std::string variant : {"blas/gemm", "blas/gemv"}) {
    add_written<288, 288>(variant, "l2");
    add_written<2048, 768>(variant, "l3");
  }
  const auto small = product_input<288, 288>;
  add_product("weights/control/product/twin-a", "best", Place::kView28, small, time_product<80>);
  add_product("weights/control/product/twin-b", "best", Place::kView28, small, time_product<81>);
  add_product("weights/control/blas/twin-a", "blas/gemv", Place::kView28, small, time_product<82>);
  add_product("weights/control/blas/twin-b", "blas/gemv", Place::kView28, small, time_product<83>);
  const auto large = product_input<2048, 768>;
  add_product("weights/product/best/huge/l3", "best", Place::kHuge, large, time_product<84>);
  add_product("weights/control/product/buffer-a", "best", Place::kOwned, large, time_product<85>);
  add_product("weights/control/product/buffer-b", "best", Place::kOwnedToo, large,
              time_product<86>);
  add_product("weights/control/product", "best", Place::kView28, small, time_calls<0>)
      ->ArgName("calls")
      ->Arg(100)
      ->Arg(102)
      ->Arg(105);
  return true;
}();

}  // namespace
}  // namespace assay
