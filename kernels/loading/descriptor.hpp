#pragma once

#include <unistd.h>

#include <utility>

namespace assay {

/// A file descriptor, or none (-1): closed when it goes, unless it was taken.
class Descriptor {
 public:
  Descriptor() = default;
  explicit Descriptor(int fd) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.take()) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(fd_, other.fd_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  ~Descriptor() { close(); }

  int get() const { return fd_; }
  int take() { return std::exchange(fd_, -1); }
  void close() {
    if (fd_ >= 0) ::close(take());
  }

 private:
  int fd_ = -1;
};

}  // namespace assay
