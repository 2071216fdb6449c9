/// The alloc family with several threads. An iteration is a batch of 1,000 written objects of 256
/// bytes in every thread, all at once; N is 1, 2 or `all` the CPUs there are.
///
/// alloc/threads/<allocator>/threads:N      every thread allocates and releases its own
/// alloc/scaling/<work>/threads:all         counter `slowdown`: all threads at once / one alone
/// alloc/handover/<allocator>/threads:2     one thread allocates and writes, the other reads and
/// frees
///
/// Compiled once for each malloc; with ASSAY_ARENAS, for the arenas and the rest, too.

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <memory>

#include "benches/alloc/batch.hpp"
#include "benches/alloc/malloc_in_use.hpp"
#include "benches/support/team.hpp"

namespace assay {
namespace {

/// The count of a name's last part; 0 stands for all.
std::size_t members_of(std::size_t threads) {
  return threads == 0 ? cpus_of_thread().size() : threads;
}

/// Pieces before those that are timed: the first of a team touch memory that is new, and slices of
/// few pieces would have more of that than those of many.
constexpr int kWarmUp = 3;
void warm(Team& team, const std::function<void(std::size_t)>& work) {
  for (int i = 0; i < kWarmUp; ++i) team.run(work);
}

/// A thread's batch, with the allocator that it does not share. In lines of its own.
template <typename Allocator>
class alignas(64) OwnWork {
 public:
  OwnWork() : allocator_(kBatch * Size256{} + kSlackBytes), objects_(kBatch) {}
  void run() {
    has_failed_ |= !run_batch<Written::kYes>(allocator_, Size256{}, objects_, kInOrder);
  }
  bool has_failed() const { return has_failed_; }

 private:
  static inline const std::vector<std::uint32_t> kInOrder = release_order(kBatch, Order::kFifo);
  Allocator allocator_;
  std::vector<Object*> objects_;
  bool has_failed_ = false;
};

/// Runs pieces of the team's work; the allocators are made by the threads that use them.
template <typename Allocator>
void time_own(benchmark::State& state, std::size_t threads) {
  Team team(members_of(threads));
  std::vector<std::unique_ptr<OwnWork<Allocator>>> works(team.members());
  team.run([&](std::size_t member) { works[member] = std::make_unique<OwnWork<Allocator>>(); });
  const std::function<void(std::size_t)> work = [&](std::size_t member) { works[member]->run(); };
  warm(team, work);
  for (auto _ : state) team.run(work);
  if (std::ranges::any_of(works, [](const auto& own) { return own->has_failed(); }))
    state.SkipWithError("out of memory");
  team.run([&](std::size_t member) { works[member].reset(); });
}

/// One thread fills a batch while the other works off the one before.
template <typename Allocator>
void time_handover(benchmark::State& state) {
  constexpr std::size_t kMakers = 2;  // batches in turn, so that neither thread waits for memory
  Team team(2);
  std::deque<Allocator> makers;
  for (std::size_t i = 0; i < kMakers; ++i) makers.emplace_back(kBatch * Size256{} + kSlackBytes);
  std::array<std::vector<Object*>, kMakers> batches;
  std::size_t turn = 0;
  std::uint64_t sum = 0;
  const auto make = [&](std::size_t at) {
    Allocator& maker = makers[at];
    maker.begin();
    batches[at].resize(kBatch);
    for (Object*& object : batches[at]) {
      object = static_cast<Object*>(maker.allocate(Size256{}));
      if (object == nullptr) std::abort();  // no memory for 256 KB: nothing else would go on
      write(object, Size256{}, 1);
    }
  };
  const auto work_off = [&](std::size_t at) {
    Allocator& maker = makers[at];
    for (Object* const object : batches[at]) {
      sum += object->word;
      maker.deallocate(object, Size256{});
    }
    maker.end();
    batches[at].clear();
  };
  const std::function<void(std::size_t)> work = [&](std::size_t member) {
    if (member == 0)
      make(turn % kMakers);
    else
      work_off((turn + 1) % kMakers);
  };
  for (; turn < kWarmUp; ++turn) team.run(work);
  for (auto _ : state) {
    team.run(work);
    ++turn;
  }
  const std::size_t filled = (turn + 1) % kMakers;
  if (sum != (turn - 1) * kBatch) state.SkipWithError("wrong result: not what was handed over");
  work_off(filled);
}

template <typename Time>
void add_for_threads(const std::string& name, Time time) {
  for (const auto& [threads, word] :
       {std::pair(std::size_t{1}, "1"), {std::size_t{2}, "2"}, {std::size_t{0}, "all"}})
    add_benchmark(name + "/threads:" + word,
                  [time, threads](benchmark::State& state) { time(state, threads); });
}

#if defined(ASSAY_ARENAS)
/// Allocates from one arena with all others. Whoever begins a piece resets it.
class SharedWork {
 public:
  explicit SharedWork(std::size_t members)
      : arena_(members * kBatch * Size256{}), objects_(members, std::vector<Object*>(kBatch)) {}
  void reset() { arena_.reset(); }
  void run(std::size_t member) {
    for (Object*& object : objects_[member]) {
      object = static_cast<Object*>(arena_.try_allocate(Size256{}));
      write(object, Size256{}, 0x5a5a5a5a12345678);
    }
    asm volatile("" : : "r"(objects_[member].data()) : "memory");
  }

 private:
  SharedArena arena_;
  std::vector<std::vector<Object*>> objects_;
};

/// The same allocations from the arena of a thread, which the thread itself resets.
struct ThreadArenaWork {
  static void run() {
    OwnWork<ArenaOfThread>& work = of_thread();
    work.run();
  }
  static OwnWork<ArenaOfThread>& of_thread() {
    thread_local OwnWork<ArenaOfThread> work;
    return work;
  }
};

/// Additions that each need the one before: what a core does that shares nothing but its clock. As
/// long as a batch takes, about.
void spin() {
  constexpr int kAdditions = 20'000;
  for (int i = 0; i < kAdditions; ++i) asm volatile("" : "+r"(i));
}

void time_shared_arena(benchmark::State& state, std::size_t threads) {
  Team team(members_of(threads));
  SharedWork shared(team.members());
  const std::function<void(std::size_t)> work = [&](std::size_t member) { shared.run(member); };
  for (int i = 0; i < kWarmUp; ++i) {
    shared.reset();
    team.run(work);
  }
  for (auto _ : state) {
    shared.reset();
    team.run(work);
  }
}

/// The synchronised pool is one for all threads.
void time_shared_pool(benchmark::State& state, std::size_t threads) {
  Team team(members_of(threads));
  std::pmr::synchronized_pool_resource pool;
  std::vector<std::vector<Object*>> objects(team.members(), std::vector<Object*>(kBatch));
  const std::function<void(std::size_t)> work = [&](std::size_t member) {
    for (Object*& object : objects[member]) {
      object = static_cast<Object*>(pool.allocate(Size256{}));
      write(object, Size256{}, 0x5a5a5a5a12345678);
    }
    for (Object* const object : objects[member]) pool.deallocate(object, Size256{});
  };
  warm(team, work);
  for (auto _ : state) team.run(work);
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// How much longer all threads at once need than the first alone, each doing the same: 1 where they
/// do not hinder each other. Pieces of both kinds alternate, and the medians count.
void time_scaling(benchmark::State& state, const std::function<void(std::size_t)>& work) {
  using Clock = std::chrono::steady_clock;
  if (members_of(0) < 2) return state.SkipWithError("not run: one CPU alone has nothing to scale");
  Team team(members_of(0));
  const std::function<void(std::size_t)> alone = [&](std::size_t member) {
    if (member == 0) work(member);
  };
  warm(team, work);
  std::vector<double> of_one, of_all;
  for (auto _ : state) {
    const auto start = Clock::now();
    team.run(alone);
    const auto between = Clock::now();
    team.run(work);
    const auto end = Clock::now();
    of_one.push_back(std::chrono::duration<double, std::nano>(between - start).count());
    of_all.push_back(std::chrono::duration<double, std::nano>(end - between).count());
  }
  state.counters["slowdown"] = median_of(std::move(of_all)) / median_of(std::move(of_one));
}

void register_arenas_of_threads() {
  add_for_threads("alloc/threads/arena", time_own<ArenaReset>);
  add_for_threads("alloc/threads/arena/of-thread", time_own<ArenaOfThread>);
  add_for_threads("alloc/threads/arena/shared", time_shared_arena);
  add_for_threads("alloc/threads/pmr-pool/synchronized", time_shared_pool);
  for (const char* const twin : {"twin-a", "twin-b"})
    add_benchmark(std::string("alloc/control/threads/") + twin + "/threads:2",
                  [](benchmark::State& state) { time_own<ArenaReset>(state, 2); });
  add_benchmark("alloc/scaling/spin/threads:all",
                [](benchmark::State& state) { time_scaling(state, [](std::size_t) { spin(); }); });
  add_benchmark("alloc/scaling/arena/threads:all", [](benchmark::State& state) {
    time_scaling(state, [](std::size_t) { ThreadArenaWork::run(); });
  });
  add_benchmark("alloc/scaling/malloc/threads:all", [](benchmark::State& state) {
    time_scaling(state, [](std::size_t) {
      thread_local OwnWork<Malloc> work;
      work.run();
    });
  });
  add_benchmark("alloc/handover/arena/threads:2", time_handover<ArenaReset>);
}
#endif

[[maybe_unused]] const bool kThreadsRegistered = [] {
  try {
    require_malloc();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    std::_Exit(1);
  }
  const std::string name = kMallocName;
#if defined(ASSAY_ARENAS)
  register_arenas_of_threads();
#endif
  add_for_threads("alloc/threads/" + name, time_own<Malloc>);
  add_benchmark("alloc/handover/" + name + "/threads:2", time_handover<Malloc>);
  return true;
}();

}  // namespace
}  // namespace assay
