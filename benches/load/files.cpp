#include "benches/load/files.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <map>

#include "kernels/loading/memory_metrics.hpp"

namespace assay {
namespace {

constexpr std::size_t kStep = std::size_t{1} << 20;

std::string load_folder() {
  const char* const given = std::getenv("ASSAY_LOAD_DIR");
  return given != nullptr && *given != '\0' ? given : "/var/tmp";
}

[[noreturn]] void refuse(const std::string& what) {
  throw NotRun(what + ": " + std::strerror(errno) +
               " (set ASSAY_LOAD_DIR to a folder on a disk with room)");
}

/// A file without a name; on a file system that has no such files, one whose name is removed.
int open_nameless(const std::string& folder) {
  const int fd = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
  if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR)) return fd;
  std::string name = folder + "/assay-load.XXXXXX";
  const int named = ::mkostemp(name.data(), O_CLOEXEC);
  if (named >= 0) ::unlink(name.c_str());
  return named;
}

void require_room(const std::string& folder, std::size_t bytes) {
  constexpr std::size_t kLeft = std::size_t{1} << 30;  // others write to this disk, too
  struct statvfs room{};
  if (::statvfs(folder.c_str(), &room) != 0) refuse(folder);
  if (room.f_bavail * room.f_frsize < bytes + kLeft)
    throw NotRun(folder + " has no room for " + std::to_string(bytes) +
                 " bytes (set ASSAY_LOAD_DIR to a folder on a disk with room)");
}

/// What all loaders must find, by a plain loop.
std::uint64_t sum_of(std::span<const std::byte> content) {
  std::uint64_t sum = 0;
  for (std::size_t at = 0; at < content.size(); at += sizeof(std::uint64_t)) {
    std::uint64_t word = 0;
    std::memcpy(&word, content.data() + at, std::min(sizeof word, content.size() - at));
    sum += word;
  }
  return sum;
}

std::uint64_t mix(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

}  // namespace

void fill_with_weights(std::span<std::byte> bytes, std::uint64_t seed, bool bf16) {
  constexpr float kDeviation = 0.02F;
  // Of the sum of four uniform 16-bit numbers.
  constexpr float kScale = kDeviation / 37837.0F;
  constexpr float kMean = 2 * 65535.0F;
  std::uint64_t state = seed;
  for (std::size_t at = 0; at < bytes.size(); at += sizeof(float)) {
    const std::uint64_t bits = mix(state);
    const auto sum =
        (bits & 0xffffU) + (bits >> 16U & 0xffffU) + (bits >> 32U & 0xffffU) + (bits >> 48U);
    auto word = std::bit_cast<std::uint32_t>((static_cast<float>(sum) - kMean) * kScale);
    if (bf16) word &= 0xffff0000U;
    // The sum has few bits: the low ones of a real weight are as good as random.
    if (!bf16) word ^= static_cast<std::uint32_t>(bits * 0x9e3779b97f4a7c15U >> 55U);
    std::memcpy(bytes.data() + at, &word, sizeof word);
  }
}

LoadFile::LoadFile(std::span<const std::byte> content) : LoadFile(content, content.size()) {}

LoadFile::LoadFile(std::span<const std::byte> content, std::size_t size) : size_(size) {
  const std::string folder = load_folder();
  require_room(folder, content.size());
  fd_ = Descriptor(open_nameless(folder));
  if (fd_.get() < 0) refuse(folder);
  for (std::size_t done = 0; done < content.size();) {
    const ssize_t written =
        ::pwrite(fd_.get(), content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) refuse(folder + " cannot be written to");
    done += static_cast<std::size_t>(written);
  }
  // Pages that are not on the disk yet cannot be evicted.
  if (::ftruncate(fd_.get(), static_cast<off_t>(size)) != 0 || ::fdatasync(fd_.get()) != 0)
    refuse(folder + " cannot be written to");
  path_ = "/proc/" + std::to_string(::getpid()) + "/fd/" + std::to_string(fd_.get());
  void* const at = ::mmap(nullptr, size, PROT_READ, MAP_SHARED, fd_.get(), 0);
  if (at == MAP_FAILED) refuse("a file of " + std::to_string(size) + " bytes cannot be mapped");
  probe_ = {static_cast<const std::byte*>(at), size};
  sum_ = sum_of(content);
  evict(probe_.first(content.size()));
}

LoadFile::~LoadFile() {
  if (!probe_.empty()) ::munmap(const_cast<std::byte*>(probe_.data()), probe_.size());
}

std::size_t LoadFile::cached_bytes() const {
  const auto found = residency(probe_);
  if (!found) throw std::runtime_error(found.error());
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return std::min(size_, found->resident_pages * page);
}

void LoadFile::evict(std::span<const std::byte> proved) const {
  constexpr int kTries = 20;  // pages that were just written may need more than one
  for (int tries = 0; tries < kTries; ++tries) {
    const auto found = residency(proved);
    if (found && found->resident_pages == 0) return;
    ::posix_fadvise(fd_.get(), 0, 0, POSIX_FADV_DONTNEED);
  }
}

void LoadFile::make_warm(std::size_t bytes) const {
  constexpr int kTries = 5;  // the kernel may take pages back meanwhile
  const std::span<const std::byte> wanted = probe_.first(bytes == 0 ? size_ : bytes);
  for (int tries = 0; tries < kTries; ++tries) {
    const auto found = residency(wanted);
    if (!found) throw std::runtime_error(found.error());
    if (found->is_whole()) return;
    evict(wanted);
    const auto into = std::make_unique_for_overwrite<std::byte[]>(kStep);
    for (std::size_t done = 0; done < wanted.size(); done += kStep)
      if (::pread(fd_.get(), into.get(), kStep, static_cast<off_t>(done)) < 0)
        refuse("a file of its own");
  }
  throw NotRun("a file of " + std::to_string(size_) +
               " bytes does not stay in the page cache: free memory");
}

void LoadFile::make_cold() const {
  evict(probe_);
  if (cached_bytes() == 0) return;
  throw NotRun(load_folder() +
               " keeps its pages in memory whatever is advised (a tmpfs?): set ASSAY_LOAD_DIR to a "
               "folder on a disk");
}

namespace {

/// Which file of a size: its weights are those of this seed.
constexpr std::uint64_t kWarmSeed = 0, kEvictableSeed = 1, kFirstTurnSeed = 16;

/// Kept until the process ends, once it has been made without an error.
const LoadFile& kept_file(std::size_t bytes, std::uint64_t seed) {
  static std::map<std::pair<std::size_t, std::uint64_t>, std::unique_ptr<const LoadFile>> files;
  const auto known = files.find({bytes, seed});
  if (known != files.end()) return *known->second;
  const auto content = std::make_unique_for_overwrite<std::byte[]>(bytes);
  fill_with_weights({content.get(), bytes}, seed);
  auto made = std::make_unique<const LoadFile>(std::span<const std::byte>(content.get(), bytes));
  if (seed != kEvictableSeed) made->make_warm();
  return *files.emplace(std::pair(bytes, seed), std::move(made)).first->second;
}

}  // namespace

const LoadFile& weights_file(std::size_t bytes) {
  return kept_file(bytes, kWarmSeed);
}

const LoadFile& next_weights_file(std::size_t bytes) {
  constexpr std::uint64_t kFiles = 4;
  static std::map<std::size_t, std::uint64_t> next;
  return kept_file(bytes, kFirstTurnSeed + next[bytes]++ % kFiles);
}

const LoadFile& evictable_weights_file(std::size_t bytes) {
  return kept_file(bytes, kEvictableSeed);
}

std::string bytes_name(std::size_t bytes) {
  return "bytes:" + std::to_string(bytes);
}

}  // namespace assay
