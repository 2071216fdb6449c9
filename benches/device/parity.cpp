/// The same on every backend: host, opencl, cuda, hip. What is not here is "not run".
///
/// device/parity/<backend>/behaviour   counter holds: what the plan promises of clones
/// device/parity/<backend>/share       a clone of 1 MB by reference, and its drop
/// device/parity/<backend>/copy        a copy of 16 MB into memory at hand, as a deep clone's,
/// until
///     it is done. Counters: issue_ns, the call alone, and issue_share of the whole; device_ns
///     between the device's own events

#include <algorithm>
#include <chrono>
#include <vector>

#include "benches/device/bench.hpp"

namespace assay {
namespace {

using Words = std::vector<std::uint64_t>;
using WordBuffer = DeviceBuffer<std::uint64_t>;

/// A kernel, an upload, an upload of a range and a fill, each through a clone.
bool do_clones_stay_apart(Opened& opened, DriverKernel& bind) {
  DeviceQueue& queue = *opened.queue;
  const Words ones(32, 1);
  const WordBuffer original = value_or_throw(WordBuffer::from(queue, ones));
  const auto is_unchanged = [&] { return value_or_throw(original.download(queue)) == ones; };
  std::array<WordBuffer, 4> clones;
  for (WordBuffer& clone : clones) {
    clone = original.share();
    if (!clone.shares_memory_with(original)) return false;
  }
  {
    const auto a = value_or_throw(original.read(queue));
    const auto out = value_or_throw(clones[0].overwrite(queue));
    value_or_throw(queue.launch(bind, {a, a, out, std::uint64_t{32}}, 1, 256));
  }
  value_or_throw(clones[1].upload(queue, Words(32, 2)));
  value_or_throw(clones[2].upload_range(queue, 0, Words(31, 2)));
  value_or_throw(clones[3].fill(queue, 3));
  Words in_part(32, 2);
  in_part.back() = 1;
  const std::array<Words, 4> expected = {Words(32), Words(32, 2), in_part, Words(32, 3)};
  for (std::size_t i = 0; i < clones.size(); ++i)
    if (value_or_throw(clones[i].download(queue)) != expected[i]) return false;
  return is_unchanged();
}

bool is_memory_freed_with_the_last(Opened& opened) {
  value_or_throw(opened.queue->finish());  // frees what waited
  const std::uint64_t before = opened.device->counters().live_bytes;
  {
    WordBuffer first = value_or_throw(WordBuffer::from(*opened.queue, Words(32)));
    const WordBuffer second = first.share();
    first = WordBuffer();
    value_or_throw(opened.queue->finish());
    if (opened.device->counters().live_bytes != before + 256) return false;
  }
  value_or_throw(opened.queue->finish());
  return opened.device->counters().live_bytes == before &&
         opened.device->counters().release_errors == 0;
}

void time_behaviour(benchmark::State& state, const std::string& backend) {
  Opened& opened = opened_once(backend);
  state.SetLabel(opened.device->driver().name());
  // What needs no kernel is timed where none can be compiled, too.
  const auto bind = value_or_throw(opened.device->driver().kernel("bind"));
  bool holds = true;
  for (auto _ : state)
    holds = holds && do_clones_stay_apart(opened, *bind) && is_memory_freed_with_the_last(opened);
  state.counters["holds"] = holds ? 1 : 0;
}

void time_share(benchmark::State& state, const std::string& backend) {
  Opened& opened = opened_once(backend);
  state.SetLabel(opened.device->driver().name());
  const Bytes buffer = value_or_throw(Bytes::allocate(*opened.device, 1'000'000));
  for (auto _ : state) {
    const Bytes clone = buffer.share();
    consume(clone);
  }
  if (!buffer.is_unique()) state.SkipWithError("wrong result: clones are left");
}

double median_of(std::vector<double> values) {
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::ranges::nth_element(values, middle);
  return *middle;
}

/// A clone's memory is allocated before: an allocator's time is no copy's.
void time_copy_parts(benchmark::State& state, const std::string& backend) {
  using Clock = std::chrono::steady_clock;
  constexpr std::size_t kBytes = 16'000'000;
  Opened& opened = opened_once(backend);
  state.SetLabel(opened.device->driver().name());
  DeviceQueue& queue = *opened.queue;
  Bytes buffer = value_or_throw(Bytes::allocate(*opened.device, kBytes));
  Bytes copy = value_or_throw(Bytes::allocate(*opened.device, kBytes));
  value_or_throw(buffer.fill(queue, std::byte{0x5a}));
  value_or_throw(queue.finish());
  std::vector<double> issue_ns, issue_share, device_ns;
  bool is_right = true;
  for (auto _ : state) {
    value_or_throw(copy.fill_range(queue, kBytes - 1, 1, std::byte{0}));
    value_or_throw(queue.finish());
    const EventPointer before = value_or_throw(queue.record_timed());
    const auto start = Clock::now();
    value_or_throw(copy.copy_range(queue, 0, buffer, 0, kBytes));
    const auto issued = Clock::now();
    const EventPointer after = value_or_throw(queue.record_timed());
    value_or_throw(queue.finish());
    const auto end = Clock::now();
    issue_ns.push_back(std::chrono::duration<double, std::nano>(issued - start).count());
    issue_share.push_back(issue_ns.back() /
                          std::chrono::duration<double, std::nano>(end - start).count());
    device_ns.push_back(
        value_or_throw(opened.device->driver().nanoseconds_between(*before, *after)));
    const auto last = value_or_throw(copy.download_range(queue, kBytes - 1, 1));
    is_right = is_right && last.front() == std::byte{0x5a} && !copy.shares_memory_with(buffer);
    state.SetIterationTime(std::chrono::duration<double>(end - start).count());
  }
  if (!is_right) return state.SkipWithError("wrong result: no copy");
  state.counters["issue_ns"] = median_of(std::move(issue_ns));
  state.counters["issue_share"] = median_of(std::move(issue_share));
  state.counters["device_ns"] = median_of(std::move(device_ns));
}

[[maybe_unused]] const bool kParityRegistered = [] {
  for (const std::string backend : {"host", "opencl", "cuda", "hip"}) {
    const std::string name = "device/parity/" + backend;
    add_device(name + "/behaviour",
               [=](benchmark::State& state) { time_behaviour(state, backend); });
    add_device(name + "/share", [=](benchmark::State& state) { time_share(state, backend); });
    add_device(name + "/copy", [=](benchmark::State& state) {
      time_copy_parts(state, backend);
    })->UseManualTime();
  }
  return true;
}();

}  // namespace
}  // namespace assay
