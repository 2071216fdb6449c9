#pragma once

/// What the fuzzer of ModelData runs: a file of any bytes is mapped as it is, decompressed within
/// the limit, or refused.

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <stdexcept>

#include "kernels/loading/model_data.hpp"

namespace assay::fuzz {

/// Opens a file of these bytes. Throws std::logic_error if a promise is broken. Returns whether it
/// was opened.
inline bool run_compressed(std::span<const std::uint8_t> input) {
  constexpr std::size_t kMostBytes = std::size_t{1} << 20;
  const int fd = ::memfd_create("model", MFD_CLOEXEC);
  if (fd < 0 || ::write(fd, input.data(), input.size()) != static_cast<ssize_t>(input.size()))
    throw std::logic_error("no file in memory");
  const auto data =
      ModelData::open("/proc/self/fd/" + std::to_string(fd), {.most_owned_bytes = kMostBytes});
  ::close(fd);
  if (!data) {
    if (data.error().reason.empty() || data.error().mend.empty())
      throw std::logic_error("refused without a word");
    return false;
  }
  const bool is_compressed = detect_compression(std::as_bytes(input)) != Compression::kNone;
  if (data->is_mapped() == is_compressed) throw std::logic_error("mapped and compressed");
  if (data->is_mapped() && !std::ranges::equal(data->bytes(), std::as_bytes(input)))
    throw std::logic_error("the bytes are not the file's");
  if (data->size() > kMostBytes && !data->is_mapped()) throw std::logic_error("beyond the limit");
  static_cast<void>(std::ranges::count(data->bytes(), std::byte{0}));
  return true;
}

}  // namespace assay::fuzz
