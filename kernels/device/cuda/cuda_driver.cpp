// CUDA as a device, by the driver's API, and NVRTC for its kernels. Both libraries are looked for
// when the device is opened, so that what was built with their headers runs without them.

#include <cuda.h>
#include <nvrtc.h>

#include <array>
#include <bit>

#include "kernels/device/shared_library.hpp"
#include "kernels/device/stream_driver.hpp"

namespace assay {
namespace {

// Members are named as the driver's functions.
// NOLINTBEGIN(readability-identifier-naming, bugprone-macro-parentheses)
// A member of the function's name as cuda.h spells it today ("cuMemAlloc_v2"), and its look-up.
#define ASSAY_TEXT(name) #name
#define ASSAY_MEMBER(name) decltype(::name)* name = nullptr;
#define ASSAY_FIND(name) library.find(ASSAY_TEXT(name), name);

#define ASSAY_CUDA_FUNCTIONS(each)                                                                 \
  each(cuInit) each(cuDeviceGet) each(cuDeviceGetName) each(cuDeviceGetAttribute)                  \
      each(cuDevicePrimaryCtxRetain) each(cuDevicePrimaryCtxRelease) each(cuCtxPushCurrent)        \
          each(cuCtxPopCurrent) each(cuMemAlloc) each(cuMemFree) each(cuMemcpyHtoDAsync)           \
              each(cuMemcpyDtoHAsync) each(cuMemcpyDtoDAsync) each(cuMemsetD8Async)                \
                  each(cuMemsetD16Async) each(cuMemsetD32Async) each(cuStreamCreate)               \
                      each(cuStreamDestroy) each(cuStreamSynchronize) each(cuStreamWaitEvent)      \
                          each(cuEventCreate) each(cuEventDestroy) each(cuEventRecord)             \
                              each(cuEventQuery) each(cuEventSynchronize) each(cuEventElapsedTime) \
                                  each(cuModuleLoadData) each(cuModuleUnload)                      \
                                      each(cuModuleGetFunction) each(cuLaunchKernel)

#define ASSAY_NVRTC_FUNCTIONS(each)                                            \
  each(nvrtcCreateProgram) each(nvrtcCompileProgram) each(nvrtcDestroyProgram) \
      each(nvrtcGetPTXSize) each(nvrtcGetPTX) each(nvrtcGetProgramLogSize)     \
          each(nvrtcGetProgramLog)

struct CudaFunctions {
  explicit CudaFunctions(const std::string& named)
      : library(named, {"libcuda.so.1"}){ASSAY_CUDA_FUNCTIONS(ASSAY_FIND)} SharedLibrary library;
  ASSAY_CUDA_FUNCTIONS(ASSAY_MEMBER)
};

struct NvrtcFunctions {
  explicit NvrtcFunctions(const std::string& named)
      : library(named, {"libnvrtc.so", "libnvrtc.so.13", "libnvrtc.so.12",
                        "/usr/local/cuda/lib64/libnvrtc.so"}){
            ASSAY_NVRTC_FUNCTIONS(ASSAY_FIND)} SharedLibrary library;
  ASSAY_NVRTC_FUNCTIONS(ASSAY_MEMBER)
};

// NOLINTEND(readability-identifier-naming, bugprone-macro-parentheses)

class CudaApi {
 public:
  using Stream = CUstream;
  using Event = CUevent;
  using Module = CUmodule;
  using Function = CUfunction;
  static constexpr const char* kLabel = "CUDA";

  explicit CudaApi(const DriverOptions& options)
      : cuda_(options.driver_library), compiler_library_(options.compiler_library) {}
  CudaApi(const CudaApi&) = delete;
  CudaApi& operator=(const CudaApi&) = delete;
  ~CudaApi() {
    if (context_ != nullptr) cuda_.cuDevicePrimaryCtxRelease(device_);
  }

  DeviceStatus open() {
    const auto not_run = [](const std::string& why, CUresult code) {
      return device_error(DeviceFault::kNotRun, why, code);
    };
    if (!cuda_.library.error().empty()) return not_run(cuda_.library.error(), CUDA_SUCCESS);
    if (const CUresult code = cuda_.cuInit(0); code != CUDA_SUCCESS) return not_run("cuInit", code);
    if (const CUresult code = cuda_.cuDeviceGet(&device_, 0); code != CUDA_SUCCESS)
      return not_run("no device", code);
    if (const CUresult code = cuda_.cuDevicePrimaryCtxRetain(&context_, device_);
        code != CUDA_SUCCESS)
      return not_run("cuDevicePrimaryCtxRetain", code);
    return {};
  }
  std::string name() const {
    std::array<char, 256> text = {};
    cuda_.cuDeviceGetName(text.data(), static_cast<int>(text.size()) - 1, device_);
    return text.data();
  }

  /// The device's context, current as long as this lives; what fails here fails in what follows.
  class [[nodiscard]] Use {
   public:
    Use(const CudaFunctions& cuda, CUcontext context)
        : cuda_(cuda), is_pushed_(cuda.cuCtxPushCurrent(context) == CUDA_SUCCESS) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      CUcontext popped = nullptr;
      if (is_pushed_) cuda_.cuCtxPopCurrent(&popped);
    }

   private:
    const CudaFunctions& cuda_;
    bool is_pushed_;
  };
  Use use() const { return {cuda_, context_}; }
  int allocate(std::uint64_t& memory, std::size_t bytes) {
    CUdeviceptr at = 0;
    const CUresult code = cuda_.cuMemAlloc(&at, bytes);
    memory = at;
    return code;
  }
  int free(std::uint64_t memory) { return cuda_.cuMemFree(memory); }
  int make_stream(Stream& stream) { return cuda_.cuStreamCreate(&stream, CU_STREAM_NON_BLOCKING); }
  int end_stream(Stream stream) { return cuda_.cuStreamDestroy(stream); }
  int finish_stream(Stream stream) { return cuda_.cuStreamSynchronize(stream); }
  int wait(Stream stream, Event event) { return cuda_.cuStreamWaitEvent(stream, event, 0); }
  int copy_in(std::uint64_t to, const std::byte* from, std::size_t bytes, Stream stream) {
    return cuda_.cuMemcpyHtoDAsync(to, from, bytes, stream);
  }
  int copy_out(std::byte* to, std::uint64_t from, std::size_t bytes, Stream stream) {
    return cuda_.cuMemcpyDtoHAsync(to, from, bytes, stream);
  }
  int copy(std::uint64_t to, std::uint64_t from, std::size_t bytes, Stream stream) {
    return cuda_.cuMemcpyDtoDAsync(to, from, bytes, stream);
  }
  int fill8(std::uint64_t to, std::uint8_t value, std::size_t count, Stream stream) {
    return cuda_.cuMemsetD8Async(to, value, count, stream);
  }
  int fill16(std::uint64_t to, std::uint16_t value, std::size_t count, Stream stream) {
    return cuda_.cuMemsetD16Async(to, value, count, stream);
  }
  int fill32(std::uint64_t to, std::uint32_t value, std::size_t count, Stream stream) {
    return cuda_.cuMemsetD32Async(to, value, count, stream);
  }
  int make_event(Event& event, bool is_timed) {
    return cuda_.cuEventCreate(&event, is_timed ? CU_EVENT_DEFAULT : CU_EVENT_DISABLE_TIMING);
  }
  int end_event(Event event) { return cuda_.cuEventDestroy(event); }
  int record(Event event, Stream stream) { return cuda_.cuEventRecord(event, stream); }
  int query(Event event) { return cuda_.cuEventQuery(event); }
  int wait_event(Event event) { return cuda_.cuEventSynchronize(event); }
  int elapsed_ms(float& milliseconds, Event from, Event to) {
    return cuda_.cuEventElapsedTime(&milliseconds, from, to);
  }

  /// To PTX, for the device's architecture.
  DeviceResult<std::string> compile(const std::string& source) const {
    const NvrtcFunctions nvrtc(compiler_library_);
    if (!nvrtc.library.error().empty())
      return device_error(DeviceFault::kNotRun,
                          "not run: cuda: its compiler NVRTC: " + nvrtc.library.error());
    nvrtcProgram program = nullptr;
    int code =
        nvrtc.nvrtcCreateProgram(&program, source.c_str(), "kernels.cu", 0, nullptr, nullptr);
    if (code != NVRTC_SUCCESS) return device_error(DeviceFault::kKernel, "NVRTC: no program", code);
    const std::string option = "--gpu-architecture=compute_" + architecture();
    const char* const options[] = {option.c_str()};
    code = nvrtc.nvrtcCompileProgram(program, 1, options);
    std::size_t size = 0;
    std::string image, log;
    if (code == NVRTC_SUCCESS) code = nvrtc.nvrtcGetPTXSize(program, &size);
    if (code == NVRTC_SUCCESS) {
      image.resize(size);
      code = nvrtc.nvrtcGetPTX(program, image.data());
    } else if (nvrtc.nvrtcGetProgramLogSize(program, &size) == NVRTC_SUCCESS) {
      log.resize(size);
      nvrtc.nvrtcGetProgramLog(program, log.data());
    }
    nvrtc.nvrtcDestroyProgram(&program);
    if (code != NVRTC_SUCCESS) return device_error(DeviceFault::kKernel, "NVRTC: " + log, code);
    return image;
  }
  int unload(Module module) { return cuda_.cuModuleUnload(module); }
  int load(Module& module, const char* image) { return cuda_.cuModuleLoadData(&module, image); }
  int find(Function& function, Module module, const char* name) {
    return cuda_.cuModuleGetFunction(&function, module, name);
  }
  int launch(Function function, unsigned groups, unsigned group_size, void** arguments,
             Stream stream) {
    return cuda_.cuLaunchKernel(function, groups, 1, 1, group_size, 1, 1, 0, stream, arguments,
                                nullptr);
  }

 private:
  std::string architecture() const {
    int major = 0, minor = 0;
    cuda_.cuDeviceGetAttribute(&major, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR, device_);
    cuda_.cuDeviceGetAttribute(&minor, CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR, device_);
    return std::to_string(major) + std::to_string(minor);
  }

  CudaFunctions cuda_;
  std::string compiler_library_;
  CUdevice device_ = 0;
  CUcontext context_ = nullptr;
};

}  // namespace
}  // namespace assay

ASSAY_EXPORT_DEVICE(assay::open_stream_device<assay::CudaApi>)
