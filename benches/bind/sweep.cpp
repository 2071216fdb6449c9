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

#include <memory>

#include "benches/bind/loops.hpp"
#include "benches/support/pages.hpp"
#include "kernels/hypervector/random.hpp"

namespace assay {
namespace {

enum class How { kRefs, kKept, kReused };

struct Sweep {
  Arrays arrays;
  HV16 query, out;

  std::span<HV16> vectors() const { return hypervectors(0); }
  std::span<HV16> clones() const { return hypervectors(1); }

 private:
  std::span<HV16> hypervectors(std::size_t array) const {
    const std::span<std::byte> bytes = arrays[array];
    return {reinterpret_cast<HV16*>(bytes.data()), bytes.size() / sizeof(HV16)};
  }
};

/// Where the system does not tell (in some virtual machines), what most CPUs have.
std::size_t cache_bytes(int name, std::size_t otherwise) {
  const long told = ::sysconf(name);
  return told > 0 ? static_cast<std::size_t>(told) : otherwise;
}

Sweep make_sweep(std::size_t bytes) {
  std::mt19937_64 engine(11);
  Sweep sweep{Arrays(2, std::max<std::size_t>(1, bytes / kHvBytes) * kHvBytes), {}, {}};
  std::ranges::generate(sweep.vectors(), [&] { return random_hypervector(engine); });
  std::ranges::copy(sweep.vectors(), sweep.clones().begin());
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
[[gnu::always_inline]] inline void bind_one(BindFn* run, const HV16& vector, HV16& clone,
                                            Sweep& sweep) {
  const HV16* operand = &vector;
  HV16 local;
  if constexpr (kHow == How::kKept) {
    copy_by_vectors(*operand, clone);
    operand = &clone;
  }
  if constexpr (kHow == How::kReused) {
    copy_by_vectors(*operand, local);
    operand = &local;
  }
  hide(*operand, sweep.query);
  run(view(*operand), view(sweep.query), view(sweep.out));
  consume(sweep.out);
}

template <How kHow>
[[gnu::noinline]] void time_sweep(benchmark::State& state, Sweep& sweep) {
  BindFn* const run = find_variant(bind_variants(), "avx2").run;
  const std::span<HV16> vectors = sweep.vectors(), clones = sweep.clones();
  // Before this slice its rival ran, with a set of its own. Untimed, or a slice of few passes would
  // measure how the cache is filled again.
  for (std::size_t i = 0; i < vectors.size(); ++i)
    bind_one<kHow>(run, vectors[i], clones[i], sweep);
  std::size_t i = 0;
  for (auto _ : state) {
    bind_one<kHow>(run, vectors[i], clones[i], sweep);
    i = i + 1 == vectors.size() ? 0 : i + 1;
  }
}

template <How kHow>
void add(const std::string& how, const std::string& cache, std::size_t cache_size, int percent) {
  const std::string name = "bind/sweep/" + how + "/" + cache + ":" + std::to_string(percent);
  const std::size_t bytes = cache_size * static_cast<std::size_t>(percent) / 100;
  const auto sweep = std::make_shared<std::optional<Sweep>>();  // what runs must be copyable
  benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    try {
      if (const auto missing = first_missing({CpuFeature::kAvx2}, cpu_features()))
        return state.SkipWithError(("not run: this CPU has no " + std::string(*missing)).c_str());
      if (!*sweep) *sweep = make_sweep(bytes);
      time_sweep<kHow>(state, **sweep);
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
