#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "kernels/device/device.hpp"

namespace assay {

/// Opens the first device of a backend: "host", "opencl", "cuda" or "hip". The backend is a plugin
/// that is loaded now, from where it was built, so that one program runs with and without each
/// backend's driver.
/// Errors: kNotRun, whose message begins with "not run: ", where there is no plugin, no driver or
/// no device; kBackend where a plugin is there and does not load, or is of another build.
DeviceResult<std::unique_ptr<DeviceDriver>> open_driver(const std::string& backend,
                                                        const DriverOptions& options = {});

/// The same by the plugin's path.
DeviceResult<std::unique_ptr<DeviceDriver>> open_plugin(const std::filesystem::path& path,
                                                        const std::string& backend,
                                                        const DriverOptions& options = {});

/// The same as a device.
DeviceResult<std::shared_ptr<Device>> open_device(const std::string& backend,
                                                  const DriverOptions& options = {});

}  // namespace assay
