// The fake GPU as libamdhip64, hipRTC included.

#include <hip/hip_runtime_api.h>
#include <hip/hiprtc.h>

#include "kernels/device/fake/fake_gpu.hpp"

namespace {

namespace fake = assay::fake;

hipError_t result(int code) {
  return static_cast<hipError_t>(code);
}
fake::Stream& of(hipStream_t stream) {
  return *std::bit_cast<fake::Stream*>(stream);
}
fake::Event& of(hipEvent_t event) {
  return *std::bit_cast<fake::Event*>(event);
}
fake::Kernel kernels[] = {fake::Kernel::kBind, fake::Kernel::kSimilarity};

thread_local int device_of_thread = 1;  // as though the caller had another

hipError_t in_context(auto work) {
  return result(fake::in_context(device_of_thread == 0, work));
}

}  // namespace

extern "C" {

hipError_t hipInit(unsigned int) {
  return hipSuccess;
}
hipError_t hipGetDeviceCount(int* count) {
  *count = 1;
  return hipSuccess;
}
hipError_t hipDeviceGetName(char* name, int length, hipDevice_t) {
  std::strncpy(name, "fake", static_cast<std::size_t>(length));
  return hipSuccess;
}
hipError_t hipSetDevice(int device) {
  device_of_thread = device;
  return hipSuccess;
}
hipError_t hipGetDevice(int* device) {
  *device = device_of_thread;
  return hipSuccess;
}
int fake_gpu_is_current() {
  return device_of_thread == 0 ? 1 : 0;
}

hipError_t hipMalloc(void** memory, std::size_t bytes) {
  return in_context([&] { return fake::allocate(memory, bytes); });
}
hipError_t hipFree(void* memory) {
  return in_context([&] {
    std::free(memory);
    return fake::kSuccess;
  });
}
hipError_t hipMemcpyHtoDAsync(hipDeviceptr_t to, void* from, std::size_t bytes,
                              hipStream_t stream) {
  return in_context([&] { return fake::copy(of(stream), to, from, bytes); });
}
hipError_t hipMemcpyDtoHAsync(void* to, hipDeviceptr_t from, std::size_t bytes,
                              hipStream_t stream) {
  return in_context([&] { return fake::copy(of(stream), to, from, bytes); });
}
hipError_t hipMemcpyDtoDAsync(hipDeviceptr_t to, hipDeviceptr_t from, std::size_t bytes,
                              hipStream_t stream) {
  return in_context([&] { return fake::copy(of(stream), to, from, bytes); });
}
hipError_t hipMemsetD8Async(hipDeviceptr_t to, unsigned char value, std::size_t count,
                            hipStream_t stream) {
  return in_context([&] { return fake::fill(of(stream), to, value, count); });
}
hipError_t hipMemsetD16Async(hipDeviceptr_t to, unsigned short value, std::size_t count,
                             hipStream_t stream) {
  return in_context([&] { return fake::fill(of(stream), to, value, count); });
}
hipError_t hipMemsetD32Async(hipDeviceptr_t to, int value, std::size_t count, hipStream_t stream) {
  return in_context([&] { return fake::fill(of(stream), to, value, count); });
}

hipError_t hipStreamCreateWithFlags(hipStream_t* stream, unsigned int) {
  return in_context([&] {
    *stream = std::bit_cast<hipStream_t>(new fake::Stream);
    return fake::kSuccess;
  });
}
hipError_t hipStreamDestroy(hipStream_t stream) {
  return in_context([&] {
    delete &of(stream);
    return fake::kSuccess;
  });
}
hipError_t hipStreamSynchronize(hipStream_t stream) {
  return in_context([&] {
    of(stream).work->run_all();
    return fake::kSuccess;
  });
}
hipError_t hipStreamWaitEvent(hipStream_t stream, hipEvent_t event, unsigned int) {
  return in_context([&] { return fake::wait(of(stream), of(event)); });
}

hipError_t hipEventCreateWithFlags(hipEvent_t* event, unsigned) {
  return in_context([&] {
    *event = std::bit_cast<hipEvent_t>(new fake::Event);
    return fake::kSuccess;
  });
}
hipError_t hipEventDestroy(hipEvent_t event) {
  return in_context([&] {
    delete &of(event);
    return fake::kSuccess;
  });
}
hipError_t hipEventRecord(hipEvent_t event, hipStream_t stream) {
  return in_context([&] { return fake::record(of(event), of(stream)); });
}
hipError_t hipEventQuery(hipEvent_t event) {
  return in_context([&] { return fake::query(of(event)); });
}
hipError_t hipEventSynchronize(hipEvent_t event) {
  return in_context([&] { return fake::wait(of(event)); });
}
hipError_t hipEventElapsedTime(float* milliseconds, hipEvent_t from, hipEvent_t to) {
  return in_context([&] { return fake::elapsed_ms(milliseconds, of(from), of(to)); });
}

hipError_t hipModuleLoadData(hipModule_t* module, const void*) {
  return in_context([&] {
    *module = nullptr;
    ++fake::held();
    return fake::kSuccess;
  });
}
hipError_t hipModuleUnload(hipModule_t) {
  return in_context([] {
    --fake::held();
    return fake::kSuccess;
  });
}
hipError_t hipModuleGetFunction(hipFunction_t* function, hipModule_t, const char* name) {
  return in_context([&] {
    const auto kernel = fake::find_kernel(name);
    if (!kernel) return fake::kNotFound;
    *function = std::bit_cast<hipFunction_t>(&kernels[static_cast<int>(*kernel)]);
    return fake::kSuccess;
  });
}
hipError_t hipModuleLaunchKernel(hipFunction_t function, unsigned int, unsigned int, unsigned int,
                                 unsigned int, unsigned int, unsigned int, unsigned int,
                                 hipStream_t stream, void** arguments, void**) {
  return in_context(
      [&] { return fake::launch(of(stream), *std::bit_cast<fake::Kernel*>(function), arguments); });
}

hiprtcResult hiprtcCreateProgram(hiprtcProgram* program, const char*, const char*, int,
                                 const char**, const char**) {
  *program = nullptr;
  return HIPRTC_SUCCESS;
}
hiprtcResult hiprtcCompileProgram(hiprtcProgram, int, const char**) {
  return HIPRTC_SUCCESS;
}
hiprtcResult hiprtcDestroyProgram(hiprtcProgram*) {
  return HIPRTC_SUCCESS;
}
hiprtcResult hiprtcGetCodeSize(hiprtcProgram, std::size_t* size) {
  *size = 1;
  return HIPRTC_SUCCESS;
}
hiprtcResult hiprtcGetCode(hiprtcProgram, char* code) {
  *code = 0;
  return HIPRTC_SUCCESS;
}
hiprtcResult hiprtcGetProgramLogSize(hiprtcProgram, std::size_t* size) {
  *size = 0;
  return HIPRTC_SUCCESS;
}
hiprtcResult hiprtcGetProgramLog(hiprtcProgram, char*) {
  return HIPRTC_SUCCESS;
}

}  // extern "C"
