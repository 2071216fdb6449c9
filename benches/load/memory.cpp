/// What loading does to memory, as counters: of the mapping or the heap memory that holds the
/// weights, and of the process.
///
/// load/memory/<mapped|mapped-released|read-fresh>/bytes:<n>  load and read all
/// load/shared/<mapped|read-fresh>/processes:4/bytes:<n>  the same in 4 processes: pss_bytes is
///     their sum
/// load/pipeline/<mapped-release|read-keep|pread-staged|pread-direct>/bytes:<n>  load, upload every
///     tensor, release; direct: read straight into the device's memory
/// load/pipeline/<mapped-release|read-keep>/cuda/bytes:<n>  the same to a GPU's memory
///
/// Counters, in bytes, while all is held: resident_bytes, pss_bytes, private_bytes (anonymous: what
/// no file backs; the kernel's own "private" counts a file's pages that one process maps, too),
/// swapped_bytes of the weights' memory; and cached_bytes, the file's part of the page cache.
/// peak_private_bytes: the most anonymous memory that the whole process had gained (resident or
/// swapped) at any look; the looks are after opening and after reading all, or at each tensor that
/// was uploaded and not yet released, in another, untimed pass. What is taken and given back
/// between two looks is not seen. minor_faults and major_faults of the operation.
///
/// The device is host memory (kernels/device) where none is named: an upload is then a memcpy into
/// memory that is held and has been touched, which costs what a copy to pinned staging memory
/// costs, and nothing of a bus.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <map>
#include <optional>
#include <vector>

#include "benches/load/children.hpp"
#include "benches/load/files.hpp"
#include "kernels/device/buffer.hpp"
#include "kernels/device/plugins.hpp"
#include "kernels/loading/buffers.hpp"
#include "kernels/loading/loaders.hpp"
#include "kernels/loading/memory_metrics.hpp"
#include "kernels/loading/model_data.hpp"
#include "kernels/loading/open_file.hpp"

namespace assay {
namespace {

constexpr std::size_t kMemoryBytes = std::size_t{8} << 20;
constexpr std::size_t kSharedBytes = std::size_t{2} << 20;
constexpr std::size_t kPipelineBytes = std::size_t{16} << 20;
constexpr std::size_t kPipelineTensor = std::size_t{1} << 20;

template <typename Value, typename Error>
Value value_or_throw(std::expected<Value, Error> found) {
  if (found) return std::move(*found);
  if constexpr (requires { found.error().message(); })
    throw std::runtime_error(found.error().message());
  else
    throw std::runtime_error(found.error());
}

double as_double(std::uint64_t bytes) {
  return static_cast<double>(bytes);
}

double gained(std::uint64_t before, std::uint64_t after) {
  return after > before ? as_double(after - before) : 0;
}

/// The most anonymous memory that this process has gained since the object was made.
class PrivatePeak {
 public:
  void look() { peak_ = std::max(peak_, gained(before_, private_bytes())); }
  double bytes() const { return peak_; }

 private:
  static std::uint64_t private_bytes() {
    const MemoryUse use = value_or_throw(memory_use());
    return use.anonymous + use.swapped;
  }

  std::uint64_t before_ = private_bytes();
  double peak_ = 0;
};

enum class Way { kMapped, kMappedReleased, kReadFresh };

ModelData open_by(const LoadFile& file, Way way) {
  return value_or_throw(ModelData::open(file.path(), {.is_mapped = way != Way::kReadFresh}));
}

void time_memory(benchmark::State& state, Way way) {
  const LoadFile& file = weights_file(kMemoryBytes);
  MemoryUse of_weights;
  std::optional<PrivatePeak> peak;
  PageFaults faults_before, faults;
  const auto prepare = [&] {
    file.make_warm();
    peak.emplace();
    faults_before = page_faults();
  };
  // Nobody asks for its time, so the looks may be in it.
  const auto load = [&] {
    ModelData data = open_by(file, way);
    peak->look();
    if (sum_words(data.bytes()) != file.sum()) throw std::runtime_error("wrong result");
    peak->look();
    if (way == Way::kMappedReleased)
      if (const auto done = data.release_pages(); !done)
        throw std::runtime_error(done.error().message());
    return data;
  };
  time_prepared(state, prepare, load, [&](const ModelData& data) {
    faults = page_faults();
    of_weights = value_or_throw(memory_use(data.bytes()));
  });
  state.counters["resident_bytes"] = as_double(of_weights.resident);
  state.counters["pss_bytes"] = as_double(of_weights.proportional);
  state.counters["private_bytes"] = as_double(of_weights.anonymous);
  state.counters["swapped_bytes"] = as_double(of_weights.swapped);
  state.counters["peak_private_bytes"] = peak ? peak->bytes() : 0;
  state.counters["cached_bytes"] = as_double(file.cached_bytes());
  state.counters["minor_faults"] = gained(faults_before.minor, faults.minor);
  state.counters["major_faults"] = gained(faults_before.major, faults.major);
}

/// Processes that have loaded the same file hold it until the object goes.
class Holders {
 public:
  Holders(const LoadFile& file, Way way, int count) {
    for (int i = 0; i < count; ++i) start(file, way);
    for (const Holder& holder : holders_) require(holder, 1);  // all hold it before any looks
  }

  /// Sum of the processes' shares of the weights' pages.
  std::uint64_t proportional_bytes() const {
    std::uint64_t sum = 0;
    for (const Holder& holder : holders_) {
      const char look = 'l';
      if (::write(holder.to.get(), &look, 1) != 1) throw std::runtime_error("a process is gone");
      sum += read_number(holder);
    }
    return sum;
  }

 private:
  /// A process that ends when nobody can give it orders any more.
  struct Holder {
    Holder(pid_t child, Descriptor orders, Descriptor answers)
        : pid(child), to(std::move(orders)), from(std::move(answers)) {}
    Holder(Holder&& other) noexcept
        : pid(std::exchange(other.pid, -1)), to(std::move(other.to)), from(std::move(other.from)) {}
    Holder& operator=(Holder&&) = delete;
    Holder(const Holder&) = delete;
    Holder& operator=(const Holder&) = delete;
    ~Holder() {
      to.close();
      if (pid > 0) ::waitpid(pid, nullptr, 0);
    }
    pid_t pid;
    Descriptor to, from;
  };

  void start(const LoadFile& file, Way way) {
    Pipe to = make_pipe(), from = make_pipe();
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("no process can be started");
    if (child == 0)
      run_child([&] {
        for (Holder& other : holders_) other.to.close();
        to.write_end.close();
        from.read_end.close();
        hold(file, way, to.read_end.get(), from.write_end.get());
      });
    holders_.emplace_back(child, std::move(to.write_end), std::move(from.read_end));
  }

  static void tell(int fd, std::uint64_t number) {
    if (::write(fd, &number, sizeof number) != static_cast<ssize_t>(sizeof number))
      throw std::runtime_error("nobody listens");
  }
  static void hold(const LoadFile& file, Way way, int orders, int answers) {
    const auto data = ModelData::open(file.path(), {.is_mapped = way != Way::kReadFresh});
    const bool is_right = data && sum_words(data->bytes()) == file.sum();
    tell(answers, is_right ? 1 : 0);
    for (char order = 0; is_right && ::read(orders, &order, 1) == 1;) {
      tell(answers, value_or_throw(memory_use(data->bytes())).proportional);
    }
  }
  static std::uint64_t read_number(const Holder& holder) {
    std::uint64_t number = 0;
    if (::read(holder.from.get(), &number, sizeof number) != static_cast<ssize_t>(sizeof number))
      throw std::runtime_error("a process that was to hold the weights is gone");
    return number;
  }
  static void require(const Holder& holder, std::uint64_t expected) {
    if (read_number(holder) != expected) throw std::runtime_error("wrong result in a process");
  }

  std::vector<Holder> holders_;
};

void time_shared(benchmark::State& state, Way way) {
  constexpr int kProcesses = 4;
  const LoadFile& file = weights_file(kSharedBytes);
  std::uint64_t sum = 0;
  time_prepared(
      state, [&] { file.make_warm(); },
      [&] { return std::make_unique<Holders>(file, way, kProcesses); },
      [&](const auto& holders) { sum = holders->proportional_bytes(); });
  state.counters["pss_bytes"] = as_double(sum);
}

enum class Pipeline { kMappedRelease, kReadKeep, kPreadStaged, kPreadDirect };

/// A buffer of a device that holds all tensors; held, and touched, by the process.
class PipelineDevice {
 public:
  /// Throws: NotRun's words, where there is no such device.
  explicit PipelineDevice(const std::string& backend)
      : device_(value_or_throw(open_device(backend))),
        queue_(value_or_throw(device_->make_queue())),
        memory_(value_or_throw(DeviceBuffer<std::byte>::allocate(*device_, kPipelineBytes))),
        is_host_(backend == "host") {
    if (is_host_) advise_huge_pages(host_memory());
    require_done(memory_.fill(*queue_, std::byte{1}));
    require_done(queue_->finish());
  }

  void upload(ByteView tensor, std::size_t at) {
    require_done(memory_.upload_range_now(*queue_, at, tensor));
  }
  /// So that a tensor that is not uploaded again is missed in the sum.
  void forget_upload() {
    for (std::size_t at = 0; at < kPipelineBytes; at += kPipelineTensor)
      require_done(memory_.fill_range(*queue_, at, sizeof(std::uint64_t), std::byte{1}));
    require_done(queue_->finish());
  }
  std::uint64_t sum() {
    if (is_host_) return sum_words(host_memory());
    return sum_words(value_or_throw(memory_.download(*queue_)));
  }
  /// Of the host's device alone.
  std::span<std::byte> host_memory() {
    const BlockWrite lease = value_or_throw(memory_.write(*queue_));
    return {std::bit_cast<std::byte*>(lease.memory().handle), kPipelineBytes};
  }

 private:
  static void require_done(const DeviceStatus& done) {
    if (!done) throw std::runtime_error(done.error().message());
  }
  /// Of what lies wholly inside; advice, so small pages will do.
  static void advise_huge_pages(std::span<std::byte> bytes) {
    constexpr std::uintptr_t kHugePage = std::uintptr_t{2} << 20;
    const auto begin = std::bit_cast<std::uintptr_t>(bytes.data());
    const std::uintptr_t inner = (begin + kHugePage - 1) / kHugePage * kHugePage;
    const std::uintptr_t end = (begin + bytes.size()) / kHugePage * kHugePage;
    if (inner < end) ::madvise(std::bit_cast<void*>(inner), end - inner, MADV_HUGEPAGE);
  }

  std::shared_ptr<Device> device_;
  std::unique_ptr<DeviceQueue> queue_;
  DeviceBuffer<std::byte> memory_;
  bool is_host_;
};

PipelineDevice& device_of(const std::string& backend) {
  static std::map<std::string, std::unique_ptr<PipelineDevice>> devices;
  std::unique_ptr<PipelineDevice>& device = devices[backend];
  if (!device) device = std::make_unique<PipelineDevice>(backend);
  return *device;
}

void read_tensor(const OpenFile& file, std::size_t at, std::span<std::byte> into) {
  if (::pread(file.fd(), into.data(), into.size(), static_cast<off_t>(at)) !=
      static_cast<ssize_t>(into.size()))
    throw std::runtime_error("a tensor cannot be read whole");
}

/// Loads and uploads every tensor, and calls `uploaded()` after each, before it is released; what
/// stays held afterwards is returned.
template <typename Uploaded>
ModelData run_pipeline(const LoadFile& file, Pipeline pipeline, PipelineDevice& device,
                       std::span<std::byte> staging, Uploaded uploaded) {
  if (pipeline == Pipeline::kPreadStaged || pipeline == Pipeline::kPreadDirect) {
    const OpenFile opened = value_or_throw(OpenFile::open(file.path()));
    for (std::size_t at = 0; at < file.size(); at += kPipelineTensor) {
      if (pipeline == Pipeline::kPreadDirect) {
        read_tensor(opened, at, device.host_memory().subspan(at, kPipelineTensor));
      } else {
        read_tensor(opened, at, staging);
        device.upload(staging, at);
      }
      uploaded();
    }
    return {};
  }
  const bool is_mapped = pipeline == Pipeline::kMappedRelease;
  ModelData data = value_or_throw(ModelData::open(file.path(), {.is_mapped = is_mapped}));
  for (std::size_t at = 0; at < data.size(); at += kPipelineTensor) {
    device.upload(data.bytes().subspan(at, kPipelineTensor), at);
    uploaded();
    // A no-op on owned bytes.
    if (const auto done = data.release_pages(at, kPipelineTensor); !done)
      throw std::runtime_error(done.error().message());
  }
  return data;
}

void time_pipeline(benchmark::State& state, Pipeline pipeline, const std::string& backend) {
  PipelineDevice& device = device_of(backend);
  static const Buffer kStaging = [] {
    Buffer made(kPipelineTensor, PageSize::kSmall);
    std::memset(made.span().data(), 1, made.span().size());
    return made;
  }();
  const LoadFile* file = nullptr;
  double peak_private = 0;
  std::uint64_t resident = 0;
  const auto prepare = [&] {
    file = &next_weights_file(kPipelineBytes);
    file->make_warm();
    device.forget_upload();
  };
  const auto run = [&](auto uploaded) {
    return run_pipeline(*file, pipeline, device, kStaging.span(), uploaded);
  };
  const auto require_upload = [&] {
    if (device.sum() != file->sum())
      throw std::runtime_error("wrong result: other bytes on the device");
  };
  time_prepared(
      state, prepare, [&] { return run([] {}); },
      [&](ModelData& held) {
        resident = held.empty() ? 0 : value_or_throw(memory_use(held.bytes())).resident;
        require_upload();
        held = ModelData();
        device.forget_upload();
        PrivatePeak peak;
        held = run([&] { peak.look(); });
        peak_private = peak.bytes();
        require_upload();
      });
  state.counters["resident_bytes"] = as_double(resident);
  state.counters["peak_private_bytes"] = peak_private;
}

[[maybe_unused]] const bool kMemoryRegistered = [] {
  const std::string size = bytes_name(kMemoryBytes);
  add_load("load/memory/mapped/" + size,
           [](benchmark::State& state) { time_memory(state, Way::kMapped); });
  add_load("load/memory/mapped-released/" + size,
           [](benchmark::State& state) { time_memory(state, Way::kMappedReleased); });
  add_load("load/memory/read-fresh/" + size,
           [](benchmark::State& state) { time_memory(state, Way::kReadFresh); });
  add_load("load/shared/mapped/processes:4/" + bytes_name(kSharedBytes),
           [](benchmark::State& state) { time_shared(state, Way::kMapped); });
  add_load("load/shared/read-fresh/processes:4/" + bytes_name(kSharedBytes),
           [](benchmark::State& state) { time_shared(state, Way::kReadFresh); });
  const std::string whole = bytes_name(kPipelineBytes);
  for (const auto& [name, pipeline] : {std::pair("mapped-release", Pipeline::kMappedRelease),
                                       {"read-keep", Pipeline::kReadKeep},
                                       {"pread-staged", Pipeline::kPreadStaged},
                                       {"pread-direct", Pipeline::kPreadDirect}})
    add_load(std::string("load/pipeline/") + name + "/" + whole,
             [of = pipeline](benchmark::State& state) { time_pipeline(state, of, "host"); });
  for (const auto& [name, pipeline] :
       {std::pair("mapped-release", Pipeline::kMappedRelease), {"read-keep", Pipeline::kReadKeep}})
    add_load(std::string("load/pipeline/") + name + "/cuda/" + whole,
             [of = pipeline](benchmark::State& state) { time_pipeline(state, of, "cuda"); });
  return true;
}();

}  // namespace
}  // namespace assay
