#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

/// Where the bytes lie that a probe moves.
enum class Level { kL1, kL2, kL3, kDram };

/// Bytes of one core's data caches; the last may be shared with other cores.
struct CacheSizes {
  std::size_t l1 = std::size_t{32} << 10;
  std::size_t l2 = std::size_t{1} << 20;
  std::size_t l3 = std::size_t{32} << 20;
};

/// A size as sysfs writes it, in bytes: "32K", "32768K", "1M", "64"; nothing for anything else.
std::optional<std::size_t> parse_cache_size(std::string_view text);

/// What the system says under `cpu_folder` ("/sys/devices/system/cpu/cpu0"); of a cache that it
/// does not know, the size above.
CacheSizes read_cache_sizes(const std::string& cpu_folder);

/// How many bytes a probe works through before it comes back to the first, where one iteration
/// touches `touched` > 0. All of `touched`, if that is too much for the level below: then a kernel
/// of the same working set is compared with exactly that. Else as much as surely lies in this
/// level, rounded up to a multiple of `touched`: half of L2, a quarter of L3, which others share;
/// for DRAM four times L3, 256 MiB at least. Error: `touched` does not fit this level.
std::expected<std::size_t, std::string> footprint_bytes(Level level, const CacheSizes& sizes,
                                                        std::size_t touched);

}  // namespace assay
