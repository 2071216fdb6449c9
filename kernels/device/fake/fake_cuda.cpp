// The fake GPU as libcuda and libnvrtc.

#include <cuda.h>
#include <nvrtc.h>

#include "kernels/device/fake/fake_gpu.hpp"

namespace {

namespace fake = assay::fake;

CUresult result(int code) {
  return static_cast<CUresult>(code);
}
fake::Stream& of(CUstream stream) {
  return *std::bit_cast<fake::Stream*>(stream);
}
fake::Event& of(CUevent event) {
  return *std::bit_cast<fake::Event*>(event);
}
void* at(CUdeviceptr memory) {
  return std::bit_cast<void*>(memory);
}
fake::Kernel kernels[] = {fake::Kernel::kBind, fake::Kernel::kSimilarity};

CUcontext the_context() {
  return std::bit_cast<CUcontext>(&kernels);
}
thread_local std::vector<CUcontext> contexts;  // of the thread, the current one last

CUresult in_context(auto work) {
  return result(fake::in_context(!contexts.empty() && contexts.back() == the_context(), work));
}

}  // namespace

extern "C" {

CUresult cuInit(unsigned int) {
  return CUDA_SUCCESS;
}
CUresult cuDeviceGet(CUdevice* device, int) {
  *device = 0;
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetName(char* name, int length, CUdevice) {
  std::strncpy(name, "fake", static_cast<std::size_t>(length));
  return CUDA_SUCCESS;
}
CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute, CUdevice) {
  *value = 9;
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice) {
  *context = the_context();
  ++fake::held();
  return CUDA_SUCCESS;
}
CUresult cuDevicePrimaryCtxRelease(CUdevice) {
  --fake::held();
  return CUDA_SUCCESS;
}
CUresult cuCtxPushCurrent(CUcontext context) {
  contexts.push_back(context);
  return CUDA_SUCCESS;
}
CUresult cuCtxPopCurrent(CUcontext* context) {
  if (contexts.empty()) return CUDA_ERROR_INVALID_CONTEXT;
  *context = contexts.back();
  contexts.pop_back();
  return CUDA_SUCCESS;
}
int fake_gpu_is_current() {
  return contexts.empty() ? 0 : 1;
}

CUresult cuMemAlloc(CUdeviceptr* memory, std::size_t bytes) {
  return in_context([&] {
    void* made = nullptr;
    const int code = fake::allocate(&made, bytes);
    *memory = std::bit_cast<CUdeviceptr>(made);
    return code;
  });
}
CUresult cuMemFree(CUdeviceptr memory) {
  return in_context([&] {
    std::free(at(memory));
    return fake::kSuccess;
  });
}
CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
  return in_context([&] { return fake::copy(of(stream), at(to), from, bytes); });
}
CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return in_context([&] { return fake::copy(of(stream), to, at(from), bytes); });
}
CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return in_context([&] { return fake::copy(of(stream), at(to), at(from), bytes); });
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t count, CUstream stream) {
  return in_context([&] { return fake::fill(of(stream), at(to), value, count); });
}
CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, std::size_t count,
                          CUstream stream) {
  return in_context([&] { return fake::fill(of(stream), at(to), value, count); });
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned int value, std::size_t count, CUstream stream) {
  return in_context([&] { return fake::fill(of(stream), at(to), value, count); });
}

CUresult cuStreamCreate(CUstream* stream, unsigned int) {
  return in_context([&] {
    *stream = std::bit_cast<CUstream>(new fake::Stream);
    return fake::kSuccess;
  });
}
CUresult cuStreamDestroy(CUstream stream) {
  return in_context([&] {
    delete &of(stream);
    return fake::kSuccess;
  });
}
CUresult cuStreamSynchronize(CUstream stream) {
  return in_context([&] {
    of(stream).work->run_all();
    return fake::kSuccess;
  });
}
CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int) {
  return in_context([&] { return fake::wait(of(stream), of(event)); });
}

CUresult cuEventCreate(CUevent* event, unsigned int) {
  return in_context([&] {
    *event = std::bit_cast<CUevent>(new fake::Event);
    return fake::kSuccess;
  });
}
CUresult cuEventDestroy(CUevent event) {
  return in_context([&] {
    delete &of(event);
    return fake::kSuccess;
  });
}
CUresult cuEventRecord(CUevent event, CUstream stream) {
  return in_context([&] { return fake::record(of(event), of(stream)); });
}
CUresult cuEventQuery(CUevent event) {
  return in_context([&] { return fake::query(of(event)); });
}
CUresult cuEventSynchronize(CUevent event) {
  return in_context([&] { return fake::wait(of(event)); });
}
CUresult cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to) {
  return in_context([&] { return fake::elapsed_ms(milliseconds, of(from), of(to)); });
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  return in_context([&] {
    *module = nullptr;
    if (std::strcmp(static_cast<const char*>(image), "compute_99") != 0)
      return int{CUDA_ERROR_INVALID_PTX};
    ++fake::held();
    return fake::kSuccess;
  });
}
CUresult cuModuleUnload(CUmodule) {
  return in_context([] {
    --fake::held();
    return fake::kSuccess;
  });
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule, const char* name) {
  return in_context([&] {
    const auto kernel = fake::find_kernel(name);
    if (!kernel) return fake::kNotFound;
    *function = std::bit_cast<CUfunction>(&kernels[static_cast<int>(*kernel)]);
    return fake::kSuccess;
  });
}
CUresult cuLaunchKernel(CUfunction function, unsigned int, unsigned int, unsigned int, unsigned int,
                        unsigned int, unsigned int, unsigned int, CUstream stream, void** arguments,
                        void**) {
  return in_context(
      [&] { return fake::launch(of(stream), *std::bit_cast<fake::Kernel*>(function), arguments); });
}

// Its "PTX" is the architecture that was asked for.
nvrtcResult nvrtcCreateProgram(nvrtcProgram* program, const char*, const char*, int,
                               const char* const*, const char* const*) {
  *program = std::bit_cast<nvrtcProgram>(new std::string);
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcCompileProgram(nvrtcProgram program, int count, const char* const* options) {
  const std::string option = count == 1 ? options[0] : "";
  const std::size_t at_value = option.find('=');
  if (at_value == std::string::npos) return NVRTC_ERROR_INVALID_OPTION;
  *std::bit_cast<std::string*>(program) = option.substr(at_value + 1);
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcDestroyProgram(nvrtcProgram* program) {
  delete std::bit_cast<std::string*>(*program);
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcGetPTXSize(nvrtcProgram program, std::size_t* size) {
  *size = std::bit_cast<std::string*>(program)->size() + 1;
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcGetPTX(nvrtcProgram program, char* ptx) {
  const auto& image = *std::bit_cast<std::string*>(program);
  std::memcpy(ptx, image.c_str(), image.size() + 1);
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcGetProgramLogSize(nvrtcProgram, std::size_t* size) {
  *size = 0;
  return NVRTC_SUCCESS;
}
nvrtcResult nvrtcGetProgramLog(nvrtcProgram, char*) {
  return NVRTC_SUCCESS;
}

}  // extern "C"
