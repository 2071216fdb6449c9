#include "kernels/device/plugins.hpp"

#include <dlfcn.h>

namespace assay {

DeviceResult<std::unique_ptr<DeviceDriver>> open_plugin(const std::filesystem::path& path,
                                                        const std::string& backend,
                                                        const DriverOptions& options) {
  const auto not_run = [&](const std::string& why, std::int64_t code) {
    return device_error(DeviceFault::kNotRun, "not run: " + backend + ": " + why, code);
  };
  const auto broken = [&](const std::string& why) {
    return device_error(DeviceFault::kBackend, path.string() + ": " + why + ": build it again");
  };
  if (!std::filesystem::exists(path))
    return not_run("no plugin was built, as its SDK is absent", 0);
  // Never closed: its code may be in use as long as the program runs.
  void* const plugin = ::dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (plugin == nullptr) return broken(::dlerror());
  const auto abi = reinterpret_cast<DeviceAbi*>(::dlsym(plugin, "assay_device_abi"));
  const auto open = reinterpret_cast<OpenDevice*>(::dlsym(plugin, "assay_open_device"));
  if (abi == nullptr || open == nullptr) return broken("no plugin for devices");
  if (abi() != kDeviceAbi) return broken("a plugin of another version");
  DeviceError error;
  std::unique_ptr<DeviceDriver> driver(open(options, error));
  if (driver != nullptr) return driver;
  if (error.fault == DeviceFault::kNotRun) return not_run(error.reason, error.native_code);
  return std::unexpected(error);
}

DeviceResult<std::unique_ptr<DeviceDriver>> open_driver(const std::string& backend,
                                                        const DriverOptions& options) {
  return open_plugin(
      std::filesystem::path(ASSAY_PLUGIN_FOLDER) / ("assay_device_" + backend + ".so"), backend,
      options);
}

DeviceResult<std::shared_ptr<Device>> open_device(const std::string& backend,
                                                  const DriverOptions& options) {
  auto driver = open_driver(backend, options);
  if (!driver) return std::unexpected(driver.error());
  return Device::make(std::move(*driver));
}

}  // namespace assay
