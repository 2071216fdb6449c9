#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "fuzz/targets.hpp"

namespace assay {
namespace {

std::size_t replay(const std::string& target, const std::function<void(std::string_view)>& run) {
  std::size_t count = 0;
  for (const auto& item : std::filesystem::directory_iterator(ASSAY_FUZZ_CORPUS "/" + target)) {
    SCOPED_TRACE(item.path().string());
    const auto text = read_file(item.path().string());
    EXPECT_TRUE(text.has_value());
    EXPECT_NO_THROW(run(*text));
    // Cut off everywhere near the start, and ever more rarely behind it.
    const std::size_t most = std::min<std::size_t>(text->size(), 2000);
    for (std::size_t size = 0; size < most; size += 1 + size / 100)
      EXPECT_NO_THROW(run(std::string_view(*text).substr(0, size)));
    ++count;
  }
  return count;
}

TEST(FuzzCorpus, LeavesTheRegisterParserItsPromises) {
  EXPECT_GE(replay("register", fuzz::run_register), 5U);
}

TEST(FuzzCorpus, LeavesTheRawFileParserItsPromises) {
  EXPECT_GE(replay("raw", fuzz::run_raw), 5U);
}

TEST(FuzzCorpus, LeavesTheManifestAndEventParsersTheirPromises) {
  EXPECT_GE(replay("run", fuzz::run_run), 5U);
}

TEST(FuzzCorpus, LeavesTheParserOfMachineCodeItsPromises) {
  EXPECT_GE(replay("code", fuzz::run_code), 3U);
}

TEST(FuzzCorpus, LeavesTheReadersOfLedgerAndCalibrationTheirPromises) {
  EXPECT_GE(replay("lines", fuzz::run_lines), 5U);
}

TEST(FuzzCorpus, LeavesTheParserOfTheGatesRulesItsPromises) {
  EXPECT_GE(replay("rules", fuzz::run_rules), 4U);
}

TEST(FuzzCorpus, LeavesTheReaderOfOtherSuitesItsPromises) {
  EXPECT_GE(replay("suite", fuzz::run_suite), 4U);
}

}  // namespace
}  // namespace assay
