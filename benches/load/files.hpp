#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "benches/load/not_run.hpp"
#include "kernels/loading/descriptor.hpp"

namespace assay {

/// Weights as they are stored: float32 values of about a normal distribution (the sum of four
/// uniform ones, deviation 0.02), the same from the same seed. With `bf16`, cut off to bfloat16 and
/// stored as float32 all the same: the low half of each word is zero.
/// Requires: the size is a multiple of 8.
void fill_with_weights(std::span<std::byte> bytes, std::uint64_t seed, bool bf16 = false);

/// A file for measuring: it lies in the folder that ASSAY_LOAD_DIR names (default /var/tmp, which
/// is on a disk), and has no name there, so that no run leaves one behind, however it ends.
class LoadFile {
 public:
  /// A file of this content, on the disk, and, where its file system lets go of its pages, not in
  /// the page cache: whoever reads it first decides in what pieces it lies there. Throws: NotRun
  /// where the disk is full or refuses.
  explicit LoadFile(std::span<const std::byte> content);
  /// The same, extended to `size` bytes by a hole that nobody is to read.
  LoadFile(std::span<const std::byte> content, std::size_t size);
  LoadFile(const LoadFile&) = delete;
  LoadFile& operator=(const LoadFile&) = delete;
  ~LoadFile();

  /// Opens like any path, by this process and its children.
  const std::string& path() const { return path_; }
  std::size_t size() const { return size_; }
  /// What all loaders must find, from a scalar sum of the content.
  std::uint64_t sum() const { return sum_; }

  /// Makes the first `bytes` (0: all) resident in the page cache; proves it by mincore. If any page
  /// is missing, all are evicted, as far as they can be, and read from first to last by pread() of
  /// a mebibyte, so that the kernel's reading ahead alone decides how large the cache's folios are.
  /// Throws: NotRun where they do not stay.
  void make_warm(std::size_t bytes = 0) const;
  /// Evicts all pages; proves it by mincore. Throws: NotRun where they stay, as in a tmpfs.
  /// Requires that nothing has mapped and touched them.
  void make_cold() const;
  /// Bytes of the file in the page cache.
  std::size_t cached_bytes() const;

 private:
  /// As far as the file system lets go of them, all pages; tries until `proved` has none.
  void evict(std::span<const std::byte> proved) const;

  Descriptor fd_;
  std::string path_;
  std::size_t size_ = 0;
  std::uint64_t sum_ = 0;
  std::span<const std::byte> probe_;  ///< a mapping that is never touched, for mincore
};

/// The warm weights file of that size: made and read into the page cache (make_warm) when it is
/// first asked for, kept until the process ends. Nobody is to evict it: what is cold, or paged out,
/// has evictable_weights_file(). Throws: NotRun.
const LoadFile& weights_file(std::size_t bytes);

/// One of four such files, the next at each call: together they are larger than most L3 caches, so
/// that each is read from memory however often it is asked for. Requires 16 MiB or more for that.
const LoadFile& next_weights_file(std::size_t bytes);

/// A file of that size for those who evict it, of other weights; in the page cache or not as they
/// have left it. One suffices, as what comes from the disk comes into other memory each time.
const LoadFile& evictable_weights_file(std::size_t bytes);

/// The file's name in benchmarks: "bytes:67108864".
std::string bytes_name(std::size_t bytes);

}  // namespace assay
