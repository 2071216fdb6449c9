#pragma once

#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace assay {

/// What the kernel says of memory of a process, or of one mapping of it, in bytes.
struct MemoryUse {
  std::uint64_t resident = 0;
  std::uint64_t proportional = 0;  ///< PSS: each page divided by the processes that map it
  std::uint64_t is_private = 0;    ///< pages that only this process maps, clean or dirty
  std::uint64_t anonymous = 0;     ///< pages without a file
  std::uint64_t swapped = 0;

  bool operator==(const MemoryUse&) const = default;
};

/// Reads the fields of a /proc/PID/smaps_rollup, or adds up those of the mappings of a
/// /proc/PID/smaps that overlap [begin, end). Nothing where a field is no number of kB.
std::optional<MemoryUse> parse_memory_use(std::string_view smaps, std::uint64_t begin = 0,
                                          std::uint64_t end = UINT64_MAX);

/// Of this process; of the mappings that hold these bytes. The error names the file that could
/// not be read.
std::expected<MemoryUse, std::string> memory_use();
std::expected<MemoryUse, std::string> memory_use(std::span<const std::byte> bytes);

/// Page faults of this process so far; a major one waited for a disk (or a swap device).
struct PageFaults {
  std::uint64_t minor = 0;
  std::uint64_t major = 0;
};
PageFaults page_faults();

/// How many of the pages of a mapping are in memory, by mincore: of a mapped file, in the page
/// cache, whether or not this process has touched them. `bytes` starts at a page.
struct Residency {
  std::size_t resident_pages = 0;
  std::size_t pages = 0;

  bool is_whole() const { return resident_pages == pages; }
};
std::expected<Residency, std::string> residency(std::span<const std::byte> bytes);

/// zram's three figures, in bytes.
struct ZramUse {
  std::uint64_t original = 0;    ///< what was swapped out
  std::uint64_t compressed = 0;  ///< what that was compressed to
  std::uint64_t used = 0;        ///< memory that this takes, with the allocator's waste

  bool operator==(const ZramUse&) const = default;
};
/// Reads /sys/block/zramN/mm_stat; nothing where that is not three numbers or more.
std::optional<ZramUse> parse_zram_use(std::string_view mm_stat);
std::expected<ZramUse, std::string> zram_use(const std::string& mm_stat_path);

/// The content of a small file (of /proc, /sys); the error names it.
std::expected<std::string, std::string> content_of_file(const std::string& path);

}  // namespace assay
