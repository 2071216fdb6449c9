/// What writes cost beside clones.
///
/// device/write/<plain|check|lease>/bytes:N   writes N bytes of a buffer that is not shared: by its
///     address; after asking whether it is shared; through a write lease
/// device/checkpoint/<clones|shares>           the clones of a batch: 4 activations of 8 MB
/// device/checkpoint/<eager|write|overwrite>   a batch: every layer's activation is kept and then
///     updated. eager: deep clones, updated in place; write: shares, through write leases;
///     overwrite: shares, from the one kept into new memory. Counters: copied_bytes and peak_bytes
///     of a batch

#include <algorithm>
#include <vector>

#include "benches/device/clone_and_write.hpp"

namespace assay {
namespace {

[[gnu::noinline]] void time_plain(benchmark::State& state, std::size_t bytes) {
  Bytes buffer = host_buffer(bytes);
  std::byte* const to = host_address(value_or_throw(buffer.write(*host().queue)));
  for (auto _ : state) {
    hide(buffer);
    write_bytes(to, bytes, 1);
  }
}

[[gnu::noinline]] void time_check(benchmark::State& state, std::size_t bytes) {
  Bytes buffer = host_buffer(bytes);
  std::byte* const to = host_address(value_or_throw(buffer.write(*host().queue)));
  std::size_t shared = 0;
  for (auto _ : state) {
    hide(buffer);
    if (!buffer.is_unique()) [[unlikely]]
      ++shared;
    write_bytes(to, bytes, 1);
  }
  if (shared != 0) state.SkipWithError("wrong result: it is not shared");
}

[[gnu::noinline]] void time_lease(benchmark::State& state, std::size_t bytes) {
  Bytes buffer = host_buffer(bytes);
  DeviceQueue& queue = *host().queue;
  const std::uint64_t copied = host().device->counters().copied_bytes;
  for (auto _ : state) {
    hide(buffer);
    const auto lease = buffer.write(queue);
    if (!lease) throw std::runtime_error(lease.error().message());
    write_bytes(host_address(*lease), bytes, 1);
  }
  if (host().device->counters().copied_bytes != copied)
    state.SkipWithError("wrong result: a copy where none is needed");
}

constexpr std::size_t kLayers = 4;
constexpr std::size_t kActivation = 8'000'000 / sizeof(float);
using Floats = DeviceBuffer<float>;

/// A layer: out[i] = max(in[i] + bias, 0), in and out the same or apart.
[[gnu::noinline]] void layer(const float* in, float* out, float bias) {
  for (std::size_t i = 0; i < kActivation; ++i) out[i] = std::max(in[i] + bias, 0.0F);
}
float* floats_of(const BlockWrite& lease) {
  return std::bit_cast<float*>(lease.memory().handle);
}

enum class Way { kEager, kWrite, kOverwrite };

/// Runs a batch; the activations that were kept, and last the result.
std::vector<Floats> run_batch(const Floats& input, Way way) {
  DeviceQueue& queue = *host().queue;
  std::vector<Floats> kept;
  kept.reserve(kLayers + 1);
  Floats activation = input.share();
  for (std::size_t i = 0; i < kLayers; ++i) {
    Floats next =
        way == Way::kEager ? value_or_throw(activation.deep_clone(queue)) : activation.share();
    kept.push_back(std::exchange(activation, std::move(next)));
    if (way == Way::kOverwrite) {
      const auto in = value_or_throw(kept.back().read(queue));
      const auto out = value_or_throw(activation.overwrite(queue));
      layer(std::bit_cast<const float*>(in.memory().handle), floats_of(out), 1.0F);
    } else {
      const auto both = value_or_throw(activation.write(queue));
      layer(floats_of(both), floats_of(both), 1.0F);
    }
  }
  kept.push_back(std::move(activation));
  return kept;
}

const Floats& batch_input() {
  static const Floats kInput = [] {
    Floats input = value_or_throw(Floats::allocate(*host().device, kActivation));
    value_or_throw(input.fill(*host().queue, 0.5F));
    return input;
  }();
  return kInput;
}

/// The first and last element of each of them.
bool are_activations(const std::vector<Floats>& kept) {
  DeviceQueue& queue = *host().queue;
  for (std::size_t i = 0; i < kept.size(); ++i)
    for (const std::size_t at : {std::size_t{0}, kActivation - 1}) {
      const auto found = value_or_throw(kept[i].download_range(queue, at, 1));
      if (found.front() != 0.5F + static_cast<float>(i)) return false;
    }
  return true;
}

void time_batch(benchmark::State& state, Way way) {
  const Floats& input = batch_input();
  Device& device = *host().device;
  const DeviceCounters before = device.counters();
  device.reset_peak();
  bool is_right = true;
  for (auto _ : state) {
    const std::vector<Floats> kept = run_batch(input, way);
    is_right = is_right && are_activations(kept);
  }
  if (!is_right) state.SkipWithError("wrong result: other activations");
  const DeviceCounters after = device.counters();
  state.counters["copied_bytes"] =
      benchmark::Counter(static_cast<double>(after.copied_bytes - before.copied_bytes),
                         benchmark::Counter::kAvgIterations);
  state.counters["peak_bytes"] = static_cast<double>(after.peak_bytes - before.live_bytes);
}

void time_batch_clones(benchmark::State& state, bool is_deep) {
  const Floats& input = batch_input();
  std::vector<Floats> kept;
  kept.reserve(kLayers);
  for (auto _ : state) {
    for (std::size_t i = 0; i < kLayers; ++i)
      kept.push_back(is_deep ? value_or_throw(input.deep_clone(*host().queue)) : input.share());
    consume(kept);
    kept.clear();
  }
}

[[maybe_unused]] const bool kWritesRegistered = [] {
  for (const std::size_t bytes : {64U, 4096U, 65536U}) {
    add_device("device/write/plain" + bytes_part(bytes),
               [=](benchmark::State& state) { time_plain(state, bytes); });
    add_device("device/write/check" + bytes_part(bytes),
               [=](benchmark::State& state) { time_check(state, bytes); });
    add_device("device/write/lease" + bytes_part(bytes),
               [=](benchmark::State& state) { time_lease(state, bytes); });
  }
  register_clones_and_writes(1);
  add_device("device/checkpoint/clones",
             [](benchmark::State& state) { time_batch_clones(state, true); });
  add_device("device/checkpoint/shares",
             [](benchmark::State& state) { time_batch_clones(state, false); });
  for (const auto& [name, way] :
       {std::pair("eager", Way::kEager), {"write", Way::kWrite}, {"overwrite", Way::kOverwrite}})
    add_device(std::string("device/checkpoint/") + name,
               [of = way](benchmark::State& state) { time_batch(state, of); });
  return true;
}();

}  // namespace
}  // namespace assay
