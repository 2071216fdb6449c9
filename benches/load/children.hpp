#pragma once

#include <unistd.h>

#include <array>
#include <stdexcept>

#include "kernels/loading/descriptor.hpp"

namespace assay {

struct Pipe {
  Descriptor read_end, write_end;
};

/// Throws: std::runtime_error.
inline Pipe make_pipe() {
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error("no pipe can be made");
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

/// What a forked child does, and its end: whatever it throws, nothing of the parent's runs in it,
/// neither handlers of exceptions nor destructors.
template <typename Work>
[[noreturn]] void run_child(Work work) noexcept {
  try {
    work();
  } catch (...) {
    ::_exit(1);
  }
  ::_exit(0);
}

}  // namespace assay
