#pragma once

#include <unistd.h>

#include <atomic>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <random>
#include <span>
#include <string>
#include <vector>

namespace assay {

/// A folder for one test, removed with all that is in it.
class TemporaryFolderOfTest {
 public:
  TemporaryFolderOfTest() { std::filesystem::create_directories(path_); }
  TemporaryFolderOfTest(const TemporaryFolderOfTest&) = delete;
  TemporaryFolderOfTest& operator=(const TemporaryFolderOfTest&) = delete;
  ~TemporaryFolderOfTest() { std::filesystem::remove_all(path_); }

  /// Writes a file and returns its path.
  std::string file(const std::string& name, std::span<const std::byte> bytes) const {
    const std::string path = (path_ / name).string();
    std::ofstream stream(path, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()),
                 static_cast<std::streamsize>(bytes.size()));
    return path;
  }
  std::string path() const { return path_.string(); }

 private:
  static int next() {
    static std::atomic<int> count = 0;
    return ++count;
  }
  std::filesystem::path path_ =
      std::filesystem::temp_directory_path() /
      ("assay_loading_" + std::to_string(::getpid()) + "_" + std::to_string(next()));
};

inline std::vector<std::byte> random_file_bytes(std::size_t size, std::uint64_t seed = 1) {
  std::mt19937_64 engine(seed);
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(engine());
  return bytes;
}

}  // namespace assay
