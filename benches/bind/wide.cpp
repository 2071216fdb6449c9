/// The bind family on vectors of any dimension, and what else is made of many operands:
///
///     bind/wide/<variant>/bytes:N     binds two vectors of N bytes into a third
///     bind/bundle/<variant>/rows:N    the majority of N vectors of 2,048 bits
///     bind/permute/<variant>/shift:K  rotates a vector of 2,048 bits by K
///     bind/inlined/<variant>          one bind of 2,048 bits, its body inlined in the timed loop
///     bind/permute/inlined/<variant>/shift:K   a rotation, inlined likewise
///
/// The sizes of bind/wide lie in L1, L2 (all three arrays fill 255 KiB), L3 and DRAM of most
/// machines; the memory is taken when a size first runs.

#include "benches/bind/wide.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <exception>
#include <map>
#include <utility>

#include "benches/bind/inlined.hpp"
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
  report_words(state, 3 * out.size(), out.size() / 8);
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
    run(input.in(), input.shift, input.out());
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
  PermuteInput input{Arrays(2, kHvBytes), shift};
  const HV16 random = random_hypervector(engine);
  std::ranges::copy(view(random), input.arrays[0].begin());
  return input;
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
    if (std::memcmp(&out[at], chunk.data(), size) != 0) return false;
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
  run(input.in(), input.shift, view(out));
  permute_variants().front().run(input.in(), input.shift, view(expected));
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

/// The variant whose body is inlined.
template <typename Fn>
const Variant<Fn>& variant_named(std::span<const Variant<Fn>> variants, std::string_view name) {
  return *std::ranges::find(variants, name, &Variant<Fn>::name);
}

/// All iterations at once: the loop is in the kernel's file. `run(times)` leaves a result, and
/// `is_right` says whether it is what the scalar reference gives.
template <typename Fn, typename Run, typename IsRight>
void time_inlined(benchmark::State& state, const Variant<Fn>& variant, Run run, IsRight is_right) {
  if (const auto missing = first_missing(variant.needs, cpu_features())) {
    return state.SkipWithError(("not run: this CPU has no " + std::string(*missing)).c_str());
  }
  run(1);
  if (!is_right()) {
    const std::string wrong = std::string(variant.name) + " differs from the scalar reference";
    return state.SkipWithError(("wrong result: " + wrong).c_str());
  }
  while (state.KeepRunningBatch(state.max_iterations)) {
    run(state.max_iterations);
  }
  state.SetLabel(std::string(variant.name));
}

void bind_inlined(benchmark::State& state, const Variant<BindFn>& variant, BindInlinedFn* time) {
  static PairInput input = make_pair_input(2048);
  time_inlined(
      state, variant, [&](std::int64_t times) { time(input.a, input.b, input.out, times); },
      [&] {
        HV16 expected;
        bind_variants().front().run(view(input.a), view(input.b), view(expected));
        return input.out == expected;
      });
  report_words(state, 3 * kHvBytes, kHvWords);
}

void permute_inlined(benchmark::State& state, const Variant<PermuteFn>& variant,
                     PermuteInlinedFn* time) {
  auto& input = input_of<make_permute_input>(state.range(0));
  time_inlined(
      state, variant,
      [&](std::int64_t times) { time(input.in(), input.shift, input.out(), times); },
      [&] {
        HV16 expected;
        permute_variants().front().run(input.in(), input.shift, view(expected));
        return std::ranges::equal(input.out(), view(expected));
      });
  report_bytes(state, 2 * kHvBytes);
}

void register_inlined(const std::string& name, BindInlinedFn* bind, PermuteInlinedFn* permute) {
  const auto& bind_variant = variant_named(bind_variants(), name);
  const auto& permute_variant = variant_named(permute_variants(), name);
  benchmark::RegisterBenchmark(
      ("bind/inlined/" + name).c_str(),
      [&bind_variant, bind](benchmark::State& state) { bind_inlined(state, bind_variant, bind); });
  benchmark::RegisterBenchmark(("bind/permute/inlined/" + name).c_str(),
                               [&permute_variant, permute](benchmark::State& state) {
                                 permute_inlined(state, permute_variant, permute);
                               })
      ->ArgName("shift")
      ->Arg(1)
      ->Arg(1000);
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
  register_inlined("avx2", time_bind_inlined_avx2, time_permute_inlined_avx2);
  register_inlined("avx512", time_bind_inlined_avx512, time_permute_inlined_avx512);
  return true;
}();

}  // namespace
}  // namespace assay
