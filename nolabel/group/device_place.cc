#include "nolabel/group/device_place.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/gpu/driver.h"
#include "nolabel/gpu/plugin.h"
#include "nolabel/group/message.h"
#include "nolabel/group/placement.h"

namespace nolabel {
namespace {

using Json = nlohmann::json;

// Containers of one machine have the same, and two machines never; names of hosts may be alike.
std::string machine_name() {
  std::string name;
  std::ifstream("/proc/sys/kernel/random/boot_id") >> name;
  if (!name.empty()) return name;
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return host.data();
}

bool nccl_is_wanted() {
  const std::string text = environment_variables()("NOLABEL_NCCL").value_or("on");
  if (text != "on" && text != "off") {
    fail_usage("NOLABEL_NCCL must be on or off. Received {}.", text);
  }
  return text == "on";
}

}  // namespace

DevicePlace device_place(at::Device device) {
  if (!device.is_cuda()) return {};
  const auto index = static_cast<size_t>(std::max<int>(device.index(), 0));
  const std::vector<Gpu> gpus = query_cuda_driver().gpus;
  if (index >= gpus.size())
    return {.gpu = "unknown", .problem = "the driver does not know its GPU"};
  DevicePlace place{.gpu = format("{} {}", machine_name(), gpus[index].bus_id), .problem = ""};
  if (!load_cuda_plugin().functions) {
    place.problem = load_cuda_plugin().problem;
  } else if (!nccl_is_wanted()) {
    place.problem = "NOLABEL_NCCL is off";
  }
  return place;
}

std::vector<DevicePlace> device_places(Group& group, at::Device device) {
  const DevicePlace own = device_place(device);
  std::vector<DevicePlace> places;
  for (const std::string& told :
       told_by_all(group, Json{{"gpu", own.gpu}, {"problem", own.problem}}.dump())) {
    const Json read = Json::parse(told);
    places.push_back({.gpu = read.at("gpu"), .problem = read.at("problem")});
  }
  return places;
}

std::string reason_against_nccl(const std::vector<DevicePlace>& places) {
  for (size_t rank = 0; rank < places.size(); ++rank) {
    if (places[rank].gpu.empty()) return format("process {} computes on processors", rank);
  }
  for (size_t rank = 0; rank < places.size(); ++rank) {
    if (!places[rank].problem.empty()) {
      return format("process {} cannot use NCCL: {}", rank, places[rank].problem);
    }
    for (size_t other = 0; other < rank; ++other) {
      if (places[other].gpu == places[rank].gpu) {
        return format("processes {} and {} compute on the same GPU", other, rank);
      }
    }
  }
  return "";
}

}  // namespace nolabel
