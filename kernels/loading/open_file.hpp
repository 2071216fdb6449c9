#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <expected>
#include <string>
#include <utility>

#include "kernels/loading/load_error.hpp"

namespace assay {

/// A file open for reading, and its size when it was opened; closed when it goes.
class OpenFile {
 public:
  static std::expected<OpenFile, LoadError> open(const std::string& path, int flags = 0) {
    OpenFile file;
    file.fd_ = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | flags);
    struct stat status{};
    if (file.fd_ < 0 || ::fstat(file.fd_, &status) != 0)
      return std::unexpected(LoadError{path, "open", std::strerror(errno), "check it", errno});
    file.size_ = static_cast<std::size_t>(status.st_size);
    return file;
  }
  OpenFile(OpenFile&& other) noexcept : fd_(std::exchange(other.fd_, -1)), size_(other.size_) {}
  OpenFile& operator=(OpenFile&&) = delete;
  OpenFile(const OpenFile&) = delete;
  OpenFile& operator=(const OpenFile&) = delete;
  ~OpenFile() {
    if (fd_ >= 0) ::close(fd_);
  }

  int fd() const { return fd_; }
  std::size_t size() const { return size_; }

 private:
  OpenFile() = default;

  int fd_ = -1;
  std::size_t size_ = 0;
};

inline std::unexpected<LoadError> load_failed(const std::string& path, const char* operation,
                                              int error_number) {
  return std::unexpected(LoadError{path, operation, std::strerror(error_number),
                                   "try another way to load it", error_number});
}

inline std::unexpected<LoadError> ended_early(const std::string& path) {
  return std::unexpected(
      LoadError{path, "read", "truncated while it was read", "load it again when it is whole", 0});
}

}  // namespace assay
