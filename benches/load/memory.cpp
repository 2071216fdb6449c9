/// What loading does to memory, as counters: of the mapping or the heap memory that holds the
/// weights, and of the process.
///
/// load/memory/<mapped|mapped-released|read-fresh>/bytes:<n>  load and read all
/// load/shared/<mapped|read-fresh>/processes:4/bytes:<n>  the same in 4 processes: pss_bytes is
///     their sum
/// load/pipeline/<mapped-release|read-keep|pread-staged>/bytes:<n>  load, "upload" every tensor,
///     release
///
/// Counters, in bytes, while all is held: resident_bytes, pss_bytes, private_bytes (anonymous: what
/// no file backs; the kernel's own "private" counts a file's pages that one process maps, too),
/// swapped_bytes of the weights' memory; process_private_bytes, what the whole process gained; and
/// cached_bytes, the file's part of the page cache. minor_faults and major_faults of the operation.
///
/// There is no device yet: the upload is a memcpy into host memory that is held and has been
/// touched, which costs what a copy to pinned staging memory costs, and nothing of a bus.

#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstring>
#include <vector>

#include "benches/load/files.hpp"
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
  if constexpr (std::is_same_v<Error, LoadError>)
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

enum class Way { kMapped, kMappedReleased, kReadFresh };

ModelData open_by(const LoadFile& file, Way way) {
  return value_or_throw(ModelData::open(file.path(), {.is_mapped = way != Way::kReadFresh}));
}

void time_memory(benchmark::State& state, Way way) {
  const LoadFile& file = weights_file(kMemoryBytes);
  MemoryUse of_weights, before, after;
  PageFaults faults_before, faults;
  const auto prepare = [&] {
    file.make_warm();
    before = value_or_throw(memory_use());
    faults_before = page_faults();
  };
  const auto load = [&] {
    ModelData data = open_by(file, way);
    if (sum_words(data.bytes()) != file.sum()) throw std::runtime_error("wrong result");
    if (way == Way::kMappedReleased)
      if (const auto done = data.release_pages(); !done)
        throw std::runtime_error(done.error().message());
    return data;
  };
  time_prepared(state, prepare, load, [&](const ModelData& data) {
    faults = page_faults();
    of_weights = value_or_throw(memory_use(data.bytes()));
    after = value_or_throw(memory_use());
  });
  state.counters["resident_bytes"] = as_double(of_weights.resident);
  state.counters["pss_bytes"] = as_double(of_weights.proportional);
  state.counters["private_bytes"] = as_double(of_weights.anonymous);
  state.counters["swapped_bytes"] = as_double(of_weights.swapped);
  state.counters["process_private_bytes"] =
      gained(before.anonymous + before.swapped, after.anonymous + after.swapped);
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
  Holders(const Holders&) = delete;
  Holders& operator=(const Holders&) = delete;
  ~Holders() {
    for (const Holder& holder : holders_) {
      ::close(holder.to);
      ::close(holder.from);
      ::waitpid(holder.pid, nullptr, 0);
    }
  }

  /// Sum of the processes' shares of the weights' pages.
  std::uint64_t proportional_bytes() const {
    std::uint64_t sum = 0;
    for (const Holder& holder : holders_) {
      const char look = 'l';
      if (::write(holder.to, &look, 1) != 1) throw std::runtime_error("a process is gone");
      sum += read_number(holder);
    }
    return sum;
  }

 private:
  struct Holder {
    pid_t pid;
    int to, from;
  };

  void start(const LoadFile& file, Way way) {
    std::array<int, 2> to{}, from{};
    if (::pipe(to.data()) != 0 || ::pipe(from.data()) != 0)
      throw std::runtime_error("no pipe can be made");
    const pid_t child = ::fork();
    if (child < 0) throw std::runtime_error("no process can be started");
    if (child == 0) {
      for (const Holder& other : holders_) ::close(other.to);
      ::close(to[1]);
      ::close(from[0]);
      hold(file, way, to[0], from[1]);
      ::_exit(0);
    }
    ::close(to[0]);
    ::close(from[1]);
    holders_.push_back({child, to[1], from[0]});
  }

  static void tell(int fd, std::uint64_t number) {
    if (::write(fd, &number, sizeof number) != static_cast<ssize_t>(sizeof number)) ::_exit(1);
  }
  static void hold(const LoadFile& file, Way way, int orders, int answers) {
    const auto data = ModelData::open(file.path(), {.is_mapped = way != Way::kReadFresh});
    const bool is_right = data && sum_words(data->bytes()) == file.sum();
    tell(answers, is_right ? 1 : 0);
    for (char order = 0; is_right && ::read(orders, &order, 1) == 1;) {
      const auto use = memory_use(data->bytes());
      tell(answers, use ? use->proportional : 0);
    }
  }
  static std::uint64_t read_number(const Holder& holder) {
    std::uint64_t number = 0;
    if (::read(holder.from, &number, sizeof number) != static_cast<ssize_t>(sizeof number))
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

enum class Pipeline { kMappedRelease, kReadKeep, kPreadStaged };

std::span<std::byte> device_memory() {
  static const Buffer kMemory = [] {
    Buffer made(kPipelineBytes, PageSize::kHuge);
    std::memset(made.span().data(), 1, made.span().size());
    return made;
  }();
  return kMemory.span();
}

void upload(ByteView tensor, std::size_t at) {
  std::memcpy(device_memory().data() + at, tensor.data(), tensor.size());
}

/// Loads and uploads every tensor; what stays held afterwards is returned.
ModelData run_pipeline(const LoadFile& file, Pipeline pipeline, std::span<std::byte> staging) {
  if (pipeline == Pipeline::kPreadStaged) {
    const auto opened = OpenFile::open(file.path());
    if (!opened) throw std::runtime_error(opened.error().message());
    for (std::size_t at = 0; at < file.size(); at += kPipelineTensor) {
      if (::pread(opened->fd(), staging.data(), kPipelineTensor, static_cast<off_t>(at)) !=
          static_cast<ssize_t>(kPipelineTensor))
        throw std::runtime_error("a tensor cannot be read whole");
      upload(staging.first(kPipelineTensor), at);
    }
    return {};
  }
  const bool is_mapped = pipeline == Pipeline::kMappedRelease;
  ModelData data = value_or_throw(ModelData::open(file.path(), {.is_mapped = is_mapped}));
  for (std::size_t at = 0; at < data.size(); at += kPipelineTensor) {
    upload(data.bytes().subspan(at, kPipelineTensor), at);
    // A no-op on owned bytes.
    if (const auto done = data.release_pages(at, kPipelineTensor); !done)
      throw std::runtime_error(done.error().message());
  }
  return data;
}

void time_pipeline(benchmark::State& state, Pipeline pipeline) {
  static const Buffer kStaging = [] {
    Buffer made(kPipelineTensor, PageSize::kSmall);
    std::memset(made.span().data(), 1, made.span().size());
    return made;
  }();
  const LoadFile* file = nullptr;
  static_cast<void>(device_memory());
  MemoryUse before, after;
  std::uint64_t resident = 0;
  const auto prepare = [&] {
    file = &next_weights_file(kPipelineBytes);
    file->make_warm();
    std::memset(device_memory().data(), 1, kLoadChunk);
    before = value_or_throw(memory_use());
  };
  time_prepared(
      state, prepare, [&] { return run_pipeline(*file, pipeline, kStaging.span()); },
      [&](const ModelData& held) {
        after = value_or_throw(memory_use());
        resident = held.empty() ? 0 : value_or_throw(memory_use(held.bytes())).resident;
        if (sum_words(device_memory()) != file->sum())
          throw std::runtime_error("wrong result: other bytes on the device");
      });
  state.counters["resident_bytes"] = as_double(resident);
  state.counters["process_private_bytes"] =
      gained(before.anonymous + before.swapped, after.anonymous + after.swapped);
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
  add_load("load/pipeline/mapped-release/" + whole,
           [](benchmark::State& state) { time_pipeline(state, Pipeline::kMappedRelease); });
  add_load("load/pipeline/read-keep/" + whole,
           [](benchmark::State& state) { time_pipeline(state, Pipeline::kReadKeep); });
  add_load("load/pipeline/pread-staged/" + whole,
           [](benchmark::State& state) { time_pipeline(state, Pipeline::kPreadStaged); });
  return true;
}();

}  // namespace
}  // namespace assay
