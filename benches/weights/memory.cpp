#include "benches/weights/memory.hpp"

#include <fcntl.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "kernels/loading/memory_metrics.hpp"

namespace assay {
namespace {

/// Once freed, mapped memory makes malloc raise the size from which it maps: later iterations would
/// reuse memory that the first had to be given. Whoever sets the size also fixes it.
[[maybe_unused]] const int kMapSizeFixed = ::mallopt(M_MMAP_THRESHOLD, 128 << 10);

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

double written_bytes() {
  const auto text = content_of_file("/proc/self/smaps_rollup");
  if (!text) throw std::runtime_error("not run: " + text.error());
  constexpr std::string_view kField = "Private_Dirty:";
  const auto at = text->find(kField);
  const auto number = text->find_first_not_of(' ', at + kField.size());
  if (at == std::string::npos || number == std::string::npos)
    throw std::runtime_error("not run: /proc/self/smaps_rollup has no Private_Dirty");
  double kibibytes = 0;
  std::from_chars(text->data() + number, text->data() + text->size(), kibibytes);
  return kibibytes * 1024;
}

double mapped_bytes(std::span<const std::byte> range) {
  if (range.empty()) return 0;
  constexpr std::uint64_t kPage = 4096, kPresent = std::uint64_t{1} << 63;
  const auto begin = reinterpret_cast<std::uintptr_t>(range.data()) / kPage;
  const auto end = (reinterpret_cast<std::uintptr_t>(range.data()) + range.size() - 1) / kPage + 1;
  std::vector<std::uint64_t> pages(end - begin);
  // No stream: the kernel gives whole entries only, and a stream's buffer is no multiple of one.
  const int fd = ::open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
  if (fd < 0) throw std::runtime_error("not run: /proc/self/pagemap cannot be opened");
  const auto bytes = std::as_writable_bytes(std::span(pages));
  std::size_t done = 0;
  for (ssize_t size = 1; size > 0 && done < bytes.size(); done += static_cast<std::size_t>(size))
    size = std::max<ssize_t>(0, ::pread(fd, bytes.data() + done, bytes.size() - done,
                                        static_cast<off_t>(begin * sizeof(std::uint64_t) + done)));
  ::close(fd);
  if (done < bytes.size()) throw std::runtime_error("not run: /proc/self/pagemap cannot be read");
  const auto present =
      std::ranges::count_if(pages, [](std::uint64_t page) { return (page & kPresent) != 0; });
  return static_cast<double>(present) * static_cast<double>(kPage);
}

void forget_freed_memory() {
  ::malloc_trim(0);
}

void require_fresh(std::uint64_t faults, std::uint64_t faults_without_copies, std::uint64_t bytes) {
  constexpr std::uint64_t kHugePage = std::uint64_t{2} << 20;
  const std::uint64_t least = (bytes + kHugePage - 1) / kHugePage;
  if (faults < faults_without_copies + least)
    throw std::runtime_error("copies went to memory used before: " + std::to_string(faults) +
                             " faults, and " + std::to_string(faults_without_copies) +
                             " without copies");
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
