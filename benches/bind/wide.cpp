/// The bind family on vectors of any dimension, and what else is made of many operands:
///
///     bind/wide/<variant>/bytes:N     binds two vectors of N bytes into a third
///     bind/bundle/<variant>/rows:N    the majority of N vectors of 2,048 bits
///     bind/permute/<variant>/shift:K  rotates a vector of 2,048 bits by K
///     bind/inlined/avx2               one bind of 2,048 bits, its body inlined in the timed loop
///
/// The sizes of bind/wide lie in L1, L2 (all three arrays fill 255 KiB), L3 and DRAM of most
/// machines; the memory is taken when a size first runs.

#include "benches/bind/wide.hpp"

#include <algorithm>
#include <array>
#include <exception>
#include <map>
#include <utility>

#include "benches/bind/inlined_avx2.hpp"
#include "benches/bind/loops.hpp"
#include "kernels/hypervector/random.hpp"

namespace assay {

// The timed loops, as in loops.hpp: a copy, and so a call site, for each registered benchmark.

template <int kSite>
[[gnu::noinline]] void time_bind_wide(benchmark::State& state, BindWideFn* run, WideInput& input) {
  mark_site<kSite>();
  const BitsView a = input.a(), b = input.b();
  const BitsSpan out = input.out();
  for (auto _ : state) {
    hide(input);
    run(a, b, out);
    consume(input);
  }
  report_bytes(state, 3 * out.size());
}

template <int kSite>
[[gnu::noinline]] void time_bundle(benchmark::State& state, BundleFn* run, BundleInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input);
    run(input.all_rows(), view(input.out));
    consume(input);
  }
  report_bytes(state, (input.rows.size() + 1) * kHvBytes);
}

template <int kSite>
[[gnu::noinline]] void time_permute(benchmark::State& state, PermuteFn* run, PermuteInput& input) {
  mark_site<kSite>();
  for (auto _ : state) {
    hide(input);
    run(view(input.in), input.shift, view(input.out));
    consume(input);
  }
  report_bytes(state, 2 * kHvBytes);
}

WideInput make_wide_input(std::size_t bytes) {
  WideInput input{Arrays(3, bytes)};
  std::mt19937_64 engine(bytes);
  // Random for a stretch that no array is a multiple of, then over again: it is soon made.
  std::vector<std::uint64_t> stretch(std::size_t{2} * 65521);
  std::ranges::generate(stretch, engine);
  const auto random = std::as_bytes(std::span(stretch));
  for (std::size_t i = 0; i < 2; ++i) {
    const BitsSpan array = input.arrays[i];
    for (std::size_t at = 0; at < array.size(); at += random.size() / 2) {
      const std::size_t size = std::min(random.size() / 2, array.size() - at);
      std::ranges::copy(random.subspan(i * random.size() / 2, size),
                        array.begin() + static_cast<std::ptrdiff_t>(at));
    }
  }
  return input;
}

BundleInput make_bundle_input(std::size_t rows) {
  std::mt19937_64 engine(rows);
  BundleInput input{std::vector<HV16>(rows)};
  std::ranges::generate(input.rows, [&] { return random_hypervector(engine); });
  return input;
}

PermuteInput make_permute_input(std::size_t shift) {
  std::mt19937_64 engine(shift);
  return {random_hypervector(engine), HV16{}, shift};
}

bool matches_reference(BindWideFn* run, const WideInput& input) {
  const BitsView a = input.a(), b = input.b();
  const BitsSpan out = input.out();
  run(a, b, out);
  std::array<std::byte, 16 * kHvBytes> expected;  // what L1 holds, as an array may be large
  for (std::size_t at = 0; at < out.size(); at += expected.size()) {
    const std::size_t size = std::min(expected.size(), out.size() - at);
    const BitsSpan chunk = std::span(expected).first(size);
    bind_wide_variants().front().run(a.subspan(at, size), b.subspan(at, size), chunk);
    if (!std::ranges::equal(out.subspan(at, size), chunk)) {
      return false;
    }
  }
  return true;
}

bool matches_reference(BundleFn* run, const BundleInput& input) {
  HV16 out{}, expected{};
  run(input.all_rows(), view(out));
  bundle_variants().front().run(input.all_rows(), view(expected));
  return out == expected;
}

bool matches_reference(PermuteFn* run, const PermuteInput& input) {
  HV16 out{}, expected{};
  run(view(input.in), input.shift, view(out));
  permute_variants().front().run(view(input.in), input.shift, view(expected));
  return out == expected;
}

namespace {

constexpr int kWideSites = 16;

struct WideLoop {
  template <int kSite>
  static constexpr auto kAt = time_bind_wide<kSite>;
};
struct BundleLoop {
  template <int kSite>
  static constexpr auto kAt = time_bundle<kSite>;
};
struct PermuteLoop {
  template <int kSite>
  static constexpr auto kAt = time_permute<kSite>;
};

/// The input of an argument: made when it is first asked for, and kept.
template <auto kMake>
auto& input_of(std::int64_t argument) {
  static std::map<std::int64_t, decltype(kMake(0))> inputs;
  const auto found = inputs.find(argument);
  return found != inputs.end()
             ? found->second
             : inputs.emplace(argument, kMake(static_cast<std::size_t>(argument))).first->second;
}

/// Times a variant on the input of the benchmark's argument. Each argument is checked when it first
/// runs; `refused` keeps what came of that.
template <auto kMake, typename Fn, typename Time>
void run_variant(benchmark::State& state, const Variant<Fn>& variant, Time time,
                 std::map<std::int64_t, std::string>& refused) {
  try {
    auto& input = input_of<kMake>(state.range(0));
    const auto [at, is_new] = refused.try_emplace(state.range(0));
    if (is_new) {
      at->second = refusal(variant, input);
    }
    if (!at->second.empty()) {
      return state.SkipWithError(at->second.c_str());
    }
    state.SetLabel(std::string(variant.name));
    time(state, variant.run, input);
  } catch (const std::exception& error) {
    state.SkipWithError(error.what());
  }
}

template <typename Loop, auto kMake, typename Fn, int... kSite>
void register_arguments(const std::string& prefix, std::span<const Variant<Fn>> variants,
                        const std::string& argument, const std::vector<std::int64_t>& values,
                        std::integer_sequence<int, kSite...> /*sites*/) {
  static constexpr std::array kLoops{Loop::template kAt<kSite>...};
  for (std::size_t i = 0; i < variants.size(); ++i) {
    const Variant<Fn>& variant = variants[i];
    const auto time = kLoops.at(i);
    auto* const registered = benchmark::RegisterBenchmark(
        (prefix + std::string(variant.name)).c_str(),
        [&variant, time,
         refused = std::map<std::int64_t, std::string>()](benchmark::State& state) mutable {
          run_variant<kMake>(state, variant, time, refused);
        });
    registered->ArgName(argument);
    for (const std::int64_t value : values) {
      registered->Arg(value);
    }
  }
}

void bind_inlined(benchmark::State& state) {
  static PairInput input = make_pair_input(2048);
  if (const auto missing = first_missing({CpuFeature::kAvx2}, cpu_features())) {
    return state.SkipWithError(("not run: this CPU has no " + std::string(*missing)).c_str());
  }
  HV16 expected;
  bind_variants().front().run(view(input.a), view(input.b), view(expected));
  time_bind_inlined_avx2(input.a, input.b, input.out, 1);
  if (input.out != expected) {
    return state.SkipWithError("wrong result: avx2 differs from the scalar reference");
  }
  // All iterations at once: the loop is in the kernel's file.
  while (state.KeepRunningBatch(state.max_iterations)) {
    time_bind_inlined_avx2(input.a, input.b, input.out, state.max_iterations);
  }
  state.SetLabel("avx2");
  report_bytes(state, 3 * kHvBytes);
}

[[maybe_unused]] const bool kWideRegistered = [] {
  constexpr std::int64_t kL1 = 4096, kL2 = 87'040, kL3 = std::int64_t{4} << 20,
                         kDram = std::int64_t{64} << 20;
  constexpr auto kSites = std::make_integer_sequence<int, kWideSites>{};
  register_arguments<WideLoop, make_wide_input>("bind/wide/", bind_wide_variants(), "bytes",
                                                {kL1, kL2, kL3, kDram}, kSites);
  register_arguments<BundleLoop, make_bundle_input>("bind/bundle/", bundle_variants(), "rows",
                                                    {3, 9, 101}, kSites);
  register_arguments<PermuteLoop, make_permute_input>("bind/permute/", permute_variants(), "shift",
                                                      {1, 64, 1000}, kSites);
  benchmark::RegisterBenchmark("bind/inlined/avx2", bind_inlined);
  return true;
}();

}  // namespace
}  // namespace assay
