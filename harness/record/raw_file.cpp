#include "record/raw_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <nlohmann/json.hpp>
#include <utility>

namespace assay {

namespace {

constexpr std::string_view kListStart = ",\n\"benchmarks\": [\n";
constexpr std::string_view kTail = "\n]}\n";
constexpr std::string_view kContextStart = "{\"context\": ";
constexpr std::size_t kPieceBytes = std::size_t{128} << 10U;  // about what zstd works on at a time

std::unexpected<Error> cannot_write(const std::string& path, int error) {
  const char* mend = error == ENOSPC   ? "free some space, then go on with: assay run --resume"
                     : error == EACCES ? "choose a folder you may write to with --results DIR"
                                       : "";
  return fail(ExitCode::kOutput, path, fmt::format("cannot write: {}", std::strerror(error)), mend);
}

/// Writes all bytes at the offset; 0, or the error number.
int write_all(int fd, std::string_view bytes, std::int64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(fd, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) return errno;
    if (written == 0) return ENOSPC;
    bytes.remove_prefix(static_cast<std::size_t>(written));
    offset += written;
  }
  return 0;
}

}  // namespace

Result<RawFile> RawFile::open(const std::string& path, const std::string& run_id,
                              const nlohmann::json& context) {
  if (std::filesystem::exists(path + ".zst"))
    return fail(ExitCode::kData, path, "the run is archived: its records are in the .zst beside it",
                "unpack it with: zstd -d --rm " + path + ".zst");
  RawExtent extent;
  if (std::filesystem::exists(path)) {
    const auto scanned = scan_raw(path, run_id, [](const RawLine&) { return Result<void>{}; });
    if (!scanned) return std::unexpected(scanned.error());
    extent = *scanned;
  } else {
    nlohmann::json named = context;
    named["assay_run"] = run_id;
    const std::string body = fmt::format("{}{}{}", kContextStart, named.dump(), kListStart);
    // Whole or not at all: a file without its head could be neither read nor resumed.
    if (auto made = write_file(path, body + std::string(kTail)); !made)
      return std::unexpected(made.error());
    extent.body_size = body.size();
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return cannot_write(path, errno);
  RawFile file(fd, path, static_cast<std::int64_t>(extent.body_size), extent.records > 0);
  // Whatever follows the last whole record is the debris of a crash.
  if (const int error = write_all(fd, kTail, file.body_size_); error != 0)
    return cannot_write(path, error);
  if (::ftruncate(fd, file.body_size_ + static_cast<std::int64_t>(kTail.size())) != 0)
    return cannot_write(path, errno);
  return file;
}

RawFile::RawFile(RawFile&& other) noexcept
    : fd_(std::exchange(other.fd_, -1)),
      path_(std::move(other.path_)),
      body_size_(other.body_size_),
      has_records_(other.has_records_) {}

RawFile& RawFile::operator=(RawFile&& other) noexcept {
  std::swap(fd_, other.fd_);
  std::swap(path_, other.path_);
  std::swap(body_size_, other.body_size_);
  std::swap(has_records_, other.has_records_);
  return *this;
}

RawFile::~RawFile() {
  if (fd_ >= 0) ::close(fd_);
}

Result<void> RawFile::append(const std::vector<std::string>& records) {
  if (records.empty()) return {};
  std::string added;
  for (const auto& record : records) {
    if (has_records_ || !added.empty()) added += ",\n";
    added += record;
  }
  const auto body_size = body_size_ + static_cast<std::int64_t>(added.size());
  if (const int error = write_all(fd_, added + std::string(kTail), body_size_); error != 0) {
    // These bytes were allocated before, so they can be put back on a full disk.
    const auto whole = body_size_ + static_cast<std::int64_t>(kTail.size());
    if (::ftruncate(fd_, whole) == 0) write_all(fd_, kTail, body_size_);
    return cannot_write(path_, error);
  }
  body_size_ = body_size;
  has_records_ = true;
  return {};
}

namespace {

std::unexpected<Error> foreign(const std::string& path, std::string what) {
  return fail(ExitCode::kData, path, std::move(what), "only files that a run wrote belong in raw/");
}

}  // namespace

void RawScanner::drop(std::size_t size) {
  text_.erase(0, size);
  dropped_ += size;
  searched_ -= size;
}

Result<void> RawScanner::take_head() {
  constexpr const char* kForeign = "not a raw file of this program";
  const std::size_t begun = std::min(text_.size(), kContextStart.size());
  if (text_.substr(0, begun) != kContextStart.substr(0, begun)) return foreign(path_, kForeign);
  const auto list = text_.find(kListStart, searched_ - std::min(searched_, kListStart.size()));
  searched_ = text_.size();
  if (list == std::string::npos) return {};
  const auto context = nlohmann::json::parse(
      std::string_view(text_).substr(0, list).substr(kContextStart.size()), nullptr, false);
  if (!context.is_object() || !context.contains("assay_run")) return foreign(path_, kForeign);
  if (context["assay_run"] != run_id_)
    return foreign(path_, fmt::format("belongs to the run {}", context["assay_run"].dump()));
  has_head_ = true;
  searched_ = list + kListStart.size();
  drop(searched_);
  extent_.body_size = dropped_;
  return {};
}

/// `text` is part of text_, less the line's end.
Result<void> RawScanner::take_line(std::string_view text, bool is_last) {
  const std::size_t line = line_++;
  std::string_view record = text;
  if (record.ends_with(',')) record.remove_suffix(1);
  // Half a record may end in the brace of a name or a nested value.
  const bool may_be_half = is_last && extent_.is_truncated;
  const bool is_record = record.starts_with('{') && record.ends_with('}') &&
                         (!may_be_half || nlohmann::json::accept(record));
  if (is_record) {
    const auto end = static_cast<std::size_t>(record.end() - text_.data());
    extent_.body_size = dropped_ + end;
    ++extent_.records;
    return on_record_({record, line});
  }
  if (may_be_half || (is_last && record.empty())) return {};
  return fail(ExitCode::kData, fmt::format("{}:{}", path_, line), "not a record",
              "restore the file, or delete this line if it cannot be restored");
}

Result<void> RawScanner::feed(std::string_view piece) {
  text_ += piece;
  if (!has_head_)
    if (auto taken = take_head(); !taken || !has_head_) return taken;
  std::size_t begin = 0;
  for (;;) {
    const auto end = text_.find('\n', searched_);
    searched_ = std::min(end, text_.size());
    // With no more than the tail behind it, the line may be the last one, which is read otherwise.
    if (text_.size() - searched_ <= 1 + kTail.size()) break;
    const auto line = std::string_view(text_).substr(begin, end - begin);
    if (auto taken = take_line(line, false); !taken) return taken;
    begin = searched_ = end + 1;
  }
  drop(begin);
  return {};
}

Result<RawExtent> RawScanner::finish() {
  if (!has_head_) return foreign(path_, "not a raw file of this program");
  std::string_view rest = text_;
  extent_.is_truncated = !rest.ends_with(kTail);
  if (!extent_.is_truncated) rest.remove_suffix(kTail.size());
  while (!rest.empty()) {
    const auto size = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, size);
    rest.remove_prefix(std::min(size + 1, rest.size()));
    if (auto taken = take_line(line, rest.empty()); !taken) return std::unexpected(taken.error());
  }
  return extent_;
}

Result<RawExtent> scan_raw(const std::string& path, const std::string& run_id, OnRecord on_record) {
  RawScanner scanner(path, run_id, std::move(on_record));
  const auto read = read_pieces(path, [&](std::string_view piece) { return scanner.feed(piece); });
  if (!read) return std::unexpected(read.error());
  return scanner.finish();
}

namespace {

using OnPiece = std::function<Result<void>(std::string_view)>;

Result<void> read_plain(const std::string& path, const OnPiece& on_piece) {
  std::ifstream file(path, std::ios::binary);
  if (!file) return fail(ExitCode::kData, path, std::strerror(errno));
  std::string piece(kPieceBytes, '\0');
  while (file) {
    file.read(piece.data(), static_cast<std::streamsize>(piece.size()));
    const auto size = static_cast<std::size_t>(file.gcount());
    if (file.bad()) return fail(ExitCode::kData, path, "cannot read");
    if (auto taken = on_piece(std::string_view(piece).substr(0, size)); !taken) return taken;
  }
  return {};
}

/// Unpacks zstd frames piece by piece. What a damaged header claims of the size is not believed.
class Unpacker {
 public:
  explicit Unpacker(std::string path) : path_(std::move(path)) {}

  Result<void> feed(std::string_view packed, const OnPiece& on_piece) {
    ZSTD_inBuffer in{packed.data(), packed.size(), 0};
    bool has_more = false;  // of what was taken in, even when all of `packed` was
    while (in.pos < in.size || has_more) {
      ZSTD_outBuffer out{piece_.data(), piece_.size(), 0};
      wanted_ = ZSTD_decompressStream(stream_.get(), &out, &in);
      if (ZSTD_isError(wanted_) != 0U) return finish();
      has_more = wanted_ != 0 && out.pos == out.size;
      if (auto taken = on_piece(std::string_view(piece_).substr(0, out.pos)); !taken) return taken;
    }
    return {};
  }

  Result<void> finish() const {
    if (wanted_ != 0) return fail(ExitCode::kData, path_, "not a whole zstd file");
    return {};
  }

 private:
  struct Free {
    void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
  };
  std::string path_;
  std::unique_ptr<ZSTD_DStream, Free> stream_{ZSTD_createDStream()};
  std::string piece_ = std::string(kPieceBytes, '\0');
  std::size_t wanted_ = 1;  ///< 0 when all frames so far are whole
};

}  // namespace

Result<void> read_pieces(const std::string& path, const OnPiece& on_piece) {
  if (!path.ends_with(".zst")) return read_plain(path, on_piece);
  Unpacker unpacker(path);
  const auto read =
      read_plain(path, [&](std::string_view packed) { return unpacker.feed(packed, on_piece); });
  return read ? unpacker.finish() : read;
}

Result<std::string> read_file(const std::string& path) {
  std::string text;
  const auto read = read_pieces(path, [&](std::string_view piece) {
    text += piece;
    return Result<void>{};
  });
  if (!read) return std::unexpected(read.error());
  return text;
}

Result<void> write_file(const std::string& path, std::string_view content) {
  const std::string temporary = path + ".tmp";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return cannot_write(path, errno);
  const int error = write_all(fd, content, 0);
  ::close(fd);
  if (error == 0 && ::rename(temporary.c_str(), path.c_str()) == 0) return {};
  const int reason = error != 0 ? error : errno;
  ::unlink(temporary.c_str());
  return cannot_write(path, reason);
}

namespace {

/// Where the file's last whole line ends: what follows is the debris of a crash, and a line
/// appended to it could not be read.
std::int64_t end_of_lines(int fd) {
  std::int64_t end = ::lseek(fd, 0, SEEK_END);
  for (char last = 0; end > 0; --end)
    if (::pread(fd, &last, 1, end - 1) != 1 || last == '\n') break;
  return end;
}

}  // namespace

Result<void> append_line(const std::string& path, std::string_view line) {
  const int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (fd < 0) return cannot_write(path, errno);
  ::flock(fd, LOCK_EX);  // others append to the same file; given back when it is closed
  const std::int64_t before = end_of_lines(fd);
  if (before >= 0 && ::ftruncate(fd, before) != 0) { /* then the next write fails, too */
  }
  const std::string bytes = std::string(line) + "\n";
  const ssize_t written = ::write(fd, bytes.data(), bytes.size());
  const int error = written < 0 ? errno : ENOSPC;
  const bool whole = written == static_cast<ssize_t>(bytes.size());
  if (!whole && before >= 0 && ::ftruncate(fd, before) != 0) { /* the reader drops half a line */
  }
  ::close(fd);
  if (!whole) return cannot_write(path, error);
  return {};
}

}  // namespace assay
