/// From open to the first tensor that can be used, over the size of the file; with and without
/// checksums; and compressed.
///
/// load/first-tensor/<mapped|read>/bytes:<n>  open, add up the first tensor (64 KiB), warm
/// load/checksum/<none|whole|lazy>/bytes:<n>  the same, mapped, after hashing nothing, the whole
///     file, or the tensor (XXH3); no entry asks for `none` below 16 MiB, which is there to be run
///     by hand beside the others
/// load/open/<mapped|zstd>/<warm|cold>/bytes:<n>  open by ModelData, whichever way it takes, and
///     add up all
/// load/behaviour/...  what must or must not hold
/// load/guard/guarded  one guarded read of a word

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>
#include <zlib.h>
#include <zstd.h>

#include <cstring>
#include <map>

#include "benches/load/files.hpp"
#include "benches/support/opaque.hpp"
#include "kernels/loading/loaders.hpp"
#include "kernels/loading/memory_metrics.hpp"
#include "kernels/loading/model_data.hpp"

namespace assay {
namespace {

constexpr std::size_t kTensorBytes = std::size_t{64} << 10;
constexpr std::size_t kMib = std::size_t{1} << 20;
constexpr std::size_t kCompressedBytes = 8 * kMib;

ModelData open_or_throw(const std::string& path, const OpenOptions& options = {}) {
  auto data = ModelData::open(path, options);
  if (!data) throw std::runtime_error(data.error().message());
  return std::move(*data);
}

/// A file of that size, of whose content no more than a mebibyte is there; the rest is a hole.
const LoadFile& mostly_hole(std::size_t bytes) {
  static std::map<std::size_t, std::unique_ptr<LoadFile>> files;
  std::unique_ptr<LoadFile>& file = files[bytes];
  if (!file) {
    std::vector<std::byte> content(kMib);
    fill_with_weights(content, bytes);
    auto made = std::make_unique<LoadFile>(content, bytes);
    made->make_warm(kMib);
    file = std::move(made);
  }
  return *file;
}

std::uint64_t first_sum(ByteView bytes) {
  return sum_words(bytes.first(kTensorBytes));
}

enum class Check { kNone, kWhole, kLazy };

/// What the file's index would hold: the hash of all and of the first tensor.
struct Hashes {
  std::uint64_t whole = 0;
  std::uint64_t first = 0;
};

Hashes hashes_of(ByteView bytes) {
  return {XXH3_64bits(bytes.data(), bytes.size()), XXH3_64bits(bytes.data(), kTensorBytes)};
}

bool is_trusted(ByteView bytes, Check check, const Hashes& hashes) {
  switch (check) {
    case Check::kWhole:
      return XXH3_64bits(bytes.data(), bytes.size()) == hashes.whole;
    case Check::kLazy:
      return XXH3_64bits(bytes.data(), kTensorBytes) == hashes.first;
    case Check::kNone:
      break;
  }
  return true;
}

void time_first(benchmark::State& state, const LoadFile& file, const OpenOptions& options,
                Check check, bool is_whole) {
  file.make_warm(is_whole ? 0 : kMib);
  const ModelData reference = open_or_throw(file.path());
  const std::uint64_t expected = first_sum(reference.bytes());
  const Hashes hashes = check == Check::kNone ? Hashes{} : hashes_of(reference.bytes());
  struct Opened {
    ModelData data;
    std::expected<std::uint64_t, LoadError> sum;
  };
  const auto open_first = [&] {
    ModelData data = open_or_throw(file.path(), options);
    auto sum = data.guarded(
        [&](ByteView bytes) { return is_trusted(bytes, check, hashes) ? first_sum(bytes) : 0; });
    return Opened{std::move(data), std::move(sum)};
  };
  time_prepared(
      // Proved above, once a slice: a look at every page would cool the caches, the more the larger
      // the file.
      state, [] {}, open_first,
      [&](const Opened& opened) {
        if (!opened.sum || *opened.sum != expected)
          throw std::runtime_error("wrong result: another sum of the first tensor");
      });
}

/// A file's bytes, compressed as the zstd program does by default.
std::vector<std::byte> zstd_of(const LoadFile& file) {
  const ModelData plain = open_or_throw(file.path());
  std::vector<std::byte> compressed(ZSTD_compressBound(plain.size()));
  compressed.resize(ZSTD_compress(compressed.data(), compressed.size(), plain.bytes().data(),
                                  plain.size(), ZSTD_CLEVEL_DEFAULT));
  return compressed;
}

/// The same weights, warm, as zstd; and as another file, for those who evict it.
const LoadFile& zstd_file(bool is_cold) {
  static const std::vector<std::byte> kCompressed = zstd_of(weights_file(kCompressedBytes));
  if (is_cold) {
    static const LoadFile kEvictable(kCompressed);
    return kEvictable;
  }
  static const LoadFile kWarm(kCompressed);
  return kWarm;
}

void time_open(benchmark::State& state, bool is_compressed, bool is_cold) {
  const LoadFile& plain = is_cold && !is_compressed ? evictable_weights_file(kCompressedBytes)
                                                    : weights_file(kCompressedBytes);
  const LoadFile& file = is_compressed ? zstd_file(is_cold) : plain;
  const auto prepare = [&] {
    if (is_cold) return file.make_cold();
    file.make_warm();
  };
  struct Opened {
    ModelData data;
    std::uint64_t sum;
  };
  const auto open_all = [&] {
    ModelData data = open_or_throw(file.path());
    const std::uint64_t sum = sum_words(data.bytes());
    return Opened{std::move(data), sum};
  };
  time_prepared(state, prepare, open_all, [&](const Opened& opened) {
    if (opened.sum != plain.sum()) throw std::runtime_error("wrong result: another sum");
    if (opened.data.is_mapped() == is_compressed)
      throw std::runtime_error("wrong result: the other way to open it");
  });
}

std::vector<std::byte> gzip_of(ByteView bytes) {
  z_stream stream{};
  constexpr int kGzip = 16 + MAX_WBITS, kMemory = 8;
  if (deflateInit2(&stream, Z_BEST_SPEED, Z_DEFLATED, kGzip, kMemory, Z_DEFAULT_STRATEGY) != Z_OK)
    throw std::runtime_error("zlib: no memory");
  std::vector<std::byte> out(deflateBound(&stream, bytes.size()));
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<std::byte*>(bytes.data()));
  stream.avail_in = static_cast<uInt>(bytes.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

/// The open call alone decides: compressed files to the heap, others mapped, all with the same
/// bytes.
bool chooses_by_itself() {
  static const auto kFiles = [] {
    std::vector<std::byte> content(4 * kTensorBytes);
    fill_with_weights(content, 8);
    std::vector<std::byte> zstd(ZSTD_compressBound(content.size()));
    zstd.resize(ZSTD_compress(zstd.data(), zstd.size(), content.data(), content.size(), 1));
    return std::array{std::make_unique<LoadFile>(content), std::make_unique<LoadFile>(zstd),
                      std::make_unique<LoadFile>(gzip_of(content))};
  }();
  for (std::size_t i = 0; i < kFiles.size(); ++i) {
    const ModelData data = open_or_throw(kFiles[i]->path());
    const bool is_right_way = data.is_mapped() == (i == 0);
    if (!is_right_way || sum_words(data.bytes()) != kFiles.front()->sum()) return false;
  }
  return true;
}

/// Whether what was mapped through a descriptor is lost when no descriptor of the file is open any
/// more. The file has no name either and is in no cache, so that the disk is read through the
/// mapping alone. A loss would be a fault or other bytes. Throws: NotRun where it cannot be
/// evicted.
bool needs_its_descriptor() {
  constexpr std::size_t kBytes = 4 * kTensorBytes;
  std::vector<std::byte> content(kBytes);
  fill_with_weights(content, 10);
  auto file = std::make_unique<LoadFile>(content);
  const std::uint64_t expected = file->sum();
  file->make_cold();
  Descriptor fd(::open(file->path().c_str(), O_RDONLY | O_CLOEXEC));
  void* const at = ::mmap(nullptr, kBytes, PROT_READ, MAP_SHARED, fd.get(), 0);
  if (fd.get() < 0 || at == MAP_FAILED) throw std::runtime_error("a file cannot be mapped");
  const ByteView mapped(static_cast<const std::byte*>(at), kBytes);
  const std::unique_ptr<void, void (*)(void*)> unmapped(
      at, [](void* mapping) { ::munmap(mapping, kBytes); });
  file.reset();
  fd.close();
  const auto cached = residency(mapped);
  if (!cached || cached->resident_pages != 0)
    throw NotRun("a file of its own does not stay out of the page cache");
  return sum_words(mapped) != expected;
}

/// A file truncated below what is read: an error that says so, and no signal that ends the process.
bool survives_truncation() {
  std::vector<std::byte> content(4 * kTensorBytes);
  fill_with_weights(content, 9);
  const LoadFile file(content);
  const ModelData data = open_or_throw(file.path());
  if (!data.guarded(first_sum)) return false;
  if (::truncate(file.path().c_str(), static_cast<off_t>(kTensorBytes)) != 0)
    throw std::runtime_error("a file of its own cannot be truncated");
  const bool reads_what_is_there = data.guarded(first_sum).has_value();
  const bool is_told = !data.check_unchanged();
  const auto whole = data.guarded([](ByteView bytes) { return sum_words(bytes); });
  return reads_what_is_there && is_told && !whole &&
         whole.error().message().contains("truncated while it is mapped");
}

void add_behaviour(const std::string& name, bool (*holds)()) {
  add_load(name, [holds](benchmark::State& state) {
    bool all = true;
    time_prepared(state, [] {}, holds, [&](bool one) { all = all && one; });
    state.counters["holds"] = all ? 1 : 0;
  });
}

/// A word read under the guard; unguarded, the same loop takes a fraction of a nanosecond.
[[gnu::noinline]] void time_guarded(benchmark::State& state) {
  const LoadFile& file = weights_file(kMib);
  file.make_warm();
  const ModelData data = open_or_throw(file.path());
  const auto read = [](ByteView bytes) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data(), sizeof word);
    return word;
  };
  const std::uint64_t expected = read(open_or_throw(file.path(), {.is_mapped = false}).bytes());
  std::uint64_t differing_bits = 0;
  for (auto _ : state) {
    hide(data);
    const auto word = data.guarded(read);
    differing_bits |= word ? *word ^ expected : ~std::uint64_t{0};
  }
  if (differing_bits != 0) throw std::runtime_error("wrong result: another word under the guard");
}

[[maybe_unused]] const bool kStartsRegistered = [] {
  for (const std::size_t mib : {1U, 16U, 256U, 4096U})
    add_load("load/first-tensor/mapped/" + bytes_name(mib * kMib), [=](benchmark::State& state) {
      time_first(state, mostly_hole(mib * kMib), {}, Check::kNone, false);
    });
  for (const std::size_t bytes : {kMib / 4, kMib, 4 * kMib, 16 * kMib}) {
    const std::string size = bytes_name(bytes);
    add_load("load/first-tensor/read/" + size, [=](benchmark::State& state) {
      time_first(state, weights_file(bytes), {.is_mapped = false}, Check::kNone, true);
    });
    constexpr std::pair<const char*, Check> kChecks[] = {
        {"none", Check::kNone}, {"whole", Check::kWhole}, {"lazy", Check::kLazy}};
    for (const auto& check : kChecks)
      add_load("load/checksum/" + std::string(check.first) + "/" + size,
               [bytes, kind = check.second](benchmark::State& state) {
                 time_first(state, weights_file(bytes), {}, kind, true);
               });
  }
  for (const bool is_compressed : {false, true})
    for (const bool is_cold : {false, true})
      add_load(std::string("load/open/") + (is_compressed ? "zstd/" : "mapped/") +
                   (is_cold ? "cold/" : "warm/") + bytes_name(kCompressedBytes),
               [=](benchmark::State& state) { time_open(state, is_compressed, is_cold); });
  add_behaviour("load/behaviour/chooses-by-itself", chooses_by_itself);
  add_behaviour("load/behaviour/needs-its-descriptor", needs_its_descriptor);
  add_behaviour("load/behaviour/survives-truncation", survives_truncation);
  benchmark::RegisterBenchmark("load/guard/guarded", [](benchmark::State& state) {
    try {
      time_guarded(state);
    } catch (const std::exception& error) {
      state.SkipWithError(error.what());
    }
  });
  return true;
}();

}  // namespace
}  // namespace assay
