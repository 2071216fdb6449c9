#include "kernels/hypervector/store.hpp"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "kernels/hypervector/variant_test.hpp"

namespace assay {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class Store : public testing::Test {
 protected:
  Store() {
    fs::create_directories(folder_);
    rows_ = random_bytes(engine_, 7 * 768);
  }
  ~Store() override { fs::remove_all(folder_); }

  void write() { ASSERT_TRUE(write_store(path_, 3 * kHvBits, rows_)); }
  std::string error_of_open() {
    const auto store = VectorStore::open(path_);
    return store ? "" : store.error();
  }
  /// Overwrites bytes of the file, in place.
  void poke(std::size_t at, BitsView bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file.write(reinterpret_cast<const char*>(bytes.data()),
               static_cast<std::streamsize>(bytes.size()));
    ASSERT_TRUE(file.good());
  }
  std::size_t files_in_folder() const {
    return static_cast<std::size_t>(
        std::distance(fs::directory_iterator(folder_), fs::directory_iterator()));
  }

  fs::path folder_ = fs::temp_directory_path() / ("assay_store_" + std::to_string(::getpid()));
  std::string path_ = (folder_ / "vectors.hv").string();
  std::mt19937_64 engine_{11};
  std::vector<std::byte> rows_;
};

constexpr std::size_t kHeader = 64;

TEST_F(Store, HoldsWhatWasWritten) {
  write();
  const auto store = VectorStore::open(path_);
  ASSERT_TRUE(store) << store.error();
  EXPECT_EQ(store->dimension_bits(), 3 * kHvBits);
  EXPECT_EQ(store->size(), 7u);
  EXPECT_TRUE(std::ranges::equal(store->rows(), rows_));
  EXPECT_TRUE(std::ranges::equal(store->row(6), BitsView(rows_).last(768)));
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(store->row(3).data()) % 64, 0u);
  EXPECT_TRUE(store->verify());
  EXPECT_TRUE(store->check_unchanged());
  EXPECT_EQ(files_in_folder(), 1u) << "no temporary file is left";
}

TEST_F(Store, MayBeEmpty) {
  ASSERT_TRUE(write_store(path_, kHvBits, {}));
  const auto store = VectorStore::open(path_);
  ASSERT_TRUE(store) << store.error();
  EXPECT_EQ(store->size(), 0u);
  EXPECT_TRUE(store->verify());
}

TEST_F(Store, ServesTheKernelsWhereItLies) {
  write();
  const auto store = VectorStore::open(path_);
  ASSERT_TRUE(store);
  for (const auto& variant : nearest_variants()) {
    if (!runs_here(variant)) continue;
    EXPECT_EQ(variant.run(store->row(4), store->rows()), (Neighbour{4, 0})) << variant.name;
  }
}

TEST_F(Store, KeepsTheMappingWhenMoved) {
  write();
  auto store = VectorStore::open(path_);
  ASSERT_TRUE(store);
  VectorStore moved = std::move(*store);
  *store = std::move(moved);
  EXPECT_TRUE(std::ranges::equal(store->rows(), rows_));
}

TEST_F(Store, IsRefusedAtEveryShorterLength) {
  write();
  const std::size_t whole = kHeader + rows_.size();
  for (std::size_t size = 0; size < whole; size += size < 2 * kHeader ? 1 : 511) {
    fs::resize_file(path_, size);
    EXPECT_THAT(error_of_open(), HasSubstr("truncated")) << size;
    EXPECT_THAT(error_of_open(), HasSubstr(path_)) << size;
    write();
  }
}

TEST_F(Store, IsRefusedIfBytesFollow) {
  write();
  fs::resize_file(path_, kHeader + rows_.size() + 1);
  EXPECT_THAT(error_of_open(), HasSubstr("1 bytes follow the last row"));
}

TEST_F(Store, IsRefusedIfForeign) {
  std::ofstream(path_) << std::string(1000, 'x');
  EXPECT_THAT(error_of_open(), HasSubstr("no store of hypervectors"));
  path_ = folder_.string();
  EXPECT_THAT(error_of_open(), HasSubstr("no regular file"));
  path_ = (folder_ / "absent").string();
  EXPECT_THAT(error_of_open(), HasSubstr("cannot be opened: No such file"));
}

TEST_F(Store, IsRefusedIfAnyBitOfTheHeaderIsChanged) {
  write();
  std::vector<std::byte> header(kHeader);
  std::ifstream(path_, std::ios::binary).read(reinterpret_cast<char*>(header.data()), kHeader);
  for (std::size_t bit = 0; bit < 8 * kHeader; ++bit) {
    std::vector<std::byte> changed = header;
    changed[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    poke(0, changed);
    EXPECT_THAT(error_of_open(), HasSubstr(path_ + ": ")) << bit;
  }
}

TEST_F(Store, TellsThatRowsWereChanged) {
  write();
  const auto store = VectorStore::open(path_);
  ASSERT_TRUE(store);
  poke(kHeader + 1000, std::vector{~rows_[1000]});
  const auto verified = store->verify();
  ASSERT_FALSE(verified);
  EXPECT_THAT(verified.error(), HasSubstr("changed or damaged"));
}

TEST_F(Store, TellsThatTheFileWasReplacedOrCutOrIsGone) {
  write();
  const auto store = VectorStore::open(path_);
  ASSERT_TRUE(store);
  write();
  EXPECT_THAT(store->check_unchanged().error(), HasSubstr("was replaced"));
  EXPECT_TRUE(std::ranges::equal(store->rows(), rows_)) << "the old mapping keeps the old file";
  const auto second = VectorStore::open(path_);
  fs::resize_file(path_, 100);
  EXPECT_THAT(second->check_unchanged().error(), HasSubstr("was changed in length"));
  fs::remove(path_);
  EXPECT_THAT(second->check_unchanged().error(), HasSubstr("no longer there"));
}

TEST_F(Store, IsWrittenThroughTheMappingAndSealedAgain) {
  write();
  {
    auto store = VectorStore::open_writable(path_);
    ASSERT_TRUE(store) << store.error();
    std::ranges::fill(store->writable_row(2), std::byte{0x5a});
    const auto reader = VectorStore::open(path_);
    EXPECT_TRUE(std::ranges::equal(reader->row(2), store->row(2))) << "shared at once";
    EXPECT_THAT(reader->verify().error(), HasSubstr("not sealed"));
    EXPECT_TRUE(store->seal());
    EXPECT_TRUE(reader->verify());
  }
  const auto again = VectorStore::open(path_);
  EXPECT_EQ(again->row(2)[767], std::byte{0x5a});
}

TEST_F(Store, OutlivesAProcessThatIsKilledWhileItWrites) {
  write();
  const pid_t child = ::fork();
  if (child == 0) {
    auto store = VectorStore::open_writable(path_);
    if (!store) ::_exit(1);
    std::ranges::fill(store->writable_row(5), std::byte{0xc3});
    ::kill(::getpid(), SIGKILL);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFSIGNALED(status));
  const auto store = VectorStore::open(path_);
  ASSERT_TRUE(store);
  EXPECT_TRUE(std::ranges::all_of(store->row(5), [](std::byte b) { return b == std::byte{0xc3}; }));
  EXPECT_TRUE(std::ranges::equal(store->row(4), BitsView(rows_).subspan(4 * 768, 768)));
}

TEST_F(Store, KeepsTheOldFileWhereTheNewOneDoesNotFit) {
  write();
  struct rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_IGN);
  const struct rlimit small{1000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  const auto written = write_store(path_, kHvBits, random_bytes(engine_, 4096));
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, SIG_DFL);
  ASSERT_FALSE(written);
  EXPECT_THAT(written.error(), HasSubstr("cannot be written: File too large"));
  EXPECT_EQ(files_in_folder(), 1u);
  EXPECT_TRUE(std::ranges::equal(VectorStore::open(path_)->rows(), rows_));
  path_ = (folder_ / "absent" / "x").string();
  EXPECT_THAT(write_store(path_, kHvBits, {}).error(), HasSubstr("no temporary file"));
}

}  // namespace
}  // namespace assay
