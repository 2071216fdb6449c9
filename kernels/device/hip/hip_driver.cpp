// HIP as a device, and hipRTC for its kernels. The library is looked for when the device is opened,
// so that what was built with its headers runs without it.

#include <hip/hip_runtime_api.h>
#include <hip/hiprtc.h>
#include <unistd.h>

#include <array>
#include <bit>

#include "kernels/device/shared_library.hpp"
#include "kernels/device/stream_driver.hpp"

namespace assay {
namespace {

// Members are named as the driver's functions.
// NOLINTBEGIN(readability-identifier-naming, bugprone-macro-parentheses)
#define ASSAY_MEMBER(name) decltype(::name)* name = nullptr;
#define ASSAY_FIND(name) library.find(#name, name);

#define ASSAY_HIP_FUNCTIONS(each)                                                                 \
  each(hipInit) each(hipGetDeviceCount) each(hipDeviceGetName) each(hipSetDevice) each(hipFree)   \
      each(hipMemcpyHtoDAsync) each(hipMemcpyDtoHAsync) each(hipMemcpyDtoDAsync)                  \
          each(hipMemsetD8Async) each(hipMemsetD16Async) each(hipMemsetD32Async)                  \
              each(hipStreamCreateWithFlags) each(hipStreamDestroy) each(hipStreamSynchronize)    \
                  each(hipStreamWaitEvent) each(hipEventCreateWithFlags) each(hipEventDestroy)    \
                      each(hipEventRecord) each(hipEventQuery) each(hipEventSynchronize)          \
                          each(hipEventElapsedTime) each(hipModuleLoadData) each(hipModuleUnload) \
                              each(hipGetDevice) each(hipModuleGetFunction)                       \
                                  each(hipModuleLaunchKernel) each(hiprtcCreateProgram)           \
                                      each(hiprtcCompileProgram) each(hiprtcDestroyProgram)       \
                                          each(hiprtcGetCodeSize) each(hiprtcGetCode)             \
                                              each(hiprtcGetProgramLogSize)                       \
                                                  each(hiprtcGetProgramLog)

struct HipFunctions {
  HipFunctions() = default;
  explicit HipFunctions(const std::string& named)
      : library(named, {"libamdhip64.so", "libamdhip64.so.6", "libamdhip64.so.5"}) {
    ASSAY_HIP_FUNCTIONS(ASSAY_FIND)
    library.find("hipMalloc", malloc);
  }
  SharedLibrary library;
  ASSAY_HIP_FUNCTIONS(ASSAY_MEMBER)
  hipError_t (*malloc)(void** memory, std::size_t bytes) = nullptr;  // the header's is overloaded
};

// NOLINTEND(readability-identifier-naming, bugprone-macro-parentheses)

class HipApi {
 public:
  using Stream = hipStream_t;
  using Event = hipEvent_t;
  using Module = hipModule_t;
  using Function = hipFunction_t;
  static constexpr const char* kLabel = "HIP";

  explicit HipApi(const DriverOptions& options) : library_(options.driver_library) {}

  DeviceStatus open() {
    const auto not_run = [](const std::string& why, hipError_t code) {
      return device_error(DeviceFault::kNotRun, why, code);
    };
    // Asked before the library is loaded, which brings an LLVM; PoCL brings another, and where both
    // are Debian's, the second to come ends the process.
    constexpr const char* kKernelDriver = "/dev/kfd";
    if (library_.empty() && ::access(kKernelDriver, F_OK) != 0)
      return not_run("no AMD GPU's driver (/dev/kfd)", hipErrorNoDevice);
    hip_ = HipFunctions(library_);
    if (!hip_.library.error().empty()) return not_run(hip_.library.error(), hipSuccess);
    if (const hipError_t code = hip_.hipInit(0); code != hipSuccess)
      return not_run("hipInit", code);
    int count = 0;
    const hipError_t code = hip_.hipGetDeviceCount(&count);
    if (code != hipSuccess || count == 0) return not_run("no device", code);
    return {};
  }
  std::string name() const {
    std::array<char, 256> text = {};
    static_cast<void>(hip_.hipDeviceGetName(text.data(), static_cast<int>(text.size()) - 1, 0));
    return text.data();
  }

  /// The device, the calling thread's as long as this lives; what fails here fails in what follows.
  class [[nodiscard]] Use {
   public:
    explicit Use(const HipFunctions& hip) : hip_(hip) {
      has_before_ = hip.hipGetDevice(&before_) == hipSuccess;
      static_cast<void>(hip.hipSetDevice(0));
    }
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      if (has_before_) static_cast<void>(hip_.hipSetDevice(before_));
    }

   private:
    const HipFunctions& hip_;
    int before_ = 0;
    bool has_before_ = false;
  };
  Use use() const { return Use(hip_); }
  int allocate(std::uint64_t& memory, std::size_t bytes) {
    void* at = nullptr;
    const hipError_t code = hip_.malloc(&at, bytes);
    memory = std::bit_cast<std::uint64_t>(at);
    return code;
  }
  int free(std::uint64_t memory) { return hip_.hipFree(std::bit_cast<void*>(memory)); }
  int make_stream(Stream& stream) {
    return hip_.hipStreamCreateWithFlags(&stream, hipStreamNonBlocking);
  }
  int end_stream(Stream stream) { return hip_.hipStreamDestroy(stream); }
  int finish_stream(Stream stream) { return hip_.hipStreamSynchronize(stream); }
  int wait(Stream stream, Event event) { return hip_.hipStreamWaitEvent(stream, event, 0); }
  int copy_in(std::uint64_t to, const std::byte* from, std::size_t bytes, Stream stream) {
    // The function reads what its signature does not say it leaves alone.
    return hip_.hipMemcpyHtoDAsync(at(to), const_cast<std::byte*>(from), bytes, stream);
  }
  int copy_out(std::byte* to, std::uint64_t from, std::size_t bytes, Stream stream) {
    return hip_.hipMemcpyDtoHAsync(to, at(from), bytes, stream);
  }
  int copy(std::uint64_t to, std::uint64_t from, std::size_t bytes, Stream stream) {
    return hip_.hipMemcpyDtoDAsync(at(to), at(from), bytes, stream);
  }
  int fill8(std::uint64_t to, std::uint8_t value, std::size_t count, Stream stream) {
    return hip_.hipMemsetD8Async(at(to), value, count, stream);
  }
  int fill16(std::uint64_t to, std::uint16_t value, std::size_t count, Stream stream) {
    return hip_.hipMemsetD16Async(at(to), value, count, stream);
  }
  int fill32(std::uint64_t to, std::uint32_t value, std::size_t count, Stream stream) {
    return hip_.hipMemsetD32Async(at(to), std::bit_cast<int>(value), count, stream);
  }
  int make_event(Event& event, bool is_timed) {
    return hip_.hipEventCreateWithFlags(&event, is_timed ? hipEventDefault : hipEventDisableTiming);
  }
  int end_event(Event event) { return hip_.hipEventDestroy(event); }
  int record(Event event, Stream stream) { return hip_.hipEventRecord(event, stream); }
  int query(Event event) { return hip_.hipEventQuery(event); }
  int wait_event(Event event) { return hip_.hipEventSynchronize(event); }
  int elapsed_ms(float& milliseconds, Event from, Event to) {
    return hip_.hipEventElapsedTime(&milliseconds, from, to);
  }

  /// To code of the device's architecture, which is hipRTC's default.
  DeviceResult<std::string> compile(const std::string& source) const {
    hiprtcProgram program = nullptr;
    int code =
        hip_.hiprtcCreateProgram(&program, source.c_str(), "kernels.hip", 0, nullptr, nullptr);
    if (code != HIPRTC_SUCCESS)
      return device_error(DeviceFault::kKernel, "hipRTC: no program", code);
    code = hip_.hiprtcCompileProgram(program, 0, nullptr);
    std::size_t size = 0;
    std::string image, log;
    if (code == HIPRTC_SUCCESS) code = hip_.hiprtcGetCodeSize(program, &size);
    if (code == HIPRTC_SUCCESS) {
      image.resize(size);
      code = hip_.hiprtcGetCode(program, image.data());
    } else if (hip_.hiprtcGetProgramLogSize(program, &size) == HIPRTC_SUCCESS) {
      log.resize(size);
      static_cast<void>(hip_.hiprtcGetProgramLog(program, log.data()));
    }
    static_cast<void>(hip_.hiprtcDestroyProgram(&program));
    if (code != HIPRTC_SUCCESS) return device_error(DeviceFault::kKernel, "hipRTC: " + log, code);
    return image;
  }
  int unload(Module module) { return hip_.hipModuleUnload(module); }
  int load(Module& module, const char* image) { return hip_.hipModuleLoadData(&module, image); }
  int find(Function& function, Module module, const char* name) {
    return hip_.hipModuleGetFunction(&function, module, name);
  }
  int launch(Function function, unsigned groups, unsigned group_size, void** arguments,
             Stream stream) {
    return hip_.hipModuleLaunchKernel(function, groups, 1, 1, group_size, 1, 1, 0, stream,
                                      arguments, nullptr);
  }

 private:
  static void* at(std::uint64_t memory) { return std::bit_cast<void*>(memory); }

  std::string library_;
  HipFunctions hip_;
};

}  // namespace
}  // namespace assay

ASSAY_EXPORT_DEVICE(assay::open_stream_device<assay::HipApi>)
