#include "record/run.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "record/raw_file.hpp"
#include "register/parse.hpp"
#include "testing/examples.hpp"
#include "testing/temporary_folder.hpp"
#include "text.hpp"

namespace assay {
namespace {

using namespace examples;
using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

constexpr std::string_view kRegister = R"(```toml
id = "A"
claim = "c"
source = "s"
baseline = "f/old"
candidate = "f/new"
means = { supported = "s", refuted = "r" }
rule = { kind = "superiority", threshold = 2 }
```
```toml
id = "B"
claim = "c"
source = "s"
candidate = "g/new"
metric = "bytes"
means = { supported = "s", refuted = "r" }
rule = { kind = "bound", at_most = 2 }
```
)";

/// A run of two instruments and two rounds, on disk as collect() leaves it.
class RecordedRun : public testing::Test {
 protected:
  void SetUp() override {
    const auto parsed = parse_register("EXPERIMENTS.md", kRegister);
    ASSERT_THAT(parsed.errors, IsEmpty());
    reg_ = parsed.reg;
    manifest_ = manifest_of(reg_);
    for (auto& unit : manifest_.plan.units)
      for (auto& arm : unit.arms) arm.instrument = arm.benchmark.substr(0, 1);
    ASSERT_TRUE(create_run(dir_, manifest_, reg_).has_value());
    std::map<std::string, std::vector<std::string>> lines;
    for (const std::uint32_t round : {0U, 1U}) {
      std::uint32_t position = 0;
      for (const auto& slice : schedule_round(manifest_.plan, {true, true}, round)) {
        const Arm& arm = manifest_.plan.units[slice.unit].arms[slice.arm];
        const json answer = {{"name", arm.benchmark},
                             {"real_time", 100.0 + position},
                             {"time_unit", "ns"},
                             {"bytes", 2.0 * position}};
        if (!slice.is_warmup)
          lines[arm.instrument].push_back(raw_line(answer, slice, round, position));
        ++position;
      }
    }
    for (const auto& [instrument, records] : lines) {
      auto file = RawFile::open(raw_path(dir_, instrument), manifest_.run_id, {{"host", "h"}});
      ASSERT_TRUE(file.has_value());
      ASSERT_TRUE(file->append(records).has_value());
    }
    write_text(events_path(dir_),
               "{\"event\":\"round\",\"round\":0}\n"
               "{\"event\":\"finish\",\"why\":\"budget\"}\n");
  }

  assay::Run load(const std::string& other = "") {
    auto run = load_run(dir_, other);
    EXPECT_TRUE(run.has_value()) << (run ? "" : run.error().message());
    return run ? *std::move(run) : assay::Run{};
  }
  std::string refusal(const std::string& other = "") {
    const auto run = load_run(dir_, other);
    if (run) return "loaded";
    EXPECT_EQ(run.error().code, ExitCode::kData);
    return run.error().message();
  }

  TemporaryFolder folder_;
  std::string dir_ = folder_.path("run");
  Register reg_;
  Manifest manifest_;
};

auto as_tuple(const Slice& slice) {
  return std::tuple(slice.unit, slice.arm, slice.round, slice.block, slice.position, slice.value,
                    slice.real_time_ns);
}

TEST_F(RecordedRun, IsReadBackWhole) {
  const assay::Run run = load();
  EXPECT_EQ(to_json(run.manifest), to_json(manifest_));
  EXPECT_EQ(run.reg.hash, reg_.hash);
  EXPECT_EQ(run.dir, dir_);
  EXPECT_THAT(run.warnings, IsEmpty());
  EXPECT_EQ(run.collected.events.finish, "budget");
  ASSERT_THAT(run.collected.slices, SizeIs(2));
  EXPECT_THAT(run.collected.slices[0], SizeIs(2 * 2 * 2 * 2));  // rounds, blocks, arms, twice
  EXPECT_THAT(run.collected.slices[1], SizeIs(2 * 2 * 2));
  std::pair<std::uint32_t, std::uint32_t> last{};
  for (const Slice& slice : run.collected.slices[0]) {
    EXPECT_EQ(slice.value, 100.0 + slice.position);
    EXPECT_EQ(slice.unit, 0U);
    EXPECT_LT(last, std::pair(slice.round, slice.position));  // in the order of the run
    last = {slice.round, slice.position};
  }
  for (const Slice& slice : run.collected.slices[1]) EXPECT_EQ(slice.value, 2.0 * slice.position);
}

TEST_F(RecordedRun, SaysTheSameWhenItIsArchived) {
  const assay::Run before = load();
  ASSERT_TRUE(archive_run(dir_).has_value());
  EXPECT_FALSE(std::filesystem::exists(raw_path(dir_, "f")));
  EXPECT_TRUE(std::filesystem::exists(raw_path(dir_, "f") + ".zst"));
  const assay::Run after = load();
  for (std::size_t unit = 0; unit < 2; ++unit)
    EXPECT_TRUE(std::ranges::equal(before.collected.slices[unit], after.collected.slices[unit], {},
                                   as_tuple, as_tuple));
  ASSERT_TRUE(archive_run(dir_).has_value());  // once more changes nothing
  EXPECT_THAT(load().collected.slices[0], SizeIs(16));
}

TEST_F(RecordedRun, CountsNothingTwiceWhenArchivingWasCutShort) {
  const std::string plain = content_of(raw_path(dir_, "f"));
  ASSERT_TRUE(archive_run(dir_).has_value());
  write_text(raw_path(dir_, "f"), plain);
  EXPECT_THAT(load().collected.slices[0], SizeIs(16));
}

TEST_F(RecordedRun, SaysThatAnArchiveIsCut) {
  ASSERT_TRUE(archive_run(dir_).has_value());
  const std::string path = raw_path(dir_, "f") + ".zst";
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 1);
  EXPECT_EQ(refusal(), path + ": not a whole zstd file");
}

TEST_F(RecordedRun, WarnsOfATruncatedFileAndUsesItsWholeRecords) {
  const std::string path = raw_path(dir_, "f");
  std::filesystem::resize_file(path, std::filesystem::file_size(path) - 30);
  const assay::Run run = load();
  EXPECT_THAT(run.collected.slices[0], SizeIs(15));
  EXPECT_THAT(run.warnings, ElementsAre("raw/f.json: truncated; its 15 whole records are used"));
}

TEST_F(RecordedRun, WarnsIfItWasKilledOrInterrupted) {
  write_text(events_path(dir_), "{\"event\":\"round\",\"round\":0}\n");
  EXPECT_THAT(load().warnings, ElementsAre(HasSubstr("killed")));
  write_text(events_path(dir_), "{\"event\":\"finish\",\"why\":\"interrupted\"}\n");
  EXPECT_THAT(load().warnings, ElementsAre(HasSubstr("interrupted")));
  std::filesystem::remove(events_path(dir_));
  EXPECT_THAT(load().warnings, ElementsAre(HasSubstr("killed")));
}

TEST_F(RecordedRun, NamesTheLineOfADamagedRecord) {
  const std::string path = raw_path(dir_, "f");
  std::string text = content_of(path);
  const auto at = text.find("\"real_time\"", text.find("\"real_time\"") + 1);
  write_text(path, std::string(text).replace(at, 11, "\"rael_time\""));
  EXPECT_THAT(refusal(), HasSubstr(path + ":4: f/"));
  write_text(path, text.replace(at, 1, "'"));
  EXPECT_EQ(refusal(), path + ":4: not a JSON object");
}

TEST_F(RecordedRun, RefusesARecordOfABenchmarkThatThePlanLacks) {
  auto file = RawFile::open(raw_path(dir_, "f"), manifest_.run_id, json::object());
  ASSERT_TRUE(file.has_value());
  ASSERT_TRUE(file->append({raw_line({{"name", "x"}, {"real_time", 1}}, {0, 2, 0, false}, 9, 9)})
                  .has_value());
  EXPECT_EQ(refusal(), raw_path(dir_, "f") + ":19: the record belongs to no benchmark of the plan");
}

TEST_F(RecordedRun, RefusesFilesOfOtherRuns) {
  write_text(raw_path(dir_, "z"),
             "{\"context\": {\"assay_run\":\"x\"},\n\"benchmarks\": [\n\n]}\n");
  EXPECT_THAT(refusal(), HasSubstr("z.json: belongs to the run \"x\""));
}

TEST_F(RecordedRun, RefusesARegisterThatWasAltered) {
  write_text(dir_ + "/register.md", std::string(kRegister) + "\nA word more.\n");
  EXPECT_THAT(refusal(), HasSubstr("register.md: altered after the run: its hash is not the one in "
                                   "run.json; restore it, or judge by another register"));
  std::filesystem::remove(dir_ + "/register.md");
  EXPECT_THAT(refusal(), HasSubstr("register.md: No such file or directory"));
}

TEST_F(RecordedRun, IsNoFolderOfAGate) {
  write_text(dir_ + "/gate.json", "{}");
  EXPECT_THAT(refusal(), HasSubstr("a gate's folder: it holds no claims"));
}

TEST_F(RecordedRun, CanBeJudgedByAnotherRegister) {
  std::string other(kRegister);
  other.replace(other.find("\"bytes\""), 7, "\"real_time\"");
  write_text(folder_.path("OTHER.md"), other);
  const assay::Run run = load(folder_.path("OTHER.md"));
  EXPECT_NE(run.reg.hash, manifest_.register_hash);
  for (const Slice& slice : run.collected.slices[1]) EXPECT_EQ(slice.value, 100.0 + slice.position);
  const auto missing = load_run(dir_, folder_.path("NONE.md"));
  ASSERT_FALSE(missing.has_value());
  EXPECT_EQ(missing.error().code, ExitCode::kUsage);
}

TEST_F(RecordedRun, RefusesAMissingOrForeignDescription) {
  write_text(dir_ + "/run.json", "{");
  EXPECT_THAT(refusal(), HasSubstr("run.json: not a run's description"));
  std::filesystem::remove(dir_ + "/run.json");
  EXPECT_EQ(refusal(), dir_ +
                           "/run.json: No such file or directory; name a folder that `assay run` "
                           "wrote");
}

TEST_F(RecordedRun, NamesTheLineOfADamagedEvent) {
  write_text(events_path(dir_), "{\"event\":\"resume\"}\nx\n");
  EXPECT_THAT(refusal(), HasSubstr("events.jsonl:2: "));
}

TEST_F(RecordedRun, SaysThatNothingCanBeWrittenUnderAFile) {
  const auto created = create_run(dir_ + "/run.json/below", manifest_, reg_);
  ASSERT_FALSE(created.has_value());
  EXPECT_EQ(created.error().code, ExitCode::kOutput);
  EXPECT_THAT(created.error().message(), HasSubstr("cannot create the folder: Not a directory"));
}

TEST(MetricsOf, NamesTheMetricOfEachUnitAndTimeForEntriesThatAreGone) {
  Register reg;
  reg.experiments = {experiment("A", superiority(2)),
                     swept("X", range(RuleKind::kCrossover, 1, 50))};
  reg.experiments[1].metric = "bytes";
  const Plan plan = plan_of(reg.experiments);
  EXPECT_THAT(metrics_of(plan, reg), ElementsAre("real_time", "bytes", "bytes", "bytes"));
  reg.experiments.pop_back();
  EXPECT_THAT(metrics_of(plan, reg),
              ElementsAre("real_time", "real_time", "real_time", "real_time"));
}

}  // namespace
}  // namespace assay
