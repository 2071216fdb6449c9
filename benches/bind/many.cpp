/// Similarities of vectors of any dimension, and the nearest of many rows.

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <utility>

#include "benches/bind/loops.hpp"
#include "benches/bind/peers.hpp"

namespace assay {
namespace {

constexpr std::uint64_t kWideSeed = 17;
constexpr std::uint64_t kNearestSeed = 18;

struct WideInput {
  std::vector<HV16> a, b;

  BitsView view_of(const std::vector<HV16>& hvs) const { return std::as_bytes(std::span(hvs)); }
};

struct NearestInput {
  HV16 query;
  std::span<const HV16> database;
  Neighbour expected;  ///< by the scalar reference, which takes long: once a process

  BitsView rows() const { return std::as_bytes(database); }
};

/// Of SplitMix64 (Steele, Lea and Flood 2014, OOPSLA).
std::uint64_t mixed(std::uint64_t word) {
  word = (word ^ (word >> 30U)) * 0xbf58476d1ce4e5b9;
  word = (word ^ (word >> 27U)) * 0x94d049bb133111eb;
  return word ^ (word >> 31U);
}

/// Random for 256 KiB, then those rows again, each time with other bits flipped: 256 MB are made
/// anew in every process, and so soon that they cost what writing them does.
void fill_random(std::span<HV16> hvs, std::uint64_t seed) {
  constexpr std::size_t kStretch = 1024;
  std::uint64_t state = seed;
  for (HV16& hv : hvs.first(std::min(kStretch, hvs.size())))
    for (std::uint64_t& word : hv.words) word = mixed(state += 0x9e3779b97f4a7c15);
  for (std::size_t row = kStretch; row < hvs.size(); ++row) {
    const std::uint64_t flipped = mixed(seed + row / kStretch);
    const HV16& random = hvs[row % kStretch];
    for (std::size_t i = 0; i < random.words.size(); ++i)
      hvs[row].words[i] = random.words[i] ^ flipped;
  }
}

/// Kept until the process ends. On huge pages where the kernel has them: with pages of 4 KB a core
/// that reads all of 256 MB would measure its address translation, too.
/// Throws: std::invalid_argument, in the protocol's words, where there is no such memory.
std::span<HV16> map_hypervectors(std::size_t count) {
  void* const memory = mmap(nullptr, count * sizeof(HV16), PROT_READ | PROT_WRITE,
                            MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {
    throw std::invalid_argument("not run: no memory for " + std::to_string(count) + " rows");
  }
  madvise(memory, count * sizeof(HV16), MADV_HUGEPAGE);
  return {static_cast<HV16*>(memory), count};
}

NearestInput make_nearest_input(std::size_t rows, std::uint64_t seed) {
  const std::span<HV16> database = map_hypervectors(rows);
  fill_random(database, seed);
  NearestInput input{{}, database, {}};
  fill_random({&input.query, 1}, ~seed);
  input.expected = nearest_variants().front().run(view(input.query), input.rows());
  return input;
}

template <std::size_t kBytes>
WideInput& wide_input() {
  static WideInput input = [] {
    WideInput made{std::vector<HV16>(kBytes / kHvBytes), std::vector<HV16>(kBytes / kHvBytes)};
    fill_random(made.a, kWideSeed);
    fill_random(made.b, ~kWideSeed);
    return made;
  }();
  return input;
}

template <std::size_t kRows>
NearestInput& nearest_input() {
  static NearestInput input = make_nearest_input(kRows, kNearestSeed);
  return input;
}

bool matches_reference(HammingWideFn* run, const WideInput& input) {
  const BitsView a = input.view_of(input.a), b = input.view_of(input.b);
  return run(a, b) == hamming_wide_variants().front().run(a, b);
}

bool matches_reference(NearestFn* run, const NearestInput& input) {
  return run(view(input.query), input.rows()) == input.expected;
}

// The timed loops, as in loops.hpp: a copy for each benchmark.

template <int kSite>
[[gnu::noinline]] void time_wide(benchmark::State& state, HammingWideFn* run, WideInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input);
    const std::uint64_t distance = run(input.view_of(input.a), input.view_of(input.b));
    consume(distance);
  }
  report_words(state, 2 * input.view_of(input.a).size(), 2 * input.view_of(input.a).size() / 8);
}

template <int kSite>
[[gnu::noinline]] void time_nearest(benchmark::State& state, NearestFn* run, NearestInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input);
    const Neighbour nearest = run(view(input.query), input.rows());
    consume(nearest);
  }
  report_words(state, input.rows().size() + kHvBytes, 2 * input.rows().size() / 8);
}

struct WideLoop {
  template <int kSite>
  static constexpr auto kAt = time_wide<kSite>;
};
struct NearestLoop {
  template <int kSite>
  static constexpr auto kAt = time_nearest<kSite>;
};

constexpr int kMostVariants = 8;
[[maybe_unused]] constexpr int kPeerSite = 100;  ///< beyond those of bind.cpp

/// The `kMostVariants` copies of a loop from site `kFirst` on.
template <typename Loop, int kFirst, int... kSite>
constexpr auto sites_from(std::integer_sequence<int, kSite...> /*sites*/) {
  return std::array{Loop::template kAt<kFirst + kSite>...};
}

/// One benchmark a variant of the table, PREFIX/VARIANT/ARGUMENT; no other may take the sites
/// from `kFirst` on.
template <typename Loop, int kFirst, typename Fn, typename Input>
void register_sized(const std::string& prefix, const std::string& argument,
                    std::span<const Variant<Fn>> variants, Input& (*input)()) {
  static constexpr auto kLoops =
      sites_from<Loop, kFirst>(std::make_integer_sequence<int, kMostVariants>{});
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const Variant<Fn>& variant = variants[i];
    const auto pick = [&variant]() -> const Variant<Fn>& { return variant; };
    register_variant(std::string(prefix).append(variant.name).append(argument), pick, kLoops.at(i),
                     input);
  }
}

/// One size after another, each with sites of its own.
template <std::size_t... kBytes>
void register_wide() {
  [&]<int... kIndex>(std::integer_sequence<int, kIndex...> /*indices*/) {
    (register_sized<WideLoop, kIndex * kMostVariants>("bind/similarity/wide/",
                                                      "/bytes:" + std::to_string(kBytes),
                                                      hamming_wide_variants(), wide_input<kBytes>),
     ...);
  }(std::make_integer_sequence<int, sizeof...(kBytes)>{});
}

[[maybe_unused]] const bool kManyRegistered = [] {
  // Both vectors in L1, in L2, in L3.
  register_wide<1024, 8192, std::size_t{128} << 10, std::size_t{4} << 20>();
  register_sized<NearestLoop, 0>("bind/nearest/", "/rows:1000", nearest_variants(),
                                 nearest_input<1000>);
  register_sized<NearestLoop, kMostVariants>("bind/nearest/", "/rows:1000000", nearest_variants(),
                                             nearest_input<1000000>);
#ifdef ASSAY_HAVE_FAISS
  static constexpr Variant<HammingFn> kFaissPair = {
      "faiss", {CpuFeature::kPopcnt, CpuFeature::kAvx2}, hamming_faiss};
  register_variant(
      "bind/similarity/faiss", []() -> const Variant<HammingFn>& { return kFaissPair; },
      time_similarity<kPeerSite>, pair_input);
  static constexpr Variant<HammingManyFn> kFaiss = {
      "faiss", {CpuFeature::kPopcnt, CpuFeature::kAvx2}, hamming_many_faiss};
  register_variant(
      "bind/similarity-1000/refs/faiss", []() -> const Variant<HammingManyFn>& { return kFaiss; },
      time_batch<kPeerSite>, batch_input);
#else
  for (const char* name : {"bind/similarity/faiss", "bind/similarity-1000/refs/faiss"})
    benchmark::RegisterBenchmark(name, [](benchmark::State& state) {
      state.SkipWithError("not run: built without FAISS (Debian: libfaiss-dev)");
    });
#endif
  return true;
}();

}  // namespace
}  // namespace assay
