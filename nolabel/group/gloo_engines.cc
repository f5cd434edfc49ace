// LibTorch was built with Gloo; its header shows the class only with this. Gloo's own headers come
// from the distribution (libgloo-dev), and nothing of that library is linked.
#define USE_C10D_GLOO

#include "nolabel/group/gloo_engines.h"

#include <chrono>
#include <exception>
#include <torch/csrc/distributed/c10d/PrefixStore.hpp>
#include <torch/csrc/distributed/c10d/ProcessGroupGloo.hpp>

#include "nolabel/base/error.h"
#include "nolabel/group/bounded_call.h"
#include "nolabel/group/gloo_group.h"

namespace nolabel {
namespace {

using Options = c10d::ProcessGroupGloo::Options;

c10::intrusive_ptr<Options> options_at(const GroupPlace& place) {
  const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(place.meeting);
  if (place.interface_address.empty()) return Options::create_default(limit);
  auto options = Options::create(limit);
  options->devices.push_back(
      c10d::ProcessGroupGloo::createDeviceForHostname(place.interface_address));
  return options;
}

c10::intrusive_ptr<c10d::Backend> connect(const char* name,
                                          const c10::intrusive_ptr<c10d::Store>& store,
                                          const GroupPlace& place) {
  return c10::make_intrusive<c10d::ProcessGroupGloo>(
      c10::make_intrusive<c10d::PrefixStore>(name, store), place.rank, place.size,
      options_at(place));
}

}  // namespace

GlooEngines connect_engines(const c10::intrusive_ptr<c10d::Store>& store, const GroupPlace& place) {
  try {
    const auto connect_both = [store, place] {
      return GlooEngines{connect("calls", store, place), connect("sums", store, place)};
    };
    return while_looking(connect_both, [&place] {
      require_wanted(place.cancel);
      if (place.look) place.look();
    });
  } catch (const Error&) {
    throw;
  } catch (const std::exception& exception) {
    fail_not_met(place.rank, place.size, exception);
  }
}

}  // namespace nolabel
