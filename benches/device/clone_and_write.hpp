#pragma once

#include <algorithm>
#include <functional>

#include "benches/device/bench.hpp"
#include "benches/support/team.hpp"

namespace assay {

/// Every byte, as a loop that is not folded into the one before.
inline void write_bytes(std::byte* to, std::size_t bytes, int value) {
  std::memset(to, value, bytes);
  asm volatile("" : : "r"(to) : "memory");
}

inline constexpr std::size_t kWrittenLine = 64;

enum class Extent { kLine, kAll };

/// Which of a hundred clones are written, spread evenly.
inline bool is_written(std::size_t turn, std::size_t percent) {
  return turn * percent / 100 != (turn + 1) * percent / 100;
}

struct CloneAndWrite {
  bool is_eager;
  Extent extent;
  std::size_t bytes;
  std::size_t percent;
};

inline void clone_and_write(const Bytes& common, DeviceQueue& queue, const CloneAndWrite& how,
                            std::size_t turn) {
  Bytes clone = how.is_eager ? value_or_throw(common.deep_clone(queue)) : common.share();
  if (is_written(turn, how.percent)) {
    const bool is_all = how.extent == Extent::kAll;
    const auto lease = value_or_throw(is_all ? clone.overwrite(queue) : clone.write(queue));
    write_bytes(host_address(lease), is_all ? how.bytes : std::min(how.bytes, kWrittenLine), 1);
  }
  consume(clone);
}

/// An iteration is a hundred clones in each thread, or one where they are large.
inline void time_clone_and_write(benchmark::State& state, const CloneAndWrite& how,
                                 std::size_t threads) {
  const std::size_t turns = how.percent == 100 && how.bytes > (1U << 20) ? 1 : 100;
  const Bytes& common = written_buffer(how.bytes);
  const auto work = [&] {
    for (std::size_t turn = 0; turn < turns; ++turn)
      clone_and_write(common, *host().queue, how, turn);
  };
  if (threads == 1) {
    for (auto _ : state) work();
  } else {
    Team team(threads);
    for (auto _ : state) team.run([&](std::size_t) { work(); });
  }
  const auto lease = value_or_throw(common.read(*host().queue));
  if (host_address(lease)[0] != std::byte{0x5a})
    state.SkipWithError("wrong result: a clone's write shows in the original");
}

/// The grid, but for the number of threads:
/// device/cow/<eager|cow>/<line|all>/bytes:N/percent:P/threads:T   clones a common block, writes P
///     clones of a hundred (a line of 64 bytes, or all of it), drops the clone. eager: a deep
///     clone; cow: shares, and copies when it writes; all: overwrites, so that cow copies nothing
inline void register_clone_and_write(const CloneAndWrite& how, std::size_t threads) {
  const std::string name = std::string("device/cow/") + (how.is_eager ? "eager" : "cow") +
                           (how.extent == Extent::kAll ? "/all" : "/line") + bytes_part(how.bytes) +
                           "/percent:" + std::to_string(how.percent) +
                           "/threads:" + std::to_string(threads);
  add_device(name, [=](benchmark::State& state) { time_clone_and_write(state, how, threads); });
}

inline void register_clones_and_writes(std::size_t threads) {
  for (const bool is_eager : {true, false})
    for (const Extent extent : {Extent::kLine, Extent::kAll}) {
      for (const std::size_t bytes : {64U, 256U, 1024U, 16384U, 262144U, 4194304U})
        for (const std::size_t percent : {1U, 10U, 25U, 50U, 75U, 90U, 100U})
          register_clone_and_write({is_eager, extent, bytes, percent}, threads);
      register_clone_and_write({is_eager, extent, 100'000'000, 100}, threads);
    }
}

}  // namespace assay
