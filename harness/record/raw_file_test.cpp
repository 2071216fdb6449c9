#include "record/raw_file.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <zstd.h>

#include <csignal>
#include <nlohmann/json.hpp>

#include "testing/raw_records.hpp"
#include "testing/temporary_folder.hpp"

namespace assay {
namespace {

using examples::content_of;
using examples::is_same;
using examples::RawRecords;
using examples::records_in;
using examples::TemporaryFolder;
using examples::write_text;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const json kContext = {{"host_name", "h"}, {"caches", json::array()}};

std::string record(int i) {
  return json{{"name", "f/a"}, {"position", i}}.dump();
}

/// The records' positions as a tool reads them that knows nothing of our lines; fails the test if
/// the file is no whole JSON document.
std::vector<int> positions(const std::string& path) {
  const json document = json::parse(content_of(path), nullptr, false);
  std::vector<int> found;
  EXPECT_TRUE(document.is_object()) << content_of(path);
  if (!document.is_object()) return found;
  EXPECT_EQ(document["context"]["assay_run"], "run-1");
  for (const auto& item : document["benchmarks"]) found.push_back(item["position"]);
  return found;
}

class RawFileTest : public testing::Test {
 protected:
  RawFile open() {
    auto file = RawFile::open(path_, "run-1", kContext);
    if (!file) throw std::runtime_error(file.error().message());
    return *std::move(file);
  }
  std::string refusal(const std::string& run = "run-1") {
    const auto file = RawFile::open(path_, run, kContext);
    return file ? "opened" : file.error().message();
  }
  TemporaryFolder folder_;
  std::string path_ = folder_.path("f.json");
};

TEST_F(RawFileTest, IsAWholeDocumentAfterEveryAppend) {
  RawFile file = open();
  EXPECT_THAT(positions(path_), IsEmpty());
  ASSERT_TRUE(file.append({record(0)}).has_value());
  EXPECT_THAT(positions(path_), ElementsAre(0));
  ASSERT_TRUE(file.append({}).has_value());
  ASSERT_TRUE(file.append({record(1), record(2)}).has_value());
  EXPECT_THAT(positions(path_), ElementsAre(0, 1, 2));
  EXPECT_EQ(json::parse(content_of(path_))["context"]["host_name"], "h");
}

TEST_F(RawFileTest, IsContinuedWhenItIsOpenedAgain) {
  {
    ASSERT_TRUE(open().append({record(0)}).has_value());
  }
  {
    open();
  }
  ASSERT_TRUE(open().append({record(1)}).has_value());
  EXPECT_THAT(positions(path_), ElementsAre(0, 1));
}

TEST_F(RawFileTest, LosesOnlyTheDebrisOfACrashWhenItIsOpenedAgain) {
  {
    ASSERT_TRUE(open().append({record(0), record(1)}).has_value());
  }
  const std::string whole = content_of(path_);
  const std::string body = whole.substr(0, whole.size() - 4);  // before "\n]}\n"
  for (const std::string debris : {"", ",", ",\n", ",\n{\"name\":\"f", ",\n{\"name\":\"f}", "\n]",
                                   "\n]}", ",]}\n", ",\n}\n"}) {
    write_text(path_, body + debris);
    RawFile file = open();
    ASSERT_TRUE(file.append({record(2)}).has_value());
    // The single byte of an append before the old end: the record before it cannot be told.
    const bool is_glued = debris == ",]}\n";
    EXPECT_EQ(positions(path_), is_glued ? std::vector({0, 2}) : std::vector({0, 1, 2})) << debris;
  }
}

TEST_F(RawFileTest, IsCutToItsListWhenNoRecordIsWhole) {
  {
    open();
  }
  const std::string whole = content_of(path_);
  write_text(path_, whole.substr(0, whole.size() - 4) + "{\"na");
  {
    ASSERT_TRUE(open().append({record(7)}).has_value());
  }
  EXPECT_THAT(positions(path_), ElementsAre(7));
}

TEST_F(RawFileTest, OfAnotherRunIsRefusedAndLeftAlone) {
  {
    ASSERT_TRUE(open().append({record(0)}).has_value());
  }
  EXPECT_EQ(refusal("run-2"),
            path_ + ": belongs to the run \"run-1\"; only files that a run wrote belong in raw/");
  EXPECT_THAT(positions(path_), ElementsAre(0));
}

TEST_F(RawFileTest, OfAnotherProgramIsRefusedAndLeftAlone) {
  for (const std::string text : {"", "hello\n", "{\"context\": {},\n\"benchmarks\": [\n\n]}\n",
                                 "{\"context\": 5,\n\"benchmarks\": [\n\n]}\n"}) {
    write_text(path_, text);
    EXPECT_EQ(refusal(), path_ +
                             ": not a raw file of this program; only files that a run wrote "
                             "belong in raw/");
    EXPECT_EQ(content_of(path_), text);
  }
}

TEST_F(RawFileTest, OfAnArchivedRunIsNotBegunAnewBesideItsRecords) {
  write_text(path_ + ".zst", "packed");
  EXPECT_EQ(refusal(), path_ +
                           ": the run is archived: its records are in the .zst beside it; "
                           "unpack it with: zstd -d --rm " +
                           path_ + ".zst");
}

TEST_F(RawFileTest, InAFolderThatIsMissingCannotBeWritten) {
  const auto file = RawFile::open(folder_.path("none/f.json"), "run-1", kContext);
  ASSERT_FALSE(file.has_value());
  EXPECT_EQ(file.error().code, ExitCode::kOutput);
  EXPECT_EQ(file.error().message(),
            folder_.path("none/f.json") + ": cannot write: No such file or directory");
}

TEST_F(RawFileTest, CanBeMoved) {
  RawFile first = open();
  RawFile second = std::move(first);
  ASSERT_TRUE(second.append({record(0)}).has_value());
  path_ = folder_.path("g.json");
  RawFile third = open();
  third = std::move(second);
  ASSERT_TRUE(third.append({record(1)}).has_value());
  EXPECT_THAT(positions(folder_.path("f.json")), ElementsAre(0, 1));
}

// --- a full disk

/// Files of this process cannot grow beyond so many bytes while this lives.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    ::getrlimit(RLIMIT_FSIZE, &before_);
    handler_ = std::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{bytes, before_.rlim_max};
    ::setrlimit(RLIMIT_FSIZE, &limit);
  }
  FileSizeLimit(const FileSizeLimit&) = delete;
  FileSizeLimit& operator=(const FileSizeLimit&) = delete;
  ~FileSizeLimit() {
    ::setrlimit(RLIMIT_FSIZE, &before_);
    std::signal(SIGXFSZ, handler_);
  }

 private:
  rlimit before_{};
  void (*handler_)(int) = nullptr;
};

TEST_F(RawFileTest, StaysWholeWhereverItMayNotGrow) {
  std::size_t refused = 0;
  for (rlim_t more = 0; more < 60; ++more) {
    std::filesystem::remove(path_);
    RawFile file = open();
    ASSERT_TRUE(file.append({record(0), record(1)}).has_value());
    const auto size = std::filesystem::file_size(path_);
    Result<void> appended;
    {
      const FileSizeLimit limit(size + more);
      appended = file.append({record(2)});
    }
    if (appended) {
      EXPECT_THAT(positions(path_), ElementsAre(0, 1, 2)) << more;
      continue;
    }
    ++refused;
    EXPECT_EQ(appended.error().code, ExitCode::kOutput);
    EXPECT_EQ(appended.error().message(), path_ + ": cannot write: File too large");
    EXPECT_THAT(positions(path_), ElementsAre(0, 1)) << more;
    ASSERT_TRUE(file.append({record(3)}).has_value());  // once there is space again
    EXPECT_THAT(positions(path_), ElementsAre(0, 1, 3)) << more;
  }
  EXPECT_GT(refused, 20U);
  EXPECT_LT(refused, 60U);
}

TEST_F(RawFileTest, IsNotLeftInPiecesIfItCannotBeCreated) {
  for (const rlim_t bytes : {0U, 10U, 40U}) {
    std::string refused;
    {
      const FileSizeLimit limit(bytes);
      refused = refusal();
    }
    EXPECT_THAT(refused, HasSubstr("cannot write: File too large"));
    EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
  }
}

/// A file system of 64 KiB, which needs the right to mount one.
class SmallDisk {
 public:
  explicit SmallDisk(std::string path) : path_(std::move(path)) {
    std::filesystem::create_directory(path_);
    is_mounted_ = ::mount("tmpfs", path_.c_str(), "tmpfs", 0, "size=64k") == 0;
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  ~SmallDisk() {
    if (is_mounted_) ::umount2(path_.c_str(), MNT_DETACH);
  }
  bool is_mounted() const { return is_mounted_; }

 private:
  std::string path_;
  bool is_mounted_ = false;
};

TEST_F(RawFileTest, StaysWholeOnAFullDisk) {
  const SmallDisk disk(folder_.path("disk"));
  if (!disk.is_mounted()) GTEST_SKIP() << "NOT TESTED: mounting a tmpfs needs root";
  path_ = folder_.path("disk/f.json");
  RawFile file = open();
  int written = 0;
  Result<void> appended;
  while ((appended = file.append({record(written)})) && written < 10000) ++written;
  ASSERT_FALSE(appended.has_value());
  EXPECT_EQ(appended.error().code, ExitCode::kOutput);
  EXPECT_EQ(appended.error().message(),
            path_ +
                ": cannot write: No space left on device; free some space, then go on with: "
                "assay run --resume");
  EXPECT_GT(written, 1000);
  EXPECT_EQ(positions(path_).size(), static_cast<std::size_t>(written));
  const auto more = write_file(folder_.path("disk/report.md"), std::string(5000, 'x'));
  ASSERT_FALSE(more.has_value());
  EXPECT_FALSE(std::filesystem::exists(folder_.path("disk/report.md.tmp")));
}

// --- reading

constexpr const char* kHead = "{\"context\": {\"assay_run\":\"run-1\"},\n\"benchmarks\": [\n";

/// What a scan finds, which must not depend on the pieces that the text comes in.
Result<RawRecords> scan(std::string_view text) {
  auto found = records_in(text, "f.json", "run-1", text.size() + 1);
  for (const std::size_t piece_size : {1U, 2U, 3U, 5U, 64U})
    EXPECT_TRUE(is_same(found, records_in(text, "f.json", "run-1", piece_size))) << piece_size;
  return found;
}

TEST(RawScanner, FindsTheRecordsAndTheirLines) {
  const std::string text = std::string(kHead) + record(0) + ",\n" + record(1) + "\n]}\n";
  const auto found = scan(text);
  ASSERT_TRUE(found.has_value());
  EXPECT_FALSE(found->extent.is_truncated);
  EXPECT_THAT(found->texts, ElementsAre(record(0), record(1)));
  EXPECT_EQ(found->lines[0], 3U);
  EXPECT_EQ(found->lines[1], 4U);
}

TEST(RawScanner, KeepsAllRecordsBeforeACutAtAnyByte) {
  const std::string tricky = R"({"name":"a}","nested":{"b":{}},"text":"\"]}\n"})";
  const std::vector<std::string> records = {record(0), tricky, record(2)};
  std::string text = kHead;
  std::vector<std::size_t> ends;
  for (const auto& item : records) {
    if (!ends.empty()) text += ",\n";
    text += item;
    ends.push_back(text.size());
  }
  text += "\n]}\n";
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const auto found = scan(std::string_view(text).substr(0, size));
    if (size < std::string(kHead).size()) {
      ASSERT_FALSE(found.has_value()) << size;
      EXPECT_EQ(found.error().code, ExitCode::kData);
      continue;
    }
    ASSERT_TRUE(found.has_value()) << size << ": " << found.error().message();
    const auto whole = static_cast<std::size_t>(
        std::ranges::count_if(ends, [&](std::size_t end) { return end <= size; }));
    EXPECT_EQ(found->texts,
              std::vector(records.begin(), records.begin() + static_cast<std::ptrdiff_t>(whole)))
        << size;
    const std::size_t end = whole == 0 ? std::string(kHead).size() : ends[whole - 1];
    EXPECT_EQ(found->extent.body_size, end) << size;
    EXPECT_EQ(found->extent.is_truncated, size < text.size()) << size;
  }
}

TEST(RawScanner, ReadsADocumentWhoseListIsClosedAtOnce) {
  const auto found = scan(std::string(kHead) + "]}\n");
  ASSERT_TRUE(found.has_value());
  EXPECT_THAT(found->texts, IsEmpty());
}

TEST(RawScanner, PassesOverAnEmptyLineBeforeTheEnd) {
  const auto found = scan(std::string(kHead) + record(0) + "\n\n\n]}\n");
  ASSERT_TRUE(found.has_value()) << found.error().message();
  EXPECT_THAT(found->texts, ElementsAre(record(0)));
  EXPECT_FALSE(found->extent.is_truncated);
}

TEST(RawScanner, NamesTheLineThatIsDamaged) {
  for (const std::string damaged : {"{\"name\":\"f", "", "]}", "\"}\""}) {
    const std::string text =
        std::string(kHead) + record(0) + ",\n" + damaged + ",\n" + record(2) + "\n]}\n";
    const auto found = scan(text);
    ASSERT_FALSE(found.has_value()) << damaged;
    EXPECT_EQ(found.error().code, ExitCode::kData);
    EXPECT_EQ(found.error().message(),
              "f.json:4: not a record; restore the file, or delete this line if it cannot be "
              "restored");
  }
}

TEST(RawScanner, NamesALastLineThatIsDamagedInAWholeDocument) {
  const auto found = scan(std::string(kHead) + record(0) + ",\n{\"na\n]}\n");
  ASSERT_FALSE(found.has_value());
  EXPECT_EQ(found.error().where, "f.json:4");
}

TEST(RawScanner, EndsWithTheErrorOfWhoTakesTheRecords) {
  std::size_t taken = 0;
  RawScanner scanner("f.json", "run-1", [&](const RawLine&) -> Result<void> {
    ++taken;
    return fail(ExitCode::kData, "", "enough");
  });
  std::string text = kHead;
  for (int i = 0; i < 9; ++i) text += record(i) + ",\n";
  const auto fed = scanner.feed(text);
  ASSERT_FALSE(fed.has_value());
  EXPECT_EQ(fed.error().message(), "enough");
  EXPECT_EQ(taken, 1U);
}

// --- whole files

TEST(ReadFile, GivesTheBytes) {
  const TemporaryFolder folder;
  const std::string bytes("a\0b\r\n\xff", 6);
  write_text(folder.path("x"), bytes);
  EXPECT_EQ(read_file(folder.path("x")).value(), bytes);
  write_text(folder.path("empty"), "");
  EXPECT_EQ(read_file(folder.path("empty")).value(), "");
}

TEST(ReadFile, SaysWhyNot) {
  const TemporaryFolder folder;
  const auto missing = read_file(folder.path("none"));
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ExitCode::kData);
  EXPECT_EQ(missing.error().message(), folder.path("none") + ": No such file or directory");
  const auto is_folder = read_file(folder.path());
  ASSERT_FALSE(is_folder.has_value());
  EXPECT_EQ(is_folder.error().message(), folder.path() + ": cannot read");
}

std::string packed(const std::string& text) {
  std::string bytes(ZSTD_compressBound(text.size()), '\0');
  bytes.resize(ZSTD_compress(bytes.data(), bytes.size(), text.data(), text.size(), 3));
  return bytes;
}

TEST(ReadFile, UnpacksZstd) {
  const TemporaryFolder folder;
  const std::string text(100000, 'x');
  write_text(folder.path("x.zst"), packed(text));
  EXPECT_EQ(read_file(folder.path("x.zst")).value(), text);
  write_text(folder.path("empty.zst"), packed(""));
  EXPECT_EQ(read_file(folder.path("empty.zst")).value(), "");
}

TEST(ReadFile, RefusesZstdThatIsCutAtAnyByteOrForeign) {
  const TemporaryFolder folder;
  const std::string path = folder.path("x.zst");
  std::string text;
  for (int i = 0; i < 50; ++i) text += record(i * i);
  const std::string bytes = packed(text);
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    write_text(path, bytes.substr(0, size));
    const auto read = read_file(path);
    ASSERT_FALSE(read.has_value()) << size;
    EXPECT_EQ(read.error().message(), path + ": not a whole zstd file");
  }
  write_text(path, "plain text, not zstd");
  EXPECT_FALSE(read_file(path).has_value());
}

TEST(ReadFile, UnpacksZstdLargerThanAPieceAndOfSeveralFrames) {
  const TemporaryFolder folder;
  std::string text;
  for (int i = 0; text.size() < 1000000; ++i) text += record(i);
  for (const std::size_t size : {std::size_t{131072}, std::size_t{262144}, text.size()}) {
    write_text(folder.path("x.zst"), packed(text.substr(0, size)));
    EXPECT_EQ(read_file(folder.path("x.zst")).value(), text.substr(0, size)) << size;
    write_text(folder.path("x.zst"), packed(text.substr(0, size)) + packed("more"));
    EXPECT_EQ(read_file(folder.path("x.zst")).value(), text.substr(0, size) + "more") << size;
  }
}

/// The most memory that this process held so far.
std::int64_t peak_bytes() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss * 1024;
}

TEST(ReadFile, DoesNotTakeTheMemoryThatADamagedHeaderClaims) {
  // RFC 8878: magic number, a content size of 8 bytes (7 GiB), a window of 1 KiB, a last raw block.
  const std::string bytes("\x28\xb5\x2f\xfd\xc0\0\0\0\0\xc0\1\0\0\0\x9\0\0x", 18);
  const TemporaryFolder folder;
  write_text(folder.path("x.zst"), bytes);
  const std::int64_t before = peak_bytes();
  const auto read = read_file(folder.path("x.zst"));
  ASSERT_FALSE(read.has_value());
  EXPECT_EQ(read.error().message(), folder.path("x.zst") + ": not a whole zstd file");
  EXPECT_LT(peak_bytes() - before, std::int64_t{256} << 20U);
}

TEST(WriteFile, ReplacesTheWholeContentAndLeavesNothingElse) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.path("x"), "a longer text").has_value());
  ASSERT_TRUE(write_file(folder.path("x"), "short").has_value());
  EXPECT_EQ(content_of(folder.path("x")), "short");
  EXPECT_FALSE(std::filesystem::exists(folder.path("x.tmp")));
}

TEST(WriteFile, KeepsTheOldContentWhenItFails) {
  const TemporaryFolder folder;
  ASSERT_TRUE(write_file(folder.path("x"), "old").has_value());
  Result<void> written;
  {
    const FileSizeLimit limit(10);
    written = write_file(folder.path("x"), "a new and longer text");
  }
  ASSERT_FALSE(written.has_value());
  EXPECT_EQ(written.error().code, ExitCode::kOutput);
  EXPECT_EQ(content_of(folder.path("x")), "old");
  EXPECT_FALSE(std::filesystem::exists(folder.path("x.tmp")));
  EXPECT_FALSE(write_file(folder.path("none/x"), "text").has_value());
}

TEST(AppendLine, AddsALine) {
  const TemporaryFolder folder;
  ASSERT_TRUE(append_line(folder.path("x"), "one").has_value());
  ASSERT_TRUE(append_line(folder.path("x"), "two").has_value());
  EXPECT_EQ(content_of(folder.path("x")), "one\ntwo\n");
  EXPECT_FALSE(append_line(folder.path("none/x"), "text").has_value());
}

TEST(AppendLine, DropsTheHalfLineThatACrashLeft) {
  const TemporaryFolder folder;
  write_text(folder.path("x"), "one\n{\"event\":\"ro");
  ASSERT_TRUE(append_line(folder.path("x"), "two").has_value());
  EXPECT_EQ(content_of(folder.path("x")), "one\ntwo\n");
  write_text(folder.path("x"), "half");
  ASSERT_TRUE(append_line(folder.path("x"), "two").has_value());
  EXPECT_EQ(content_of(folder.path("x")), "two\n");
}

TEST(AppendLine, LeavesNoHalfLineWhenItFails) {
  const TemporaryFolder folder;
  ASSERT_TRUE(append_line(folder.path("x"), "one").has_value());
  Result<void> appended;
  {
    const FileSizeLimit limit(8);
    appended = append_line(folder.path("x"), "a longer line");
  }
  ASSERT_FALSE(appended.has_value());
  EXPECT_EQ(appended.error().code, ExitCode::kOutput);
  EXPECT_EQ(content_of(folder.path("x")), "one\n");
}

}  // namespace
}  // namespace assay
