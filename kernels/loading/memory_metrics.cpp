#include "kernels/loading/memory_metrics.hpp"

#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <utility>
#include <vector>

namespace assay {
namespace {

constexpr std::uint64_t kKilobyte = 1024;

std::string_view without_leading_spaces(std::string_view text) {
  const auto at = text.find_first_not_of(" \t");
  return at == std::string_view::npos ? std::string_view() : text.substr(at);
}

/// The number that the text begins with.
std::optional<std::uint64_t> leading_number(std::string_view text, int base = 10) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  if (error != std::errc()) return std::nullopt;
  return number;
}

struct AddressRange {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
};

/// "55d0c0-55d0f0 r--p ...": the line that begins a mapping.
std::optional<AddressRange> mapping_of(std::string_view line) {
  const auto dash = line.find('-');
  if (dash == std::string_view::npos || dash == 0) return std::nullopt;
  if (line.substr(0, dash).find_first_not_of("0123456789abcdef") != std::string_view::npos)
    return std::nullopt;
  const auto begin = leading_number(line.substr(0, dash), 16);
  const auto end = leading_number(line.substr(dash + 1), 16);
  if (!begin || !end) return std::nullopt;
  return AddressRange{*begin, *end};
}

std::uint64_t* field_of(MemoryUse& use, std::string_view key) {
  if (key == "Rss") return &use.resident;
  if (key == "Pss") return &use.proportional;
  if (key == "Private_Clean" || key == "Private_Dirty" || key == "Private_Hugetlb")
    return &use.is_private;
  if (key == "Anonymous") return &use.anonymous;
  if (key == "Swap") return &use.swapped;
  return nullptr;
}

/// Adds "Rss:    12 kB" to its field; false where it has no number.
bool add_field(MemoryUse& use, std::string_view line) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  std::uint64_t* const field = field_of(use, line.substr(0, colon));
  if (field == nullptr) return true;
  const auto kilobytes = leading_number(without_leading_spaces(line.substr(colon + 1)));
  if (!kilobytes) return false;
  *field += *kilobytes * kKilobyte;
  return true;
}

}  // namespace

std::optional<MemoryUse> parse_memory_use(std::string_view smaps, std::uint64_t begin,
                                          std::uint64_t end) {
  MemoryUse use;
  bool is_asked = false;
  while (!smaps.empty()) {
    const std::string_view line = smaps.substr(0, smaps.find('\n'));
    smaps.remove_prefix(std::min(smaps.size(), line.size() + 1));
    if (const auto mapping = mapping_of(line)) {
      is_asked = mapping->begin < end && mapping->end > begin;
    } else if (is_asked && !add_field(use, line)) {
      return std::nullopt;
    }
  }
  return use;
}

std::expected<std::string, std::string> content_of_file(const std::string& path) {
  std::ifstream file(path);
  std::ostringstream content;
  if (!file || !(content << file.rdbuf()))
    return std::unexpected(path + " cannot be read: " + std::strerror(errno));
  return std::move(content).str();
}

std::expected<MemoryUse, std::string> memory_use() {
  const auto text = content_of_file("/proc/self/smaps_rollup");
  if (!text) return std::unexpected(text.error());
  const auto use = parse_memory_use(*text);
  if (!use) return std::unexpected("/proc/self/smaps_rollup has a field that is no number");
  return *use;
}

std::expected<MemoryUse, std::string> memory_use(std::span<const std::byte> bytes) {
  const auto text = content_of_file("/proc/self/smaps");
  if (!text) return std::unexpected(text.error());
  const auto begin = reinterpret_cast<std::uintptr_t>(bytes.data());
  const auto use = parse_memory_use(*text, begin, begin + bytes.size());
  if (!use) return std::unexpected("/proc/self/smaps has a field that is no number");
  return *use;
}

PageFaults page_faults() {
  struct rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return {static_cast<std::uint64_t>(usage.ru_minflt), static_cast<std::uint64_t>(usage.ru_majflt)};
}

std::expected<Residency, std::string> residency(std::span<const std::byte> bytes) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  std::vector<unsigned char> is_in((bytes.size() + page - 1) / page);
  // The pages are only looked at.
  auto* const at = const_cast<std::byte*>(bytes.data());
  if (!is_in.empty() && ::mincore(at, bytes.size(), is_in.data()) != 0)
    return std::unexpected(std::string("mincore: ") + std::strerror(errno));
  const auto resident =
      std::ranges::count_if(is_in, [](unsigned char flags) { return (flags & 1U) != 0; });
  return Residency{static_cast<std::size_t>(resident), is_in.size()};
}

std::optional<ZramUse> parse_zram_use(std::string_view mm_stat) {
  std::array<std::uint64_t, 3> figures{};
  for (std::uint64_t& figure : figures) {
    mm_stat = without_leading_spaces(mm_stat);
    const auto number = leading_number(mm_stat);
    if (!number) return std::nullopt;
    figure = *number;
    const auto behind = mm_stat.find_first_not_of("0123456789");
    mm_stat = behind == std::string_view::npos ? std::string_view() : mm_stat.substr(behind);
  }
  return ZramUse{figures[0], figures[1], figures[2]};
}

std::expected<ZramUse, std::string> zram_use(const std::string& mm_stat_path) {
  const auto text = content_of_file(mm_stat_path);
  if (!text) return std::unexpected(text.error());
  const auto use = parse_zram_use(*text);
  if (!use) return std::unexpected(mm_stat_path + " has not three figures");
  return *use;
}

}  // namespace assay
