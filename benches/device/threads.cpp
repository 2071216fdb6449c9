/// The device family with two threads.
///
/// device/contended/<share|copy|atomic|shared-ptr>/...   1,000 by each of two threads at once;
/// copy:
///     into memory of the thread's own
/// device/race/threads:2   two threads write one block for the first time at once
/// device/cow/...          as in clone_and_write.hpp

#include <array>
#include <atomic>
#include <functional>

#include "benches/device/clone_and_write.hpp"
#include "benches/support/pages.hpp"
#include "benches/support/team.hpp"

namespace assay {
namespace {

constexpr std::size_t kThousandCalls = 1000;

/// 1,000 calls of work(member) by each of two threads at once.
template <typename Work>
void time_contended(benchmark::State& state, Work work) {
  Team team(2);
  const std::function<void(std::size_t)> thousand = [&](std::size_t member) {
    for (std::size_t i = 0; i < kThousandCalls; ++i) work(member);
  };
  team.run(thousand);
  for (auto _ : state) team.run(thousand);
}

void time_contended_shares(benchmark::State& state, std::size_t bytes) {
  const Bytes buffer = host_buffer(bytes);
  time_contended(state, [&](std::size_t) {
    const Bytes clone = buffer.share();
    consume(clone);
  });
  if (!buffer.is_unique()) state.SkipWithError("wrong result: clones are left");
}

/// A source that both threads read, and a destination for each, lines apart.
void time_contended_copies(benchmark::State& state, std::size_t bytes) {
  const Arrays arrays(3, bytes);
  time_contended(state, [&](std::size_t member) {
    std::memcpy(arrays[1 + member].data(), arrays[0].data(), bytes);
    asm volatile("" : : "r"(arrays[1 + member].data()) : "memory");
  });
  if (std::memcmp(arrays[1].data(), arrays[0].data(), bytes) != 0)
    state.SkipWithError("wrong result: no copy");
}

/// Counter peak_over_size: the most that was allocated at once, over the size of the block.
void time_race(benchmark::State& state) {
  constexpr std::size_t kBytes = std::size_t{1} << 20;
  Team team(2);
  Opened& opened = host();
  double peak_over_size = 0;
  for (auto _ : state) {
    Bytes original = host_buffer(kBytes);
    std::array<Bytes, 2> handles = {original.share(), original.share()};
    original = Bytes();
    std::array<bool, 2> are_written = {};
    const std::uint64_t before = opened.device->counters().live_bytes - kBytes;
    opened.device->reset_peak();
    team.run([&](std::size_t member) {
      are_written[member] = handles[member].write(*opened.queue).has_value();
    });
    if (!are_written[0] || !are_written[1]) throw std::runtime_error("wrong result: not written");
    const std::uint64_t peak = opened.device->counters().peak_bytes - before;
    peak_over_size =
        std::max(peak_over_size, static_cast<double>(peak) / static_cast<double>(kBytes));
  }
  state.counters["peak_over_size"] = peak_over_size;
}

[[maybe_unused]] const bool kThreadsRegistered = [] {
  for (const std::size_t bytes : {64U, 256U, 1024U, 4096U, 16384U}) {
    add_device("device/contended/share" + bytes_part(bytes) + "/threads:2",
               [=](benchmark::State& state) { time_contended_shares(state, bytes); });
    add_device("device/contended/copy" + bytes_part(bytes) + "/threads:2",
               [=](benchmark::State& state) { time_contended_copies(state, bytes); });
  }
  add_device("device/contended/atomic/threads:2", [](benchmark::State& state) {
    alignas(64) std::atomic<std::uint32_t> holders = 1;
    time_contended(state, [&](std::size_t) {
      holders.fetch_add(1, std::memory_order_relaxed);
      holders.fetch_sub(1, std::memory_order_acq_rel);
    });
  });
  add_device("device/contended/shared-ptr/threads:2", [](benchmark::State& state) {
    const auto pointer = std::make_shared<std::array<std::byte, 64>>();
    time_contended(state, [&](std::size_t) {
      auto clone = pointer;
      consume(clone);
      clone.reset();
    });
  });
  add_device("device/race/threads:2", time_race);

  for (const char* const twin : {"twin-a", "twin-b"})
    add_device(std::string("device/control/contended/") + twin + "/threads:2",
               [](benchmark::State& state) { time_contended_shares(state, 1024); });
  register_clones_and_writes(2);
  return true;
}();

}  // namespace
}  // namespace assay
