#include "record/raw_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>
#include <nlohmann/json.hpp>
#include <sstream>
#include <utility>

namespace assay {

namespace {

constexpr std::string_view kListStart = ",\n\"benchmarks\": [\n";
constexpr std::string_view kTail = "\n]}\n";
constexpr std::string_view kContextStart = "{\"context\": ";

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
  std::string body;
  bool has_records = false;
  if (std::filesystem::exists(path + ".zst"))
    return fail(ExitCode::kData, path, "the run is archived: its records are in the .zst beside it",
                "unpack it with: zstd -d --rm " + path + ".zst");
  if (std::filesystem::exists(path)) {
    const auto text = read_file(path);
    if (!text) return std::unexpected(text.error());
    const auto lines = split_raw(*text, path, run_id);
    if (!lines) return std::unexpected(lines.error());
    // Whatever follows the last whole record is the debris of a crash.
    has_records = !lines->records.empty();
    const char* end = has_records ? lines->records.back().text.end()
                                  : text->data() + text->find(kListStart) + kListStart.size();
    body = text->substr(0, static_cast<std::size_t>(end - text->data()));
  } else {
    nlohmann::json named = context;
    named["assay_run"] = run_id;
    body = fmt::format("{}{}{}", kContextStart, named.dump(), kListStart);
    // Whole or not at all: a file without its head could be neither read nor resumed.
    if (auto made = write_file(path, body + std::string(kTail)); !made)
      return std::unexpected(made.error());
  }
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) return cannot_write(path, errno);
  RawFile file(fd, path, 0, false);
  const auto size = static_cast<std::int64_t>(body.size());
  if (const int error = write_all(fd, body + std::string(kTail), 0); error != 0)
    return cannot_write(path, error);
  if (::ftruncate(fd, size + static_cast<std::int64_t>(kTail.size())) != 0)
    return cannot_write(path, errno);
  file.body_size_ = size;
  file.has_records_ = has_records;
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

Result<RawLines> split_raw(std::string_view text, const std::string& path,
                           const std::string& run_id) {
  const auto list = text.find(kListStart);
  const auto foreign = [&](std::string what) {
    return fail(ExitCode::kData, path, std::move(what),
                "only files that a run wrote belong in raw/");
  };
  if (!text.starts_with(kContextStart) || list == std::string_view::npos)
    return foreign("not a raw file of this program");
  const auto context = nlohmann::json::parse(
      text.substr(kContextStart.size(), list - kContextStart.size()), nullptr, false);
  if (!context.is_object() || !context.contains("assay_run"))
    return foreign("not a raw file of this program");
  if (context["assay_run"] != run_id)
    return foreign(fmt::format("belongs to the run {}", context["assay_run"].dump()));

  RawLines lines;
  std::string_view rest = text.substr(list + kListStart.size());
  lines.is_truncated = !rest.ends_with(kTail);
  if (!lines.is_truncated) rest.remove_suffix(kTail.size());
  for (std::size_t line = 3; !rest.empty(); ++line) {
    const auto end = rest.find('\n');
    std::string_view record = rest.substr(0, end);
    rest = end == std::string_view::npos ? "" : rest.substr(end + 1);
    if (record.ends_with(',')) record.remove_suffix(1);
    const bool is_last = rest.empty();
    // Half a record may end in the brace of a name or a nested value.
    const bool may_be_half = is_last && lines.is_truncated;
    const bool is_record = record.starts_with('{') && record.ends_with('}') &&
                           (!may_be_half || nlohmann::json::accept(record));
    if (is_record) {
      lines.records.push_back({record, line});
    } else if (!may_be_half && !(is_last && record.empty())) {
      return fail(ExitCode::kData, fmt::format("{}:{}", path, line), "not a record",
                  "restore the file, or delete this line if it cannot be restored");
    }
  }
  return lines;
}

namespace {

/// A decompressed run is at most a few gigabytes; a larger claim is a damaged file.
constexpr unsigned long long kLargestContent = 8ULL << 30U;

Result<std::string> decompress(const std::string& bytes, const std::string& path) {
  const auto size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN || size > kLargestContent)
    return fail(ExitCode::kData, path, "not a whole zstd file");
  std::string text(size, '\0');
  const std::size_t got = ZSTD_decompress(text.data(), text.size(), bytes.data(), bytes.size());
  if (ZSTD_isError(got) != 0U || got != size)
    return fail(ExitCode::kData, path, "not a whole zstd file");
  return text;
}

}  // namespace

Result<std::string> read_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::stringstream content;
  if (!file) return fail(ExitCode::kData, path, std::strerror(errno));
  // A read error sets no flag of `file` here, and an empty file fails to be inserted.
  if (file.peek() != std::ifstream::traits_type::eof()) content << file.rdbuf();
  if (file.bad() || content.fail()) return fail(ExitCode::kData, path, "cannot read");
  if (path.ends_with(".zst")) return decompress(content.str(), path);
  return std::move(content).str();
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
