#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "kernels/loading/buffers.hpp"
#include "kernels/loading/decompress.hpp"
#include "kernels/loading/load_error.hpp"
#include "kernels/loading/mapping_guard.hpp"

namespace assay {

using ByteView = std::span<const std::byte>;

/// How ModelData::open() gets at a file's bytes.
struct OpenOptions {
  /// Maps the file. Else reads it into memory of the process: whoever truncates or overwrites the
  /// file later then changes nothing here, for the price of a copy that other processes do not
  /// share and that goes to swap under pressure.
  bool is_mapped = true;
  /// Whether a compressed file is recognised and decompressed; else its bytes are taken as they
  /// are.
  bool decompresses = true;
  /// Refuses a file that is shorter (after decompression): 0 asks for nothing.
  std::size_t least_bytes = 0;
  /// Refuses a private copy, or the decompressed bytes, above this; 0 stands for the machine's
  /// memory. Mappings need no memory and have no such limit.
  std::size_t most_owned_bytes = 0;
};

/// The bytes of a model: a mapped file, or bytes that are owned.
///
/// open() maps the file if it is not compressed, and decompresses it to the heap if it is (zstd and
/// gzip, by their first bytes); is_mapped() tells which. Mapped pages belong to the page cache:
/// they are read when they are first touched, shared by all processes, and dropped, never swapped,
/// under pressure. The mapping does not need the descriptor; it is kept for check_unchanged()
/// alone.
///
/// **A file that changes while it is mapped.** The mapping shows the file as it is, so what is
/// written to the file later is seen, and what is cut off is gone:
/// - a read of a page that lies wholly behind the new end gives zeros, from that page to the end,
///   and does not end the process (see MappingGuard); from then on is_damaged() is true and every
///   guarded() read fails;
/// - a page that the disk does not give does the same, and the error then says so;
/// - the rest of the last page reads as zeros, with no way to notice but check_unchanged();
/// - bytes overwritten in place are seen, and check_unchanged() tells by the file's time.
/// So: read through guarded(), which costs one load of a flag, and call check_unchanged() (one
/// fstat) before trusting what was read; or open with is_mapped = false, and have a private copy.
/// Publish files by rename, as mappings of the old one then stay whole.
///
/// Move-only; a moved-from object is empty. All const members may be called by many threads at
/// once.
class ModelData {
 public:
  /// No bytes.
  ModelData() = default;

  /// Opens a file for reading. Errors: it is not there, not permitted, a directory or no regular
  /// file, empty, shorter than least_bytes, larger than memory or address space allow, damaged
  /// (if compressed), or the process has no descriptor or mapping left. Each names the mend.
  static std::expected<ModelData, LoadError> open(const std::string& path,
                                                  const OpenOptions& options = {});

  /// Takes bytes over, whatever they are; nothing is copied or decompressed.
  static ModelData from_bytes(std::vector<std::byte> bytes);

  ModelData(ModelData&& other) noexcept;
  ModelData& operator=(ModelData&& other) noexcept;
  ModelData(const ModelData&) = delete;
  ModelData& operator=(const ModelData&) = delete;
  ~ModelData();

  /// All bytes; they live as long as the object that owns them, also when that is moved. A mapping
  /// starts at a page, a private copy at 2 MiB, other owned bytes at 16.
  ByteView bytes() const noexcept { return bytes_; }
  std::size_t size() const noexcept { return bytes_.size(); }
  bool empty() const noexcept { return bytes_.empty(); }
  bool is_mapped() const noexcept { return is_mapped_; }
  /// How the file was compressed; kNone for a mapping.
  Compression compression() const noexcept { return compression_; }
  /// As it was given; "(owned bytes)" for from_bytes().
  const std::string& path() const noexcept { return path_; }

  /// Runs `read(bytes())` and returns its result, or an error if any page was missing (see above).
  /// `read` sees zeros in place of what is missing, so it must check what it reads, as it must with
  /// any file. Cost: one load of a flag. Never fails for owned bytes.
  template <typename Read>
  auto guarded(Read&& read) const
      -> std::expected<std::invoke_result_t<Read, ByteView>, LoadError> {
    if constexpr (std::is_void_v<std::invoke_result_t<Read, ByteView>>) {
      std::forward<Read>(read)(bytes_);
      if (is_damaged()) return std::unexpected(damage("read"));
      return {};
    } else {
      auto result = std::forward<Read>(read)(bytes_);
      if (is_damaged()) return std::unexpected(damage("read"));
      return result;
    }
  }
  /// Whether a page of the mapping was missing when it was read, in any thread.
  bool is_damaged() const noexcept { return guard_.is_damaged(); }
  /// Whether the file is as it was opened, by its size and its time of modification
  /// (which has the grain of the kernel's clock, some milliseconds): one fstat. Error: it was
  /// truncated, extended or written to, or a page was missing. Owned bytes are never changed.
  std::expected<void, LoadError> check_unchanged() const;

  /// Takes the pages of the range out of this process (MADV_DONTNEED): only those that lie wholly
  /// in it. They stay in the page cache, which the kernel may drop; a later read faults them in
  /// again. A no-op on owned bytes. Requires: the range lies in size().
  std::expected<void, LoadError> release_pages(std::size_t offset = 0,
                                               std::size_t length = kToTheEnd) const;
  /// Advice to the kernel about the mapping; no-ops on owned bytes. Sequential reads ahead more and
  /// drops earlier, random reads ahead nothing, normal takes both back.
  std::expected<void, LoadError> advise_sequential() const;
  std::expected<void, LoadError> advise_random() const;
  std::expected<void, LoadError> advise_normal() const;
  /// Begins to read the range into the page cache, and does not wait. Pages touched are whole ones.
  std::expected<void, LoadError> advise_will_need(std::size_t offset = 0,
                                                  std::size_t length = kToTheEnd) const;
  /// Reads the range into the page cache and maps it, so that no later read of it faults
  /// (MADV_POPULATE_READ; by touching each page where the kernel has none). Error: truncated, a
  /// page that the disk does not give, no memory.
  std::expected<void, LoadError> populate(std::size_t offset = 0,
                                          std::size_t length = kToTheEnd) const;

  static constexpr std::size_t kToTheEnd = static_cast<std::size_t>(-1);

 private:
  struct FileState {
    std::size_t size = 0;
    std::int64_t modified_ns = 0;  ///< since 1970
    bool operator==(const FileState&) const = default;
  };

  static std::expected<ModelData, LoadError> map(const std::string& path, int fd, FileState state);
  static std::expected<ModelData, LoadError> copy(const std::string& path, int fd,
                                                  const FileState& state, std::size_t most_bytes);
  static std::expected<ModelData, LoadError> decompressed(const ModelData& file,
                                                          Compression compression,
                                                          std::size_t most_bytes);
  static std::expected<FileState, LoadError> state_of(const std::string& path, int fd);
  std::expected<void, LoadError> advise(const char* operation, int advice, std::size_t offset,
                                        std::size_t length) const;
  /// What a missing page means: a file that was truncated, or a disk that does not give it.
  LoadError damage(const char* operation) const;
  void swap(ModelData& other) noexcept;

  std::string path_;
  ByteView bytes_;
  bool is_mapped_ = false;
  Compression compression_ = Compression::kNone;
  std::vector<std::byte> given_;
  HeapBytes heap_;  ///< decompressed
  Buffer copy_;     ///< read
  std::byte* mapping_ = nullptr;
  MappingGuard guard_;
  int fd_ = -1;
  FileState opened_;
};

}  // namespace assay
