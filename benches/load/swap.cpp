/// Memory pressure: what becomes of weights that lie idle, on a zram device of its own and in a
/// cgroup of limited memory. What is changed on the machine is undone: see pressure.hpp.
///
/// load/pressure/<read|mapped|mapped-released>/bytes:<n>  in a cgroup of 14 MiB a process loads 8
///     MiB, then touches 12 MiB more: zram_bytes, swapped_bytes, resident_bytes
/// load/page-out/<read|mapped>/bytes:<n>  the same by MADV_PAGEOUT alone, with any swap
/// load/retouch/<where>/bytes:<n>  reading weights again, where: heap-resident, heap-zram,
///     mapped-released (from the page cache), mapped-evicted (from the disk); nothing of them in
///     the caches of the CPU
/// load/zram/<what>/bytes:<n>  zram's three figures of weights that are swapped out; zram_ratio

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>

#include "benches/limits/levels.hpp"
#include "benches/load/children.hpp"
#include "benches/load/files.hpp"
#include "benches/load/pressure.hpp"
#include "benches/support/opaque.hpp"
#include "kernels/loading/buffers.hpp"
#include "kernels/loading/loaders.hpp"
#include "kernels/loading/model_data.hpp"

namespace assay {
namespace {

constexpr std::size_t kMebibyte = std::size_t{1} << 20;
constexpr std::size_t kPressedBytes = 8 * kMebibyte;
constexpr std::size_t kNeededBytes = 12 * kMebibyte;
constexpr std::size_t kLimitBytes = 14 * kMebibyte;
constexpr std::size_t kSwappedBytes = 8 * kMebibyte;
constexpr std::size_t kStoredBytes = 4 * kMebibyte;
constexpr std::size_t kDeviceBytes = 256 * kMebibyte;

[[maybe_unused]] const std::size_t kRestored = restore_leftovers();

/// The device, made when it is first asked for and removed when the process ends. Throws: NotRun.
const ZramSwap& zram() {
  static const auto kSwap = ZramSwap::create(kDeviceBytes);
  if (!kSwap) throw NotRun(kSwap.error());
  return *kSwap;
}

bool machine_has_swap() {
  const auto swaps = content_of_file("/proc/swaps");
  return swaps && std::ranges::count(*swaps, '\n') > 1;
}

double as_number(std::uint64_t bytes) {
  return static_cast<double>(bytes);
}

double difference(std::uint64_t before, std::uint64_t after) {
  return as_number(after) - as_number(before);
}

MemoryUse use_of(ByteView bytes) {
  const auto use = memory_use(bytes);
  if (!use) throw std::runtime_error(use.error());
  return *use;
}

/// Asks the kernel to take the pages out of memory now.
void page_out(ByteView bytes) {
  if (::madvise(const_cast<std::byte*>(bytes.data()), bytes.size(), MADV_PAGEOUT) != 0)
    throw NotRun("the kernel has no MADV_PAGEOUT (Linux 5.4)");
}

/// Heap memory that is written, then swapped out and proved to be. Throws: NotRun.
void swap_out(ByteView bytes) {
  constexpr int kTries = 5;
  for (int tries = 0; tries < kTries; ++tries) {
    page_out(bytes);
    if (use_of(bytes).swapped >= bytes.size() / 100 * 99) return;
  }
  throw NotRun("heap memory is not swapped out");
}

enum class Held { kRead, kMapped, kMappedReleased };

/// What a pressed process tells of its weights.
struct Told {
  std::uint64_t resident = 0;
  std::uint64_t swapped = 0;
  std::uint64_t is_right = 0;
};

/// Runs in the cgroup: loads, gives the pages back if so, then needs memory for other things; tells
/// what has become of the weights, and holds all until `hold` returns.
template <typename Hold>
void live_under_pressure(const MemoryCgroup& cgroup, const LoadFile& file, Held held, Hold hold) {
  if (!cgroup.enter()) return;
  const auto data = ModelData::open(file.path(), {.is_mapped = held != Held::kRead});
  if (!data || sum_words(data->bytes()) != file.sum()) return;
  if (held == Held::kMappedReleased && !data->release_pages()) return;
  const Buffer needed(kNeededBytes, PageSize::kSmall);
  fill_with_weights(needed.span(), 1);
  fill_with_weights(needed.span(), 2);
  if (const auto use = memory_use(data->bytes())) hold(Told{use->resident, use->swapped, 1});
}

/// A child that lives under pressure, until the object goes; at most until this process does.
class Pressed {
 public:
  Pressed(const MemoryCgroup& cgroup, const LoadFile& file, Held held) {
    Pipe to = make_pipe(), from = make_pipe();
    child_ = ::fork();
    if (child_ < 0) throw std::runtime_error("no process can be started");
    if (child_ == 0)
      run_child([&] {
        to.write_end.close();
        live_under_pressure(cgroup, file, held, [&](const Told& told) {
          char until_closed = 0;
          if (::write(from.write_end.get(), &told, sizeof told) ==
              static_cast<ssize_t>(sizeof told))
            static_cast<void>(!::read(to.read_end.get(), &until_closed, 1));
        });
      });
    from.write_end.close();
    order_ = std::move(to.write_end);
    std::array<std::byte, sizeof(Told)> answer{};
    if (::read(from.read_end.get(), answer.data(), answer.size()) ==
        static_cast<ssize_t>(answer.size()))
      std::memcpy(&told_, answer.data(), sizeof told_);
  }
  Pressed(const Pressed&) = delete;
  Pressed& operator=(const Pressed&) = delete;
  ~Pressed() {
    order_.close();
    if (child_ > 0) ::waitpid(child_, nullptr, 0);
  }
  const Told& told() const { return told_; }

 private:
  pid_t child_ = -1;
  Descriptor order_;
  Told told_;
};

/// The kernel ends a process whose memory it cannot free fast enough; that is tried again.
std::unique_ptr<Pressed> press(const MemoryCgroup& cgroup, const LoadFile& file, Held held) {
  constexpr int kTries = 3;
  for (int tries = 0; tries < kTries; ++tries) {
    auto pressed = std::make_unique<Pressed>(cgroup, file, held);
    if (pressed->told().is_right == 1) return pressed;
  }
  throw std::runtime_error("the process under pressure failed");
}

void time_pressure(benchmark::State& state, Held held) {
  const ZramSwap& swap = zram();
  auto cgroup = MemoryCgroup::create(kLimitBytes);
  if (!cgroup) throw NotRun(cgroup.error());
  const LoadFile& file = evictable_weights_file(kPressedBytes);
  std::uint64_t before = 0;
  double zram_bytes = 0;
  Told told;
  const auto prepare = [&] {
    file.make_cold();  // the page cache is charged to the cgroup that reads it first
    before = swap.use().original;
  };
  time_prepared(
      state, prepare, [&] { return press(*cgroup, file, held); },
      [&](const auto& pressed) {
        told = pressed->told();
        zram_bytes = difference(before, swap.use().original);
      });
  state.counters["zram_bytes"] = std::max(0.0, zram_bytes);
  state.counters["swapped_bytes"] = as_number(told.swapped);
  state.counters["resident_bytes"] = as_number(told.resident);
}

void time_page_out(benchmark::State& state, Held held) {
  if (!machine_has_swap()) static_cast<void>(zram());
  const LoadFile& file = evictable_weights_file(kSwappedBytes);  // paging out a mapping evicts it
  std::unique_ptr<ModelData> data;
  const auto prepare = [&] {
    file.make_warm();
    auto opened = ModelData::open(file.path(), {.is_mapped = held != Held::kRead});
    if (!opened) throw std::runtime_error(opened.error().message());
    data = std::make_unique<ModelData>(std::move(*opened));
    if (sum_words(data->bytes()) != file.sum()) throw std::runtime_error("wrong result");
  };
  MemoryUse use;
  const auto out = [&] {
    page_out(data->bytes());
    return 0;
  };
  time_prepared(state, prepare, out, [&](int) { use = use_of(data->bytes()); });
  state.counters["swapped_bytes"] = as_number(use.swapped);
  state.counters["resident_bytes"] = as_number(use.resident);
}

/// Heap memory that holds the same weights as the file, on small pages, which are swapped one by
/// one.
std::span<std::byte> heap_weights(const LoadFile& file) {
  static const Buffer kWeights = [&] {
    Buffer made(kSwappedBytes, PageSize::kSmall);
    const auto sum = find_loader("read/reused").run(file.path(), made.span());
    if (!sum || *sum != file.sum()) throw std::runtime_error("the weights cannot be read");
    return made;
  }();
  return kWeights.span();
}

/// Reads other memory, twice the L3 cache, so that what is timed next comes from memory.
void empty_caches() {
  static const Buffer kOther = [] {
    const std::size_t largest = read_cache_sizes("/sys/devices/system/cpu/cpu0").l3;
    Buffer made(2 * largest, PageSize::kHuge);
    std::memset(made.span().data(), 1, made.span().size());
    return made;
  }();
  consume(sum_words(kOther.span()));
}

void time_retouch_heap(benchmark::State& state, bool is_swapped) {
  if (is_swapped) static_cast<void>(zram());
  const LoadFile& file = weights_file(kSwappedBytes);
  const std::span<std::byte> weights = heap_weights(file);
  const auto prepare = [&] {
    if (is_swapped) {
      swap_out(weights);
    } else if (sum_words(weights) != file.sum()) {
      throw std::runtime_error("wrong result");
    }
    empty_caches();
  };
  time_prepared(
      state, prepare, [&] { return sum_words(weights); },
      [&](std::uint64_t sum) {
        if (sum != file.sum()) throw std::runtime_error("wrong result");
      });
}

void time_retouch_mapped(benchmark::State& state, bool is_evicted) {
  const LoadFile& file =
      is_evicted ? evictable_weights_file(kSwappedBytes) : weights_file(kSwappedBytes);
  auto data = ModelData::open(file.path());
  if (!data) throw std::runtime_error(data.error().message());
  PageFaults before, after;
  const auto prepare = [&] {
    if (const auto done = data->release_pages(); !done)
      throw std::runtime_error(done.error().message());
    if (is_evicted) {
      file.make_cold();
    } else {
      file.make_warm();
    }
    if (use_of(data->bytes()).resident != 0) throw std::runtime_error("pages stay mapped");
    empty_caches();
    before = page_faults();
  };
  time_prepared(
      state, prepare, [&] { return sum_words(data->bytes()); },
      [&](std::uint64_t sum) {
        after = page_faults();
        if (sum != file.sum()) throw std::runtime_error("wrong result");
      });
  state.counters["minor_faults"] = difference(before.minor, after.minor);
  state.counters["major_faults"] = difference(before.major, after.major);
}

enum class Stored { kFloat32, kBfloat16, kRealModel };

/// As many bytes as asked for, of weights as they are stored. Throws: NotRun without a real model.
void fill_stored(std::span<std::byte> bytes, Stored stored) {
  if (stored != Stored::kRealModel)
    return fill_with_weights(bytes, 11, stored == Stored::kBfloat16);
  const char* const folder = std::getenv("ASSAY_MODEL_DIR");
  if (folder == nullptr) throw NotRun("ASSAY_MODEL_DIR names no folder with stories260K.bin");
  const auto model = ModelData::open(std::string(folder) + "/stories260K.bin");
  if (!model) throw NotRun("no real model: " + model.error().message());
  // Again and again: zram compresses each page by itself.
  for (std::size_t at = 0; at < bytes.size(); at += model->size())
    std::memcpy(bytes.data() + at, model->bytes().data(),
                std::min(model->size(), bytes.size() - at));
}

void time_zram(benchmark::State& state, Stored stored) {
  const ZramSwap& swap = zram();
  ZramUse before, after;
  std::unique_ptr<Buffer> weights;
  const auto prepare = [&] {
    weights = std::make_unique<Buffer>(kStoredBytes, PageSize::kSmall);
    fill_stored(weights->span(), stored);
    before = swap.use();
  };
  const auto out = [&] {
    swap_out(weights->span());
    return 0;
  };
  time_prepared(state, prepare, out, [&](int) { after = swap.use(); });
  const double original = difference(before.original, after.original);
  const double compressed = difference(before.compressed, after.compressed);
  state.counters["zram_original_bytes"] = original;
  state.counters["zram_compressed_bytes"] = compressed;
  state.counters["zram_used_bytes"] = difference(before.used, after.used);
  state.counters["zram_ratio"] = compressed > 0 ? original / compressed : 0;
}

[[maybe_unused]] const bool kSwapRegistered = [] {
  const std::string pressed = bytes_name(kPressedBytes), swapped = bytes_name(kSwappedBytes);
  constexpr std::pair<const char*, Held> kHeld[] = {{"read/", Held::kRead},
                                                    {"mapped/", Held::kMapped},
                                                    {"mapped-released/", Held::kMappedReleased}};
  for (const auto& [name, held] : kHeld)
    add_load("load/pressure/" + (name + pressed),
             [way = held](benchmark::State& state) { time_pressure(state, way); });
  for (const auto& [name, held] : std::span(kHeld).first(2))
    add_load("load/page-out/" + (name + swapped),
             [way = held](benchmark::State& state) { time_page_out(state, way); });
  for (const bool is_there : {true, false}) {
    add_load(std::string("load/retouch/") + (is_there ? "heap-resident/" : "heap-zram/") + swapped,
             [=](benchmark::State& state) { time_retouch_heap(state, !is_there); });
    add_load(std::string("load/retouch/") + (is_there ? "mapped-released/" : "mapped-evicted/") +
                 swapped,
             [=](benchmark::State& state) { time_retouch_mapped(state, !is_there); });
  }
  constexpr std::pair<const char*, Stored> kStored[] = {{"float32/", Stored::kFloat32},
                                                        {"bfloat16/", Stored::kBfloat16},
                                                        {"real-model/", Stored::kRealModel}};
  for (const auto& [name, stored] : kStored)
    add_load("load/zram/" + (name + bytes_name(kStoredBytes)),
             [as = stored](benchmark::State& state) { time_zram(state, as); });
  return true;
}();

}  // namespace
}  // namespace assay
