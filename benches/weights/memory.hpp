#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace assay {

/// What the kernel says of a process' memory, or of one mapping, in bytes (/proc/self/smaps).
struct MemoryUse {
  double resident = 0;
  double shared_out = 0;  ///< PSS: each page divided by the processes that map it
  double anonymous = 0;   ///< of no file: nobody else's, and swap's under pressure
};

/// Of the whole process. Throws: std::runtime_error, where the kernel does not say.
MemoryUse memory_use();
/// Of the mappings that hold a byte of the range.
MemoryUse memory_use(std::span<const std::byte> range);

/// Gives freed memory back to the system, and takes new memory from there, so that what is
/// allocated from now on is counted: a forked process would else write to what its parent freed.
void forget_freed_memory();

/// Pages that this process had to be given since it began: at the first write to each, or the first
/// read.
std::int64_t pages_faulted();

MemoryUse operator-(const MemoryUse& after, const MemoryUse& before);

/// What `measure` returns in a process of its own, forked from this one. The child ends without
/// running destructors. Throws: std::runtime_error, with what it threw there.
std::vector<double> in_child(const std::function<std::vector<double>()>& measure);

/// The same in `count` processes at once: each runs `prepare`, and when all have, what that
/// returned. None ends before all have measured. Returns their results, in order.
using Measure = std::function<std::vector<double>()>;
std::vector<std::vector<double>> in_children(int count, const std::function<Measure()>& prepare);

}  // namespace assay
