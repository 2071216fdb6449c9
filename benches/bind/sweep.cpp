/// Does copying fall off the edge of a cache earlier? A working set of vectors is gone through
/// again and again; one iteration binds one of them, so that times of different sets compare.
///
/// bind/sweep/<how>/<cache>:<percent>   how: refs    the vectors are bound where they lie
///                                           kept    each is copied to a clone that stays, then
///                                           bound: the
///                                                   copies take as much of the cache as the
///                                                   vectors
///                                           reused  each is copied to one and the same local, then
///                                           bound
///                                      the vectors take so many percent of the cache (l1, l2) of
///                                      this CPU

#include <immintrin.h>
#include <unistd.h>

#include "benches/bind/loops.hpp"
#include "kernels/hypervector/random.hpp"

namespace assay {
namespace {

enum class How { kRefs, kKept, kReused };

struct Sweep {
  std::vector<HV16> vectors, clones;
  HV16 query, out;
};

/// Where the system does not tell (in some virtual machines), what most CPUs have.
std::size_t cache_bytes(int name, std::size_t otherwise) {
  const long told = ::sysconf(name);
  return told > 0 ? static_cast<std::size_t>(told) : otherwise;
}

Sweep make_sweep(std::size_t bytes) {
  std::mt19937_64 engine(11);
  Sweep sweep;
  sweep.vectors.resize(std::max<std::size_t>(1, bytes / kHvBytes));
  std::ranges::generate(sweep.vectors, [&] { return random_hypervector(engine); });
  sweep.clones = sweep.vectors;
  sweep.query = random_hypervector(engine);
  return sweep;
}

// By the vectors that the kernel loads: narrower stores could not be forwarded to its loads, and
// the copy would look dearer than it need be.
[[gnu::target("avx2")]] void copy_by_vectors(const HV16& from, HV16& to) {
  const auto* source = reinterpret_cast<const __m256i*>(&from);
  auto* target = reinterpret_cast<__m256i*>(&to);
  for (std::size_t i = 0; i < kHvBytes / sizeof(__m256i); ++i)
    _mm256_store_si256(target + i, _mm256_load_si256(source + i));
}

template <How kHow>
[[gnu::noinline]] void time_sweep(benchmark::State& state, Sweep& sweep) {
  BindFn* const run = find_variant(bind_variants(), "avx2").run;
  std::size_t i = 0;
  for (auto _ : state) {
    const HV16* operand = &sweep.vectors[i];
    HV16 local;
    if constexpr (kHow == How::kKept) {
      copy_by_vectors(*operand, sweep.clones[i]);
      operand = &sweep.clones[i];
    }
    if constexpr (kHow == How::kReused) {
      copy_by_vectors(*operand, local);
      operand = &local;
    }
    hide(*operand, sweep.query);
    run(view(*operand), view(sweep.query), view(sweep.out));
    consume(sweep.out);
    i = i + 1 == sweep.vectors.size() ? 0 : i + 1;
  }
}

template <How kHow>
void add(const std::string& how, const std::string& cache, std::size_t cache_size, int percent) {
  const std::string name = "bind/sweep/" + how + "/" + cache + ":" + std::to_string(percent);
  const std::size_t bytes = cache_size * static_cast<std::size_t>(percent) / 100;
  std::optional<Sweep> sweep;
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) mutable {
    try {
      if (const auto missing = first_missing({CpuFeature::kAvx2}, cpu_features()))
        return state.SkipWithError(("not run: this CPU has no " + std::string(*missing)).c_str());
      if (!sweep) sweep = make_sweep(bytes);
      time_sweep<kHow>(state, *sweep);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
}

void add_all(const std::string& cache, std::size_t size) {
  for (const int percent : {25, 75, 150}) {
    add<How::kRefs>("refs", cache, size, percent);
    add<How::kKept>("kept", cache, size, percent);
    add<How::kReused>("reused", cache, size, percent);
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  add_all("l1", cache_bytes(_SC_LEVEL1_DCACHE_SIZE, std::size_t{32} << 10));
  add_all("l2", cache_bytes(_SC_LEVEL2_CACHE_SIZE, std::size_t{1} << 20));
  return true;
}();

}  // namespace
}  // namespace assay
