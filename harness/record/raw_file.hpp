#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "error.hpp"

namespace assay {

/// The slices of one instrument, written while they are measured: a Google Benchmark JSON document
/// ({"context": ..., "benchmarks": [...]}) that is whole after every append, one record a line.
///
/// append() overwrites the closing bracket and writes it anew in one call, so a process killed at
/// any moment leaves a document that tools can read. When the disk is full, the file is cut back
/// to its last whole state.
class RawFile {
 public:
  /// Creates the file, or opens an existing one of the same run to append to it.
  /// Errors: kOutput with path and reason; kData if the file is not a raw file of `run_id`.
  static Result<RawFile> open(const std::string& path, const std::string& run_id,
                              const nlohmann::json& context);

  RawFile(RawFile&& other) noexcept;
  RawFile& operator=(RawFile&& other) noexcept;
  RawFile(const RawFile&) = delete;
  RawFile& operator=(const RawFile&) = delete;
  ~RawFile();

  /// Appends records, each a JSON object on one line. Errors: kOutput; nothing is then added.
  Result<void> append(const std::vector<std::string>& records);

 private:
  RawFile(int fd, std::string path, std::int64_t body_size, bool has_records)
      : fd_(fd), path_(std::move(path)), body_size_(body_size), has_records_(has_records) {}

  int fd_ = -1;
  std::string path_;
  std::int64_t body_size_ = 0;  ///< bytes before the closing bracket
  bool has_records_ = false;
};

/// One record line of a raw file, and where it stands.
struct RawLine {
  std::string_view text;
  std::size_t line = 0;  ///< 1-based
};

/// A raw file's text, cut into its records. A truncated end is tolerated and reported.
struct RawLines {
  std::vector<RawLine> records;
  bool is_truncated = false;  ///< the closing bracket is missing
};

/// Splits the text of a raw file of the run. Errors: kData if it is no raw file, or another run's.
Result<RawLines> split_raw(std::string_view text, const std::string& path,
                           const std::string& run_id);

/// A file's whole content, decompressed if its name ends in ".zst". Errors: kData.
Result<std::string> read_file(const std::string& path);

/// Writes through a temporary file and a rename, so that a reader sees the old content or the new.
/// Errors: kOutput.
Result<void> write_file(const std::string& path, std::string_view content);

/// Appends one line and flushes it to the kernel. Errors: kOutput.
Result<void> append_line(const std::string& path, std::string_view line);

}  // namespace assay
