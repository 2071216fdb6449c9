#include "benches/weights/memory.hpp"

#include <malloc.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <charconv>
#include <cstring>
#include <exception>
#include <fstream>
#include <stdexcept>
#include <string>
#include <string_view>

namespace assay {
namespace {

constexpr double kKibibyte = 1024;

/// Adds a line "Rss:      12 kB" to the use.
void add_line(std::string_view line, MemoryUse& use) {
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string_view name = line.substr(0, colon);
  const auto first = line.find_first_not_of(' ', colon + 1);
  if (first == std::string_view::npos) return;
  double kibibytes = 0;
  std::from_chars(line.begin() + first, line.end(), kibibytes);
  if (name == "Rss") use.resident += kibibytes * kKibibyte;
  if (name == "Pss") use.shared_out += kibibytes * kKibibyte;
  if (name == "Anonymous") use.anonymous += kibibytes * kKibibyte;
}

/// The addresses of a mapping's first line "55d0-55d4 r--p ..."; nothing else looks like it.
bool parse_range(std::string_view line, std::uintptr_t& begin, std::uintptr_t& end) {
  const char* const first = line.begin();
  const char* const last = line.end();
  const auto [dash, error] = std::from_chars(first, last, begin, 16);
  if (error != std::errc{} || dash == last || *dash != '-') return false;
  const auto [space, also] = std::from_chars(dash + 1, last, end, 16);
  return also == std::errc{} && space != last && *space == ' ';
}

/// A pipe's two ends, closed when they go.
class Pipe {
 public:
  Pipe() {
    if (::pipe(ends_.data()) != 0) throw std::runtime_error("no pipe to a child process");
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  ~Pipe() {
    close_end(0);
    close_end(1);
  }
  int read_end() const { return ends_[0]; }
  int write_end() const { return ends_[1]; }
  void close_end(std::size_t end) {
    if (ends_[end] >= 0) ::close(ends_[end]);
    ends_[end] = -1;
  }

 private:
  std::array<int, 2> ends_ = {-1, -1};
};

/// Everything until the other side closes.
std::string read_to_end(int fd) {
  std::string all;
  std::array<char, 4096> part;
  for (;;) {
    const ssize_t size = ::read(fd, part.data(), part.size());
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) return all;
    all.append(part.data(), static_cast<std::size_t>(size));
  }
}

void write_text(int fd, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t size = ::write(fd, text.data() + at, text.size() - at);
    if (size < 0 && errno == EINTR) continue;
    if (size <= 0) ::_exit(1);
    at += static_cast<std::size_t>(size);
  }
}

/// "!" and an error, or the numbers as bytes behind a ".".
std::string answer_of(const Measure& measure) {
  try {
    const std::vector<double> numbers = measure();
    std::string text(".");
    text.append(reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(double));
    return text;
  } catch (const std::exception& error) {
    return std::string("!") + error.what();
  }
}

std::vector<double> numbers_of(const std::string& answer) {
  if (answer.empty()) throw std::runtime_error("a child process died");
  if (answer.front() != '.') throw std::runtime_error(answer.substr(1));
  std::vector<double> numbers((answer.size() - 1) / sizeof(double));
  std::memcpy(numbers.data(), answer.data() + 1, numbers.size() * sizeof(double));
  return numbers;
}

/// One child and its pipes: it says that it is ready, waits for the word, answers, and waits for
/// the end.
struct Child {
  Pipe ready, go, answer, end;
  pid_t pid = -1;

  void run(const std::function<Measure()>& prepare) {
    ready.close_end(0), go.close_end(1), answer.close_end(0), end.close_end(1);
    Measure measure;
    try {
      measure = prepare();
    } catch (const std::exception& error) {
      const std::string what = error.what();
      measure = [what]() -> std::vector<double> { throw std::runtime_error(what); };
    }
    ready.close_end(1);
    read_to_end(go.read_end());
    write_text(answer.write_end(), answer_of(measure));
    answer.close_end(1);
    read_to_end(end.read_end());
    ::_exit(0);
  }
};

}  // namespace

MemoryUse memory_use() {
  std::ifstream file("/proc/self/smaps_rollup");
  if (!file) throw std::runtime_error("not run: this kernel has no /proc/self/smaps_rollup");
  MemoryUse use;
  for (std::string line; std::getline(file, line);) add_line(line, use);
  return use;
}

MemoryUse memory_use(std::span<const std::byte> range) {
  std::ifstream file("/proc/self/smaps");
  if (!file) throw std::runtime_error("not run: this kernel has no /proc/self/smaps");
  const auto first = reinterpret_cast<std::uintptr_t>(range.data());
  MemoryUse use;
  bool is_inside = false;
  for (std::string line; std::getline(file, line);) {
    std::uintptr_t begin = 0, end = 0;
    if (parse_range(line, begin, end)) {
      is_inside = begin < first + range.size() && first < end;
    } else if (is_inside) {
      add_line(line, use);
    }
  }
  return use;
}

void forget_freed_memory() {
  constexpr int kLeastMapped = 128 << 10;
  ::mallopt(M_MMAP_THRESHOLD, kLeastMapped);
  ::malloc_trim(0);
}

std::int64_t pages_faulted() {
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  return usage.ru_minflt;
}

MemoryUse operator-(const MemoryUse& after, const MemoryUse& before) {
  return {after.resident - before.resident, after.shared_out - before.shared_out,
          after.anonymous - before.anonymous};
}

std::vector<double> in_child(const std::function<std::vector<double>()>& measure) {
  return in_children(1, [&] { return measure; }).front();
}

std::vector<std::vector<double>> in_children(int count, const std::function<Measure()>& prepare) {
  std::vector<Child> children(static_cast<std::size_t>(count));
  for (Child& child : children) {
    child.pid = ::fork();
    if (child.pid == 0) {
      // The other children's pipes end when this one's copies are closed, too.
      for (Child& other : children)
        if (&other != &child)
          for (Pipe* const pipe : {&other.ready, &other.go, &other.answer, &other.end})
            pipe->close_end(0), pipe->close_end(1);
      child.run(prepare);
    }
    child.ready.close_end(1), child.go.close_end(0), child.answer.close_end(1),
        child.end.close_end(0);
  }
  for (Child& child : children) read_to_end(child.ready.read_end());
  for (Child& child : children) child.go.close_end(1);
  std::vector<std::string> answers;
  for (Child& child : children) answers.push_back(read_to_end(child.answer.read_end()));
  for (Child& child : children) child.end.close_end(1);
  for (const Child& child : children)
    if (child.pid > 0) ::waitpid(child.pid, nullptr, 0);
  std::vector<std::vector<double>> results;
  for (const std::string& answer : answers) results.push_back(numbers_of(answer));
  return results;
}

}  // namespace assay
