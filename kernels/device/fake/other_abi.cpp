// A plugin of another version, for the test of who loads it.

#include <cstdlib>

#include "kernels/device/driver.hpp"

extern "C" __attribute__((visibility("default"))) std::uint32_t assay_device_abi() {
  return assay::kDeviceAbi + 1;
}
extern "C" __attribute__((visibility("default"))) assay::DeviceDriver* assay_open_device(
    const assay::DriverOptions& /*options*/, assay::DeviceError& /*error*/) {
  std::abort();  // must not be called
}
