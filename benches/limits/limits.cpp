/// The limit family: what this machine's caches, memory and execution units can do at best. A
/// kernel that does the same work cannot be faster; the share of the limit that it reaches is the
/// time of the fastest probe / the time of the kernel. Above 1, the probes are not good enough.
///
///     limit/load/<level>/<probe>/bytes:N      reads N bytes
///     limit/store/<level>/<probe>/bytes:N     writes N bytes
///     limit/copy/<level>/<probe>/bytes:N      reads N bytes and writes them elsewhere
///     limit/xor/<level>/<probe>/bytes:N       reads N bytes of each of two arrays, writes N of a
///     third limit/popcount/<level>/<probe>/bytes:N  reads N bytes and counts their bits
///     limit/adders/<probe>/bytes:N            adds N bytes to N bytes and N bytes by full adders,
///     bit by bit, on
///                                             registers
///     limit/issue/<probe>/instructions:N      N simple instructions that wait for nothing
///     limit/rotate/l1/<probe>/bytes:256       the loads, shuffles, shifts and stores of a rotation
///
/// each an iteration, inlined in the timed loop. The level is where the data lie: l1, l2, l3, dram.
/// N bytes (of each array) are one kernel's work, and an iteration comes back to the same bytes if
/// they fill the level below; else it takes the next N of as many as surely lie in the level
/// (levels.hpp). <probe> is how: avx2 and avx512 by vectors of 32 and 64 bytes, sse2 of 16, `nt`
/// past the caches, `streams` at four places at once, `prefetch` with software prefetch, `grouped`
/// with reads and writes apart, popcnt, rep-stosb and rep-movsb by that instruction; logic:
/// avx512/ymm on 32 bytes.
///
/// What they are for:
///     one bind of 256 bytes           store/l1 and xor/l1, bytes:256
///     bind_wide                       xor/<level> with the same bytes:
///     1,000 similarities              load/l2 and popcount/l2, bytes:256000
///     the nearest of 1,000,000 rows   load/dram, bytes:256000000
///     a bundle of 101 rows            load/l1, bytes:25856; and adders, bytes:24064: each full
///     adder takes one
///         bit of 101 away until 7 are left, so 94 adders a column, and there are 256 bytes of
///         columns
///     and issue/avx2 (avx512), of 5 (3) instructions each: 3,760 (1,128)
///     a permutation of 256 bytes      store/l1, bytes:256; and rotate/l1
///     a similarity of two             load/l1, bytes:512; by AVX2 issue/mixed: 90
///     1,000 similarities by AVX2      issue/mixed: 84,000, of 84 a row (see the register)

#include <benchmark/benchmark.h>

#include <exception>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "benches/limits/levels.hpp"
#include "benches/limits/probes.hpp"
#include "benches/support/pages.hpp"
#include "benches/support/work.hpp"

namespace assay {

// The timed loops. Each probe has a copy of its loop; `at` walks through the footprint.

inline std::size_t next_window(std::size_t at, std::size_t bytes, std::size_t footprint) {
  return at + bytes == footprint ? 0 : at + bytes;
}

template <typename Probe>
[[gnu::noinline]] void time_load(benchmark::State& state, const Arrays& arrays, std::size_t bytes) {
  const std::byte* const from = arrays[0].data();
  std::size_t at = 0;
  for (auto _ : state) {
    Probe::template run<false>(from + at, bytes, nullptr);
    at = next_window(at, bytes, arrays.bytes());
  }
  end_vectors(Probe::kNeeds);
}

template <typename Probe>
[[gnu::noinline]] void time_store(benchmark::State& state, const Arrays& arrays,
                                  std::size_t bytes) {
  std::byte* const to = arrays[0].data();
  std::size_t at = 0;
  for (auto _ : state) {
    Probe::run(to + at, bytes);
    at = next_window(at, bytes, arrays.bytes());
  }
  end_vectors(Probe::kNeeds);
}

template <typename Probe>
[[gnu::noinline]] void time_copy(benchmark::State& state, const Arrays& arrays, std::size_t bytes) {
  const std::byte* const from = arrays[0].data();
  std::byte* const to = arrays[1].data();
  std::size_t at = 0;
  for (auto _ : state) {
    Probe::run(from + at, to + at, bytes);
    at = next_window(at, bytes, arrays.bytes());
  }
  end_vectors(Probe::kNeeds);
}

template <typename Probe>
[[gnu::noinline]] void time_xor(benchmark::State& state, const Arrays& arrays, std::size_t bytes) {
  const std::byte* const a = arrays[0].data();
  const std::byte* const b = arrays[1].data();
  std::byte* const to = arrays[2].data();
  std::size_t at = 0;
  for (auto _ : state) {
    Probe::template run<false>(a + at, b + at, to + at, bytes);
    at = next_window(at, bytes, arrays.bytes());
  }
  end_vectors(Probe::kNeeds);
}

// The same 256 bytes of each array, with nothing beside the work.
template <typename Probe>
[[gnu::noinline]] void time_xor_once(benchmark::State& state, const Arrays& arrays,
                                     std::size_t bytes) {
  const std::byte* const a = arrays[0].data();
  const std::byte* const b = arrays[1].data();
  std::byte* const to = arrays[2].data();
  for (auto _ : state) {
    Probe::template run<true>(a, b, to, bytes);
  }
  end_vectors(Probe::kNeeds);
}

template <typename Probe>
[[gnu::noinline]] void time_issue(benchmark::State& state, std::size_t instructions) {
  for (auto _ : state) {
    Probe::template run<false>(instructions, nullptr);
  }
  end_vectors(Probe::kNeeds);
}

template <typename Probe>
[[gnu::noinline]] void time_adders(benchmark::State& state, std::size_t bytes) {
  for (auto _ : state) {
    Probe::run(bytes);
  }
  end_vectors(Probe::kNeeds);
}

namespace {

using TimeFn = void(benchmark::State&, const Arrays&, std::size_t bytes);
using Sizes = std::vector<std::int64_t>;

/// What the probes of a level work on; made when one first runs, kept for those of the same shape.
const Arrays& arrays_of(Level level, std::size_t count, std::size_t bytes) {
  static std::map<Level, Arrays> kept;
  Arrays& arrays = kept[level];
  if (arrays.count() != count || arrays.bytes() != bytes) {
    arrays = Arrays();  // before the next: both at once might not fit
    arrays = Arrays(count, bytes);
  }
  return arrays;
}

std::string not_run(CpuFeatures needs) {
  const auto missing = first_missing(needs, cpu_features());
  return missing ? "not run: this CPU has no " + std::string(*missing) : "";
}

/// Whether all of the bytes that it moves bound what a kernel may move in the same time: stores
/// alone do not, as a kernel reads beside them.
enum class Bounds { kBandwidth, kNothing };

void run_on_level(benchmark::State& state, Level level, std::size_t count, CpuFeatures needs,
                  Bounds bounds, TimeFn* time) {
  static const CacheSizes kSizes = read_cache_sizes("/sys/devices/system/cpu/cpu0");
  const auto bytes = static_cast<std::size_t>(state.range(0));
  const auto footprint = footprint_bytes(level, kSizes, count * bytes);
  std::string refused = not_run(needs);
  if (refused.empty() && !footprint) {
    refused = "not run: " + footprint.error();
  }
  if (!refused.empty()) {
    return state.SkipWithError(refused.c_str());
  }
  time(state, arrays_of(level, count, *footprint / count), bytes);
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(count * bytes));
  if (bounds == Bounds::kBandwidth) {
    report_work(state, static_cast<double>(count * bytes));
  }
}

template <typename Run>
void add(const std::string& name, const std::string& argument, const Sizes& values, Run run) {
  auto* const added = benchmark::RegisterBenchmark(name.c_str(), [run](benchmark::State& state) {
    try {
      run(state);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
  added->ArgName(argument);
  for (const std::int64_t value : values) {
    added->Arg(value);
  }
}

// The sizes of a kernel's work, and of its arrays where it has several.
constexpr std::int64_t kBind = 256;
constexpr std::int64_t kBundleRows = 25'856;    // 101 of 256 bytes
constexpr std::int64_t kBundleAdders = 24'064;  // 94 of 256 bytes
constexpr std::int64_t kPair = 512;
constexpr std::int64_t kSimilarityRows = 256'000;
constexpr std::int64_t kPairInstructions =
    90;  // of the AVX2 kernels, rounded down to the probe's 30
constexpr std::int64_t kSimilarityInstructions = 84'000;
constexpr std::int64_t kNearestRows = 256'000'000;
constexpr std::int64_t kWideL1 = 4096;
constexpr std::int64_t kWideL2 = 87'040;  // three fill 255 KiB
constexpr std::int64_t kWideL3 = std::int64_t{4} << 20;
constexpr std::int64_t kWideDram = std::int64_t{64} << 20;

struct Place {
  Level level;
  std::string name;
  Sizes bytes;
};

template <typename Probe>
void add_probe(const std::string& work, TimeFn* time, std::size_t count,
               const std::vector<Place>& places, Bounds bounds) {
  for (const Place& place : places) {
    add("limit/" + work + "/" + place.name + "/" + std::string(Probe::kName), "bytes", place.bytes,
        [=, level = place.level](benchmark::State& state) {
          run_on_level(state, level, count, Probe::kNeeds, bounds, time);
        });
  }
}

template <typename... Probes>
void add_loads(const std::string& work, const std::vector<Place>& places, Bounds bounds) {
  (add_probe<Probes>(work, time_load<Probes>, 1, places, bounds), ...);
}
template <typename... Probes>
void add_stores(const std::vector<Place>& places) {
  (add_probe<Probes>("store", time_store<Probes>, 1, places, Bounds::kNothing), ...);
}
template <typename... Probes>
void add_copies(const std::vector<Place>& places) {
  (add_probe<Probes>("copy", time_copy<Probes>, 2, places, Bounds::kBandwidth), ...);
}
template <typename... Probes>
void add_xors(const std::vector<Place>& places) {
  // What they XOR keeps the units far from busy: it is the bytes that they wait for.
  (add_probe<Probes>("xor", time_xor<Probes>, 3, places, Bounds::kBandwidth), ...);
}
template <typename... Probes>
void add_xors_of_256_bytes() {
  (add_probe<Probes>("xor", time_xor_once<Probes>, 3, {{Level::kL1, "l1", {kBind}}},
                     Bounds::kBandwidth),
   ...);
}

/// Work on registers alone; `time` is told the benchmark's argument, each unit of which operates on
/// so many words of 64 bits (0: on what no roofline counts).
template <typename Probe>
void add_on_registers(const std::string& work, const std::string& argument, std::int64_t value,
                      void (*time)(benchmark::State&, std::size_t), double words_each = 0) {
  add("limit/" + work + "/" + std::string(Probe::kName), argument, {value},
      [time, words_each](benchmark::State& state) {
        if (const std::string refused = not_run(Probe::kNeeds); !refused.empty()) {
          return state.SkipWithError(refused.c_str());
        }
        time(state, static_cast<std::size_t>(state.range(0)));
        report_work(state, 0, "words", words_each * static_cast<double>(state.range(0)));
      });
}

template <typename... Probes>
void add_adders() {
  (add_on_registers<Probes>("adders", "bytes", kBundleAdders, time_adders<Probes>), ...);
}
template <typename Probe>
void add_issues(const Sizes& instructions) {
  for (const std::int64_t count : instructions) {
    add_on_registers<Probe>("issue", "instructions", count, time_issue<Probe>,
                            Probe::kWordsPerInstruction);
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  const Place load_l1{Level::kL1, "l1", {kBind, kPair, kWideL1, kBundleRows}};
  const Place l1{Level::kL1, "l1", {kBind, kWideL1}};
  const Place long_l1{Level::kL1, "l1", {kWideL1}};
  const Place load_l2{Level::kL2, "l2", {kSimilarityRows}};
  const Place l2{Level::kL2, "l2", {kWideL2}};
  const Place l3{Level::kL3, "l3", {kWideL3}};
  const Place load_dram{Level::kDram, "dram", {kWideDram, kNearestRows}};
  const Place dram{Level::kDram, "dram", {kWideDram}};
  add_loads<LoadAvx2, LoadAvx512>("load", {load_l1, load_l2, l3, load_dram}, Bounds::kBandwidth);
  add_loads<LoadAvx2Streams, LoadAvx512Prefetch>("load", {l3, load_dram}, Bounds::kBandwidth);
  add_stores<StoreSse2>({l1});
  add_stores<StoreAvx2, StoreAvx512>({l1, l2, l3, dram});
  add_stores<StoreString>({long_l1, l2, l3, dram});
  add_stores<StoreAvx2Nt, StoreAvx512Nt>({dram});
  add_copies<CopyAvx2, CopyAvx512>({l1, l2, l3, dram});
  add_copies<CopyString>({long_l1, l2, l3, dram});
  add_copies<CopyAvx2Nt>({dram});
  add_xors<XorAvx2, XorAvx2Grouped, XorAvx512, XorAvx512Halves>({long_l1, l2, l3, dram});
  add_xors_of_256_bytes<XorAvx2, XorAvx2Grouped, XorAvx512, XorAvx512Halves>();
  add_xors<XorAvx2Nt, XorAvx2NtGrouped, XorAvx512Nt>({dram});
  add_loads<PopcountScalar, PopcountAvx2, PopcountAvx512>("popcount", {long_l1, load_l2},
                                                          Bounds::kNothing);
  add_adders<AddersAvx2, AddersAvx512, AddersAvx512Ymm, AddersAvx512Two>();
  add_issues<IssueAvx2>({5 * kBundleAdders / 32});
  add_issues<IssueAvx512>({3 * kBundleAdders / 64});
  add_issues<IssueMixed>({kPairInstructions, kSimilarityInstructions});
  const std::vector<Place> one{{Level::kL1, "l1", {kBind}}};
  add_probe<RotateAvx2>("rotate", time_copy<RotateAvx2>, 2, one, Bounds::kNothing);
  add_probe<RotateAvx512>("rotate", time_copy<RotateAvx512>, 2, one, Bounds::kNothing);
  return true;
}();

}  // namespace
}  // namespace assay
