// OpenCL as a device: the first GPU of any platform, else the first device of any kind.

#define CL_TARGET_OPENCL_VERSION 120
#include <CL/cl.h>

#include <array>
#include <bit>
#include <mutex>
#include <vector>

#include "kernels/device/driver.hpp"
#include "kernels/device/kernel_source.hpp"

namespace assay {
namespace {

std::unexpected<DeviceError> opencl_error(const char* function, cl_int code) {
  // Buffers may get their memory when they are first used.
  const bool is_memory = code == CL_MEM_OBJECT_ALLOCATION_FAILURE || code == CL_OUT_OF_HOST_MEMORY;
  return device_error(is_memory ? DeviceFault::kOutOfMemory : DeviceFault::kBackend,
                      std::string("OpenCL: ") + function, code);
}
DeviceStatus status_of(const char* function, cl_int code) {
  if (code != CL_SUCCESS) return opencl_error(function, code);
  return {};
}

static_assert(sizeof(cl_mem) == sizeof(DeviceMemory::handle));
cl_mem memory_of(DeviceMemory memory) {
  return std::bit_cast<cl_mem>(memory.handle);
}

class OpenClEvent : public DriverEvent {
 public:
  explicit OpenClEvent(cl_event event) : event_(event) {}
  OpenClEvent(const OpenClEvent&) = delete;
  OpenClEvent& operator=(const OpenClEvent&) = delete;
  ~OpenClEvent() override { clReleaseEvent(event_); }

  DeviceResult<bool> is_done() override {
    cl_int state = 0;
    const cl_int code =
        clGetEventInfo(event_, CL_EVENT_COMMAND_EXECUTION_STATUS, sizeof state, &state, nullptr);
    if (code != CL_SUCCESS) return opencl_error("clGetEventInfo", code);
    if (state < 0) return opencl_error("a command", state);
    return state == CL_COMPLETE;
  }
  DeviceStatus wait() override { return status_of("clWaitForEvents", clWaitForEvents(1, &event_)); }
  const cl_event& get() const { return event_; }
  DeviceResult<cl_ulong> passed_at_ns() const {
    cl_ulong time = 0;
    const cl_int code =
        clGetEventProfilingInfo(event_, CL_PROFILING_COMMAND_END, sizeof time, &time, nullptr);
    if (code != CL_SUCCESS) return opencl_error("clGetEventProfilingInfo", code);
    return time;
  }

 private:
  cl_event event_;
};

struct OpenClKernel : DriverKernel {
  explicit OpenClKernel(cl_kernel made) : DriverKernel(kKernelSignature), kernel(made) {}
  OpenClKernel(const OpenClKernel&) = delete;
  OpenClKernel& operator=(const OpenClKernel&) = delete;
  ~OpenClKernel() override { clReleaseKernel(kernel); }
  cl_kernel kernel;
  std::mutex mutex;  ///< arguments belong to the kernel, not to a launch
};

class OpenClQueue : public DriverQueue {
 public:
  explicit OpenClQueue(cl_command_queue queue) : queue_(queue) {}
  OpenClQueue(const OpenClQueue&) = delete;
  OpenClQueue& operator=(const OpenClQueue&) = delete;
  ~OpenClQueue() override {
    clFinish(queue_);
    clReleaseCommandQueue(queue_);
  }

  DeviceStatus copy_in(MemoryRange to, const std::byte* from) override {
    return status_of("clEnqueueWriteBuffer",
                     clEnqueueWriteBuffer(queue_, memory_of(to.memory), CL_FALSE, to.offset,
                                          to.bytes, from, 0, nullptr, nullptr));
  }
  DeviceStatus copy_out(std::byte* to, MemoryRange from) override {
    return status_of("clEnqueueReadBuffer",
                     clEnqueueReadBuffer(queue_, memory_of(from.memory), CL_FALSE, from.offset,
                                         from.bytes, to, 0, nullptr, nullptr));
  }
  DeviceStatus copy(MemoryRange to, MemoryRange from) override {
    return status_of("clEnqueueCopyBuffer",
                     clEnqueueCopyBuffer(queue_, memory_of(from.memory), memory_of(to.memory),
                                         from.offset, to.offset, to.bytes, 0, nullptr, nullptr));
  }
  DeviceStatus fill(MemoryRange to, std::span<const std::byte> pattern) override {
    return status_of("clEnqueueFillBuffer",
                     clEnqueueFillBuffer(queue_, memory_of(to.memory), pattern.data(),
                                         pattern.size(), to.offset, to.bytes, 0, nullptr, nullptr));
  }
  DeviceStatus launch(DriverKernel& kernel, std::span<const DriverArgument> arguments,
                      std::size_t groups, std::size_t group_size) override {
    auto& of_opencl = static_cast<OpenClKernel&>(kernel);
    const std::scoped_lock lock(of_opencl.mutex);
    for (cl_uint i = 0; i < arguments.size(); ++i)
      if (auto set = set_argument(of_opencl.kernel, i, arguments[i]); !set) return set;
    const std::size_t items = groups * group_size;
    return status_of("clEnqueueNDRangeKernel",
                     clEnqueueNDRangeKernel(queue_, of_opencl.kernel, 1, nullptr, &items,
                                            &group_size, 0, nullptr, nullptr));
  }
  DeviceResult<EventPointer> record() override { return record_timed(); }
  DeviceResult<EventPointer> record_timed() override {
    cl_event event = nullptr;
    const cl_int code = clEnqueueMarkerWithWaitList(queue_, 0, nullptr, &event);
    if (code != CL_SUCCESS) return opencl_error("clEnqueueMarkerWithWaitList", code);
    auto made = std::make_shared<OpenClEvent>(event);
    // What another queue waits for, or is polled, must be on its way.
    if (auto flushed = status_of("clFlush", clFlush(queue_)); !flushed)
      return std::unexpected(flushed.error());
    return made;
  }
  DeviceStatus wait_for(DriverEvent& event) override {
    return status_of(
        "clEnqueueBarrierWithWaitList",
        clEnqueueBarrierWithWaitList(queue_, 1, &static_cast<OpenClEvent&>(event).get(), nullptr));
  }
  DeviceStatus finish() override { return status_of("clFinish", clFinish(queue_)); }

 private:
  static DeviceStatus set_argument(cl_kernel kernel, cl_uint i, const DriverArgument& argument) {
    cl_int code = CL_SUCCESS;
    if (const auto* const memory = std::get_if<DeviceMemory>(&argument)) {
      code = clSetKernelArg(kernel, i, sizeof memory->handle, &memory->handle);
    } else if (const auto* const word = std::get_if<std::uint32_t>(&argument)) {
      code = clSetKernelArg(kernel, i, sizeof *word, word);
    } else {
      const auto& number = std::get<std::uint64_t>(argument);
      code = clSetKernelArg(kernel, i, sizeof number, &number);
    }
    return status_of("clSetKernelArg", code);
  }

  cl_command_queue queue_;
};

class OpenClDriver : public DeviceDriver {
 public:
  OpenClDriver(cl_device_id device, cl_context context) : device_(device), context_(context) {}
  OpenClDriver(const OpenClDriver&) = delete;
  OpenClDriver& operator=(const OpenClDriver&) = delete;
  ~OpenClDriver() override {
    if (program_ != nullptr) clReleaseProgram(program_);
    clReleaseContext(context_);
  }

  std::string name() const override {
    std::array<char, 256> text = {};
    clGetDeviceInfo(device_, CL_DEVICE_NAME, text.size() - 1, text.data(), nullptr);
    return std::string("OpenCL: ") + text.data() + (is_gpu() ? "" : " (a CPU)");
  }
  bool is_gpu() const override {
    cl_device_type type = 0;
    clGetDeviceInfo(device_, CL_DEVICE_TYPE, sizeof type, &type, nullptr);
    return (type & CL_DEVICE_TYPE_GPU) != 0;
  }
  DeviceResult<DeviceMemory> allocate(std::size_t bytes) override {
    cl_int code = CL_SUCCESS;
    cl_mem memory = clCreateBuffer(context_, CL_MEM_READ_WRITE, bytes, nullptr, &code);
    if (code == CL_OUT_OF_RESOURCES || code == CL_INVALID_BUFFER_SIZE)
      return device_error(DeviceFault::kOutOfMemory, "OpenCL: clCreateBuffer", code);
    if (code != CL_SUCCESS) return opencl_error("clCreateBuffer", code);
    return DeviceMemory{std::bit_cast<std::uint64_t>(memory)};
  }
  DeviceStatus free(DeviceMemory memory) override {
    return status_of("clReleaseMemObject", clReleaseMemObject(memory_of(memory)));
  }
  DeviceResult<std::unique_ptr<DriverQueue>> make_queue() override {
    cl_int code = CL_SUCCESS;
    cl_command_queue queue =
        clCreateCommandQueue(context_, device_, CL_QUEUE_PROFILING_ENABLE, &code);
    if (code != CL_SUCCESS) return opencl_error("clCreateCommandQueue", code);
    return std::make_unique<OpenClQueue>(queue);
  }
  DeviceResult<std::unique_ptr<DriverKernel>> kernel(const std::string& wanted) override {
    const std::scoped_lock lock(mutex_);
    if (program_ == nullptr)
      if (auto built = build(); !built) return std::unexpected(built.error());
    cl_int code = CL_SUCCESS;
    cl_kernel made = clCreateKernel(program_, wanted.c_str(), &code);
    if (code != CL_SUCCESS)
      return device_error(DeviceFault::kKernel, "OpenCL: no kernel is named " + wanted, code);
    return std::make_unique<OpenClKernel>(made);
  }
  DeviceResult<double> nanoseconds_between(DriverEvent& from, DriverEvent& to) override {
    const auto first = static_cast<OpenClEvent&>(from).passed_at_ns();
    const auto last = static_cast<OpenClEvent&>(to).passed_at_ns();
    if (!first) return std::unexpected(first.error());
    if (!last) return std::unexpected(last.error());
    return static_cast<double>(*last - *first);
  }

 private:
  DeviceStatus build() {
    const std::string source = kernel_source(KernelLanguage::kOpenClC);
    const char* text = source.c_str();
    cl_int code = CL_SUCCESS;
    cl_program program = clCreateProgramWithSource(context_, 1, &text, nullptr, &code);
    if (code != CL_SUCCESS) return opencl_error("clCreateProgramWithSource", code);
    code = clBuildProgram(program, 1, &device_, "", nullptr, nullptr);
    if (code != CL_SUCCESS) {
      std::array<char, 2048> log = {};
      clGetProgramBuildInfo(program, device_, CL_PROGRAM_BUILD_LOG, log.size() - 1, log.data(),
                            nullptr);
      clReleaseProgram(program);
      return device_error(DeviceFault::kKernel, std::string("OpenCL: ") + log.data(), code);
    }
    program_ = program;
    return {};
  }

  cl_device_id device_;
  cl_context context_;
  std::mutex mutex_;  ///< of program_
  cl_program program_ = nullptr;
};

std::vector<cl_platform_id> all_platforms(cl_int& code) {
  cl_uint count = 0;
  code = clGetPlatformIDs(0, nullptr, &count);
  std::vector<cl_platform_id> platforms(code == CL_SUCCESS ? count : 0);
  if (!platforms.empty()) code = clGetPlatformIDs(count, platforms.data(), nullptr);
  return platforms;
}

/// Null, and the last error, where there is none.
cl_device_id first_device(const std::vector<cl_platform_id>& platforms, cl_int& code) {
  for (const cl_device_type type :
       {cl_device_type{CL_DEVICE_TYPE_GPU}, cl_device_type{CL_DEVICE_TYPE_ALL}})
    for (cl_platform_id platform : platforms) {
      cl_device_id device = nullptr;
      code = clGetDeviceIDs(platform, type, 1, &device, nullptr);
      if (code == CL_SUCCESS) return device;
    }
  return nullptr;
}

DeviceDriver* open_opencl(const DriverOptions& /*options*/, DeviceError& error) {
  cl_int code = CL_SUCCESS;
  const auto platforms = all_platforms(code);
  cl_device_id device = first_device(platforms, code);
  if (device == nullptr) {
    error = {DeviceFault::kNotRun, "no OpenCL device", code};
    return nullptr;
  }
  cl_context context = clCreateContext(nullptr, 1, &device, nullptr, nullptr, &code);
  if (code != CL_SUCCESS) {
    error = {DeviceFault::kNotRun, "OpenCL: clCreateContext", code};
    return nullptr;
  }
  return new OpenClDriver(device, context);
}

}  // namespace
}  // namespace assay

ASSAY_EXPORT_DEVICE(assay::open_opencl)
