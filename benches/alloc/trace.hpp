#pragma once

/// Traces of allocations with the lifetimes of a program that serves requests, and what they cost
/// in time and in memory.

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <string>
#include <vector>

namespace assay {

enum class TraceKind : std::uint32_t {
  kRequests,  ///< objects that live as long as their request, and temporaries that nest like calls
  kMixed      ///< the same, and objects that outlive their request by up to 120 others
};

struct TraceOp {
  enum class What : std::uint32_t {
    kForRequest,  ///< allocates; freed at the end of the request
    kForFrame,    ///< allocates; freed when its frame ends, in reverse order
    kForLong,     ///< allocates; freed in a later request
    kFreeOfRequest,
    kFreeOfFrame,
    kFreeOfLong,
    kEnterFrame,
    kLeaveFrame,
    kEndRequest
  };
  What what;
  std::uint32_t object;  ///< a place in the table of live objects
  std::uint32_t bytes;   ///< a multiple of 8; of a free, those of its allocation
};

/// The same in every process. Sizes are log-normal with a median of 128 bytes, 16 bytes to 16 KB.
struct Trace {
  explicit Trace(TraceKind kind);

  std::pmr::vector<TraceOp> ops;
  std::uint32_t objects = 0;        ///< places that the table needs
  std::size_t peak_live_bytes = 0;  ///< as requested, without any allocator's overhead
};

/// What carries a trace out.
enum class TraceAllocator : std::uint32_t {
  kMalloc,   ///< each object by malloc and free
  kArenas,   ///< an arena a lifetime: requests and frames share one; what lives long is put
             ///< into one for each 16 requests, which is released when its last object dies
  kOneArena  ///< one arena for all, reset when nothing lives
};

/// What a trace took in a process that had done nothing before.
struct TraceCost {
  bool is_valid = false;  ///< every object kept what was written to it
  double seconds = 0;     ///< less the reading of counters
  double peak_resident_bytes =
      0;  ///< private memory above that at the start; the greatest of 32 samples
  double peak_heap_bytes = 0;         ///< the arenas' blocks; with malloc address space, likewise
  double freed_resident_bytes = 0;    ///< when all is freed, or the arenas are reset
  double trimmed_resident_bytes = 0;  ///< after that, when all was asked to be given back
  double page_faults = 0;
};

/// Carries the trace out, in the calling process.
TraceCost run_trace(const Trace& trace, TraceAllocator allocator);

/// Forks the process that runs traces in children of its own. To be called once, before anything
/// else was allocated to speak of: each trace then finds the heap as a program finds it at its
/// start. It ends with the calling process. Throws: std::system_error.
void start_trace_server();

/// alloc/trace/<requests|mixed>/<name>/manual_time: the time is the trace's own, in a new process.
void register_heap_traces(const std::string& name);
void register_arena_traces();

}  // namespace assay
