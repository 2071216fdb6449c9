/// The bind family with the arena in the heap's place.
///
/// bind/cycle/<heap|arena>    the cycle on references, each vector that it makes an object of its
///                            own
/// bind/plan/<form>           1,000 binds of a vector with mapped rows, as the Zero-copy plan has
///                            them: traditional (both operands and the result cloned onto the
///                            heap), malloc (the same by the fastest way to the same heap),
///                            zero-copy (operands mapped, the result returned by value into an
///                            object from a shared atomic arena); and best (the kernel writes
///                            straight into an object from an arena of the thread's own)

#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "benches/bind/loops.hpp"
#include "kernels/arena/arena.hpp"
#include "kernels/arena/shared_arena.hpp"
#include "kernels/hypervector/cycle.hpp"
#include "kernels/hypervector/store.hpp"

namespace assay {
namespace {

constexpr std::uint64_t kPlanSeed = 13;

struct PlanData {
  PairInput pair = make_pair_input(kPlanSeed);
  BatchInput batch = make_batch_input(kPlanSeed);
  VectorStore mapped = map_rows(batch.rows());

  CycleInput cycle() const {
    return {pair.a, pair.b, 77, batch.database().first<kWorkingMemory>(), batch.database()};
  }

 private:
  /// Written to a file that is gone once it is mapped.
  static VectorStore map_rows(BitsView rows) {
    const auto path = std::filesystem::temp_directory_path() /
                      ("assay-plan-" + std::to_string(::getpid()) + ".hv");
    const auto written = write_store(path, kHvBits, rows);
    auto store = VectorStore::open(path.string());
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
    if (!written) throw std::invalid_argument(written.error());
    if (!store) throw std::invalid_argument(store.error());
    return std::move(*store);
  }
};

PlanData& plan_data() {
  static PlanData of_process;
  return of_process;
}

BindFn* best_bind() {
  static BindFn* const kBest = select_bind().run;
  return kBest;
}

using CycleRows = std::array<HV16, kWorkingMemory + 1>;

Recognised cycle_on_heap(const CycleInput& input) {
  const auto pair = std::make_unique<HV16>(), bundle = std::make_unique<HV16>(),
             filler = std::make_unique<HV16>();
  const auto rows = std::make_unique<CycleRows>();
  const Neighbour nearest = cycle_in_room(input, {*pair, *rows, *bundle, *filler});
  return {nearest, *filler};
}

Recognised cycle_in_arena(const CycleInput& input) {
  Arena& arena = thread_arena();
  const ArenaScope scope(arena);
  auto* const pair = arena.make<HV16>();
  auto* const bundle = arena.make<HV16>();
  auto* const filler = arena.make<HV16>();
  auto* const rows = arena.make<CycleRows>();
  const Neighbour nearest = cycle_in_room(input, {*pair, *rows, *bundle, *filler});
  return {nearest, *filler};
}

template <typename Run>
void time_cycle_with_objects(benchmark::State& state, Run run) {
  static const Recognised expected = NaiveCycle(plan_data().cycle()).run();
  Recognised found{};
  for (auto _ : state) {
    hide(plan_data());
    found = run(plan_data().cycle());
    consume(found);
  }
  if (!(found == expected)) state.SkipWithError("wrong result: differs from the naive cycle");
}

// Not looked into, as an interface between two libraries is.
#if defined(__clang__)
#define ASSAY_PLAN_INTERFACE [[gnu::noinline]]
#else
#define ASSAY_PLAN_INTERFACE [[gnu::noipa]]
#endif

ASSAY_PLAN_INTERFACE std::unique_ptr<HV16> bound_on_heap(BindFn* bind, std::unique_ptr<HV16> a,
                                                         std::unique_ptr<HV16> b) {
  auto out = std::make_unique_for_overwrite<HV16>();
  bind(view(*a), view(*b), view(*out));
  return out;
}

ASSAY_PLAN_INTERFACE HV16 bound_by_value(BindFn* bind, HvView a, HvView b) {
  HV16 out;
  bind(a, b, view(out));
  return out;
}

std::unique_ptr<HV16> clone_of(HvView from) {
  auto clone = std::make_unique_for_overwrite<HV16>();
  std::memcpy(clone.get(), from.data(), from.size());
  return clone;
}

/// Each form binds a vector with a mapped row into an object of its own, and drops all objects at
/// once. The vector and the kernel are the same for all and known beforehand.
class Traditional {
 public:
  const HV16* bind_with(BindFn* bind, HvView a, HvView row) {
    results_.push_back(bound_on_heap(bind, clone_of(a), clone_of(row)));
    return results_.back().get();
  }
  void drop() { results_.clear(); }

 private:
  std::vector<std::unique_ptr<HV16>> results_;
};

/// The same from malloc itself, which knows nothing of alignment and is much faster; and an object
/// that stays above all others keeps the heap from giving its top back to the system.
class OnMalloc {
 public:
  const HV16* bind_with(BindFn* bind, HvView a, HvView row) {
    const Bytes first = clone(a), second = clone(row);
    results_.push_back(Bytes(static_cast<std::byte*>(std::malloc(kHvBytes))));
    std::byte* const out = results_.back().get();
    if (out == nullptr) throw std::bad_alloc();
    bind(HvView(first.get(), kHvBytes), HvView(second.get(), kHvBytes), HvSpan(out, kHvBytes));
    return reinterpret_cast<const HV16*>(out);
  }
  void drop() {
    if (!above_all_) above_all_.reset(static_cast<std::byte*>(std::malloc(1)));
    results_.clear();
  }

 private:
  struct Free {
    void operator()(std::byte* at) const { std::free(at); }
  };
  using Bytes = std::unique_ptr<std::byte, Free>;
  static Bytes clone(HvView from) {
    Bytes made(static_cast<std::byte*>(std::malloc(kHvBytes)));
    if (made == nullptr) throw std::bad_alloc();
    std::memcpy(made.get(), from.data(), from.size());
    return made;
  }

  std::vector<Bytes> results_;
  Bytes above_all_;
};

class ZeroCopy {
 public:
  const HV16* bind_with(BindFn* bind, HvView a, HvView row) {
    void* const at = arena_.allocate(sizeof(HV16), alignof(HV16));
    return ::new (at) HV16(bound_by_value(bind, a, row));
  }
  void drop() { arena_.reset(); }

 private:
  SharedArena arena_{kDatabaseSize * 2 * sizeof(HV16)};
};

class Best {
 public:
  const HV16* bind_with(BindFn* bind, HvView a, HvView row) {
    auto* const out = static_cast<HV16*>(arena_.allocate(sizeof(HV16), alignof(HV16)));
    bind(a, row, view(*out));
    return out;
  }
  void drop() { arena_.reset(); }

 private:
  Arena arena_{kDatabaseSize * sizeof(HV16), Arena::Growth::kFixed};
};

template <typename Form>
bool is_right(Form& form) {
  const PlanData& data = plan_data();
  bool all = true;
  for (std::size_t row = 0; row < kDatabaseSize; ++row) {
    const HvView mapped = data.mapped.row(row).first<kHvBytes>();
    HV16 expected;
    bind_variants().front().run(view(data.pair.a), mapped, view(expected));
    const HV16* const found = form.bind_with(best_bind(), view(data.pair.a), mapped);
    all = std::memcmp(found, &expected, sizeof expected) == 0 && all;
  }
  form.drop();
  return all;
}

template <typename Form>
[[gnu::noinline]] void time_plan(benchmark::State& state) {
  Form form;
  if (!is_right(form)) return state.SkipWithError("wrong result");
  const PlanData& data = plan_data();
  BindFn* const bind = best_bind();
  const BitsView rows = data.mapped.rows();
  std::vector<const HV16*> results(kDatabaseSize);
  for (auto _ : state) {
    for (std::size_t row = 0; row < kDatabaseSize; ++row)
      results[row] =
          form.bind_with(bind, view(data.pair.a), rows.subspan(row * kHvBytes).first<kHvBytes>());
    consume(*results.data());
    form.drop();
  }
}

template <typename Time>
void add_with_arena(const char* name, Time time) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State& state) {
    try {
      time(state);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
}

[[maybe_unused]] const bool kWithArenaRegistered = [] {
  add_with_arena("bind/cycle/heap",
                 [](benchmark::State& state) { time_cycle_with_objects(state, cycle_on_heap); });
  add_with_arena("bind/cycle/arena",
                 [](benchmark::State& state) { time_cycle_with_objects(state, cycle_in_arena); });
  add_with_arena("bind/plan/traditional", time_plan<Traditional>);
  add_with_arena("bind/plan/malloc", time_plan<OnMalloc>);
  add_with_arena("bind/plan/zero-copy", time_plan<ZeroCopy>);
  add_with_arena("bind/plan/best", time_plan<Best>);
  return true;
}();

}  // namespace
}  // namespace assay
