#pragma once

#include <expected>
#include <string>

#include "kernels/hypervector/hypervector.hpp"

namespace assay {

/// What went wrong with a store: the path, what, and the mend.
using StoreError = std::string;

/// A file of hypervectors of one dimension, mapped: bind and search work on its rows where they
/// lie.
///
/// Layout, little-endian: a header of 64 bytes (magic "ASSAYHV", version, dimension in bits, count
/// of rows, hash of the rows, hash of the header), then the rows, one after the other, 64-byte
/// aligned. Every process that opens a file shares one copy of its pages.
///
/// The bytes are the file's: who writes the file changes them. A file that somebody truncates below
/// a row that is then read ends this process by SIGBUS, as with any mapping; check_unchanged()
/// tells beforehand, and write_store() never truncates: it replaces the file, and old mappings keep
/// the old one.
class VectorStore {
 public:
  /// Maps a file for reading. What is checked: magic, version, the header's hash, and that the file
  /// is exactly as long as its header says, in checked arithmetic. The rows' hash is checked by
  /// verify() alone, so that opening costs the same whatever the size.
  static std::expected<VectorStore, StoreError> open(const std::string& path);

  /// The same for writing through the mapping; what was written outlives the process, at once and
  /// however it ends, but only sync() makes it outlive the machine. Breaks the seal: verify() fails
  /// until seal().
  static std::expected<VectorStore, StoreError> open_writable(const std::string& path);

  VectorStore(VectorStore&& other) noexcept;
  VectorStore& operator=(VectorStore&& other) noexcept;
  VectorStore(const VectorStore&) = delete;
  VectorStore& operator=(const VectorStore&) = delete;
  ~VectorStore();

  std::size_t dimension_bits() const { return row_bytes_ * 8; }
  std::size_t size() const { return count_; }

  /// All rows, one after the other; they live as long as the store.
  BitsView rows() const;
  /// One row; requires row < size().
  BitsView row(std::size_t row) const { return rows().subspan(row * row_bytes_, row_bytes_); }
  /// One row, to be written; requires open_writable().
  BitsSpan writable_row(std::size_t row);

  /// Compares the rows with the hash that they were written with: reads the whole file.
  std::expected<void, StoreError> verify() const;
  /// Whether the file at the path still is the one that was mapped, at the same length.
  std::expected<void, StoreError> check_unchanged() const;
  /// Waits until what was written is on the disk. Requires open_writable().
  std::expected<void, StoreError> sync();
  /// Hashes the rows anew, then sync(). Requires open_writable().
  std::expected<void, StoreError> seal();

 private:
  VectorStore() = default;
  static std::expected<VectorStore, StoreError> map(const std::string& path, bool is_writable);

  std::string path_;
  std::byte* mapping_ = nullptr;
  std::size_t length_ = 0;
  std::size_t row_bytes_ = 0;
  std::size_t count_ = 0;
  std::uint64_t device_ = 0;
  std::uint64_t inode_ = 0;
};

/// Writes a store: to a temporary file beside it, synced, then renamed, so that at any moment the
/// path names the old file or the whole new one. Requires: dimension_bits is a multiple of 2,048
/// above 0, rows.size() a multiple of dimension_bits / 8.
std::expected<void, StoreError> write_store(const std::string& path, std::size_t dimension_bits,
                                            BitsView rows);

}  // namespace assay
