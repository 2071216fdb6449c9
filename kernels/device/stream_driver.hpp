#pragma once

// CUDA and HIP are one model with two spellings; this is the model. An Api has the native functions
// of one device, each returning the native code, 0 for success:
//   Stream, Event, Module, Function; name(); kLabel; Stamp, an event with or without its time
//   use(), whose result makes the device the calling thread's as long as it lives, and then what
//   was before; allocate, free, make_stream, end_stream, finish_stream, wait, copy_in, copy_out,
//   copy, fill8, fill16, fill32, make_event, end_event, record, query, wait_event, elapsed_ms,
//   load, unload, find, launch
//   compile(source): the image or an error; kNotRun, "not run: ...", without a compiler

#include <bit>
#include <cstring>
#include <limits>
#include <mutex>
#include <vector>

#include "kernels/device/driver.hpp"
#include "kernels/device/kernel_source.hpp"

namespace assay {

inline constexpr int kStreamOutOfMemory = 2;  ///< of CUDA and of HIP
inline constexpr int kStreamNotReady = 600;

template <typename Api>
std::unexpected<DeviceError> stream_error(const char* what, int code) {
  return device_error(
      code == kStreamOutOfMemory ? DeviceFault::kOutOfMemory : DeviceFault::kBackend,
      std::string(Api::kLabel) + ": " + what, code);
}
template <typename Api>
DeviceStatus stream_status(const char* what, int code) {
  if (code != 0) return stream_error<Api>(what, code);
  return {};
}

template <typename Api>
class StreamEvent : public DriverEvent {
 public:
  StreamEvent(std::shared_ptr<Api> api, typename Api::Event event)
      : api_(std::move(api)), event_(event) {}
  StreamEvent(const StreamEvent&) = delete;
  StreamEvent& operator=(const StreamEvent&) = delete;
  ~StreamEvent() override {
    const auto used = api_->use();
    api_->end_event(event_);
  }

  DeviceResult<bool> is_done() override {
    const auto used = api_->use();
    const int code = api_->query(event_);
    if (code == kStreamNotReady) return false;
    if (code != 0) return stream_error<Api>("an operation", code);
    return true;
  }
  DeviceStatus wait() override {
    const auto used = api_->use();
    return stream_status<Api>("wait for an event", api_->wait_event(event_));
  }
  typename Api::Event get() const { return event_; }

 private:
  std::shared_ptr<Api> api_;
  typename Api::Event event_;
};

/// Unloaded with the last kernel of it, and its driver.
template <typename Api>
class StreamModule {
 public:
  StreamModule(std::shared_ptr<Api> api, typename Api::Module module)
      : api_(std::move(api)), module_(module) {}
  StreamModule(const StreamModule&) = delete;
  StreamModule& operator=(const StreamModule&) = delete;
  ~StreamModule() {
    const auto used = api_->use();
    api_->unload(module_);
  }
  typename Api::Module get() const { return module_; }

 private:
  std::shared_ptr<Api> api_;
  typename Api::Module module_;
};

template <typename Api>
struct StreamKernel : DriverKernel {
  StreamKernel(std::shared_ptr<StreamModule<Api>> of, typename Api::Function found)
      : DriverKernel(kKernelSignature), module(std::move(of)), function(found) {}
  std::shared_ptr<StreamModule<Api>> module;
  typename Api::Function function;
};

template <typename Api>
class StreamQueue : public DriverQueue {
 public:
  StreamQueue(std::shared_ptr<Api> api, typename Api::Stream stream)
      : api_(std::move(api)), stream_(stream) {}
  StreamQueue(const StreamQueue&) = delete;
  StreamQueue& operator=(const StreamQueue&) = delete;
  ~StreamQueue() override {
    const auto used = api_->use();
    api_->finish_stream(stream_);
    api_->end_stream(stream_);
  }

  DeviceStatus copy_in(MemoryRange to, const std::byte* from) override {
    const auto used = api_->use();
    return stream_status<Api>("copy to the device",
                              api_->copy_in(start(to), from, to.bytes, stream_));
  }
  DeviceStatus copy_out(std::byte* to, MemoryRange from) override {
    const auto used = api_->use();
    return stream_status<Api>("copy to the host",
                              api_->copy_out(to, start(from), from.bytes, stream_));
  }
  DeviceStatus copy(MemoryRange to, MemoryRange from) override {
    const auto used = api_->use();
    return stream_status<Api>("copy on the device",
                              api_->copy(start(to), start(from), to.bytes, stream_));
  }
  DeviceStatus fill(MemoryRange to, std::span<const std::byte> pattern) override {
    const auto used = api_->use();
    std::uint32_t value = 0;
    std::memcpy(&value, pattern.data(), pattern.size());
    const std::size_t count = to.bytes / pattern.size();
    const int code =
        pattern.size() == 1
            ? api_->fill8(start(to), static_cast<std::uint8_t>(value), count, stream_)
        : pattern.size() == 2
            ? api_->fill16(start(to), static_cast<std::uint16_t>(value), count, stream_)
            : api_->fill32(start(to), value, count, stream_);
    return stream_status<Api>("fill", code);
  }
  DeviceStatus launch(DriverKernel& kernel, std::span<const DriverArgument> arguments,
                      std::size_t groups, std::size_t group_size) override {
    constexpr std::size_t kMostGroups = std::numeric_limits<std::int32_t>::max();
    if (groups > kMostGroups)
      return device_error(DeviceFault::kRange, std::string(Api::kLabel) + ": too many groups");
    const auto used = api_->use();
    // The driver copies what the pointers point at, as the kernel declares it, before it returns.
    std::vector<DriverArgument> values(arguments.begin(), arguments.end());
    std::vector<void*> pointers;
    pointers.reserve(values.size());
    for (DriverArgument& value : values)
      pointers.push_back(std::visit([](auto& held) { return static_cast<void*>(&held); }, value));
    return stream_status<Api>(
        "launch a kernel",
        api_->launch(static_cast<StreamKernel<Api>&>(kernel).function,
                     static_cast<unsigned>(groups), static_cast<unsigned>(group_size),
                     pointers.data(), stream_));
  }
  DeviceResult<EventPointer> record() override { return record(false); }
  DeviceResult<EventPointer> record_timed() override { return record(true); }
  DeviceStatus wait_for(DriverEvent& event) override {
    const auto used = api_->use();
    return stream_status<Api>("wait for another queue",
                              api_->wait(stream_, static_cast<StreamEvent<Api>&>(event).get()));
  }
  DeviceStatus finish() override {
    const auto used = api_->use();
    return stream_status<Api>("finish a queue", api_->finish_stream(stream_));
  }

 private:
  static std::uint64_t start(MemoryRange range) { return range.memory.handle + range.offset; }
  DeviceResult<EventPointer> record(bool is_timed) {
    const auto used = api_->use();
    typename Api::Event event{};
    if (const int code = api_->make_event(event, is_timed); code != 0)
      return stream_error<Api>("make an event", code);
    auto made = std::make_shared<StreamEvent<Api>>(api_, event);
    if (const int code = api_->record(event, stream_); code != 0)
      return stream_error<Api>("record an event", code);
    return made;
  }

  std::shared_ptr<Api> api_;
  typename Api::Stream stream_;
};

template <typename Api>
class StreamDriver : public DeviceDriver {
 public:
  explicit StreamDriver(std::shared_ptr<Api> api) : api_(std::move(api)) {}

  std::string name() const override { return std::string(Api::kLabel) + ": " + api_->name(); }
  bool is_gpu() const override { return true; }
  DeviceResult<DeviceMemory> allocate(std::size_t bytes) override {
    const auto used = api_->use();
    DeviceMemory memory;
    if (const int code = api_->allocate(memory.handle, bytes); code != 0)
      return stream_error<Api>("allocate", code);
    return memory;
  }
  DeviceStatus free(DeviceMemory memory) override {
    const auto used = api_->use();
    return stream_status<Api>("free", api_->free(memory.handle));
  }
  DeviceResult<std::unique_ptr<DriverQueue>> make_queue() override {
    const auto used = api_->use();
    typename Api::Stream stream{};
    if (const int code = api_->make_stream(stream); code != 0)
      return stream_error<Api>("make a queue", code);
    return std::make_unique<StreamQueue<Api>>(api_, stream);
  }
  DeviceResult<std::unique_ptr<DriverKernel>> kernel(const std::string& wanted) override {
    const std::scoped_lock lock(mutex_);
    const auto used = api_->use();
    if (module_ == nullptr)
      if (auto built = build(); !built) return std::unexpected(built.error());
    typename Api::Function function{};
    if (const int code = api_->find(function, module_->get(), wanted.c_str()); code != 0)
      return device_error(DeviceFault::kKernel,
                          std::string(Api::kLabel) + ": no kernel is named " + wanted, code);
    return std::make_unique<StreamKernel<Api>>(module_, function);
  }
  DeviceResult<double> nanoseconds_between(DriverEvent& from, DriverEvent& to) override {
    const auto used = api_->use();
    float milliseconds = 0;
    const int code = api_->elapsed_ms(milliseconds, static_cast<StreamEvent<Api>&>(from).get(),
                                      static_cast<StreamEvent<Api>&>(to).get());
    if (code != 0) return stream_error<Api>("time between events", code);
    return static_cast<double>(milliseconds) * 1e6;
  }

 private:
  DeviceStatus build() {
    const auto image = api_->compile(kernel_source(KernelLanguage::kCuda));
    if (!image) return std::unexpected(image.error());
    typename Api::Module module{};
    if (const int code = api_->load(module, image->c_str()); code != 0)
      return device_error(DeviceFault::kKernel,
                          std::string(Api::kLabel) + ": what was compiled does not load", code);
    module_ = std::make_shared<StreamModule<Api>>(api_, module);
    return {};
  }

  std::shared_ptr<Api> api_;
  std::mutex mutex_;  ///< of module_
  std::shared_ptr<StreamModule<Api>> module_;
};

/// For a plugin's entry.
template <typename Api>
DeviceDriver* open_stream_device(const DriverOptions& options, DeviceError& error) {
  auto api = std::make_shared<Api>(options);
  if (auto opened = api->open(); !opened) {
    error = opened.error();
    return nullptr;
  }
  return new StreamDriver<Api>(std::move(api));
}

}  // namespace assay
