#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "kernels/loading/load_error.hpp"

namespace assay {

/// The sum of the bytes' 64-bit words in native order, modulo 2^64; what is missing of the last
/// word counts as zeros. The order of the words does not matter, so that parts may be added.
std::uint64_t sum_words(std::span<const std::byte> bytes) noexcept;

/// Opens the file, gets at all its bytes in one way, adds them up as sum_words() does, and closes.
/// `reused` is memory that the caller keeps from call to call; a loader that reads into memory of
/// its own leaves it alone.
/// Errors: the file cannot be opened, mapped or read, or ends early; no memory.
using LoadFn = std::expected<std::uint64_t, LoadError>(const std::string& path,
                                                       std::span<std::byte> reused);

/// How much memory a loader wants to be given, and on which pages.
enum class Reused { kNothing, kWhole, kWholeHuge, kChunks, kChunksHuge };

/// One way to load. The name says the call, what it is told, and the destination:
/// - `mmap/...`: the page cache itself, mapped; with an advice or populated at once;
/// - `.../fresh`: memory from the system for this one call, given back: what malloc does above 32
///   MiB, at any size; `fresh-huge`: on huge pages;
/// - `.../reused`: the caller's memory, as large as the file, on small pages (`reused-huge`: huge);
/// - `.../chunk`: 8 chunks of 1 MiB of the caller's memory, each added up while it is in the cache.
/// `direct` opens with O_DIRECT (past the page cache); `uring` keeps 8 reads in flight.
struct Loader {
  std::string_view name;
  Reused reused;
  LoadFn* run;
};

/// All loaders that this build has; io_uring's are there if liburing was.
std::span<const Loader> loaders();
/// The loader of that name. Throws std::invalid_argument where there is none.
const Loader& find_loader(std::string_view name);

inline constexpr std::size_t kLoadChunk = std::size_t{1} << 20;
inline constexpr std::size_t kLoadDepth = 8;  ///< chunks in flight

/// Bytes that the loader must be given for a file of that size.
std::size_t reused_bytes(const Loader& loader, std::size_t file_bytes);

#ifdef ASSAY_HAVE_URING
LoadFn load_uring_chunk;
LoadFn load_uring_direct_chunk;
#endif

}  // namespace assay
