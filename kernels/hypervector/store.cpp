#include "kernels/hypervector/store.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <utility>

namespace assay {
namespace {

struct Header {
  char magic[8];
  std::uint32_t version;
  std::uint32_t header_bytes;
  std::uint64_t dimension_bits;
  std::uint64_t count;
  std::uint64_t rows_hash;    ///< XXH3 of the rows; of no meaning unless is_sealed
  std::uint64_t is_sealed;    ///< 1 or 0
  std::uint64_t unused;       ///< 0
  std::uint64_t header_hash;  ///< XXH3 of what stands before it
};
constexpr std::size_t kHeaderBytes = 64;
static_assert(sizeof(Header) == kHeaderBytes);
static_assert(std::endian::native == std::endian::little);

constexpr char kMagic[8] = "ASSAYHV";
constexpr std::uint32_t kVersion = 1;

std::uint64_t hash_of(const Header& header) {
  return XXH3_64bits(&header, offsetof(Header, header_hash));
}

std::unexpected<StoreError> wrong(const std::string& path, const std::string& what) {
  return std::unexpected(path + ": " + what);
}

std::unexpected<StoreError> failed(const std::string& path, const char* operation) {
  return wrong(path, std::string(operation) + ": " + std::strerror(errno));
}

/// Closes the descriptor when it goes.
class Descriptor {
 public:
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() {
    if (fd_ >= 0) ::close(fd_);
  }
  int get() const { return fd_; }
  bool is_open() const { return fd_ >= 0; }
  /// Closes now; false, with errno, if what was written could not be kept.
  bool close() { return ::close(std::exchange(fd_, -1)) == 0; }

 private:
  int fd_;
};

/// The bytes of the whole file that the header describes; nothing where that overflows.
std::optional<std::size_t> length_of(const Header& header) {
  std::size_t rows = 0, whole = 0;
  if (__builtin_mul_overflow(header.dimension_bits / 8, header.count, &rows) ||
      __builtin_add_overflow(rows, kHeaderBytes, &whole))
    return std::nullopt;
  return whole;
}

std::expected<void, StoreError> check(const std::string& path, const Header& header,
                                      std::size_t file_bytes) {
  if (!std::equal(std::begin(kMagic), std::end(kMagic), header.magic))
    return wrong(path, "no store of hypervectors (its first bytes are others); name another file");
  if (header.version != kVersion)
    return wrong(path, "version " + std::to_string(header.version) +
                           " of the format; this program reads " + std::to_string(kVersion) +
                           ": write the store anew");
  if (header.header_hash != hash_of(header) || header.header_bytes != kHeaderBytes)
    return wrong(path, "the header is damaged: write the store anew");
  if (header.dimension_bits == 0 || header.dimension_bits % kHvBits != 0)
    return wrong(path, "a dimension of " + std::to_string(header.dimension_bits) +
                           " bits is no multiple of 2048: write the store anew");
  const auto expected = length_of(header);
  if (!expected)
    return wrong(path, std::to_string(header.count) + " rows of " +
                           std::to_string(header.dimension_bits) +
                           " bits are more than any file holds");
  if (file_bytes < *expected)
    return wrong(path, "truncated: " + std::to_string(file_bytes) + " of " +
                           std::to_string(*expected) + " bytes are there; copy or write it anew");
  if (file_bytes > *expected)
    return wrong(path, std::to_string(file_bytes - *expected) +
                           " bytes follow the last row; copy or write it anew");
  return {};
}

/// Writes all of it, however many calls that takes; false, with errno, where it cannot.
bool write_all(int fd, const void* data, std::size_t size) {
  const auto* from = static_cast<const char*>(data);
  while (size > 0) {
    const ssize_t written = ::write(fd, from, size);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return false;
    from += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

/// Makes the rename itself outlive the machine.
void sync_folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const Descriptor fd(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (fd.is_open()) ::fsync(fd.get());
}

Header make_header(std::size_t dimension_bits, BitsView rows) {
  Header header{};
  std::ranges::copy(kMagic, header.magic);
  header.version = kVersion;
  header.header_bytes = kHeaderBytes;
  header.dimension_bits = dimension_bits;
  header.count = rows.size() / (dimension_bits / 8);
  header.rows_hash = XXH3_64bits(rows.data(), rows.size());
  header.is_sealed = 1;
  header.header_hash = hash_of(header);
  return header;
}

void set_seal(std::byte* mapping, bool is_sealed, std::uint64_t rows_hash) {
  Header header;
  std::memcpy(&header, mapping, sizeof header);
  header.is_sealed = is_sealed ? 1 : 0;
  header.rows_hash = rows_hash;
  header.header_hash = hash_of(header);
  std::memcpy(mapping, &header, sizeof header);
}

}  // namespace

std::expected<VectorStore, StoreError> VectorStore::map(const std::string& path, bool is_writable) {
  const Descriptor fd(::open(path.c_str(), (is_writable ? O_RDWR : O_RDONLY) | O_CLOEXEC));
  if (!fd.is_open()) return failed(path, "cannot be opened");
  struct stat status{};
  if (::fstat(fd.get(), &status) != 0) return failed(path, "cannot be examined");
  if (!S_ISREG(status.st_mode)) return wrong(path, "no regular file; name a store of hypervectors");
  const auto file_bytes = static_cast<std::size_t>(status.st_size);
  if (file_bytes < kHeaderBytes)
    return wrong(path, "truncated or no store: " + std::to_string(file_bytes) +
                           " bytes cannot hold the header of 64; copy or write it anew");
  VectorStore store;
  void* const at = ::mmap(nullptr, file_bytes, is_writable ? PROT_READ | PROT_WRITE : PROT_READ,
                          MAP_SHARED, fd.get(), 0);
  if (at == MAP_FAILED) return failed(path, "cannot be mapped");
  store.path_ = path;
  store.mapping_ = static_cast<std::byte*>(at);
  store.length_ = file_bytes;
  Header header;
  std::memcpy(&header, store.mapping_, sizeof header);
  if (auto checked = check(path, header, file_bytes); !checked)
    return std::unexpected(std::move(checked.error()));
  store.row_bytes_ = header.dimension_bits / 8;
  store.count_ = header.count;
  store.device_ = status.st_dev;
  store.inode_ = status.st_ino;
  return store;
}

std::expected<VectorStore, StoreError> VectorStore::open(const std::string& path) {
  return map(path, false);
}

std::expected<VectorStore, StoreError> VectorStore::open_writable(const std::string& path) {
  auto store = map(path, true);
  if (store) set_seal(store->mapping_, false, 0);
  return store;
}

VectorStore::VectorStore(VectorStore&& other) noexcept {
  *this = std::move(other);
}

VectorStore& VectorStore::operator=(VectorStore&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(mapping_, other.mapping_);
  std::swap(length_, other.length_);
  std::swap(row_bytes_, other.row_bytes_);
  std::swap(count_, other.count_);
  std::swap(device_, other.device_);
  std::swap(inode_, other.inode_);
  return *this;
}

VectorStore::~VectorStore() {
  if (mapping_ != nullptr) ::munmap(mapping_, length_);
}

BitsView VectorStore::rows() const {
  return {mapping_ + kHeaderBytes, count_ * row_bytes_};
}

BitsSpan VectorStore::writable_row(std::size_t row) {
  return {mapping_ + kHeaderBytes + row * row_bytes_, row_bytes_};
}

std::expected<void, StoreError> VectorStore::verify() const {
  Header header;
  std::memcpy(&header, mapping_, sizeof header);
  if (header.is_sealed == 0)
    return wrong(path_, "not sealed: it was opened for writing since; seal() it");
  if (XXH3_64bits(rows().data(), rows().size()) != header.rows_hash)
    return wrong(path_,
                 "the rows were changed or damaged since they were written: write them anew");
  return {};
}

std::expected<void, StoreError> VectorStore::check_unchanged() const {
  struct stat status{};
  if (::stat(path_.c_str(), &status) != 0) return failed(path_, "is no longer there");
  if (status.st_dev != device_ || status.st_ino != inode_)
    return wrong(path_, "was replaced since it was opened; open it again");
  if (static_cast<std::size_t>(status.st_size) != length_)
    return wrong(path_, "was changed in length since it was opened (" + std::to_string(length_) +
                            " bytes then, " + std::to_string(status.st_size) +
                            " now): its rows must not be read; write it anew");
  return {};
}

std::expected<void, StoreError> VectorStore::sync() {
  if (::msync(mapping_, length_, MS_SYNC) != 0) return failed(path_, "cannot be synced");
  return {};
}

std::expected<void, StoreError> VectorStore::seal() {
  set_seal(mapping_, true, XXH3_64bits(rows().data(), rows().size()));
  return sync();
}

std::expected<void, StoreError> write_store(const std::string& path, std::size_t dimension_bits,
                                            BitsView rows) {
  const Header header = make_header(dimension_bits, rows);
  std::string temporary = path + ".XXXXXX";
  Descriptor fd(::mkostemp(temporary.data(), O_CLOEXEC));
  if (!fd.is_open()) return failed(path, "no temporary file can be made beside it");
  const bool is_written = write_all(fd.get(), &header, sizeof header) &&
                          write_all(fd.get(), rows.data(), rows.size()) &&
                          ::fchmod(fd.get(), 0644) == 0 && ::fsync(fd.get()) == 0 && fd.close() &&
                          ::rename(temporary.c_str(), path.c_str()) == 0;
  if (!is_written) {
    auto error = failed(path, "cannot be written");
    ::unlink(temporary.c_str());
    return error;
  }
  sync_folder_of(path);
  return {};
}

}  // namespace assay
