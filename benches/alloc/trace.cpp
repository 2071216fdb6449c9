#include "benches/alloc/trace.hpp"

#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <optional>
#include <random>
#include <ranges>
#include <string_view>
#include <system_error>
#include <utility>

#include "benches/alloc/batch.hpp"
#include "benches/alloc/malloc_in_use.hpp"
#include "benches/alloc/mapped_memory.hpp"
#include "kernels/arena/arena.hpp"

namespace assay {

using What = TraceOp::What;

namespace {

struct Shape {
  std::uint32_t requests, for_request, frames, for_frame, for_long, longest_life;
};

constexpr Shape shape_of(TraceKind kind) {
  if (kind == TraceKind::kRequests) return {8, 6000, 200, 5, 0, 0};
  return {240, 20, 2, 5, 100, 120};
}

/// Writes a trace down, object by object; in memory of its own, so that the heap stays untouched.
class TraceWriter {
 public:
  TraceWriter(Trace& trace, TraceKind kind) : trace_(trace), shape_(shape_of(kind)) {}

  void write() {
    for (std::uint32_t request = 0; request < shape_.requests; ++request) write_request(request);
    for (const auto& [expiry, object] : long_lived_) free(What::kFreeOfLong, object);
  }

 private:
  struct Live {
    std::uint32_t object, bytes;
  };

  Live allocate(What what) {
    const double bytes = std::clamp(sizes_(engine_), 16.0, 16384.0);
    const Live made{take_place(), static_cast<std::uint32_t>(bytes) / 8 * 8};
    trace_.ops.push_back({what, made.object, made.bytes});
    live_bytes_ += made.bytes;
    trace_.peak_live_bytes = std::max(trace_.peak_live_bytes, live_bytes_);
    return made;
  }
  void free(What what, const Live& live) {
    trace_.ops.push_back({what, live.object, live.bytes});
    live_bytes_ -= live.bytes;
    free_places_.push_back(live.object);
  }
  std::uint32_t take_place() {
    if (free_places_.empty()) return trace_.objects++;
    const std::uint32_t place = free_places_.back();
    free_places_.pop_back();
    return place;
  }

  void write_frame() {
    trace_.ops.push_back({What::kEnterFrame, 0, 0});
    std::pmr::vector<Live> frame(&memory_);
    for (std::uint32_t i = 0; i < shape_.for_frame; ++i) frame.push_back(allocate(What::kForFrame));
    for (const Live& live : std::views::reverse(frame)) free(What::kFreeOfFrame, live);
    trace_.ops.push_back({What::kLeaveFrame, 0, 0});
  }

  void write_request(std::uint32_t request) {
    std::pmr::vector<Live> of_request(&memory_);
    // An object that outlives a frame may not be put above its mark, so frames come in between.
    for (std::uint32_t i = 0; i < shape_.for_request; ++i) {
      of_request.push_back(allocate(What::kForRequest));
      if (i % (shape_.for_request / shape_.frames) == 0) write_frame();
    }
    for (std::uint32_t i = 0; i < shape_.for_long; ++i) {
      const std::uint32_t expiry =
          request + 1 + static_cast<std::uint32_t>(engine_() % shape_.longest_life);
      long_lived_.emplace(expiry, allocate(What::kForLong));
    }
    for (const Live& live : of_request) free(What::kFreeOfRequest, live);
    const auto expired = long_lived_.upper_bound(request);
    for (auto live = long_lived_.begin(); live != expired; ++live)
      free(What::kFreeOfLong, live->second);
    long_lived_.erase(long_lived_.begin(), expired);
    trace_.ops.push_back({What::kEndRequest, 0, 0});
  }

  Trace& trace_;
  Shape shape_;
  std::mt19937_64 engine_{2048};
  std::lognormal_distribution<double> sizes_{std::log(128.0), 1.2};
  std::pmr::monotonic_buffer_resource memory_{std::size_t{1} << 20U, mapped_memory()};
  std::pmr::multimap<std::uint32_t, Live> long_lived_{&memory_};  ///< by the request that frees it
  std::pmr::vector<std::uint32_t> free_places_{&memory_};
  std::size_t live_bytes_ = 0;
};

}  // namespace

Trace::Trace(TraceKind kind) : ops(mapped_memory()) {
  ops.reserve(120'000);
  TraceWriter(*this, kind).write();
}

namespace {

/// A number of kilobytes in a file of /proc, in bytes. No allocation: it would be counted.
double bytes_in(const char* path, std::string_view key) {
  std::array<char, 8192> text{};
  const int fd = ::open(path, O_RDONLY | O_CLOEXEC);
  const ssize_t size = fd < 0 ? -1 : ::read(fd, text.data(), text.size() - 1);
  if (fd >= 0) ::close(fd);
  const std::string_view all(text.data(), static_cast<std::size_t>(std::max<ssize_t>(size, 0)));
  const auto at = all.find(key);
  if (at == std::string_view::npos) throw std::system_error(ENOENT, std::generic_category(), path);
  return 1024 * std::strtod(all.data() + at + key.size(), nullptr);
}

/// Private memory. Exact, unlike the counters of /proc/self/statm, which lag by some pages a CPU;
/// and without the pages of files, which a child maps anew when it first runs their code.
double resident_bytes() {
  return bytes_in("/proc/self/smaps_rollup", "Anonymous:");
}
double mapped_bytes() {
  return bytes_in("/proc/self/status", "VmSize:");
}
double page_faults() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_minflt);
}

struct ByMalloc {
  explicit ByMalloc(std::span<void*> /*owners*/) {}
  double mapped_at_start = mapped_bytes();
  double heap_bytes() const { return mapped_bytes() - mapped_at_start; }
  void* allocate(const TraceOp& op) { return std::malloc(op.bytes); }
  void free(const TraceOp& /*op*/, void* at) { std::free(at); }
  void enter_frame() {}
  void leave_frame() {}
  void end_request() {}
  void end() {}
  void trim() { trim_malloc(); }
};

/// Frames as marks, requests as resets; arenas of what lives long in the order of their making.
class ByArenas {
 public:
  explicit ByArenas(std::span<void*> owners) : owners_(owners) {}
  double heap_bytes() const {
    std::size_t bytes = request_.reserved_bytes();
    for (const Epoch& epoch : epochs_) bytes += epoch.arena.reserved_bytes();
    return static_cast<double>(bytes);
  }
  void* allocate(const TraceOp& op) {
    if (op.what != What::kForLong) return request_.try_allocate(op.bytes);
    Epoch& epoch = epochs_.back();
    ++epoch.live;
    // Ids, as places of the table, come again: which epoch a live object is of is kept beside it.
    owners_[op.object] = &epoch;
    return epoch.arena.try_allocate(op.bytes);
  }
  void free(const TraceOp& op, void* /*at*/) {
    if (op.what == What::kFreeOfLong) --static_cast<Epoch*>(owners_[op.object])->live;
  }
  void enter_frame() { mark_ = request_.mark(); }
  void leave_frame() { request_.rewind(mark_); }
  void end_request() {
    request_.reset();
    while (epochs_.front().live == 0 && epochs_.size() > 1) epochs_.pop_front();
    if (++requests_ % kRequestsOfEpoch == 0) epochs_.emplace_back();
  }
  void end() {
    epochs_.resize(1);
    epochs_.front().arena.reset();
  }
  void trim() {
    epochs_.front().arena.release();
    request_.release();
    trim_malloc();
  }

 private:
  static constexpr std::uint32_t kRequestsOfEpoch = 16;
  struct Epoch {
    Arena arena{std::size_t{64} << 10U};
    std::uint32_t live = 0;
  };
  Arena request_{std::size_t{64} << 10U};
  Arena::Mark mark_{};
  std::deque<Epoch> epochs_{1};
  std::span<void*> owners_;
  std::uint32_t requests_ = 0;
};

/// The arena of the claim: nothing is freed while anything lives.
class ByOneArena {
 public:
  explicit ByOneArena(std::span<void*> /*owners*/) {}
  double heap_bytes() const { return static_cast<double>(arena_.reserved_bytes()); }
  void* allocate(const TraceOp& op) {
    ++live_;
    return arena_.try_allocate(op.bytes);
  }
  void free(const TraceOp& /*op*/, void* /*at*/) {
    if (--live_ == 0) arena_.reset();
  }
  void enter_frame() {}
  void leave_frame() {}
  void end_request() {}
  void end() { arena_.reset(); }
  void trim() {
    arena_.release();
    trim_malloc();
  }

 private:
  Arena arena_{std::size_t{64} << 10U};
  std::size_t live_ = 0;
};

/// An object's first word, which must still be there when it is freed.
std::uint64_t content_of(const TraceOp& op) {
  return std::uint64_t{op.object} << 32U | op.bytes;
}

/// One operation. False if memory ran out or an object had lost its content.
template <typename Allocator>
bool step(Allocator& allocator, const TraceOp& op, std::pmr::vector<std::uint64_t*>& objects) {
  switch (op.what) {
    case What::kForRequest:
    case What::kForFrame:
    case What::kForLong: {
      auto* const words = static_cast<std::uint64_t*>(allocator.allocate(op));
      objects[op.object] = words;
      if (words == nullptr) return false;
      std::fill_n(words, op.bytes / sizeof(std::uint64_t), content_of(op));
      return true;
    }
    case What::kFreeOfRequest:
    case What::kFreeOfFrame:
    case What::kFreeOfLong: {
      const std::uint64_t* const words = objects[op.object];
      const bool is_whole =
          words[0] == content_of(op) && words[op.bytes / sizeof *words - 1] == content_of(op);
      allocator.free(op, objects[op.object]);
      return is_whole;
    }
    case What::kEnterFrame:
      allocator.enter_frame();
      return true;
    case What::kLeaveFrame:
      allocator.leave_frame();
      return true;
    case What::kEndRequest:
      allocator.end_request();
      return true;
  }
  return false;
}

template <typename Allocator>
TraceCost carry_out(const Trace& trace) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t kSamples = 32;
  // The replay's own tables, before memory is counted; the second is for who keeps something beside
  // each object.
  std::pmr::vector<std::uint64_t*> objects(trace.objects, nullptr, mapped_memory());
  std::pmr::vector<void*> owners(trace.objects, nullptr, mapped_memory());
  TraceCost cost;
  cost.is_valid = true;
  const double resident = resident_bytes(), faults = page_faults();
  Allocator allocator(owners);
  std::size_t done = 0;
  for (std::size_t sample = 1; sample <= kSamples; ++sample) {
    const auto start = Clock::now();
    for (; done < trace.ops.size() * sample / kSamples; ++done)
      cost.is_valid = step(allocator, trace.ops[done], objects) && cost.is_valid;
    cost.seconds += std::chrono::duration<double>(Clock::now() - start).count();
    cost.peak_resident_bytes = std::max(cost.peak_resident_bytes, resident_bytes() - resident);
    cost.peak_heap_bytes = std::max(cost.peak_heap_bytes, allocator.heap_bytes());
  }
  cost.page_faults = page_faults() - faults;
  allocator.end();
  cost.freed_resident_bytes = resident_bytes() - resident;
  allocator.trim();
  cost.trimmed_resident_bytes = resident_bytes() - resident;
  return cost;
}

}  // namespace

TraceCost run_trace(const Trace& trace, TraceAllocator allocator) {
  switch (allocator) {
    case TraceAllocator::kMalloc:
      return carry_out<ByMalloc>(trace);
    case TraceAllocator::kArenas:
      return carry_out<ByArenas>(trace);
    case TraceAllocator::kOneArena:
      return carry_out<ByOneArena>(trace);
  }
  return {};
}

namespace {

struct Request {
  TraceKind kind;
  TraceAllocator allocator;
};
struct Answer {
  TraceCost cost;
  std::size_t peak_live_bytes = 0;
  std::size_t ops = 0;
};

/// The ends of the server that this process holds.
struct Server {
  int requests = -1;
  int answers = -1;
};
Server& server() {
  static Server of_process;
  return of_process;
}

template <typename Value>
bool read_whole(int fd, Value& value) {
  return ::read(fd, &value, sizeof value) == static_cast<ssize_t>(sizeof value);
}
template <typename Value>
bool write_whole(int fd, const Value& value) {
  return ::write(fd, &value, sizeof value) == static_cast<ssize_t>(sizeof value);
}

/// Made once, in the server: its children share it.
const Trace& trace_of(TraceKind kind) {
  static const Trace kOfRequests(TraceKind::kRequests), kOfMixed(TraceKind::kMixed);
  return kind == TraceKind::kRequests ? kOfRequests : kOfMixed;
}

Answer answer_to(const Request& request) {
  const Trace& trace = trace_of(request.kind);
  return {run_trace(trace, request.allocator), trace.peak_live_bytes, trace.ops.size()};
}

/// Runs each trace in a child. Where the child does not answer, the server does: with no cost.
[[noreturn]] void serve_traces(int requests, int answers) {
  for (Request request{}; read_whole(requests, request);) {
    static_cast<void>(trace_of(request.kind));
    const pid_t child = ::fork();
    if (child == 0) {
      try {
        ::_exit(write_whole(answers, answer_to(request)) ? 0 : 1);
      } catch (const std::exception&) {
        ::_exit(1);
      }
    }
    int status = 0;
    if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0)
      write_whole(answers, Answer{});
  }
  ::_exit(0);
}

}  // namespace

void start_trace_server() {
  std::array<int, 2> requests{}, answers{};
  if (::pipe2(requests.data(), O_CLOEXEC) != 0 || ::pipe2(answers.data(), O_CLOEXEC) != 0)
    throw std::system_error(errno, std::generic_category(), "pipes of the trace server");
  const pid_t pid = ::fork();
  if (pid < 0) throw std::system_error(errno, std::generic_category(), "the trace server");
  if (pid == 0) {
    ::close(requests[1]);  // so that it sees the end of the process that asks
    ::close(answers[0]);
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    ::dup2(nothing, STDIN_FILENO);
    ::dup2(nothing, STDOUT_FILENO);
    serve_traces(requests[0], answers[1]);
  }
  ::close(requests[0]);
  ::close(answers[1]);
  server() = {requests[1], answers[0]};
}

namespace {

Answer ask(const Request& request) {
  Answer answer;
  if (!write_whole(server().requests, request) || !read_whole(server().answers, answer))
    throw std::runtime_error("the trace server is gone");
  if (!answer.cost.is_valid) throw std::runtime_error("wrong result: the trace failed");
  return answer;
}

void time_trace(benchmark::State& state, const Request& request) {
  Answer answer;
  for (auto _ : state) {
    answer = ask(request);
    state.SetIterationTime(answer.cost.seconds);
  }
  const auto live = static_cast<double>(answer.peak_live_bytes);
  state.counters["peak_live_bytes"] = live;
  state.counters["peak_resident_per_live"] = answer.cost.peak_resident_bytes / live;
  state.counters["peak_heap_per_live"] = answer.cost.peak_heap_bytes / live;
  state.counters["freed_resident_per_live"] = answer.cost.freed_resident_bytes / live;
  state.counters["trimmed_resident_per_live"] = answer.cost.trimmed_resident_bytes / live;
  state.counters["page_faults"] = answer.cost.page_faults;
  state.counters["operations"] = static_cast<double>(answer.ops);
}

void add_traces(const std::string& name, TraceAllocator allocator) {
  for (const auto& [kind, word] :
       {std::pair(TraceKind::kRequests, "requests"), {TraceKind::kMixed, "mixed"}}) {
    const Request request{kind, allocator};
    const std::string whole = "alloc/trace/" + std::string(word) + "/" + name;
    add_benchmark(whole, [request](benchmark::State& state) {
      time_trace(state, request);
    })->UseManualTime();
  }
}

}  // namespace

void register_heap_traces(const std::string& name) {
  add_traces(name, TraceAllocator::kMalloc);
}

void register_arena_traces() {
  add_traces("arenas", TraceAllocator::kArenas);
  add_traces("one-arena", TraceAllocator::kOneArena);
}

}  // namespace assay
