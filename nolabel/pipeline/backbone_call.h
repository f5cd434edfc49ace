// What `nolabel backbone` does, as calls: list, get, verify.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/backbones/store.h"
#include "nolabel/config/schema.h"
#include "nolabel/run/environment.h"

namespace nolabel {

struct BackboneRequest {
  std::vector<std::string> names;  // of published backbones
  std::string mirror;              // BackboneSource::mirror
};
void declare(Schema& options, BackboneRequest& request);

struct ListedBackbone {
  const PublishedBackbone* published;
  std::optional<FoundBackbone> found;  // nothing: it is not on this machine
};
std::vector<ListedBackbone> list_backbones();

struct GotBackbone {
  std::string name;
  std::filesystem::path file;
};
// Downloads the named backbones, unless they are in nolabel's folder. Every name is looked up
// before the first download; Error(Fault::usage), with the nearest name, for one that nobody
// publishes.
std::vector<GotBackbone> get_backbones(const BackboneRequest& request, const Observer& observer);

struct BackboneVerdict {
  std::string name;
  std::filesystem::path file;
  std::string network;  // "vision transformer (width 384, …)"
  std::string problem;  // a sentence, or empty
};
// Checks content and weights of the named backbones, or of all that are on the disk where none is
// named. `each` receives every verdict as soon as it is known.
std::vector<BackboneVerdict> verify_backbones(
    const BackboneRequest& request, const Observer& observer,
    const std::function<void(const BackboneVerdict&)>& each);

}  // namespace nolabel
