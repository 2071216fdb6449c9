#include "record/run.hpp"

#include <fmt/format.h>
#include <zstd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <iterator>
#include <map>

#include "record/raw_file.hpp"
#include "register/parse.hpp"
#include "text.hpp"

namespace assay {

namespace fs = std::filesystem;
using nlohmann::json;

namespace {

constexpr std::string_view kLinkMark = ".link-";

/// The link that raw_path() put into a file's name.
std::size_t link_in(const std::string& path) {
  constexpr std::size_t kMostLinks = 1000;
  const std::string name = fs::path(path).filename().string();
  const auto mark = name.rfind(kLinkMark);
  if (mark == std::string::npos) return 0;
  std::size_t link = 0;
  const char* const digits = name.data() + mark + kLinkMark.size();
  std::from_chars(digits, name.data() + name.size(), link);
  return std::min(link, kMostLinks);
}

}  // namespace

std::string raw_path(const std::string& run_dir, const std::string& instrument, std::size_t link) {
  const std::string mark = link == 0 ? "" : fmt::format("{}{}", kLinkMark, link);
  return run_dir + "/raw/" + instrument + mark + ".json";
}

std::string events_path(const std::string& run_dir) {
  return run_dir + "/raw/events.jsonl";
}

std::vector<std::string> metrics_of(const Plan& plan, const Register& reg) {
  std::map<std::string, std::string> metric_of;
  for (const auto& entry : reg.experiments) metric_of[entry.id] = entry.metric;
  std::vector<std::string> metrics;
  for (const auto& unit : plan.units) {
    const auto found = metric_of.find(plan.comparisons[unit.comparison].experiment);
    metrics.push_back(found == metric_of.end() ? "real_time" : found->second);
  }
  return metrics;
}

namespace {

Result<Register> run_register(const std::string& dir, const Manifest& manifest,
                              const std::string& other) {
  if (!other.empty()) return load_register(other);
  const std::string path = dir + "/register.md";
  auto text = read_file(path);
  if (!text) return std::unexpected(text.error());
  if (sha256(*text) != manifest.register_hash)
    return fail(ExitCode::kData, path, "altered after the run: its hash is not the one in run.json",
                "restore it, or judge by another register with --by FILE");
  return load_register(path);
}

/// Raw files, plain or compressed; a compressed one beside its plain form would count twice.
std::vector<std::string> raw_files(const std::string& dir) {
  std::vector<std::string> paths;
  std::error_code error;
  for (const auto& item : fs::directory_iterator(dir + "/raw", error)) {
    const std::string path = item.path().string();
    const bool is_doubled = path.ends_with(".zst") && fs::exists(path.substr(0, path.size() - 4));
    if ((path.ends_with(".json") || path.ends_with(".json.zst")) && !is_doubled)
      paths.push_back(path);
  }
  std::ranges::sort(paths);
  return paths;
}

/// Where the slices of a link are gathered.
SlicesByUnit& slices_of_link(std::size_t link, const Plan& plan, RecordedSlices& recorded) {
  if (link == 0) return recorded.slices;
  const SlicesByUnit none(plan.units.size());
  if (recorded.layouts.size() < link) recorded.layouts.resize(link, none);
  return recorded.layouts[link - 1];
}

Result<void> read_slices(const std::string& path, const Manifest& manifest,
                         const SliceReader& reader, RecordedSlices& recorded) {
  SlicesByUnit& slices = slices_of_link(link_in(path), manifest.plan, recorded);
  const auto keep = [&](const RawLine& record) -> Result<void> {
    auto slice = reader.read(record.text);
    if (slice && slice->arm >= manifest.plan.units[slice->unit].arms.size())
      slice = fail(ExitCode::kData, "", "the record belongs to no benchmark of the plan");
    if (!slice) {
      slice.error().where = fmt::format("{}:{}", path, record.line);
      return std::unexpected(slice.error());
    }
    slices[slice->unit].push_back(*slice);
    return {};
  };
  const auto extent = scan_raw(path, manifest.run_id, keep);
  if (!extent) return std::unexpected(extent.error());
  if (extent->is_truncated)
    recorded.warnings.push_back(fmt::format("raw/{}: truncated; its {} whole records are used",
                                            fs::path(path).filename().string(), extent->records));
  return {};
}

void sort_by_run(SlicesByUnit& slices) {
  for (auto& of_unit : slices)
    std::ranges::stable_sort(
        of_unit, {}, [](const Slice& slice) { return std::pair(slice.round, slice.position); });
}

}  // namespace

Result<RecordedSlices> read_recorded_slices(const std::string& dir, const Manifest& manifest,
                                            const std::vector<std::string>& metrics) {
  RecordedSlices recorded;
  recorded.slices.resize(manifest.plan.units.size());
  const SliceReader reader(metrics);
  for (const auto& path : raw_files(dir))
    if (auto read = read_slices(path, manifest, reader, recorded); !read)
      return std::unexpected(read.error());
  sort_by_run(recorded.slices);
  for (auto& slices : recorded.layouts) sort_by_run(slices);
  return recorded;
}

namespace {

/// Where another register's results go, and what it leaves out.
void note_other_register(Run& run) {
  constexpr std::size_t kShownDigits = 12;
  run.results_dir = run.dir + "/by-" + run.reg.hash.substr(0, kShownDigits);
  run.warnings.push_back(fmt::format("judged by another register (SHA-256 {}) than the run's own",
                                     run.reg.hash.substr(0, kShownDigits)));
  if (run.reg.settings.hash != run.manifest.settings_hash)
    run.warnings.emplace_back(
        "its settings (alpha, looks, grades) are not those of the run: every "
        "verdict is exploratory");
  for (const auto& [id, hash] : run.manifest.entry_hashes)
    if (std::ranges::count(run.reg.experiments, id, &Experiment::id) == 0)
      run.warnings.push_back(fmt::format("{} was measured, but that register lacks it", id));
}

}  // namespace

Result<Run> load_run(const std::string& dir, const std::string& register_path) {
  Run run;
  run.dir = dir;
  run.results_dir = dir;
  std::error_code unknown;
  if (fs::exists(dir + "/gate.json", unknown))
    return fail(ExitCode::kData, dir,
                "a gate's folder: it holds no claims, and gate.json its answer",
                "name a folder that `assay run` wrote");
  const std::string manifest_path = dir + "/run.json";
  const auto text = read_file(manifest_path);
  if (!text)
    return fail(ExitCode::kData, text.error().where, text.error().what,
                "name a folder that `assay run` wrote");
  auto manifest = manifest_from(json::parse(*text, nullptr, false), manifest_path);
  if (!manifest) return std::unexpected(manifest.error());
  run.manifest = *std::move(manifest);
  auto reg = run_register(dir, run.manifest, register_path);
  if (!reg) return std::unexpected(reg.error());
  run.reg = *std::move(reg);
  if (run.reg.hash != run.manifest.register_hash) note_other_register(run);

  if (fs::exists(events_path(dir))) {
    const auto log = read_file(events_path(dir));
    if (!log) return std::unexpected(log.error());
    auto events = events_from(*log, events_path(dir));
    if (!events) return std::unexpected(events.error());
    run.collected.events = *std::move(events);
  }
  auto machine_code = read_machine_code(dir);
  if (!machine_code) return std::unexpected(machine_code.error());
  run.collected.machine_code = *std::move(machine_code);
  auto recorded = read_recorded_slices(dir, run.manifest, metrics_of(run.manifest.plan, run.reg));
  if (!recorded) return std::unexpected(recorded.error());
  run.collected.slices = std::move(recorded->slices);
  run.collected.layouts = std::move(recorded->layouts);
  std::ranges::move(recorded->warnings, std::back_inserter(run.warnings));
  const std::string& finish = run.collected.events.finish;
  if (finish.empty())
    run.warnings.emplace_back("the run was killed before it ended; what it measured is judged");
  if (finish == "interrupted")
    run.warnings.emplace_back("the run was interrupted; what it measured is judged");
  return run;
}

Result<void> create_run(const std::string& dir, const Manifest& manifest, const Register& reg) {
  std::error_code error;
  if (fs::exists(dir + "/run.json", error))
    return fail(ExitCode::kUsage, dir, "there is a run in this folder already",
                "name another, or go on with that one by --resume");
  fs::create_directories(dir + "/raw", error);
  if (error)
    return fail(ExitCode::kOutput, dir,
                fmt::format("cannot create the folder: {}", error.message()),
                "choose a folder you may write to with --results DIR");
  if (auto written = write_file(dir + "/register.md", reg.text); !written) return written;
  return write_file(dir + "/run.json", to_json(manifest).dump(1) + "\n");
}

Result<void> archive_run(const std::string& dir) {
  constexpr int kLevel = 12;  // beyond it, ten times the time for a tenth of the size
  for (const auto& path : raw_files(dir)) {
    if (path.ends_with(".zst")) continue;
    const auto text = read_file(path);
    if (!text) return std::unexpected(text.error());
    std::string packed(ZSTD_compressBound(text->size()), '\0');
    const std::size_t size =
        ZSTD_compress(packed.data(), packed.size(), text->data(), text->size(), kLevel);
    if (ZSTD_isError(size) != 0U) return fail(ExitCode::kOutput, path, ZSTD_getErrorName(size));
    packed.resize(size);
    if (auto written = write_file(path + ".zst", packed); !written) return written;
    fs::remove(path);
  }
  return {};
}

}  // namespace assay
