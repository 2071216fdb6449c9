#include <liburing.h>

#include <algorithm>
#include <array>
#include <memory>
#include <optional>

#include "kernels/loading/loaders.hpp"
#include "kernels/loading/open_file.hpp"

namespace assay {
namespace {

using Sum = std::expected<std::uint64_t, LoadError>;

/// A ring of kLoadDepth entries, taken down when it goes.
class Ring {
 public:
  Ring()
      : error_number_(-::io_uring_queue_init(kLoadDepth, &ring_, 0)), is_set_up_(!error_number_) {
    if (is_set_up_ && !can_read()) error_number_ = EOPNOTSUPP;
  }
  Ring(const Ring&) = delete;
  Ring& operator=(const Ring&) = delete;
  ~Ring() {
    if (is_set_up_) ::io_uring_queue_exit(&ring_);
  }
  /// Of setting it up; EOPNOTSUPP: it has no plain reads.
  int error_number() const { return error_number_; }
  io_uring* get() { return &ring_; }

 private:
  bool can_read() {
    const std::unique_ptr<io_uring_probe, void (*)(io_uring_probe*)> probe(
        ::io_uring_get_probe_ring(&ring_), ::io_uring_free_probe);
    return probe != nullptr && ::io_uring_opcode_supported(probe.get(), IORING_OP_READ) != 0;
  }

  io_uring ring_{};
  int error_number_;
  bool is_set_up_;
};

/// Keeps a read in flight into each chunk of memory, and adds up each as it comes in.
Sum sum_chunks(const std::string& path, const OpenFile& file, Ring& ring,
               std::span<std::byte> reused) {
  struct Read {
    std::size_t at;
    std::byte* to;
  };
  std::array<Read, kLoadDepth> reads{};
  std::size_t asked = 0, in_flight = 0;
  const auto ask = [&](Read& read) {
    read.at = asked;
    io_uring_sqe* const entry = ::io_uring_get_sqe(ring.get());
    ::io_uring_prep_read(entry, file.fd(), read.to, kLoadChunk, read.at);
    ::io_uring_sqe_set_data(entry, &read);
    asked += kLoadChunk;
    ++in_flight;
  };
  for (std::size_t i = 0; i < kLoadDepth && asked < file.size(); ++i) {
    reads[i].to = reused.data() + i * kLoadChunk;
    ask(reads[i]);
  }
  std::uint64_t sum = 0;
  int failure = 0;  // goes on until nothing is in flight into memory that may be given back
  bool is_short = false;
  while (in_flight > 0) {
    if (const int submitted = ::io_uring_submit_and_wait(ring.get(), 1); submitted < 0) {
      if (submitted == -EINTR) continue;
      return load_failed(path, "submit", -submitted);
    }
    io_uring_cqe* done = nullptr;
    while (::io_uring_peek_cqe(ring.get(), &done) == 0) {
      auto& read = *static_cast<Read*>(::io_uring_cqe_get_data(done));
      const int got = done->res;
      ::io_uring_cqe_seen(ring.get(), done);
      --in_flight;
      const std::size_t wanted = std::min(kLoadChunk, file.size() - read.at);
      if (got < 0) {
        failure = -got;
      } else if (static_cast<std::size_t>(got) < wanted) {
        is_short = true;
      } else {
        sum += sum_words({read.to, wanted});
      }
      if (failure == 0 && !is_short && asked < file.size()) ask(read);
    }
  }
  if (failure != 0) return load_failed(path, "read", failure);
  if (is_short) return ended_early(path);
  return sum;
}

Sum load_by_ring(const std::string& path, std::span<std::byte> reused, int flags) {
  const auto file = OpenFile::open(path, flags);
  if (!file) return std::unexpected(file.error());
  if (reused.size() < kLoadDepth * kLoadChunk) return load_failed(path, "read", ENOMEM);
  // A program that reads by a ring keeps it. After a failure reads may be in flight: a new one.
  thread_local std::optional<Ring> ring;
  if (!ring) ring.emplace();
  if (const int error_number = ring->error_number(); error_number != 0) {
    ring.reset();
    return std::unexpected(LoadError{path, "set up io_uring", why_no_io_uring(error_number),
                                     "try another way to load it", error_number});
  }
  Sum sum = sum_chunks(path, *file, *ring, reused);
  if (!sum) ring.reset();
  return sum;
}

}  // namespace

std::expected<std::uint64_t, LoadError> load_uring_chunk(const std::string& path,
                                                         std::span<std::byte> reused) {
  return load_by_ring(path, reused, 0);
}

std::expected<std::uint64_t, LoadError> load_uring_direct_chunk(const std::string& path,
                                                                std::span<std::byte> reused) {
  return load_by_ring(path, reused, O_DIRECT);
}

}  // namespace assay
