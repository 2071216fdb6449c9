#pragma once

#include <functional>
#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>
#include <utility>
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

/// What a raw file turned out to hold.
struct RawExtent {
  std::size_t records = 0;
  std::size_t body_size = 0;  ///< bytes to the end of the last record, or to the start of the list
  bool is_truncated = false;  ///< the closing bracket is missing: a crash, which is tolerated
};

/// Called with each record; the text lives as long as the call. An error ends the scan.
using OnRecord = std::function<Result<void>(const RawLine&)>;

/// Cuts the text of a raw file of the run into its records while it comes in, in pieces of any
/// size, and holds no more than a piece and a line.
/// Errors: kData if it is no raw file, or another run's, or a line within is no record.
class RawScanner {
 public:
  RawScanner(std::string path, std::string run_id, OnRecord on_record)
      : path_(std::move(path)), run_id_(std::move(run_id)), on_record_(std::move(on_record)) {}

  Result<void> feed(std::string_view piece);
  /// Once, after the last piece.
  Result<RawExtent> finish();

 private:
  Result<void> take_head();
  Result<void> take_line(std::string_view text, bool is_last);
  void drop(std::size_t size);

  std::string path_;
  std::string run_id_;
  OnRecord on_record_;
  std::string text_;          ///< not yet cut
  std::size_t searched_ = 0;  ///< of text_, in vain
  std::size_t dropped_ = 0;   ///< bytes of the file before text_
  std::size_t line_ = 3;      ///< the next line's number
  bool has_head_ = false;
  RawExtent extent_;
};

/// Scans a raw file, decompressed if its name ends in ".zst". Errors: those of RawScanner and
/// read_pieces().
Result<RawExtent> scan_raw(const std::string& path, const std::string& run_id, OnRecord on_record);

/// Calls with each piece of a file's content in order, decompressed if its name ends in ".zst";
/// an error of the callee ends it. Errors: kData if the file cannot be read, or is no whole zstd
/// file, which may be found after some pieces.
Result<void> read_pieces(const std::string& path,
                         const std::function<Result<void>(std::string_view)>& on_piece);

/// A file's whole content, decompressed if its name ends in ".zst". Errors: kData.
Result<std::string> read_file(const std::string& path);

/// Writes through a temporary file and a rename, so that a reader sees the old content or the new.
/// Errors: kOutput.
Result<void> write_file(const std::string& path, std::string_view content);

/// Appends one line and flushes it to the kernel. Errors: kOutput.
Result<void> append_line(const std::string& path, std::string_view line);

}  // namespace assay
