#pragma once

#include <cstddef>
#include <cstdlib>
#include <expected>
#include <memory>
#include <span>
#include <string>

namespace assay {

enum class Compression { kNone, kZstd, kGzip };

/// "zstd", "gzip" or "none".
const char* name_of(Compression compression);

/// By the first bytes: a zstd frame (or a skippable one before it), a gzip member, or none.
Compression detect_compression(std::span<const std::byte> bytes);

/// Memory from malloc, and how much of it is used.
struct HeapBytes {
  struct Free {
    void operator()(std::byte* at) const { std::free(at); }
  };
  std::unique_ptr<std::byte, Free> data;
  std::size_t size = 0;

  std::span<std::byte> span() const { return {data.get(), size}; }
};

/// What was wrong with the compressed bytes, and what can be done.
struct DecompressError {
  std::string reason;
  std::string mend;
};

/// Decompresses all frames (or members) one after the other. A size that a frame claims is only
/// believed up to `most_bytes`, and memory for it costs nothing until it is written.
/// Errors: damaged, truncated, more than `most_bytes`, no memory.
std::expected<HeapBytes, DecompressError> decompress(std::span<const std::byte> bytes,
                                                     Compression compression,
                                                     std::size_t most_bytes);

}  // namespace assay
