#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <utility>

namespace assay {

/// What kind of thing went wrong; what a caller can act on.
enum class DeviceFault {
  kOutOfMemory,  ///< of the device
  kRange,        ///< elements or bytes that the buffer does not have
  kOverflow,     ///< count * sizeof(T) does not fit std::size_t
  kMovedFrom,    ///< the handle holds nothing
  kLeased,       ///< a write lease on this handle is open
  kWrongQueue,   ///< a queue of another device, or not the lease's
  kNotRun,       ///< no such backend or device here
  kKernel,       ///< no such kernel, it does not compile, or has other arguments
  kBackend,      ///< whatever else the backend refuses
};

/// Why an operation on a device failed.
struct DeviceError {
  DeviceFault fault = DeviceFault::kBackend;
  std::string reason;
  std::int64_t native_code = 0;  ///< the backend's own; 0 where the backend was not asked

  /// "REASON", and " (code N)" where there is one.
  std::string message() const {
    return native_code == 0 ? reason : reason + " (code " + std::to_string(native_code) + ")";
  }
};

template <typename Value>
using DeviceResult = std::expected<Value, DeviceError>;
using DeviceStatus = DeviceResult<void>;

inline std::unexpected<DeviceError> device_error(DeviceFault fault, std::string reason,
                                                 std::int64_t native_code = 0) {
  return std::unexpected(DeviceError{fault, std::move(reason), native_code});
}

}  // namespace assay
