/// Where operands lie, and where objects are made: aligned or not, on the heap or in a mapped file,
/// on the stack or from an allocator.
///
/// bind/misaligned/<kernel>/offset:<n>       a pair whose three operands begin n bytes behind a
/// cache line bind/misaligned-1000/<kernel>/offset:<n>  1,000 similarities, query and rows likewise
/// bind/store/<where>/bind-1000              1,000 binds of one vector with rows on the heap, or
/// mapped bind/store/<where>/similarity-1000        the same for similarities
/// bind/store/survives-kill                  behaviour: what is written through a mapping outlives
/// SIGKILL bind/object/<where>                       an object is made, filled from another, and
/// dropped

#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <memory>
#include <system_error>

#include "benches/bind/loops.hpp"
#include "benches/bind/objects_avx2.hpp"
#include "kernels/hypervector/store.hpp"

namespace assay {
namespace {

constexpr std::uint64_t kSeed = 16;

/// A file for one process, removed at its end.
class TemporaryStore {
 public:
  explicit TemporaryStore(BitsView rows)
      : path_(std::filesystem::temp_directory_path() /
              ("assay-store-" + std::to_string(::getpid()) + ".hv")) {
    if (auto written = write_store(path_, kHvBits, rows); !written)
      throw std::invalid_argument(written.error());
  }
  TemporaryStore(const TemporaryStore&) = delete;
  TemporaryStore& operator=(const TemporaryStore&) = delete;
  ~TemporaryStore() {
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
  }
  std::string path() const { return path_.string(); }

 private:
  std::filesystem::path path_;
};

/// Mapped, and gone from the file system: no run leaves a file behind, however it ends.
VectorStore map_anew(BitsView rows) {
  const TemporaryStore file(rows);
  auto store = VectorStore::open(file.path());
  if (!store) throw std::invalid_argument(store.error());
  return std::move(*store);
}

struct RowsInput {
  BatchInput batch = make_batch_input(kSeed);
  std::vector<HV16> heap{batch.database().begin(), batch.database().end()};
  VectorStore mapped = map_anew(batch.rows());
  std::vector<HV16> out = std::vector<HV16>(kDatabaseSize);
};

RowsInput& rows_input() {
  static RowsInput input;
  return input;
}

enum class Where { kHeap, kMapped };

BitsView rows_at(const RowsInput& input, Where where) {
  return where == Where::kHeap ? std::as_bytes(std::span(input.heap)) : input.mapped.rows();
}

/// The refusal of a benchmark by AVX2 kernels; empty where it may run.
std::string missing_avx2() {
  const auto missing = first_missing({CpuFeature::kAvx2, CpuFeature::kPopcnt}, cpu_features());
  return missing ? "not run: this CPU has no " + std::string(*missing) : "";
}

/// Registers what `time` does; what it throws is the benchmark's error.
template <typename Time>
benchmark::internal::Benchmark* add(const std::string& name, Time time) {
  return benchmark::RegisterBenchmark(name.c_str(), [=](benchmark::State& state) {
    try {
      if (const std::string refused = missing_avx2(); !refused.empty())
        return state.SkipWithError(refused.c_str());
      time(state);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
}

template <Where kWhere>
[[gnu::noinline]] void time_bind_rows(benchmark::State& state) {
  RowsInput& input = rows_input();
  const BitsView rows = rows_at(input, kWhere);
  BindFn* const run = find_variant(bind_variants(), "avx2").run;
  for (auto _ : state) {
    hide(input);
    for (std::size_t row = 0; row < kDatabaseSize; ++row)
      run(view(input.batch.query), rows.subspan(row * kHvBytes).first<kHvBytes>(),
          view(input.out[row]));
    consume(input);
  }
  HV16 expected;
  bind_variants().front().run(view(input.batch.query), view(input.heap.back()), view(expected));
  if (!(input.out.back() == expected)) state.SkipWithError("wrong result");
}

template <Where kWhere>
[[gnu::noinline]] void time_scan_rows(benchmark::State& state) {
  RowsInput& input = rows_input();
  const BitsView rows = rows_at(input, kWhere);
  HammingManyFn* const run = find_variant(hamming_many_variants(), "avx2").run;
  for (auto _ : state) {
    hide(input);
    run(view(input.batch.query), rows, input.batch.distances);
    consume(input);
  }
  if (input.batch.distances.back() !=
      hamming_variants().front().run(view(input.batch.query), view(input.heap.back())))
    state.SkipWithError("wrong result");
}

/// Room for a pair or a database at any offset from a cache line.
struct OffsetInput {
  explicit OffsetInput(std::size_t rows) : bytes(rows * kHvBytes + 2 * sizeof(HV16)) {}

  std::byte* at(std::size_t offset) {
    const auto address = reinterpret_cast<std::uintptr_t>(bytes.data());
    return bytes.data() + (64 - address % 64) % 64 + offset;
  }

  std::vector<std::byte> bytes;
};

template <int kOffset>
[[gnu::noinline]] void time_misaligned_pair(benchmark::State& state) {
  static OffsetInput a(1), b(1), out(1);
  static PairInput input = make_pair_input(kSeed);
  const HvSpan x(a.at(kOffset), kHvBytes), y(b.at(kOffset), kHvBytes), z(out.at(kOffset), kHvBytes);
  std::memcpy(x.data(), &input.a, kHvBytes);
  std::memcpy(y.data(), &input.b, kHvBytes);
  BindFn* const run = find_variant(bind_variants(), "avx2").run;
  for (auto _ : state) {
    hide(a, b);
    run(x, y, z);
    consume(out);
  }
  bind_variants().front().run(view(input.a), view(input.b), view(input.out));
  if (std::memcmp(z.data(), &input.out, kHvBytes) != 0) state.SkipWithError("wrong result");
}

template <int kOffset>
[[gnu::noinline]] void time_misaligned_scan(benchmark::State& state) {
  static OffsetInput database(kDatabaseSize), query(1);
  RowsInput& input = rows_input();
  const BitsView rows(database.at(kOffset), kDatabaseSize * kHvBytes);
  const BitsView one(query.at(kOffset), kHvBytes);
  std::memcpy(database.at(kOffset), input.batch.rows().data(), rows.size());
  std::memcpy(query.at(kOffset), &input.batch.query, kHvBytes);
  HammingManyFn* const run = find_variant(hamming_many_variants(), "avx2").run;
  for (auto _ : state) {
    hide(database, query);
    run(one, rows, input.batch.distances);
    consume(input.batch.distances);
  }
  if (input.batch.distances.back() !=
      hamming_variants().front().run(view(input.batch.query), view(input.heap.back())))
    state.SkipWithError("wrong result");
}

/// A child writes a row through its mapping and kills itself; then the file is read.
void check_survival(benchmark::State& state) {
  static const HV16 kWritten = make_pair_input(kSeed + 1).a;
  bool holds = true;
  for (auto _ : state) {
    const TemporaryStore file(rows_input().batch.rows().first(8 * kHvBytes));
    const pid_t child = ::fork();
    if (child == 0) {
      auto store = VectorStore::open_writable(file.path());
      if (!store) ::_exit(1);
      std::ranges::copy(view(kWritten), store->writable_row(5).begin());
      ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || !WIFSIGNALED(status))
      return state.SkipWithError("the writing process could not be run and killed");
    const auto store = VectorStore::open(file.path());
    holds = holds && store && std::ranges::equal(store->row(5), view(kWritten));
  }
  state.counters["holds"] = holds ? 1 : 0;
}

const HV16& source_object() {
  static const HV16 source = make_pair_input(kSeed).a;
  return source;
}

/// All iterations at once: the loops are in a file of their own.
template <bool (*kMakeObjects)(const HV16&, std::int64_t)>
[[gnu::noinline]] void time_objects(benchmark::State& state) {
  const HV16& source = source_object();
  while (state.KeepRunningBatch(state.max_iterations)) {
    if (!kMakeObjects(source, state.max_iterations)) return state.SkipWithError("out of memory");
  }
}

[[maybe_unused]] const bool kRegistered = [] {
  add("bind/store/heap/bind-1000", time_bind_rows<Where::kHeap>);
  add("bind/store/mapped/bind-1000", time_bind_rows<Where::kMapped>);
  add("bind/store/heap/similarity-1000", time_scan_rows<Where::kHeap>);
  add("bind/store/mapped/similarity-1000", time_scan_rows<Where::kMapped>);
  add("bind/store/survives-kill", check_survival);
  add("bind/misaligned/avx2/offset:0", time_misaligned_pair<0>);
  add("bind/misaligned/avx2/offset:1", time_misaligned_pair<1>);
  add("bind/misaligned/avx2/offset:4", time_misaligned_pair<4>);
  add("bind/misaligned/avx2/offset:28", time_misaligned_pair<28>);
  add("bind/misaligned-1000/avx2/offset:0", time_misaligned_scan<0>);
  add("bind/misaligned-1000/avx2/offset:1", time_misaligned_scan<1>);
  add("bind/misaligned-1000/avx2/offset:4", time_misaligned_scan<4>);
  add("bind/misaligned-1000/avx2/offset:28", time_misaligned_scan<28>);
  add("bind/object/stack", time_objects<make_stack_objects>);
  add("bind/object/malloc", time_objects<make_malloc_objects>);
  add("bind/object/unique", time_objects<make_unique_objects>);
  add("bind/object/arena", time_objects<make_arena_objects>);
  return true;
}();

}  // namespace
}  // namespace assay
