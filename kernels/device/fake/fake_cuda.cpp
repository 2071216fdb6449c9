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
  *context = nullptr;
  return CUDA_SUCCESS;
}
CUresult cuCtxSetCurrent(CUcontext) {
  return CUDA_SUCCESS;
}

CUresult cuMemAlloc(CUdeviceptr* memory, std::size_t bytes) {
  void* made = nullptr;
  const int code = fake::allocate(&made, bytes);
  *memory = std::bit_cast<CUdeviceptr>(made);
  return result(code);
}
CUresult cuMemFree(CUdeviceptr memory) {
  std::free(at(memory));
  return CUDA_SUCCESS;
}
CUresult cuMemcpyHtoDAsync(CUdeviceptr to, const void* from, std::size_t bytes, CUstream stream) {
  return result(fake::copy(of(stream), at(to), from, bytes));
}
CUresult cuMemcpyDtoHAsync(void* to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return result(fake::copy(of(stream), to, at(from), bytes));
}
CUresult cuMemcpyDtoDAsync(CUdeviceptr to, CUdeviceptr from, std::size_t bytes, CUstream stream) {
  return result(fake::copy(of(stream), at(to), at(from), bytes));
}
CUresult cuMemsetD8Async(CUdeviceptr to, unsigned char value, std::size_t count, CUstream stream) {
  return result(fake::fill(of(stream), at(to), value, count));
}
CUresult cuMemsetD16Async(CUdeviceptr to, unsigned short value, std::size_t count,
                          CUstream stream) {
  return result(fake::fill(of(stream), at(to), value, count));
}
CUresult cuMemsetD32Async(CUdeviceptr to, unsigned int value, std::size_t count, CUstream stream) {
  return result(fake::fill(of(stream), at(to), value, count));
}

CUresult cuStreamCreate(CUstream* stream, unsigned int) {
  *stream = std::bit_cast<CUstream>(new fake::Stream);
  return CUDA_SUCCESS;
}
CUresult cuStreamDestroy(CUstream stream) {
  delete &of(stream);
  return CUDA_SUCCESS;
}
CUresult cuStreamSynchronize(CUstream stream) {
  of(stream).work->run_all();
  return CUDA_SUCCESS;
}
CUresult cuStreamWaitEvent(CUstream stream, CUevent event, unsigned int) {
  return result(fake::wait(of(stream), of(event)));
}

CUresult cuEventCreate(CUevent* event, unsigned int) {
  *event = std::bit_cast<CUevent>(new fake::Event);
  return CUDA_SUCCESS;
}
CUresult cuEventDestroy(CUevent event) {
  delete &of(event);
  return CUDA_SUCCESS;
}
CUresult cuEventRecord(CUevent event, CUstream stream) {
  return result(fake::record(of(event), of(stream)));
}
CUresult cuEventQuery(CUevent event) {
  return result(fake::query(of(event)));
}
CUresult cuEventSynchronize(CUevent event) {
  return result(fake::wait(of(event)));
}
CUresult cuEventElapsedTime(float* milliseconds, CUevent from, CUevent to) {
  return result(fake::elapsed_ms(milliseconds, of(from), of(to)));
}

CUresult cuModuleLoadData(CUmodule* module, const void* image) {
  *module = nullptr;
  return std::strcmp(static_cast<const char*>(image), "compute_99") == 0 ? CUDA_SUCCESS
                                                                         : CUDA_ERROR_INVALID_PTX;
}
CUresult cuModuleGetFunction(CUfunction* function, CUmodule, const char* name) {
  const auto kernel = fake::find_kernel(name);
  if (!kernel) return CUDA_ERROR_NOT_FOUND;
  *function = std::bit_cast<CUfunction>(&kernels[static_cast<int>(*kernel)]);
  return CUDA_SUCCESS;
}
CUresult cuLaunchKernel(CUfunction function, unsigned int, unsigned int, unsigned int, unsigned int,
                        unsigned int, unsigned int, unsigned int, CUstream stream, void** arguments,
                        void**) {
  return result(fake::launch(of(stream), *std::bit_cast<fake::Kernel*>(function), arguments));
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
