#include "nolabel/gpu/driver.h"

#include <dlfcn.h>

#include <array>
#include <optional>

namespace nolabel {
namespace {

// Of the driver's interface (cuda.h), which is stable; the header is not needed to build.
constexpr int success = 0, capability_major = 75, capability_minor = 76;

template <class Function>
Function* symbol(void* library, const char* name) {
  return reinterpret_cast<Function*>(dlsym(library, name));
}

struct DriverFunctions {
  int (*init)(unsigned);
  int (*version)(int*);
  int (*count)(int*);
  int (*get)(int*, int);
  int (*name)(char*, int, int);
  int (*memory)(size_t*, int);
  int (*attribute)(int*, int, int);
  int (*bus_id)(char*, int, int);

  explicit DriverFunctions(void* library)
      : init(symbol<int(unsigned)>(library, "cuInit")),
        version(symbol<int(int*)>(library, "cuDriverGetVersion")),
        count(symbol<int(int*)>(library, "cuDeviceGetCount")),
        get(symbol<int(int*, int)>(library, "cuDeviceGet")),
        name(symbol<int(char*, int, int)>(library, "cuDeviceGetName")),
        memory(symbol<int(size_t*, int)>(library, "cuDeviceTotalMem_v2")),
        attribute(symbol<int(int*, int, int)>(library, "cuDeviceGetAttribute")),
        bus_id(symbol<int(char*, int, int)>(library, "cuDeviceGetPCIBusId")) {}
  bool complete() const {
    return init && version && count && get && name && memory && attribute && bus_id;
  }
};

std::optional<Gpu> query_gpu(const DriverFunctions& driver, int number) {
  int device = 0, major = 0, minor = 0;
  size_t memory = 0;
  std::array<char, 256> name{}, bus_id{};
  const bool known = driver.get(&device, number) == success &&
                     driver.name(name.data(), name.size() - 1, device) == success &&
                     driver.memory(&memory, device) == success &&
                     driver.attribute(&major, capability_major, device) == success &&
                     driver.attribute(&minor, capability_minor, device) == success &&
                     driver.bus_id(bus_id.data(), bus_id.size() - 1, device) == success;
  if (!known) return std::nullopt;
  return Gpu{name.data(), memory, major, minor, bus_id.data()};
}

}  // namespace

CudaDriver query_cuda_driver() {
  CudaDriver result;
  void* library = dlopen("libcuda.so.1", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    result.problem = "there is no NVIDIA driver (libcuda.so.1)";
    return result;
  }
  result.found = true;
  const DriverFunctions driver(library);
  int count = 0;
  if (!driver.complete() || driver.init(0) != success || driver.count(&count) != success) {
    result.problem = "the NVIDIA driver does not start";
    return result;
  }
  driver.version(&result.version);
  for (int i = 0; i < count; ++i) {
    if (const auto gpu = query_gpu(driver, i)) result.gpus.push_back(*gpu);
  }
  if (result.gpus.empty()) result.problem = "the NVIDIA driver has no GPU";
  return result;
}

}  // namespace nolabel
