#include "nolabel/gpu/recording.h"

#include "nolabel/base/error.h"
#include "nolabel/gpu/plugin.h"

namespace nolabel {

std::unique_ptr<Recording> make_recording(at::Device device) {
  if (!device.is_cuda()) return nullptr;
  const CudaPlugin& plugin = load_cuda_plugin();
  NOLABEL_ASSERT(plugin.functions);  // the device was chosen with it
  return plugin.functions->make_recording(device);
}

}  // namespace nolabel
