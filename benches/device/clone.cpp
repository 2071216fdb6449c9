/// What a clone costs, by reference and by copy. An iteration is a clone and its drop.
///
/// device/clone/<share|atomic|shared-ptr|non-atomic>   by count; atomic and non-atomic: the bare
///     count
/// device/clone/deep/<destination>/bytes:N   reused: memory at hand, on huge pages; stretched: as
///     many bytes by copies of 50 MB over one such pair, which the caches of a large server may
///     hold; fresh, huge: mapped for the copy and faulted by it; backend: deep_clone()
/// device/clone/thousand/bytes:N             1,000 clones at once, then their drops

#include <sys/mman.h>

#include <algorithm>
#include <map>
#include <vector>

#include "benches/device/bench.hpp"
#include "benches/support/pages.hpp"

namespace assay {
namespace {

constexpr std::size_t kThousand = 1000;

/// Kept for the process: a gigabyte is not made anew for each slice. Never written by who only
/// shares it, so it takes addresses, not memory.
const Bytes& untouched_buffer(std::size_t bytes) {
  static std::map<std::size_t, Bytes> buffers;
  Bytes& buffer = buffers[bytes];
  if (!buffer.has_memory()) buffer = value_or_throw(Bytes::allocate(*host().device, bytes));
  return buffer;
}

template <int kSite>
[[gnu::noinline]] void time_shares(benchmark::State& state, const Bytes& buffer,
                                   std::size_t calls) {
  asm volatile("" : : "i"(kSite));  // a copy of the loop for each
  for (auto _ : state)
    for (std::size_t i = 0; i < calls; ++i) {
      const Bytes clone = buffer.share();
      consume(clone);
    }
  if (!buffer.is_unique()) state.SkipWithError("wrong result: clones are left");
}

void time_atomic(benchmark::State& state) {
  struct alignas(64) Count {
    std::atomic<std::uint32_t> holders = 1;
  };
  Count count;
  for (auto _ : state) {
    count.holders.fetch_add(1, std::memory_order_relaxed);
    hide(count);
    count.holders.fetch_sub(1, std::memory_order_acq_rel);
    hide(count);
  }
  if (count.holders != 1) state.SkipWithError("wrong result: another count");
}

void time_non_atomic(benchmark::State& state) {
  std::uint32_t holders = 1;
  for (auto _ : state) {
    ++holders;
    hide(holders);
    --holders;
    hide(holders);
  }
  if (holders != 1) state.SkipWithError("wrong result: another count");
}

void time_shared_ptr(benchmark::State& state) {
  const auto pointer = std::make_shared<std::array<std::byte, 64>>();
  for (auto _ : state) {
    std::shared_ptr<std::array<std::byte, 64>> clone = pointer;
    consume(clone);
    clone.reset();
  }
  if (pointer.use_count() != 1) state.SkipWithError("wrong result: clones are left");
}

void time_thousand(benchmark::State& state, const Bytes& buffer) {
  std::vector<Bytes> clones;
  clones.reserve(kThousand);
  bool is_right = true;
  for (auto _ : state) {
    for (std::size_t i = 0; i < kThousand; ++i) clones.push_back(buffer.share());
    is_right = is_right && clones.back().shares_memory_with(buffer);
    consume(clones);
    clones.clear();
  }
  if (!is_right || !buffer.is_unique()) state.SkipWithError("wrong result: other clones");
}

/// Memory for one copy, given back when it goes.
class FreshMemory {
 public:
  FreshMemory(std::size_t bytes, bool is_huge) : bytes_(bytes + (is_huge ? kHugePage : 0)) {
    mapping_ = ::mmap(nullptr, bytes_, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (mapping_ == MAP_FAILED) throw std::runtime_error("not run: no memory for the copy");
    ::madvise(mapping_, bytes_, is_huge ? MADV_HUGEPAGE : MADV_NOHUGEPAGE);
    if (is_huge) {
      const auto past = std::bit_cast<std::uintptr_t>(mapping_) % kHugePage;
      offset_ = (kHugePage - past) % kHugePage;
    }
  }
  FreshMemory(const FreshMemory&) = delete;
  FreshMemory& operator=(const FreshMemory&) = delete;
  ~FreshMemory() { ::munmap(mapping_, bytes_); }
  std::byte* begin() const { return static_cast<std::byte*>(mapping_) + offset_; }

 private:
  static constexpr std::size_t kHugePage = std::size_t{2} << 20;
  std::size_t bytes_;
  void* mapping_;
  std::size_t offset_ = 0;
};

void copy_to(std::byte* to, const Bytes& buffer) {
  const auto from = value_or_throw(buffer.read(*host().queue));
  std::memcpy(to, host_address(from), buffer.size());
  asm volatile("" : : "r"(to) : "memory");
}
bool is_copy(const std::byte* copy, std::size_t bytes) {
  return copy[0] == std::byte{0x5a} && copy[bytes / 2] == std::byte{0x5a} &&
         copy[bytes - 1] == std::byte{0x5a};
}

constexpr std::size_t kMostStretch = 50'000'000;

/// Source and destination both on huge pages where the system grants them: the least that a copy by
/// one core costs. What is longer than a stretch is copied stretch by stretch over the same memory,
/// so that nobody needs to set up two gigabytes.
void time_reused(benchmark::State& state, std::size_t bytes) {
  const std::size_t stretch = std::min(bytes, kMostStretch);
  static std::map<std::size_t, std::array<Pages, 2>> pairs;
  auto& [source, destination] = pairs[stretch];
  if (source.span().empty()) {
    source = Pages(stretch);
    destination = Pages(stretch);
  }
  std::memset(destination.span().data(), 0, stretch);
  for (auto _ : state)
    for (std::size_t copied = 0; copied < bytes; copied += stretch) {
      hide(source);
      std::memcpy(destination.span().data(), source.span().data(), stretch);
      asm volatile("" : : "r"(destination.span().data()) : "memory");
    }
  if (!is_copy(destination.span().data(), stretch)) state.SkipWithError("wrong result: no copy");
}

void time_fresh(benchmark::State& state, std::size_t bytes, bool is_huge) {
  const Bytes& buffer = written_buffer(bytes);
  bool is_right = true;
  for (auto _ : state) {
    const FreshMemory destination(bytes, is_huge);
    copy_to(destination.begin(), buffer);
    is_right = is_right && is_copy(destination.begin(), bytes);
  }
  if (!is_right) state.SkipWithError("wrong result: no copy");
}

void time_deep(benchmark::State& state, std::size_t bytes) {
  const Bytes& buffer = written_buffer(bytes);
  bool is_right = true;
  for (auto _ : state) {
    const Bytes clone = value_or_throw(buffer.deep_clone(*host().queue));
    const auto lease = value_or_throw(clone.read(*host().queue));
    is_right = is_right && is_copy(host_address(lease), bytes) && !clone.shares_memory_with(buffer);
  }
  if (!is_right) state.SkipWithError("wrong result: no copy");
}

[[maybe_unused]] const bool kClonesRegistered = [] {
  for (const std::size_t bytes :
       {1000U, 1'000'000U, 4'000'000U, 10'000'000U, 100'000'000U, 1'000'000'000U}) {
    const std::string size = bytes_part(bytes);
    add_device("device/clone/share" + size,
               [=](benchmark::State& state) { time_shares<0>(state, untouched_buffer(bytes), 1); });
    add_device(
        std::string("device/clone/deep/") + (bytes > kMostStretch ? "stretched" : "reused") + size,
        [=](benchmark::State& state) { time_reused(state, bytes); });
    add_device("device/clone/deep/fresh" + size,
               [=](benchmark::State& state) { time_fresh(state, bytes, false); });
    add_device("device/clone/deep/huge" + size,
               [=](benchmark::State& state) { time_fresh(state, bytes, true); });
    add_device("device/clone/deep/backend" + size,
               [=](benchmark::State& state) { time_deep(state, bytes); });
  }
  add_device("device/clone/atomic", time_atomic);
  add_device("device/clone/non-atomic", time_non_atomic);
  add_device("device/clone/shared-ptr", time_shared_ptr);
  add_device("device/clone/thousand/bytes:4000000",
             [](benchmark::State& state) { time_thousand(state, untouched_buffer(4'000'000)); });
  add_device("device/control/share/twin-a", [](benchmark::State& state) {
    time_shares<1>(state, untouched_buffer(1000), kThousand);
  });
  add_device("device/control/share/twin-b", [](benchmark::State& state) {
    time_shares<2>(state, untouched_buffer(1000), kThousand);
  });
  for (const std::size_t calls : {1000U, 1250U})
    add_device("device/control/share/calls:" + std::to_string(calls), [=](benchmark::State& state) {
      time_shares<3>(state, untouched_buffer(1000), calls);
    });
  for (const char* const twin : {"twin-a", "twin-b"})
    add_device(std::string("device/control/deep/") + twin,
               [](benchmark::State& state) { time_deep(state, std::size_t{64} << 10); });
  return true;
}();

}  // namespace
}  // namespace assay
