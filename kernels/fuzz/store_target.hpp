#pragma once

/// What the fuzzer of the vector store runs: a file of any bytes is refused or read within its
/// bounds.

#include <sys/mman.h>
#include <unistd.h>
#include <xxhash.h>

#include <cstring>
#include <stdexcept>
#include <vector>

#include "kernels/hypervector/store.hpp"

namespace assay::fuzz {

/// The bytes, with the header's hash made right if the last is odd: the fuzzer can't find it.
inline std::vector<std::uint8_t> with_hash(std::span<const std::uint8_t> input) {
  constexpr std::size_t kHashed = 56, kHeader = 64;
  std::vector<std::uint8_t> bytes(input.begin(), input.end());
  if (bytes.size() >= kHeader && bytes.back() % 2 == 1) {
    const std::uint64_t hash = XXH3_64bits(bytes.data(), kHashed);
    std::memcpy(bytes.data() + kHashed, &hash, sizeof hash);
  }
  return bytes;
}

/// Opens a file of these bytes. Throws std::logic_error if what is opened is not what the file
/// holds. Returns whether it was opened.
inline bool run_store(std::span<const std::uint8_t> input) {
  const std::vector<std::uint8_t> bytes = with_hash(input);
  const int fd = ::memfd_create("store", MFD_CLOEXEC);
  if (fd < 0 || ::write(fd, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size()))
    throw std::logic_error("no file in memory");
  const auto store = VectorStore::open("/proc/self/fd/" + std::to_string(fd));
  ::close(fd);
  if (!store) {
    if (store.error().empty()) throw std::logic_error("refused without a word");
    return false;
  }
  if (store->rows().size() + 64 != bytes.size() ||
      store->rows().size() != store->size() * (store->dimension_bits() / 8))
    throw std::logic_error("the rows are not the file's");
  if (std::memcmp(store->rows().data(), bytes.data() + 64, store->rows().size()) != 0)
    throw std::logic_error("the rows differ");
  static_cast<void>(store->verify());
  return true;
}

}  // namespace assay::fuzz
