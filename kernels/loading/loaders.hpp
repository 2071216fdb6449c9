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
/// - `.../chunk`: a chunk of 1 MiB of the caller's memory (or as many as reads are in flight),
/// added
///   up as soon as it is filled, from whichever cache still holds it.
/// `direct` opens with O_DIRECT (past the page cache); `uring` keeps kLoadDepth reads in flight, by
/// a ring that the thread keeps from load to load.
struct Loader {
  std::string_view name;
  Reused reused;
  LoadFn* run;
};

/// All loaders that this build has; io_uring's are there if liburing was.
std::span<const Loader> loaders();
/// The loader of that name. Throws std::invalid_argument where there is none.
const Loader& find_loader(std::string_view name);

// By a trial of 16 MiB on one machine (EPYC, 1 MiB of L2, 32 MiB of L3; a virtual disk). Chunk, by
// pread: 1 and 2 MiB took 2.4 to 2.5 ms, 128 and 256 KiB, which stay in L2, 2.7, as the kernel
// copies longer stretches faster and L3 keeps up. Depth, from the disk in chunks of 1 MiB: 1, 2, 4,
// 8 and 16 took 7.3, 6.7, 7.2, 7.3 and 7.8 ms (lower quartiles; the chunks of 512 KiB and 2 MiB
// none less).
inline constexpr std::size_t kLoadChunk = std::size_t{1} << 20;
inline constexpr std::size_t kLoadDepth = 2;  ///< chunks in flight

/// Bytes that the loader must be given for a file of that size.
std::size_t reused_bytes(const Loader& loader, std::size_t file_bytes);

/// What the error of setting up a ring means: EOPNOTSUPP stands for one without plain reads.
std::string why_no_io_uring(int error_number);

#ifdef ASSAY_HAVE_URING
LoadFn load_uring_chunk;
LoadFn load_uring_direct_chunk;
#endif

}  // namespace assay
