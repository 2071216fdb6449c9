#pragma once

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

namespace assay {

/// Bytes of pages that this process was given to write, and has written (/proc/self/smaps_rollup,
/// Private_Dirty): after a fork, also those that it has written since and its parent had before.
/// Throws: std::runtime_error, where the kernel does not say.
double written_bytes();

/// Bytes of those pages of the range that this process has mapped now (/proc/self/pagemap): first
/// and last pages count whole. Throws: std::runtime_error, where the kernel does not say.
double mapped_bytes(std::span<const std::byte> range);

/// Gives freed memory back to the system, so that what is allocated from now on is new memory: what
/// malloc maps by itself (128 KiB and more, here always: see memory.cpp) is anyway.
void forget_freed_memory();

/// Throws unless an operation that copied a model of so many bytes had new memory for it: then it
/// faults at least once for each huge page, beyond what the same operation faults without copies.
void require_fresh(std::uint64_t faults, std::uint64_t faults_without_copies, std::uint64_t bytes);

/// What `measure` returns in a process of its own, forked from this one. The child ends without
/// running destructors. Throws: std::runtime_error, with what it threw there.
std::vector<double> in_child(const std::function<std::vector<double>()>& measure);

/// The same in `count` processes at once: each runs `prepare`, and when all have, what that
/// returned. None ends before all have measured. Returns their results, in order.
using Measure = std::function<std::vector<double>()>;
std::vector<std::vector<double>> in_children(int count, const std::function<Measure()>& prepare);

}  // namespace assay
