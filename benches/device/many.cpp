/// Does a GPU pay? Batches of binds (of pairs) and of similarities (of one query to many rows),
/// vectors of 2,048 bits.
///
/// device/many/<bind|similarity>/cpu/batch:N                 the best native kernel on one core
/// device/many/<bind|similarity>/cpu-all/batch:N/threads:all   on all of them
/// device/many/bind/<cpu-nt|cpu-all-nt>/batch:N/...          the same with stores past the caches
/// device/many/<bind|similarity>/<backend>/resident/batch:N  operands and results in the device's
///     memory, from the call to its end, by the clock: what a user waits for
/// device/many/<bind|similarity>/<backend>/kernel/batch:N    the same by the device's events around
///     the kernel, without launch and wait
/// device/many/<bind|similarity>/<backend>/pageable/batch:N  operands from pageable host memory and
///     results back to it, end to end
///
/// backend: opencl, cuda or hip, and a GPU: a CPU behind one of them is "not run".

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <vector>

#include "benches/device/bench.hpp"
#include "benches/support/pages.hpp"
#include "benches/support/team.hpp"
#include "kernels/device/kernel_source.hpp"
#include "kernels/hypervector/variants.hpp"

namespace assay {
namespace {

enum class Operation { kBind, kSimilarity };

constexpr std::size_t kHvWords64 = kHvBytes / sizeof(std::uint64_t);
/// A batch in host memory: bind: a, b -> out; similarity: a, of which the first vector is the
/// query, b the rows.
struct Batch {
  Batch(Operation of, std::size_t vectors)
      : operation(of), count(vectors), operands(3, vectors * kHvBytes), distances(vectors) {
    std::uint64_t word = 0x9e3779b97f4a7c15;
    for (std::size_t array = 0; array < 2; ++array) {
      const std::span<std::byte> bytes = operands[array];
      for (std::size_t at = 0; at < bytes.size(); at += sizeof word) {
        word = word * 6364136223846793005 + 1442695040888963407;
        std::memcpy(&bytes[at], &word, sizeof word);
      }
    }
  }
  BitsView a() const { return operands[0]; }
  BitsView b() const { return operands[1]; }
  BitsSpan out() const { return operands[2]; }
  BitsView query() const { return a().first(kHvBytes); }

  /// Forgets the results, so that what is not computed again is missed.
  void forget() {
    std::ranges::fill(out(), std::byte{0});
    std::ranges::fill(distances, ~std::uint32_t{0});
  }
  /// By the scalar reference: the first thousand vectors and the last.
  bool is_right() const {
    for (std::size_t i = 0; i < count; i = i < 1000 || i == count - 1 ? i + 1 : count - 1) {
      const HvView left(a().subspan(operation == Operation::kBind ? i * kHvBytes : 0, kHvBytes));
      const HvView right(b().subspan(i * kHvBytes, kHvBytes));
      if (operation == Operation::kSimilarity) {
        if (distances[i] != hamming_variants().front().run(left, right)) return false;
        continue;
      }
      HV16 expected;
      bind_variants().front().run(left, right, view(expected));
      if (std::memcmp(&expected, &out()[i * kHvBytes], kHvBytes) != 0) return false;
    }
    return true;
  }

  Operation operation;
  std::size_t count;
  Arrays operands;
  std::vector<std::uint32_t> distances;
};

/// Made once a process: a large one takes seconds.
Batch& batch_of(Operation operation, std::size_t count) {
  static std::map<std::pair<Operation, std::size_t>, std::unique_ptr<Batch>> batches;
  std::unique_ptr<Batch>& batch = batches[{operation, count}];
  if (!batch) batch = std::make_unique<Batch>(operation, count);
  batch->forget();
  return *batch;
}

enum class Stores { kCached, kPastCaches };  ///< of a bind

/// The kernels that a user of the CPU would take. Which stores are best depends on what is in a
/// cache, so both are baselines.
class CpuKernels {
 public:
  explicit CpuKernels(Stores stores)
      : bind_(select_variant(bind_wide_variants()).run),
        similarity_(select_variant(hamming_many_variants()).run) {
    if (stores == Stores::kCached) return;
    const auto& past_caches = find_variant(bind_wide_variants(), "avx2/nt");
    if (!cpu_features().has_all(past_caches.needs)) throw std::runtime_error("not run: no AVX2");
    bind_ = past_caches.run;
  }
  /// Vectors first to last of the batch.
  void run(Batch& batch, std::size_t first, std::size_t last) const {
    const std::size_t at = first * kHvBytes, bytes = (last - first) * kHvBytes;
    if (batch.operation == Operation::kBind)
      bind_(batch.a().subspan(at, bytes), batch.b().subspan(at, bytes),
            batch.out().subspan(at, bytes));
    else
      similarity_(batch.query(), batch.b().subspan(at, bytes),
                  std::span(batch.distances).subspan(first, last - first));
  }

 private:
  BindWideFn* bind_;
  HammingManyFn* similarity_;
};

void report_traffic(benchmark::State& state, const Batch& batch) {
  const std::size_t a_vector =
      batch.operation == Operation::kBind ? 3 * kHvBytes : kHvBytes + sizeof(std::uint32_t);
  state.SetBytesProcessed(static_cast<std::int64_t>(state.iterations()) *
                          static_cast<std::int64_t>(batch.count * a_vector));
}

void time_cpu(benchmark::State& state, Operation operation, std::size_t count, Stores stores) {
  const CpuKernels kernels(stores);
  Batch& batch = batch_of(operation, count);
  for (auto _ : state) {
    hide(batch);
    kernels.run(batch, 0, count);
    consume(batch);
  }
  if (!batch.is_right()) return state.SkipWithError("wrong result");
  report_traffic(state, batch);
}

void time_cpu_all(benchmark::State& state, Operation operation, std::size_t count, Stores stores) {
  const CpuKernels kernels(stores);
  Batch& batch = batch_of(operation, count);
  Team team(cpus_of_thread().size());
  const std::function<void(std::size_t)> part = [&](std::size_t member) {
    const std::size_t first = count * member / team.members();
    const std::size_t last = count * (member + 1) / team.members();
    if (first != last) kernels.run(batch, first, last);
  };
  for (auto _ : state) {
    hide(batch);
    team.run(part);
    consume(batch);
  }
  if (!batch.is_right()) return state.SkipWithError("wrong result");
  report_traffic(state, batch);
}

const Opened& open_gpu(const std::string& backend) {
  const Opened& opened = opened_once(backend);
  if (!opened.device->driver().is_gpu())
    throw std::runtime_error("not run: " + opened.device->driver().name() + " is no GPU");
  return opened;
}

/// A batch on a device.
class DeviceBatch {
 public:
  DeviceBatch(const Opened& opened, Batch& batch) : opened_(opened), batch_(batch) {
    const bool is_bind = batch.operation == Operation::kBind;
    kernel_ = value_or_throw(opened_.device->driver().kernel(is_bind ? "bind" : "similarity"));
    a_ = value_or_throw(Bytes::allocate(*opened_.device, is_bind ? batch.a().size() : kHvBytes));
    b_ = value_or_throw(Bytes::allocate(*opened_.device, batch.b().size()));
    out_ = value_or_throw(Bytes::allocate(*opened_.device, results().size()));
  }
  ~DeviceBatch() {
    // Before what the queue's owner-less copies write to goes.
    if (!opened_.queue->finish()) batch_.forget();
  }
  DeviceBatch(const DeviceBatch&) = delete;
  DeviceBatch& operator=(const DeviceBatch&) = delete;

  std::string name() const { return opened_.device->driver().name(); }

  void upload() {
    value_or_throw(a_.upload_range(*opened_.queue, 0, batch_.a().first(a_.size()), nullptr));
    value_or_throw(b_.upload_range(*opened_.queue, 0, batch_.b(), nullptr));
  }
  void launch() {
    DeviceQueue& queue = *opened_.queue;
    const auto a = value_or_throw(a_.read(queue));
    const auto b = value_or_throw(b_.read(queue));
    const auto out = value_or_throw(out_.overwrite(queue));
    const bool is_bind = batch_.operation == Operation::kBind;
    const std::size_t items = batch_.count * kHvWords64;
    const std::size_t groups = (items + kKernelGroup - 1) / kKernelGroup;
    value_or_throw(queue.launch(*kernel_,
                                {a, b, out, std::uint64_t{is_bind ? items : batch_.count}}, groups,
                                kKernelGroup));
  }
  void download() {
    auto from = value_or_throw(out_.read(*opened_.queue));
    value_or_throw(from.copy_out(results().data(), {0, results().size()}, nullptr));
  }
  void finish() { value_or_throw(opened_.queue->finish()); }
  /// Seconds between the device's own events before and after the kernel.
  double timed_launch() {
    const EventPointer before = value_or_throw(opened_.queue->record_timed());
    launch();
    const EventPointer after = value_or_throw(opened_.queue->record_timed());
    finish();
    return value_or_throw(opened_.device->driver().nanoseconds_between(*before, *after)) * 1e-9;
  }

 private:
  std::span<std::byte> results() {
    if (batch_.operation == Operation::kBind) return batch_.out();
    return std::as_writable_bytes(std::span(batch_.distances));
  }

  const Opened& opened_;
  Batch& batch_;
  std::unique_ptr<DriverKernel> kernel_;
  Bytes a_, b_, out_;
};

enum class TimedBy { kHost, kDevice };

void time_resident(benchmark::State& state, const std::string& backend, Operation operation,
                   std::size_t count, TimedBy clock) {
  const Opened& opened = open_gpu(backend);  // before the batch, which takes long, is made
  Batch& batch = batch_of(operation, count);
  DeviceBatch on_device(opened, batch);
  state.SetLabel(on_device.name());
  on_device.upload();
  on_device.finish();
  if (clock == TimedBy::kDevice) {
    for (auto _ : state) state.SetIterationTime(on_device.timed_launch());
  } else {
    for (auto _ : state) {
      on_device.launch();
      on_device.finish();
    }
  }
  on_device.download();
  on_device.finish();
  if (!batch.is_right()) return state.SkipWithError("wrong result");
  report_traffic(state, batch);
}

void time_pageable(benchmark::State& state, const std::string& backend, Operation operation,
                   std::size_t count) {
  const Opened& opened = open_gpu(backend);  // before the batch, which takes long, is made
  Batch& batch = batch_of(operation, count);
  DeviceBatch on_device(opened, batch);
  state.SetLabel(on_device.name());
  for (auto _ : state) {
    on_device.upload();
    on_device.launch();
    on_device.download();
    on_device.finish();
  }
  if (!batch.is_right()) return state.SkipWithError("wrong result");
  report_traffic(state, batch);
}

void register_batch(const std::string& family, Operation operation, std::size_t count) {
  const std::string batch = "/batch:" + std::to_string(count);
  for (const auto& [suffix, stores] :
       {std::pair("", Stores::kCached), {"-nt", Stores::kPastCaches}}) {
    if (operation == Operation::kSimilarity && stores == Stores::kPastCaches) continue;
    add_device(
        fmt::format("{}/cpu{}{}", family, suffix, batch),
        [=, by = stores](benchmark::State& state) { time_cpu(state, operation, count, by); });
    add_device(
        fmt::format("{}/cpu-all{}{}/threads:all", family, suffix, batch),
        [=, by = stores](benchmark::State& state) { time_cpu_all(state, operation, count, by); });
  }
  for (const std::string backend : {"opencl", "cuda", "hip"}) {
    const std::string on_device = fmt::format("{}/{}", family, backend);
    add_device(fmt::format("{}/resident{}", on_device, batch), [=](benchmark::State& state) {
      time_resident(state, backend, operation, count, TimedBy::kHost);
    });
    add_device(fmt::format("{}/kernel{}", on_device, batch), [=](benchmark::State& state) {
      time_resident(state, backend, operation, count, TimedBy::kDevice);
    })->UseManualTime();
    add_device(fmt::format("{}/pageable{}", on_device, batch),
               [=](benchmark::State& state) { time_pageable(state, backend, operation, count); });
  }
}

[[maybe_unused]] const bool kManyRegistered = [] {
  for (std::size_t count = 1; count <= 10'000'000; count *= 10) {
    register_batch("device/many/bind", Operation::kBind, count);
    register_batch("device/many/similarity", Operation::kSimilarity, count);
  }
  return true;
}();

}  // namespace
}  // namespace assay
