#include "nolabel/pipeline/backbone_call.h"

#include "nolabel/base/error.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/backbone_ladder.h"

namespace nolabel {
namespace {

const PublishedBackbone& published(const std::string& name) {
  if (const PublishedBackbone* found = find_published(name)) return *found;
  std::vector<std::string> names;
  for (const PublishedBackbone& backbone : published_backbones()) names.push_back(backbone.name);
  const auto nearest = nearest_name(name, names);
  fail_usage("NAME must be one that `nolabel backbone list` shows. Received {}.{}", name,
             nearest ? " Did you mean " + *nearest + "?" : "");
}

BackboneVerdict verdict_on(const PublishedBackbone& backbone) {
  BackboneVerdict verdict;
  verdict.name = backbone.name;
  const std::optional<FoundBackbone> found = find_on_disk(backbone);
  if (!found) {
    verdict.problem = "it is not on this machine";
    return verdict;
  }
  verdict.file = found->file;
  try {
    verdict.network = describe(load_backbone(backbone.name).network);
  } catch (const Error& error) {
    if (error.fault() == Fault::stopped) throw;
    verdict.problem = error.what();
  }
  return verdict;
}

}  // namespace

void declare(Schema& options, BackboneRequest& request) {
  options.add(
      "mirror", &request.mirror,
      "get: a URL under which the files lie by their names; unset: NOLABEL_MIRROR, if it is "
      "set, or else the authors' servers");
}

std::vector<ListedBackbone> list_backbones() {
  std::vector<ListedBackbone> all;
  for (const PublishedBackbone& backbone : published_backbones()) {
    all.push_back({&backbone, find_on_disk(backbone)});
  }
  return all;
}

std::vector<GotBackbone> get_backbones(const BackboneRequest& request, const Observer& observer) {
  std::vector<const PublishedBackbone*> wanted;
  for (const std::string& name : request.names) wanted.push_back(&published(name));
  std::vector<GotBackbone> got;
  for (const PublishedBackbone* backbone : wanted) {
    got.push_back(
        {backbone->name, fetch_backbone(*backbone, {.mirror = request.mirror}, observer)});
  }
  return got;
}

std::vector<BackboneVerdict> verify_backbones(
    const BackboneRequest& request, const Observer& observer,
    const std::function<void(const BackboneVerdict&)>& each) {
  std::vector<const PublishedBackbone*> wanted;
  for (const std::string& name : request.names) wanted.push_back(&published(name));
  if (wanted.empty()) {
    for (const ListedBackbone& listed : list_backbones()) {
      if (listed.found) wanted.push_back(listed.published);
    }
  }
  std::vector<BackboneVerdict> verdicts;
  for (const PublishedBackbone* backbone : wanted) {
    observer.stop_if_requested();
    verdicts.push_back(verdict_on(*backbone));
    each(verdicts.back());
  }
  return verdicts;
}

}  // namespace nolabel
