/// What it takes to have a checkpoint's weights, and what memory they take then.
///
///     weights/ready/<form>/mb:N            from a path to weights that can be multiplied
///     weights/first-tensor/views/mb:N      the same, and every value of the first tensor read
///     weights/load/<how>/<where>/mb:N      all bytes of a file to memory of this process
///     weights/memory/<form>/mb:N           memory of a process that loaded and read all weights
///     weights/one-layer/<before>           resident share of all layers after one layer's products
///     weights/shared/views                 PSS of each of four processes that loaded the same file
///     weights/first-touch                  the latency of the first read of each page of a mapping
///     weights/control/ready/...            the same twice
///
/// <form>: views, owned. <how>: `read` by read(), `map-copy` by mmap, memcpy and munmap. <where>:
/// `fresh` memory mapped for it, on 4 KiB pages, or `reused`. <before>: `fresh` a mapping that
/// nobody touched, or `released` one that was all resident and then released. All files are in
/// the page cache. Those of memory are measured in processes of their own.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "benches/weights/bench.hpp"
#include "benches/weights/memory.hpp"
#include "benches/weights/models.hpp"
#include "benches/weights/scratch.hpp"
#include "benches/weights/small_pages.hpp"

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

void check_first_value(float value, const NamedShape& shape) {
  float expected = 0;
  std::memcpy(&expected, resident_model(shape).data.bytes().data() + kCheckpointHeaderBytes,
              sizeof expected);
  if (value != expected) throw std::runtime_error("wrong result: another first value");
}

/// Views of a sparse file are checked against its zeros: to make it resident would take memory.
template <typename Storage, int kSite>
[[gnu::noinline]] void time_ready(benchmark::State& state, const NamedShape& shape) {
  const std::string path = model_path(shape);
  float value = 0;
  mark_site<kSite>();
  for (auto _ : state) {
    const MappedModel model = map_model(path);
    const Weights<Storage> weights = load_from<Storage>(model);
    value = weights.embedding(0, 0);
    consume(value);
  }
  if (shape.is_sparse ? value != 0 : false) throw std::runtime_error("wrong result");
  if (!shape.is_sparse) check_first_value(value, shape);
}

void time_first_tensor(benchmark::State& state, const NamedShape& shape) {
  const std::string path = model_path(shape);
  // Into the page cache, once a process; no further tensor, as a sparse file's would take memory.
  static std::set<std::string_view> is_cached;
  if (is_cached.insert(shape.name).second) {
    const MappedModel model = map_model(path);
    const auto populated = model.data.populate(0, model.layout.attention_norm.first.offset);
    if (!populated) throw std::runtime_error(populated.error().message());
  }
  for (auto _ : state) {
    const MappedModel model = map_model(path);
    const Weights<Viewed> weights = load_from<Viewed>(model);
    float sum = weights.embedding.sum();
    consume(sum);
  }
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

/// Loads and reads all weights; what the process then holds more than before.
template <typename Storage>
std::vector<double> memory_of_loaded(const std::string& path, float expected_sum) {
  forget_freed_memory();
  memory_use();
  const MemoryUse before = memory_use();
  MappedModel model = map_model(path);
  const auto bytes = static_cast<double>(model.data.size());
  const Weights<Storage> weights = load_from<Storage>(model);
  // A copy no longer needs the file.
  if (std::is_same_v<Storage, Owned>) model.data = ModelData();
  // Where a tensor begins decides the order in which Eigen sums it.
  if (!(std::abs(sum_of(weights) - expected_sum) <= 1e-3F * (1 + std::abs(expected_sum))))
    throw std::runtime_error("wrong result: another sum");
  const MemoryUse use = memory_use() - before;
  return {use.anonymous, use.resident, use.shared_out, bytes};
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

/// The stretches of the file that hold the layers: all but the embedding and what follows them.
std::span<const std::byte> bytes_of_layers(const MappedModel& model) {
  const std::uint64_t first = model.layout.attention_norm.first.offset;
  return model.data.bytes().subspan(first, model.layout.final_norm.offset - first);
}

/// Bytes that the mapping holds resident after the products of the middle layer.
std::vector<double> resident_after_one_layer(const std::string& path, bool is_released) {
  const MappedModel model = map_model(path);
  const Weights<Viewed> weights = load_from<Viewed>(model);
  double before = 0;
  if (is_released) {
    float sum = sum_of(weights);
    consume(sum);
    before = memory_use(bytes_of_layers(model)).resident;
    if (const auto released = model.data.release_pages(); !released)
      throw std::runtime_error(released.error().message());
  }
  const auto& layer = weights.layers[weights.layers.size() / 2];
  float sum = layer.attention_norm.sum() + layer.wq.sum() + layer.wk.sum() + layer.wv.sum() +
              layer.wo.sum() + layer.ffn_norm.sum() + layer.w1.sum() + layer.w2.sum() +
              layer.w3.sum();
  consume(sum);
  return {memory_use(bytes_of_layers(model)).resident, before,
          static_cast<double>(bytes_of_layers(model).size())};
}

void measure_one_layer(benchmark::State& state, bool is_released) {
  const std::string path = model_path(shape_named("15M"));
  std::vector<double> result;
  for (auto _ : state)
    result = in_child([&] { return resident_after_one_layer(path, is_released); });
  // The rest of the last page counts, too.
  if (is_released && result[1] < result[2])
    throw std::runtime_error("not all layers were resident before the release");
  state.counters["resident_bytes"] = result[0];
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
      return [model] { return std::vector<double>{memory_use(model->data.bytes()).shared_out}; };
    });
    for (const auto& result : results) share += result.front() / kProcesses;
  }
  state.counters["pss_bytes"] = share;
  state.counters["pss_share"] =
      share / static_cast<double>(layout_of(shape_named("3M").shape)->bytes);
}

/// Latencies of first reads, each page's of a fresh mapping; most find the page mapped by the fault
/// of another (the kernel maps 16 at once), and p99 is of those that do not.
void measure_first_touches(benchmark::State& state) {
  constexpr std::size_t kPage = 4096;
  using Clock = std::chrono::steady_clock;
  const NamedShape& shape = shape_named("3M");
  const std::string path = model_path(shape);
  resident_model(shape);
  std::vector<double> latencies;
  for (auto _ : state) {
    const MappedModel model = map_model(path);
    const auto bytes = model.data.bytes();
    latencies.clear();
    for (std::size_t at = 0; at < bytes.size(); at += kPage) {
      const auto before = Clock::now();
      consume(bytes[at]);
      const volatile std::byte value = bytes[at];
      static_cast<void>(value);
      latencies.push_back(std::chrono::duration<double, std::nano>(Clock::now() - before).count());
    }
  }
  const auto quantile = [&](double share) {
    const auto at = static_cast<std::ptrdiff_t>(share * static_cast<double>(latencies.size()));
    std::ranges::nth_element(latencies, latencies.begin() + at);
    return latencies[static_cast<std::size_t>(at)];
  };
  state.counters["p50_ns"] = quantile(0.5);
  state.counters["p99_ns"] = quantile(0.99);
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
    add_benchmark("weights/ready/views" + size,
                  [&shape](benchmark::State& state) { time_ready<Viewed, 0>(state, shape); });
    add_benchmark("weights/first-tensor/views" + size,
                  [&shape](benchmark::State& state) { time_first_tensor(state, shape); });
    if (shape.is_sparse) continue;
    add_benchmark("weights/ready/owned" + size,
                  [&shape](benchmark::State& state) { time_ready<Owned, 1>(state, shape); });
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
  add_benchmark("weights/control/ready/twin-a",
                [&small](auto& state) { time_ready<Viewed, 2>(state, small); });
  add_benchmark("weights/control/ready/twin-b",
                [&small](auto& state) { time_ready<Viewed, 3>(state, small); });
  return true;
}();

}  // namespace
}  // namespace assay
