#include "kernels/loading/model_data.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fstream>
#include <limits>
#include <new>
#include <system_error>

#include "kernels/loading/descriptor.hpp"

namespace assay {
namespace {

constexpr const char* kOwnedPath = "(owned bytes)";

std::size_t page_bytes() {
  static const auto kBytes = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  return kBytes;
}

std::size_t memory_bytes() {
  return static_cast<std::size_t>(::sysconf(_SC_PHYS_PAGES)) * page_bytes();
}

std::unexpected<LoadError> load_error(const std::string& path, const char* operation,
                                      std::string reason, std::string mend, int error_number = 0) {
  return std::unexpected(
      LoadError{path, operation, std::move(reason), std::move(mend), error_number});
}

std::string mend_of_open(int error_number) {
  switch (error_number) {
    case ENOENT:
    case ENOTDIR:
      return "check the path";
    case EACCES:
    case EPERM:
      return "allow this user to read the file and to enter its folders (chmod, chown)";
    case EMFILE:
    case ENFILE:
      return "close files, or raise the limit (ulimit -n)";
    case ELOOP:
      return "its symbolic links lead in a circle: name the file itself";
    default:
      return "check the file and its disk";
  }
}

std::size_t lines_of(const char* file) {
  std::ifstream stream(file);
  return static_cast<std::size_t>(std::count(std::istreambuf_iterator<char>(stream), {}, '\n'));
}

std::size_t number_in(const char* file) {
  std::ifstream stream(file);
  std::size_t number = 0;
  return stream >> number ? number : 0;
}

/// The kernel says "cannot allocate memory" for all of it: what is it that ran out?
std::unexpected<LoadError> map_error(const std::string& path, std::size_t size, int error_number) {
  const std::string what = std::to_string(size) + " bytes: " + std::strerror(error_number);
  if (error_number == ENODEV)
    return load_error(path, "map", what, "its file system has no mappings: open a private copy",
                      error_number);
  if (error_number != ENOMEM)
    return load_error(path, "map", what, "open a private copy (is_mapped = false)", error_number);
  struct rlimit space{};
  ::getrlimit(RLIMIT_AS, &space);
  const std::size_t most = number_in("/proc/sys/vm/max_map_count");
  // The count is read after the failure, so a few may have gone since.
  if (most != 0 && lines_of("/proc/self/maps") + most / 64 >= most)
    return load_error(
        path, "map",
        "the process has all the " + std::to_string(most) + " mappings that it may have",
        "drop some, or raise vm.max_map_count (sysctl -w vm.max_map_count=" +
            std::to_string(4 * most) + ")",
        error_number);
  if (space.rlim_cur != RLIM_INFINITY)
    return load_error(path, "map",
                      "too large: " + std::to_string(size) + " bytes, and the address space is " +
                          "limited to " + std::to_string(space.rlim_cur),
                      "raise the limit (ulimit -v)", error_number);
  return load_error(path, "map",
                    "too large: no address range is free for " + std::to_string(size) + " bytes",
                    "map it in parts, or in a 64-bit process", error_number);
}

/// As many of `size` bytes as the file has; nothing where reading fails (errno).
std::expected<std::size_t, int> read_all(int fd, std::byte* to, std::size_t size) {
  std::size_t done = 0;
  while (done < size) {
    const ssize_t got = ::pread(fd, to + done, size - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return std::unexpected(errno);
    if (got == 0) break;
    done += static_cast<std::size_t>(got);
  }
  return done;
}

/// The order of reads kept: the compiler may not drop or join them.
unsigned touch_pages(ByteView bytes) {
  unsigned sum = 0;
  for (std::size_t at = 0; at < bytes.size(); at += page_bytes())
    sum += *static_cast<const volatile unsigned char*>(
        reinterpret_cast<const unsigned char*>(bytes.data() + at));
  return sum;
}

std::string mend_of_advice(int error_number) {
  switch (error_number) {
    case EINVAL:
      return "the kernel has no such advice: go on without it";
    case ENOMEM:
      return "the kernel lacks memory, or something else took addresses of the mapping: free "
             "memory, "
             "or open it again";
    case EAGAIN:
    case EINTR:
      return "try again";
    default:
      return "check the disk";
  }
}

constexpr const char* kTruncated = "truncated while it is mapped: pages are missing";
constexpr const char* kTruncatedMend =
    "open it again, have it published by rename, or open a private copy (is_mapped = false)";

}  // namespace

std::expected<ModelData::FileState, LoadError> ModelData::state_of(const std::string& path,
                                                                   int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0)
    return load_error(path, "open", std::strerror(errno), mend_of_open(errno), errno);
  if (S_ISDIR(status.st_mode))
    return load_error(path, "open", "a directory", "name a file in it", EISDIR);
  if (!S_ISREG(status.st_mode))
    return load_error(path, "open", "no regular file",
                      "copy what it gives to a file, or read it "
                      "and use from_bytes()");
  if (status.st_size == 0) return load_error(path, "open", "empty", "copy or write the file anew");
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  return FileState{static_cast<std::size_t>(status.st_size),
                   status.st_mtim.tv_sec * kNsPerSecond + status.st_mtim.tv_nsec};
}

std::expected<ModelData, LoadError> ModelData::open(const std::string& path,
                                                    const OpenOptions& options) {
  // Without O_NONBLOCK, a pipe without a writer would be waited for.
  Descriptor fd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (fd.get() < 0)
    return load_error(path, "open", std::strerror(errno), mend_of_open(errno), errno);
  const auto state = state_of(path, fd.get());
  if (!state) return std::unexpected(state.error());
  const std::size_t most_bytes =
      options.most_owned_bytes == 0 ? memory_bytes() : options.most_owned_bytes;
  auto data =
      options.is_mapped ? map(path, fd.get(), *state) : copy(path, fd.get(), *state, most_bytes);
  if (!data) return data;
  if (data->is_mapped_) data->fd_ = fd.take();
  const auto compression =
      options.decompresses ? data->guarded(detect_compression) : Compression::kNone;
  if (!compression) return std::unexpected(compression.error());
  if (*compression != Compression::kNone) data = decompressed(*data, *compression, most_bytes);
  if (data && data->size() < options.least_bytes)
    return load_error(path, "open",
                      "truncated: " + std::to_string(data->size()) + " of " +
                          std::to_string(options.least_bytes) + " bytes are there",
                      "copy or write the file anew");
  return data;
}

std::expected<ModelData, LoadError> ModelData::map(const std::string& path, int fd,
                                                   FileState state) {
  void* const at = ::mmap(nullptr, state.size, PROT_READ, MAP_SHARED, fd, 0);
  if (at == MAP_FAILED) return map_error(path, state.size, errno);
  ModelData data;
  data.path_ = path;
  data.mapping_ = static_cast<std::byte*>(at);
  data.bytes_ = {data.mapping_, state.size};
  data.is_mapped_ = true;
  data.opened_ = state;
  data.guard_ = MappingGuard(data.bytes_);
  return data;
}

std::expected<ModelData, LoadError> ModelData::copy(const std::string& path, int fd,
                                                    const FileState& state,
                                                    std::size_t most_bytes) {
  const std::string size = std::to_string(state.size);
  if (state.size > most_bytes)
    return load_error(
        path, "read",
        "too large: " + size + " bytes, and " + std::to_string(most_bytes) + " are allowed",
        "map it (is_mapped = true), or raise most_owned_bytes");
  ModelData data;
  data.path_ = path;
  try {
    data.copy_ = Buffer(state.size, PageSize::kDefault);
  } catch (const std::system_error& refused) {
    return load_error(path, "read", "no memory for " + size + " bytes", "map it (is_mapped = true)",
                      refused.code().value());
  }
  const std::span<std::byte> to = data.copy_.span();
  const auto got = read_all(fd, to.data(), to.size());
  if (!got)
    return load_error(path, "read", std::strerror(got.error()), "check the disk", got.error());
  if (*got != state.size)
    return load_error(
        path, "read",
        "truncated while it was read: " + std::to_string(*got) + " of " + size + " bytes are there",
        "open it again when it is whole");
  data.bytes_ = to;
  return data;
}

std::expected<ModelData, LoadError> ModelData::decompressed(const ModelData& file,
                                                            Compression compression,
                                                            std::size_t most_bytes) {
  auto result =
      file.guarded([&](ByteView bytes) { return decompress(bytes, compression, most_bytes); });
  if (!result) return std::unexpected(std::move(result.error()));
  if (!*result)
    return load_error(file.path_, "decompress",
                      std::string(name_of(compression)) + ": " + result->error().reason,
                      result->error().mend);
  ModelData data;
  data.path_ = file.path_;
  data.compression_ = compression;
  data.heap_ = std::move(**result);
  data.bytes_ = data.heap_.span();
  return data;
}

ModelData ModelData::from_bytes(std::vector<std::byte> bytes) {
  ModelData data;
  data.path_ = kOwnedPath;
  data.given_ = std::move(bytes);
  data.bytes_ = data.given_;
  return data;
}

ModelData::ModelData(ModelData&& other) noexcept {
  swap(other);
}

ModelData& ModelData::operator=(ModelData&& other) noexcept {
  ModelData taken(std::move(other));
  swap(taken);
  return *this;
}

void ModelData::swap(ModelData& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(bytes_, other.bytes_);
  std::swap(is_mapped_, other.is_mapped_);
  std::swap(compression_, other.compression_);
  std::swap(given_, other.given_);
  std::swap(heap_, other.heap_);
  std::swap(copy_, other.copy_);
  std::swap(mapping_, other.mapping_);
  std::swap(guard_, other.guard_);
  std::swap(fd_, other.fd_);
  std::swap(opened_, other.opened_);
}

ModelData::~ModelData() {
  guard_ = MappingGuard();  // swaps: the old one goes at the end of this statement
  if (mapping_ != nullptr) ::munmap(mapping_, bytes_.size());
  if (fd_ >= 0) ::close(fd_);
}

LoadError ModelData::damage(const char* operation) const {
  const auto now = state_of(path_, fd_);
  if (now && *now == opened_)
    return {path_, operation, "a page cannot be read, and the file is as long as it was",
            "check the disk (dmesg), and copy the file anew", EIO};
  return {path_, operation, kTruncated, kTruncatedMend};
}

std::expected<void, LoadError> ModelData::check_unchanged() const {
  if (!is_mapped_) return {};
  struct stat status{};
  if (::fstat(fd_, &status) != 0)
    return load_error(path_, "check", std::strerror(errno), "check the disk", errno);
  const auto size = static_cast<std::size_t>(status.st_size);
  if (size < opened_.size)
    return load_error(path_, "check",
                      "truncated while it is mapped: " + std::to_string(size) + " of " +
                          std::to_string(opened_.size) + " bytes are there",
                      kTruncatedMend);
  if (is_damaged()) return std::unexpected(damage("check"));
  constexpr std::int64_t kNsPerSecond = 1'000'000'000;
  const FileState now{size, status.st_mtim.tv_sec * kNsPerSecond + status.st_mtim.tv_nsec};
  if (now != opened_)
    return load_error(path_, "check", "written to while it is mapped", kTruncatedMend);
  return {};
}

std::expected<void, LoadError> ModelData::release_pages(std::size_t offset,
                                                        std::size_t length) const {
  if (!is_mapped_) return {};
  const std::size_t end = offset + std::min(length, size() - offset);
  const std::size_t page = page_bytes();
  const std::size_t first = (offset + page - 1) / page * page;
  // The last page of the file is nobody else's, however little of it is the file's.
  const std::size_t behind = end == size() ? end : end / page * page;
  if (first >= behind) return {};
  return advise("release pages", MADV_DONTNEED, first, behind - first);
}

std::expected<void, LoadError> ModelData::advise_sequential() const {
  return advise("advise sequential", MADV_SEQUENTIAL, 0, kToTheEnd);
}

std::expected<void, LoadError> ModelData::advise_random() const {
  return advise("advise random", MADV_RANDOM, 0, kToTheEnd);
}

std::expected<void, LoadError> ModelData::advise_normal() const {
  return advise("advise normal", MADV_NORMAL, 0, kToTheEnd);
}

std::expected<void, LoadError> ModelData::advise_will_need(std::size_t offset,
                                                           std::size_t length) const {
  return advise("advise will need", MADV_WILLNEED, offset, length);
}

std::expected<void, LoadError> ModelData::populate(std::size_t offset, std::size_t length) const {
  if (!is_mapped_) return {};
#ifdef MADV_POPULATE_READ
  constexpr int kPopulateRead = MADV_POPULATE_READ;
#else
  constexpr int kPopulateRead = 22;
#endif
  auto populated = advise("populate", kPopulateRead, offset, length);
  if (populated) return populated;
  if (populated.error().error_number == EFAULT) return std::unexpected(damage("populate"));
  if (populated.error().error_number != EINVAL) return populated;
  const std::size_t first = offset / page_bytes() * page_bytes();  // the kernel is older than 5.14
  const std::size_t end = offset + std::min(length, size() - offset);
  auto touched =
      guarded([&](ByteView bytes) { return touch_pages(bytes.subspan(first, end - first)); });
  if (!touched) return std::unexpected(std::move(touched.error()));
  return {};
}

std::expected<void, LoadError> ModelData::advise(const char* operation, int advice,
                                                 std::size_t offset, std::size_t length) const {
  if (!is_mapped_) return {};
  const std::size_t first = offset / page_bytes() * page_bytes();
  const std::size_t end = offset + std::min(length, size() - offset);
  if (::madvise(mapping_ + first, end - first, advice) != 0)
    return load_error(path_, operation, std::strerror(errno), mend_of_advice(errno), errno);
  return {};
}

}  // namespace assay
