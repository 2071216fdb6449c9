#include "benches/limits/levels.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <limits>

namespace assay {
namespace {

std::string first_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  std::getline(file, line);
  return line;
}

struct Range {
  std::size_t above;    ///< so many lie in the level below
  std::size_t typical;  ///< of those that touch less
  std::size_t most;     ///< more do not fit
};

Range range_of(Level level, const CacheSizes& sizes) {
  constexpr std::size_t kLeastDram = std::size_t{256} << 20;
  switch (level) {
    case Level::kL1:
      return {0, 0, sizes.l1};
    case Level::kL2:
      return {2 * sizes.l1, sizes.l2 / 2, sizes.l2};
    case Level::kL3:
      return {2 * sizes.l2, sizes.l3 / 4, sizes.l3};
    case Level::kDram:
      break;
  }
  return {4 * sizes.l3, std::max(kLeastDram, 4 * sizes.l3),
          std::numeric_limits<std::size_t>::max()};
}

}  // namespace

std::optional<std::size_t> parse_cache_size(std::string_view text) {
  std::size_t value = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  const std::string_view unit = text.substr(static_cast<std::size_t>(rest - text.data()));
  if (error != std::errc{} || value == 0) {
    return std::nullopt;
  }
  if (unit.empty()) {
    return value;
  }
  if (unit == "K") {
    return value << 10;
  }
  if (unit == "M") {
    return value << 20;
  }
  return std::nullopt;
}

CacheSizes read_cache_sizes(const std::string& cpu_folder) {
  constexpr int kMostCaches = 8;
  CacheSizes sizes;
  for (int i = 0; i < kMostCaches; ++i) {
    const std::string cache = cpu_folder + "/cache/index" + std::to_string(i);
    const auto size = parse_cache_size(first_line(cache + "/size"));
    if (!size || first_line(cache + "/type") == "Instruction") {
      continue;
    }
    const std::string level = first_line(cache + "/level");
    if (level == "1") {
      sizes.l1 = *size;
    } else if (level == "2") {
      sizes.l2 = *size;
    } else if (level == "3") {
      sizes.l3 = *size;
    }
  }
  return sizes;
}

std::expected<std::size_t, std::string> footprint_bytes(Level level, const CacheSizes& sizes,
                                                        std::size_t touched) {
  const Range range = range_of(level, sizes);
  if (touched > range.most) {
    return std::unexpected(std::to_string(touched) + " bytes do not fit a cache of " +
                           std::to_string(range.most));
  }
  if (touched > range.above) {
    return touched;
  }
  return (range.typical + touched - 1) / touched * touched;
}

}  // namespace assay
