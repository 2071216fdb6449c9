/// Load a file, add up all of it: every loader, warm and cold. One operation is open, load, sum and
/// close, of the same bytes.
///
/// load/sum/<loader>/<warm|cold>/bytes:<n>  loaders as kernels/loading/loaders.hpp names them, with
///     the destination; manual_time: without the preparation. Those that no entry names are there
///     to be run by hand, to choose a loader for a machine
/// load/sum/resident/mapped/bytes:<n>  the limit: a sum of the pages of a mapping that were all
///     faulted in before
/// load/sum/resident/heap/bytes:<n>  the same of heap memory on huge pages
/// load/twin-a/..., load/twin-b/...  null controls: the same code under two names
/// load/windows/calls:<n>  positive control: n windows of 128 KiB, mapped and added up

#include <sys/mman.h>

#include <optional>
#include <vector>

#include "benches/load/files.hpp"
#include "benches/support/opaque.hpp"
#include "kernels/loading/buffers.hpp"
#include "kernels/loading/loaders.hpp"
#include "kernels/loading/model_data.hpp"
#include "kernels/loading/open_file.hpp"

namespace assay {
namespace {

constexpr std::size_t kSumBytes = std::size_t{16} << 20;
constexpr std::size_t kFirstTensorBytes = std::size_t{64} << 10;

enum class Cache { kWarm, kCold };

const char* name_of(Cache cache) {
  return cache == Cache::kWarm ? "warm" : "cold";
}

/// A file in that state; of the warm ones the next, so that none is in the caches of the CPU.
const LoadFile& prepared_file(std::size_t bytes, Cache cache) {
  const LoadFile& file =
      cache == Cache::kWarm ? next_weights_file(bytes) : evictable_weights_file(bytes);
  if (cache == Cache::kWarm) {
    file.make_warm();
  } else {
    file.make_cold();
  }
  return file;
}

/// The memory that loaders are given: held, and touched once, for the whole process.
std::span<std::byte> held_memory(const Loader& loader, std::size_t file_bytes) {
  const auto touched = [](std::size_t bytes, PageSize pages) {
    Buffer buffer(bytes, pages);
    std::memset(buffer.span().data(), 1, bytes);
    return buffer;
  };
  switch (loader.reused) {
    case Reused::kNothing:
      break;
    case Reused::kWhole: {
      static const Buffer kMemory = touched(kSumBytes, PageSize::kSmall);
      return kMemory.span().first(file_bytes);
    }
    case Reused::kWholeHuge: {
      static const Buffer kMemory = touched(kSumBytes, PageSize::kHuge);
      return kMemory.span().first(file_bytes);
    }
    case Reused::kChunks: {
      static const Buffer kMemory = touched(kLoadDepth * kLoadChunk, PageSize::kSmall);
      return kMemory.span();
    }
    case Reused::kChunksHuge: {
      static const Buffer kMemory = touched(kLoadDepth * kLoadChunk, PageSize::kHuge);
      return kMemory.span();
    }
  }
  return {};
}

std::uint64_t sum_or_throw(const std::expected<std::uint64_t, LoadError>& sum) {
  if (sum) return *sum;
  const LoadError& error = sum.error();
  if (error.error_number == EINVAL && error.operation == "open")
    throw NotRun("the file system of ASSAY_LOAD_DIR has no O_DIRECT");
  if (error.operation == "set up io_uring") throw NotRun("no io_uring: " + error.reason);
  throw std::runtime_error(error.message());
}

void require_sum(std::uint64_t sum, const LoadFile& file) {
  if (sum != file.sum()) throw std::runtime_error("wrong result: another sum than the reference");
}

void time_load(benchmark::State& state, const Loader& loader, Cache cache, std::size_t bytes) {
  const std::span<std::byte> reused = held_memory(loader, bytes);
  const LoadFile* file = &prepared_file(bytes, cache);
  require_sum(sum_or_throw(loader.run(file->path(), reused)), *file);
  const auto prepare = [&] { file = &prepared_file(bytes, cache); };
  time_prepared(
      state, prepare, [&] { return loader.run(file->path(), reused); },
      [&](const auto& sum) { require_sum(sum_or_throw(sum), *file); });
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void time_resident_mapping(benchmark::State& state) {
  const LoadFile* file = nullptr;
  ModelData data;
  const auto fault_in = [&] {
    file = &next_weights_file(kSumBytes);
    file->make_warm();
    auto opened = ModelData::open(file->path());
    if (!opened) throw std::runtime_error(opened.error().message());
    data = std::move(*opened);
    if (const auto done = data.populate(); !done) throw std::runtime_error(done.error().message());
  };
  time_prepared(
      state, fault_in, [&] { return sum_words(data.bytes()); },
      [&](std::uint64_t sum) { require_sum(sum, *file); });
}

void time_resident_heap(benchmark::State& state) {
  static const Buffer kMemories[] = {
      {kSumBytes, PageSize::kHuge}, {kSumBytes, PageSize::kHuge}, {kSumBytes, PageSize::kHuge}};
  static const LoadFile& file = weights_file(kSumBytes);
  static const bool kIsRead = [] {
    for (const Buffer& memory : kMemories)
      require_sum(sum_or_throw(find_loader("read/reused-huge").run(file.path(), memory.span())),
                  file);
    return true;
  }();
  static_cast<void>(kIsRead);
  // The next at each turn, so that none is in a cache.
  static std::size_t turn = 0;
  time_prepared(
      state, [] { ++turn; },
      [] { return sum_words(kMemories[turn % std::size(kMemories)].span()); },
      [](std::uint64_t sum) { require_sum(sum, file); });
}

constexpr std::size_t kWindow = std::size_t{128} << 10;

/// By reading.
std::uint64_t sum_of_first(const OpenFile& file, std::size_t bytes) {
  std::vector<std::byte> content(bytes);
  if (::pread(file.fd(), content.data(), bytes, 0) != static_cast<ssize_t>(bytes))
    throw std::runtime_error("a file of its own cannot be read");
  return sum_words(content);
}

/// Maps and adds up windows of a file, one after the other, each of other bytes: work that grows by
/// the call. Requires that all lie in the file.
void time_windows(benchmark::State& state, std::int64_t calls) {
  const std::size_t bytes = kWindow * static_cast<std::size_t>(calls);
  std::optional<OpenFile> opened;
  const auto open_next = [&] {
    const LoadFile& file = next_weights_file(kSumBytes);
    file.make_warm();
    auto found = OpenFile::open(file.path());
    if (!found) throw std::runtime_error(found.error().message());
    opened.emplace(std::move(*found));
  };
  const auto sum_windows = [&] {
    std::uint64_t sum = 0;
    for (std::size_t from = 0; from < bytes; from += kWindow) {
      void* const at =
          ::mmap(nullptr, kWindow, PROT_READ, MAP_SHARED, opened->fd(), static_cast<off_t>(from));
      if (at == MAP_FAILED) throw std::runtime_error("a window cannot be mapped");
      sum += sum_words({static_cast<const std::byte*>(at), kWindow});
      ::munmap(at, kWindow);
    }
    return sum;
  };
  time_prepared(state, open_next, sum_windows, [&](std::uint64_t sum) {
    if (sum != sum_of_first(*opened, bytes))
      throw std::runtime_error("wrong result: another sum of the windows");
  });
}

/// Open to the first tensor, mapped: the null control of the short operations.
void time_first_tensor(benchmark::State& state) {
  const LoadFile& file = weights_file(kSumBytes);
  file.make_warm();
  const auto open_first = [&] {
    auto data = ModelData::open(file.path());
    if (!data) throw std::runtime_error(data.error().message());
    auto sum =
        data->guarded([](ByteView bytes) { return sum_words(bytes.first(kFirstTensorBytes)); });
    consume(sum);
    return data;
  };
  time_prepared(state, [] {}, open_first, [](const auto&) {});
}

[[maybe_unused]] const bool kSumsRegistered = [] {
  for (const Loader& loader : loaders())
    for (const Cache cache : {Cache::kWarm, Cache::kCold}) {
      const std::string name = "load/sum/" + std::string(loader.name) + "/" + name_of(cache);
      add_load(name + "/" + bytes_name(kSumBytes), [&loader, cache](benchmark::State& state) {
        time_load(state, loader, cache, kSumBytes);
      });
    }
  const std::string size = "/" + bytes_name(kSumBytes);
#ifndef ASSAY_HAVE_URING
  for (const std::string name : {"uring/chunk-huge", "uring-direct/chunk-huge"})
    for (const Cache cache : {Cache::kWarm, Cache::kCold})
      add_load(
          std::string("load/sum/").append(name).append("/").append(name_of(cache)).append(size),
          [](benchmark::State&) { throw NotRun("built without liburing (liburing-dev)"); });
#endif
  add_load("load/sum/resident/mapped" + size, time_resident_mapping);
  add_load("load/sum/resident/heap" + size, time_resident_heap);
  for (const std::string twin : {"twin-a", "twin-b"}) {
    add_load(std::string("load/").append(twin).append("/mmap/warm").append(size),
             [](benchmark::State& state) {
               time_load(state, find_loader("mmap/plain"), Cache::kWarm, kSumBytes);
             });
    add_load(std::string("load/").append(twin).append("/first-tensor").append(size),
             time_first_tensor);
  }
  static_assert(125 * kWindow <= kSumBytes);
  for (const std::int64_t calls : {100, 125})
    add_load("load/windows/calls:" + std::to_string(calls),
             [calls](benchmark::State& state) { time_windows(state, calls); });
  return true;
}();

}  // namespace
}  // namespace assay
