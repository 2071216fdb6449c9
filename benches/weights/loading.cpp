/// What it takes to have a checkpoint's weights, and what memory they take then.
///
///     weights/ready/<form>/mb:N/manual_time  from a path to weights that can be multiplied
///     weights/first-tensor/views/mb:N      the same, and every value of the first tensor read
///     weights/load/<how>/<where>/mb:N      all bytes of a file to memory of this process
///     weights/memory/<form>/mb:N           memory of a process that loaded and read all weights
///     weights/one-layer/<before>           resident share of all layers after one layer's products
///     weights/shared/views                 PSS of each of four processes that loaded the same file
///     weights/first-touch                  the latency of first reads that fault
///     weights/control/ready/...            the same twice
///
/// <form>: views, owned. <how>: `read` by read(), `map-copy` by mmap, memcpy and munmap. <where>:
/// `fresh` memory mapped for it, on 4 KiB pages, or `reused`. <before>: `fresh` a mapping that
/// nobody touched, or `released` one that was all resident and then released. All files are in
/// the page cache. Those of memory are measured in processes of their own. manual_time: without
/// giving back what was loaded.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <map>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "benches/load/not_run.hpp"
#include "benches/weights/bench.hpp"
#include "benches/weights/memory.hpp"
#include "benches/weights/models.hpp"
#include "benches/weights/scratch.hpp"
#include "benches/weights/small_pages.hpp"
#include "kernels/loading/memory_metrics.hpp"

namespace assay {
namespace {

template <typename Storage>
Weights<Storage> load_from(const MappedModel& model) {
  auto weights = load_weights<Storage>(model.layout, model.data.bytes());
  if (!weights) throw std::runtime_error(weights.error());
  return std::move(*weights);
}

/// The sum of every value, so that every page is read.
template <typename Storage>
float sum_of(const Weights<Storage>& weights) {
  float sum = weights.embedding.sum() + weights.final_norm.sum();
  if (weights.own_classifier) sum += weights.own_classifier->sum();
  for (const auto& layer : weights.layers)
    sum += layer.attention_norm.sum() + layer.wq.sum() + layer.wk.sum() + layer.wv.sum() +
           layer.wo.sum() + layer.ffn_norm.sum() + layer.w1.sum() + layer.w2.sum() + layer.w3.sum();
  return sum;
}

/// Zero for a sparse file, which to make resident would take memory.
float first_value(const NamedShape& shape) {
  float value = 0;
  if (!shape.is_sparse)
    std::memcpy(&value, resident_model(shape).data.bytes().data() + kCheckpointHeaderBytes,
                sizeof value);
  return value;
}

/// Faults of mapping a file and reading all of it, which copying pays for, too.
std::uint64_t faults_of_reading(const std::string& path) {
  const std::uint64_t before = page_faults().minor;
  const MappedModel model = map_model(path);
  float sum = sum_of(load_from<Viewed>(model));
  consume(sum);
  return page_faults().minor - before;
}

/// Weights that are ready, one value of which was read.
template <typename Storage>
struct ReadyWeights {
  MappedModel model;
  Weights<Storage> weights;
  float value;
};

template <typename Storage, int kSite>
[[gnu::noinline]] void time_ready(benchmark::State& state, const NamedShape& shape) {
  constexpr bool kIsCopied = std::is_same_v<Storage, Owned>;
  const std::string path = model_path(shape);
  const std::uint64_t bytes = layout_of(shape.shape)->bytes;
  const float expected = first_value(shape);
  const std::uint64_t faults_of_views = kIsCopied ? faults_of_reading(path) : 0;
  std::uint64_t before = 0, faults = 0;
  const auto prepare = [&] {
    if (kIsCopied) forget_freed_memory();
    before = page_faults().minor;
  };
  mark_site<kSite>();
  time_prepared(
      state, prepare,
      [&] {
        MappedModel model = map_model(path);
        Weights<Storage> weights = load_from<Storage>(model);
        const float value = weights.embedding(0, 0);
        consume(value);
        return ReadyWeights<Storage>{std::move(model), std::move(weights), value};
      },
      [&](const ReadyWeights<Storage>& ready) {
        faults = page_faults().minor - before;
        if (kIsCopied) require_fresh(faults, faults_of_views, bytes);
        if (ready.value != expected) throw std::runtime_error("wrong result: another first value");
      });
  state.counters["minor_faults"] = static_cast<double>(faults);
}

/// What the values of a tensor come to, and how far a sum of them in another order and in single
/// precision may be from it.
struct KnownSum {
  double sum = 0, error = 0;
};

KnownSum known_sum(const NamedShape& shape) {
  KnownSum known;
  if (shape.is_sparse) return known;
  const MappedModel& model = resident_model(shape);
  const auto values = load_from<Viewed>(model).embedding;
  for (Eigen::Index i = 0; i < values.size(); ++i) {
    const auto value = static_cast<double>(values.data()[i]);
    known.sum += value;
    known.error += std::abs(value) * 1e-6;
  }
  return known;
}

void time_first_tensor(benchmark::State& state, const NamedShape& shape) {
  const std::string path = model_path(shape);
  // Into the page cache, once a process; no further tensor, as a sparse file's would take memory.
  static std::map<std::string_view, KnownSum> known_sums;
  auto known = known_sums.find(shape.name);
  if (known == known_sums.end()) {
    const MappedModel model = map_model(path);
    const auto populated = model.data.populate(0, model.layout.attention_norm.first.offset);
    if (!populated) throw std::runtime_error(populated.error().message());
    known = known_sums.emplace(shape.name, known_sum(shape)).first;
  }
  float sum = 0;
  for (auto _ : state) {
    const MappedModel model = map_model(path);
    const Weights<Viewed> weights = load_from<Viewed>(model);
    sum = weights.embedding.sum();
    consume(sum);
  }
  if (!(std::abs(static_cast<double>(sum) - known->second.sum) <= known->second.error))
    throw std::runtime_error("wrong result: another sum of the first tensor");
}

/// A file, to be read.
class OpenFile {
 public:
  explicit OpenFile(const std::string& path) : fd_(::open(path.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (fd_ < 0) throw std::runtime_error(path + ": cannot be opened");
  }
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() { ::close(fd_); }
  int get() const { return fd_; }

 private:
  int fd_;
};

void read_all(const std::string& path, std::span<std::byte> to) {
  const OpenFile file(path);
  while (!to.empty()) {
    const ssize_t size = ::read(file.get(), to.data(), to.size());
    if (size <= 0) throw std::runtime_error(path + ": cannot be read");
    to = to.subspan(static_cast<std::size_t>(size));
  }
}

void map_and_copy(const std::string& path, std::span<std::byte> to) {
  const OpenFile file(path);
  void* const at = ::mmap(nullptr, to.size(), PROT_READ, MAP_SHARED, file.get(), 0);
  if (at == MAP_FAILED) throw std::runtime_error(path + ": cannot be mapped");
  std::memcpy(to.data(), at, to.size());
  ::munmap(at, to.size());
}

using Load = void(const std::string& path, std::span<std::byte> to);

void time_load(benchmark::State& state, Load* load, bool is_fresh, const NamedShape& shape) {
  const std::string path = model_path(shape);
  const auto expected = resident_model(shape).data.bytes();
  std::optional<SmallPages> kept;
  if (!is_fresh) {
    kept.emplace(expected.size());
    load(path, kept->span());
  }
  bool is_equal = true;
  for (auto _ : state) {
    if (is_fresh) {
      const SmallPages fresh(expected.size());
      load(path, fresh.span());
      consume(*fresh.span().data());
      is_equal = is_equal && fresh.span().back() == expected.back();
    } else {
      load(path, kept->span());
      consume(*kept->span().data());
    }
  }
  if (!is_fresh) is_equal = std::ranges::equal(kept->span(), expected);
  if (!is_equal) throw std::runtime_error("wrong result: other bytes than the file's");
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(expected.size()));
}

MemoryUse use_of_process() {
  const auto use = memory_use();
  if (!use) throw std::runtime_error("not run: " + use.error());
  return *use;
}

/// May be below 0.
double gained(std::uint64_t before, std::uint64_t after) {
  return static_cast<double>(after) - static_cast<double>(before);
}

/// Loads and reads all weights; what the process then holds more than before.
template <typename Storage>
std::vector<double> memory_of_loaded(const std::string& path, float expected_sum) {
  forget_freed_memory();
  use_of_process();
  const MemoryUse before = use_of_process();
  MappedModel model = map_model(path);
  const auto bytes = static_cast<double>(model.data.size());
  const Weights<Storage> weights = load_from<Storage>(model);
  // A copy no longer needs the file.
  if (std::is_same_v<Storage, Owned>) model.data = ModelData();
  // Where a tensor begins decides the order in which Eigen sums it.
  if (!(std::abs(sum_of(weights) - expected_sum) <= 1e-3F * (1 + std::abs(expected_sum))))
    throw std::runtime_error("wrong result: another sum");
  const MemoryUse after = use_of_process();
  return {gained(before.anonymous, after.anonymous), gained(before.resident, after.resident),
          gained(before.proportional, after.proportional), bytes};
}

template <typename Storage>
void measure_memory(benchmark::State& state, const NamedShape& shape) {
  const std::string path = model_path(shape);
  const MappedModel model = map_model(path);
  const float expected = sum_of(load_from<Viewed>(model));
  std::vector<double> use;
  for (auto _ : state) use = in_child([&] { return memory_of_loaded<Storage>(path, expected); });
  state.counters["anonymous_bytes"] = use[0];
  state.counters["resident_bytes"] = use[1];
  state.counters["pss_bytes"] = use[2];
  state.counters["anonymous_share"] = use[0] / use[3];
}

/// The stretch of the file that holds the layers: all but the embedding and what follows them.
std::span<const std::byte> bytes_of_layers(const MappedModel& model) {
  const std::uint64_t first = model.layout.attention_norm.first.offset;
  return model.data.bytes().subspan(first, model.layout.final_norm.offset - first);
}

/// Bytes of the layers that are mapped after the products of the middle layer, and before.
std::vector<double> resident_after_one_layer(const std::string& path, bool is_released) {
  const MappedModel model = map_model(path);
  const Weights<Viewed> weights = load_from<Viewed>(model);
  if (is_released) {
    if (const auto populated = model.data.populate(); !populated)
      throw std::runtime_error(populated.error().message());
    const double before = mapped_bytes(bytes_of_layers(model));
    if (before < 0.99 * static_cast<double>(bytes_of_layers(model).size()))
      throw std::runtime_error("not all layers were resident before the release");
    if (const auto released = model.data.release_pages(); !released)
      throw std::runtime_error(released.error().message());
  }
  const double before = mapped_bytes(bytes_of_layers(model));
  const auto& layer = weights.layers[weights.layers.size() / 2];
  float sum = layer.attention_norm.sum() + layer.wq.sum() + layer.wk.sum() + layer.wv.sum() +
              layer.wo.sum() + layer.ffn_norm.sum() + layer.w1.sum() + layer.w2.sum() +
              layer.w3.sum();
  consume(sum);
  return {mapped_bytes(bytes_of_layers(model)), before,
          static_cast<double>(bytes_of_layers(model).size())};
}

void measure_one_layer(benchmark::State& state, bool is_released) {
  const std::string path = model_path(shape_named("110M"));
  std::vector<double> result;
  for (auto _ : state)
    result = in_child([&] { return resident_after_one_layer(path, is_released); });
  state.counters["resident_bytes"] = result[0];
  state.counters["resident_bytes_before"] = result[1];
  state.counters["resident_share"] = result[0] / result[2];
}

void measure_sharing(benchmark::State& state) {
  constexpr int kProcesses = 4;
  // A file of its own: this process has the other mapped, and would share its pages, too.
  const std::string path = scratch_checkpoint("shared", shape_named("3M").shape, false);
  double share = 0;
  for (auto _ : state) {
    share = 0;
    const auto results = in_children(kProcesses, [&]() -> Measure {
      const auto model = std::make_shared<MappedModel>(map_model(path));
      float sum = sum_of(load_from<Viewed>(*model));
      consume(sum);
      return [model] {
        const auto use = memory_use(model->data.bytes());
        if (!use) throw std::runtime_error("not run: " + use.error());
        return std::vector<double>{static_cast<double>(use->proportional)};
      };
    });
    for (const auto& result : results) share += result.front() / kProcesses;
  }
  state.counters["pss_bytes"] = share;
  state.counters["pss_share"] =
      share / static_cast<double>(layout_of(shape_named("3M").shape)->bytes);
}

constexpr std::size_t kTouchedPage = 4096;

void touch(const std::byte& byte) {
  const volatile std::byte value = byte;
  static_cast<void>(value);
}

/// How far apart reads must be that each fault: what a fault maps at most, found from the counts of
/// faults when page after page of a fresh mapping is read.
std::size_t reach_of_fault(const std::string& path) {
  constexpr std::size_t kPages = 16384;
  const MappedModel model = map_model(path);
  const auto bytes = model.data.bytes().first(std::min(model.data.size(), kPages * kTouchedPage));
  std::size_t reach = kTouchedPage, last = 0;
  for (std::size_t at = 0; at < bytes.size(); at += kTouchedPage) {
    const std::uint64_t before = page_faults().minor;
    touch(bytes[at]);
    // The header was read when the file was parsed: the first stretch may be there.
    if (page_faults().minor == before) continue;
    reach = std::max(reach, at - last);
    last = at;
  }
  return reach;
}

/// Latencies of first reads, one in each stretch that a fault maps, of all iterations together.
void measure_first_touches(benchmark::State& state) {
  using Clock = std::chrono::steady_clock;
  const NamedShape& shape = shape_named("110M");
  const std::string path = model_path(shape);
  resident_model(shape);
  static const std::size_t kReach = reach_of_fault(path);
  // From the second stretch on. Written, so that no latency's place faults.
  const std::size_t each = (layout_of(shape.shape)->bytes - 1) / kReach;
  std::vector<double> latencies(each * static_cast<std::size_t>(state.max_iterations), 0.0);
  std::size_t touches = 0;
  std::uint64_t faults = 0;
  for (auto _ : state) {
    const MappedModel model = map_model(path);
    const auto bytes = model.data.bytes();
    const std::uint64_t before = page_faults().minor;
    for (std::size_t stretch = 1; stretch <= each; ++stretch) {
      const auto start = Clock::now();
      touch(bytes[stretch * kReach]);
      const auto end = Clock::now();
      latencies[touches++] = std::chrono::duration<double, std::nano>(end - start).count();
    }
    faults += page_faults().minor - before;
  }
  if (static_cast<double>(faults) < 0.9 * static_cast<double>(touches))
    throw std::runtime_error("not all of the touches were first ones: " + std::to_string(faults) +
                             " faults in " + std::to_string(touches));
  const auto quantile = [&](double share) {
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(latencies.size()));
    std::ranges::nth_element(latencies, latencies.begin() + at);
    return latencies[static_cast<std::size_t>(at)];
  };
  state.counters["p50_ns"] = quantile(0.5);
  state.counters["p99_ns"] = quantile(0.99);
  state.counters["touches"] = static_cast<double>(touches);
  state.counters["minor_faults"] = static_cast<double>(faults);
  state.counters["stretch_bytes"] = static_cast<double>(kReach);
}

void add_loads(const NamedShape& shape, const std::string& size) {
  struct How {
    const char* name;
    Load* load;
    bool is_fresh;
  };
  for (const How& how :
       {How{"read/fresh", read_all, true}, How{"read/reused", read_all, false},
        How{"map-copy/fresh", map_and_copy, true}, How{"map-copy/reused", map_and_copy, false}}) {
    std::string name = "weights/load/";
    name.append(how.name).append(size);
    add_benchmark(name, [&shape, how](benchmark::State& state) {
      time_load(state, how.load, how.is_fresh, shape);
    });
  }
}

[[maybe_unused]] const bool kLoadingRegistered = [] {
  for (const NamedShape& shape : kShapes) {
    const std::string size = "/mb:" + std::to_string(shape.megabytes);
    add_benchmark("weights/ready/views" + size, [&shape](benchmark::State& state) {
      time_ready<Viewed, 0>(state, shape);
    })->UseManualTime();
    add_benchmark("weights/first-tensor/views" + size,
                  [&shape](benchmark::State& state) { time_first_tensor(state, shape); });
    if (shape.is_sparse) continue;
    add_benchmark("weights/ready/owned" + size, [&shape](benchmark::State& state) {
      time_ready<Owned, 1>(state, shape);
    })->UseManualTime();
    add_loads(shape, size);
  }
  for (const char* const name : {"260K", "3M"}) {
    const NamedShape& shape = shape_named(name);
    const std::string size = "/mb:" + std::to_string(shape.megabytes);
    add_benchmark("weights/memory/views" + size,
                  [&shape](auto& state) { measure_memory<Viewed>(state, shape); });
    add_benchmark("weights/memory/owned" + size,
                  [&shape](auto& state) { measure_memory<Owned>(state, shape); });
  }
  add_benchmark("weights/one-layer/fresh", [](auto& state) { measure_one_layer(state, false); });
  add_benchmark("weights/one-layer/released", [](auto& state) { measure_one_layer(state, true); });
  add_benchmark("weights/shared/views", measure_sharing);
  add_benchmark("weights/first-touch", measure_first_touches);
  const NamedShape& small = shape_named("3M");
  add_benchmark("weights/control/ready/twin-a", [&small](auto& state) {
    time_ready<Viewed, 2>(state, small);
  })->UseManualTime();
  add_benchmark("weights/control/ready/twin-b", [&small](auto& state) {
    time_ready<Viewed, 3>(state, small);
  })->UseManualTime();
  return true;
}();

}  // namespace
}  // namespace assay
