// Which backbone `cluster` takes where nobody names one: one that is on the disk, one that may be
// downloaded, nolabel's own.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "nolabel/backbones/store.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/run/environment.h"

namespace nolabel {

// What may be done to get a backbone.
struct BackboneAccess {
  bool download = false;  // without asking
  bool offline = false;   // nothing is downloaded, and nobody is asked
  // Puts a question to the person at the terminal and returns the answer, or nothing where the
  // person gave none; empty: there is nobody.
  std::function<std::optional<bool>(const std::string& question)> ask = {};
};

// Downloads a published backbone and checks that its weights can be read. Throws what
// get_backbone() throws.
std::filesystem::path fetch_backbone(const PublishedBackbone& backbone,
                                     const BackboneSource& source, const Observer& observer);

// A published backbone that the user named: downloads it where it is not on the disk and `access`
// allows it, else leaves the refusal to load_backbone().
void provide_backbone(const PublishedBackbone& backbone, const BackboneAccess& access,
                      const Observer& observer);

struct LadderStep {
  Backbone backbone;   // a published one
  std::string reason;  // for people: "found in torch.hub's cache"
};
// For photos: the best published one on the disk that can be used, else the first of the catalogue
// if it may be downloaded. A person who has said no is not asked again, in any run. Nothing:
// nolabel's own have to do. image_size: as load_backbone().
std::optional<LadderStep> published_for_photos(const BackboneAccess& access, int image_size,
                                               const Observer& observer);

}  // namespace nolabel
