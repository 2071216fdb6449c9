#include "measure/instrument.hpp"

#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <limits>

#include "record/slice.hpp"

namespace assay {

using nlohmann::json;

Result<std::vector<InstrumentFile>> find_instruments(const std::string& folder) {
  std::vector<InstrumentFile> files;
  std::error_code error;
  for (const auto& item : std::filesystem::directory_iterator(folder, error))
    if (item.is_regular_file() && ::access(item.path().c_str(), X_OK) == 0 &&
        item.path().filename().string().find(".link-") == std::string::npos)  // a relink's raw file
      files.push_back({item.path().filename().string(), item.path().string()});
  if (files.empty())
    return fail(ExitCode::kUsage, folder, "no instrument in this folder",
                "build first (cmake --build --preset release), or name one with --instruments DIR");
  std::ranges::sort(files, {}, &InstrumentFile::name);
  return files;
}

namespace {

/// What an instrument says of itself before it serves.
struct Greeting {
  json context;
  std::map<std::string, std::optional<std::uint64_t>> benchmarks;
};

/// The greeting in a line, or what is wrong with it.
std::expected<Greeting, const char*> greeting_in(const std::string& line) {
  const json said = json::parse(line, nullptr, false);
  if (!said.is_object() || said.value("assay_protocol", json()) != 1)
    return std::unexpected("no greeting");
  Greeting greeting;
  greeting.context = said.value("context", json::object());
  if (!greeting.context.is_object())
    return std::unexpected("the \"context\" of its greeting is no object");
  const json listed = said.value("benchmarks", json::array());
  if (!listed.is_array()) return std::unexpected("the \"benchmarks\" of its greeting are no list");
  for (const auto& item : listed) {
    const json name = item.is_object() ? item.value("name", json()) : json();
    if (!name.is_string()) return std::unexpected("a benchmark of its greeting has no name");
    const json fixed = item.value("fixed_iterations", json());
    if (!fixed.is_null() && !(fixed.is_number_unsigned() && fixed > 0))
      return std::unexpected("the \"fixed_iterations\" of a benchmark are no count above 0");
    greeting.benchmarks[name.get<std::string>()] =
        fixed.is_null() ? std::nullopt : std::optional(fixed.get<std::uint64_t>());
  }
  return greeting;
}

}  // namespace

Result<Instrument> Instrument::start(const InstrumentFile& file, const Surroundings& surroundings,
                                     std::chrono::milliseconds timeout) {
  // The program keeps its name on its heap: a longer path would move all that it allocates later.
  Surroundings nameless = surroundings;
  nameless.called = std::filesystem::path(file.path).filename();
  auto process = LineProcess::start({file.path, "--assay_serve"}, nameless);
  if (!process) return std::unexpected(process.error());
  std::string line;
  const auto read = process->read_line(line, timeout);
  if (read == LineProcess::Read::kInterrupted)
    return fail(ExitCode::kInterrupted, file.name, "interrupted");
  auto greeting = greeting_in(read == LineProcess::Read::kLine ? line : "");
  if (!greeting) {
    const std::string how = read == LineProcess::Read::kEnd ? process->end() : greeting.error();
    return fail(ExitCode::kInstrument, file.path, fmt::format("does not serve slices: {}", how),
                "link assay::instrument_main in place of benchmark_main");
  }
  json& context = greeting->context;
  context.erase("host_name");         // a recorded run is published: it names the machine's kind,
  context["executable"] = file.name;  // not whose it is or where things lie on it
  return Instrument(*std::move(process), std::move(context), std::move(greeting->benchmarks));
}

bool Instrument::request(const std::string& benchmark, std::uint64_t iterations) {
  return process_.send(json{{"benchmark", benchmark}, {"iterations", iterations}}.dump() + "\n");
}

Instrument::Answer Instrument::answer(const std::string& benchmark,
                                      std::chrono::milliseconds timeout) {
  std::string line;
  Answer answer;
  switch (process_.read_line(line, timeout)) {
    case LineProcess::Read::kInterrupted:
      answer.interrupted = true;
      return answer;
    case LineProcess::Read::kTimeout:
      answer.is_over = true;
      answer.failure = {
          benchmark, FailureKind::kHang,
          fmt::format("no answer within {:.1f} s", std::chrono::duration<double>(timeout).count())};
      return answer;
    case LineProcess::Read::kEnd:
      answer.is_over = true;
      answer.failure = {benchmark, FailureKind::kCrash,
                        fmt::format("the instrument {} while it ran", process_.end())};
      return answer;
    case LineProcess::Read::kLine:
      break;
  }
  answer.record = json::parse(line, nullptr, false);
  if (!answer.record.is_object()) {
    answer.is_over = true;  // nothing after a broken line can be attributed
    answer.failure = {benchmark, FailureKind::kError, "the instrument's answer is no JSON"};
  } else if (const json why = answer.record.value("error", json());
             why.is_string() &&
             !answer.record.contains("name")) {  // a counter may be named "error"
    answer.failure = failure_told(benchmark, why.get<std::string>());
  } else if (answer.record.value("name", json()) != benchmark) {
    answer.is_over = true;
    answer.failure = {benchmark, FailureKind::kError,
                      "the instrument answered for another benchmark"};
  } else if (const auto time = metric_in(answer.record, "real_time"); !time || !(*time > 0)) {
    answer.failure = {benchmark, FailureKind::kError, "real_time is not a time above 0"};
  } else if (!answer.record.value("label", json("")).is_string()) {
    answer.failure = {benchmark, FailureKind::kError, "its label is no text"};
  } else if (const auto taken = taken_name_in(answer.record); !taken.empty()) {
    answer.failure = {benchmark, FailureKind::kError,
                      fmt::format("the counter \"{}\" has a name that the raw record gives to the "
                                  "slice's place; rename it",
                                  taken)};
  }
  return answer;
}

std::string Instrument::finish(std::chrono::milliseconds timeout) {
  process_.close_input();
  return process_.end(timeout);
}

namespace {

/// One slice by itself, and the time that passed until its answer.
struct TimedAnswer {
  json record;
  double ns_per_iteration = 0;
  double elapsed_ns = 0;
};

std::expected<TimedAnswer, Failure> run_slice(Instrument& instrument, const std::string& benchmark,
                                              std::uint64_t iterations,
                                              std::chrono::milliseconds timeout) {
  using Clock = std::chrono::steady_clock;
  const auto start = Clock::now();
  if (!instrument.request(benchmark, iterations))
    return std::unexpected(Failure{benchmark, FailureKind::kCrash, "the instrument is gone"});
  auto answer = instrument.answer(benchmark, timeout);
  const double elapsed_ns = std::chrono::duration<double, std::nano>(Clock::now() - start).count();
  if (answer.failure) return std::unexpected(*answer.failure);
  if (answer.interrupted)
    return std::unexpected(Failure{benchmark, FailureKind::kNotRun, "interrupted"});
  const double ns = *metric_in(answer.record, "real_time");
  return TimedAnswer{std::move(answer.record), ns, elapsed_ns};
}

/// What stands in a record beside times and counters.
bool is_bookkeeping(const std::string& key) {
  return key == "family_index" || key == "per_family_instance_index" || key == "repetitions" ||
         key == "repetition_index" || key == "threads" || key == "iterations";
}

/// Numbers, and the nulls that JSON has for those that are not finite.
std::vector<std::string> metrics_in(const json& record) {
  std::vector<std::string> names;
  for (const auto& [key, value] : record.items())
    if ((value.is_number() || value.is_null()) && !is_bookkeeping(key)) names.push_back(key);
  return names;
}

WorkByKind work_in(const json& record) {
  constexpr std::string_view kPrefix = "work_";
  WorkByKind work;
  for (const auto& [key, value] : record.items())
    if (key.starts_with(kPrefix) && value.is_number() && value.get<double>() > 0)
      work[key.substr(kPrefix.size())] = value;
  return work;
}

}  // namespace

std::expected<Calibration, Failure> calibrate(Instrument& instrument, const std::string& benchmark,
                                              std::chrono::milliseconds timeout) {
  constexpr double kLongEnoughNs = 0.2e6;
  constexpr double kBeyondBurstsNs = 100e6;
  constexpr int kTries = 3;
  constexpr std::uint64_t kGrowth = 8;
  constexpr std::uint64_t kMostIterations = 1ULL << 40U;
  const auto fixed = instrument.benchmarks().at(benchmark);
  Calibration found;
  std::optional<double> first_beside_ns;
  for (std::uint64_t iterations = fixed.value_or(1); iterations < kMostIterations;
       iterations *= kGrowth) {
    // One burst of noise makes a slice of one iteration look long, and the benchmark ten thousand
    // times too dear: it would then be measured in slices of next to nothing, against long ones of
    // its rival. So a slice counts as long only if all of several are.
    found.ns_per_iteration = std::numeric_limits<double>::infinity();
    found.ns_per_slice = std::numeric_limits<double>::infinity();
    double slice_ns = 0;
    for (int tries = 0; tries < kTries; ++tries) {
      const auto slice = run_slice(instrument, benchmark, iterations, timeout);
      if (!slice) return std::unexpected(slice.error());
      found.metrics = metrics_in(slice->record);
      found.work = work_in(slice->record);
      const json& threads = slice->record.value("threads", json());
      found.threads = threads.is_number_unsigned() ? threads.get<std::uint64_t>() : 1;
      found.ns_per_iteration = std::min(found.ns_per_iteration, slice->ns_per_iteration);
      const double measured_ns = slice->ns_per_iteration * static_cast<double>(iterations);
      const double beside_ns = std::max(slice->elapsed_ns - measured_ns, 0.0);
      if (!first_beside_ns) first_beside_ns = beside_ns;
      found.ns_per_slice = std::min(beside_ns, found.ns_per_slice);
      slice_ns = found.ns_per_iteration * static_cast<double>(iterations);
      if (slice_ns < kLongEnoughNs || slice_ns >= kBeyondBurstsNs) break;
    }
    if (fixed || slice_ns >= kLongEnoughNs) break;
  }
  found.set_up_ns = std::max(first_beside_ns.value_or(0) - found.ns_per_slice, 0.0);
  return found;
}

}  // namespace assay
