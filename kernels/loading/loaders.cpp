#include "kernels/loading/loaders.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <memory>
#include <stdexcept>

#include "kernels/loading/buffers.hpp"
#include "kernels/loading/open_file.hpp"

namespace assay {

std::uint64_t sum_words(std::span<const std::byte> bytes) noexcept {
  constexpr std::size_t kWord = sizeof(std::uint64_t), kLanes = 8;
  std::array<std::uint64_t, kLanes> sums{};
  const std::size_t whole = bytes.size() / (kWord * kLanes) * (kWord * kLanes);
  for (std::size_t at = 0; at < whole; at += kWord * kLanes) {
    std::array<std::uint64_t, kLanes> words;
    std::memcpy(words.data(), bytes.data() + at, sizeof words);
    for (std::size_t lane = 0; lane < kLanes; ++lane) sums[lane] += words[lane];
  }
  std::uint64_t sum = 0;
  for (const std::uint64_t lane : sums) sum += lane;
  for (std::size_t at = whole; at < bytes.size(); at += kWord) {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes.data() + at, std::min(kWord, bytes.size() - at));
    sum += word;
  }
  return sum;
}

namespace {

using Sum = std::expected<std::uint64_t, LoadError>;
constexpr int kNoAdvice = -1;

template <int kFlags, int kAdvice>
Sum load_mmap(const std::string& path, std::span<std::byte> /*reused*/) {
  const auto file = OpenFile::open(path);
  if (!file) return std::unexpected(file.error());
  void* const at = ::mmap(nullptr, file->size(), PROT_READ, MAP_SHARED | kFlags, file->fd(), 0);
  if (at == MAP_FAILED) return load_failed(path, "map", errno);
  const bool is_advised = kAdvice == kNoAdvice || ::madvise(at, file->size(), kAdvice) == 0;
  const int error_number = errno;
  const std::uint64_t sum =
      is_advised ? sum_words({static_cast<const std::byte*>(at), file->size()}) : 0;
  ::munmap(at, file->size());
  if (!is_advised) return load_failed(path, "advise", error_number);
  return sum;
}

/// Reads the whole file into `to` by read(); no memory if it is empty.
Sum read_whole(const std::string& path, const OpenFile& file, std::span<std::byte> to) {
  if (to.size() < file.size()) return load_failed(path, "read", ENOMEM);
  for (std::size_t done = 0; done < file.size();) {
    const ssize_t got = ::read(file.fd(), to.data() + done, file.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return load_failed(path, "read", errno);
    if (got == 0) return ended_early(path);
    done += static_cast<std::size_t>(got);
  }
  return sum_words(to.first(file.size()));
}

Sum load_read_fresh(const std::string& path, std::span<std::byte> /*reused*/) {
  const auto file = OpenFile::open(path);
  if (!file) return std::unexpected(file.error());
  const Buffer memory(file->size(), PageSize::kDefault);
  return read_whole(path, *file, memory.span());
}

Sum load_read_fresh_huge(const std::string& path, std::span<std::byte> /*reused*/) {
  const auto file = OpenFile::open(path);
  if (!file) return std::unexpected(file.error());
  const Buffer memory(file->size(), PageSize::kHuge);
  return read_whole(path, *file, memory.span());
}

Sum load_read_reused(const std::string& path, std::span<std::byte> reused) {
  const auto file = OpenFile::open(path);
  if (!file) return std::unexpected(file.error());
  return read_whole(path, *file, reused);
}

/// Reads in chunks, each into the same memory or the next, and adds up each.
template <int kFlags>
Sum load_pread_chunk(const std::string& path, std::span<std::byte> reused) {
  const auto file = OpenFile::open(path, kFlags);
  if (!file) return std::unexpected(file.error());
  if (reused.size() < kLoadChunk) return load_failed(path, "read", ENOMEM);
  std::uint64_t sum = 0;
  for (std::size_t done = 0; done < file->size();) {
    const ssize_t got = ::pread(file->fd(), reused.data(), kLoadChunk, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return load_failed(path, "read", errno);
    const auto size = static_cast<std::size_t>(got);
    const bool is_whole = size == kLoadChunk || done + size >= file->size();
    if (!is_whole) return ended_early(path);
    sum += sum_words(reused.first(size));
    done += size;
  }
  return sum;
}

Sum load_fread_fresh(const std::string& path, std::span<std::byte> /*reused*/) {
  const auto size = OpenFile::open(path);
  if (!size) return std::unexpected(size.error());
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"),
                                                             std::fclose);
  if (file == nullptr) return load_failed(path, "open", errno);
  const Buffer memory(size->size(), PageSize::kDefault);
  if (std::fread(memory.span().data(), 1, memory.span().size(), file.get()) != size->size())
    return ended_early(path);
  return sum_words(memory.span());
}

Sum load_ifstream_fresh(const std::string& path, std::span<std::byte> /*reused*/) {
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return load_failed(path, "open", errno);
  const Buffer memory(static_cast<std::size_t>(file.tellg()), PageSize::kDefault);
  file.seekg(0);
  if (!file.read(reinterpret_cast<char*>(memory.span().data()),
                 static_cast<std::streamsize>(memory.span().size())))
    return ended_early(path);
  return sum_words(memory.span());
}

constexpr Loader kLoaders[] = {
    {"mmap/plain", Reused::kNothing, load_mmap<0, kNoAdvice>},
    {"mmap/populate", Reused::kNothing, load_mmap<MAP_POPULATE, kNoAdvice>},
    {"mmap/sequential", Reused::kNothing, load_mmap<0, MADV_SEQUENTIAL>},
    {"mmap/will-need", Reused::kNothing, load_mmap<0, MADV_WILLNEED>},
    {"read/fresh", Reused::kNothing, load_read_fresh},
    {"read/fresh-huge", Reused::kNothing, load_read_fresh_huge},
    {"read/reused", Reused::kWhole, load_read_reused},
    {"read/reused-huge", Reused::kWholeHuge, load_read_reused},
    {"pread/chunk", Reused::kChunks, load_pread_chunk<0>},
    {"fread/fresh", Reused::kNothing, load_fread_fresh},
    {"ifstream/fresh", Reused::kNothing, load_ifstream_fresh},
    {"direct/chunk-huge", Reused::kChunksHuge, load_pread_chunk<O_DIRECT>},
#ifdef ASSAY_HAVE_URING
    {"uring/chunk-huge", Reused::kChunksHuge, load_uring_chunk},
    {"uring-direct/chunk-huge", Reused::kChunksHuge, load_uring_direct_chunk},
#endif
};

}  // namespace

std::string why_no_io_uring(int error_number) {
  switch (error_number) {
    case ENOSYS:
      return "the kernel has no io_uring (Linux 5.1)";
    case EPERM:
    case EACCES:
      return "io_uring is forbidden here (sysctl kernel.io_uring_disabled, or a container's "
             "filter)";
    case ENOMEM:
      return "no memory that a ring may lock is left (ulimit -l)";
    case EOPNOTSUPP:
      return "the kernel's io_uring has no plain reads (IORING_OP_READ, Linux 5.6)";
    default:
      return std::strerror(error_number);
  }
}

std::span<const Loader> loaders() {
  return kLoaders;
}

const Loader& find_loader(std::string_view name) {
  const auto* const found = std::ranges::find(kLoaders, name, &Loader::name);
  if (found == std::end(kLoaders))
    throw std::invalid_argument("no loader is called " + std::string(name));
  return *found;
}

std::size_t reused_bytes(const Loader& loader, std::size_t file_bytes) {
  switch (loader.reused) {
    case Reused::kWhole:
    case Reused::kWholeHuge:
      return file_bytes;
    case Reused::kChunks:
    case Reused::kChunksHuge:
      return kLoadDepth * kLoadChunk;
    case Reused::kNothing:
      break;
  }
  return 0;
}

}  // namespace assay
