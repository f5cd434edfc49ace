// The time that each effort of `cluster` would take on these images and this machine.
#pragma once

#include <filesystem>
#include <vector>

#include "nolabel/pipeline/cluster_backbone.h"
#include "nolabel/pipeline/effort.h"
#include "nolabel/pipeline/estimate.h"
#include "nolabel/pipeline/images_ahead.h"
#include "nolabel/pipeline/method_choice.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {

struct EffortEstimate {
  std::string name;  // "quick"
  double seconds;
};

struct AskedEffort {
  Effort effort;
  Method method;
  const ClusterSettings& settings;  // of this effort
  int clusters;
  const SubjectRequest& wanted;
  const SeenSizes& sizes;
  // As find_backbone() gave it; nullptr: the effort that was asked for begins_from_nothing(), and
  // the backbone of the others is yet to be found.
  const BackboneChoice* found;
};

// Seconds from here on, loading the images among them, with the options that were asked for, of
// each effort that this backbone allows. The effort that was asked for is measured best. Images
// that earlier runs have embedded count as embedded. `run`: the directory for what does not fit
// into the memory. Loads no weights but those of asked.found == nullptr.
std::vector<EffortEstimate> estimate_efforts(const AskedEffort& asked, const ImagesAhead& images,
                                             const std::filesystem::path& run,
                                             const Environment& environment);

// Of the plain views of these images and of settings.averaged_views drawn ones of each training
// image, how many the feature cache has, as the frozen backbone of `model` makes them; estimated
// from at most 2,000 images of the sample. `plain`: the recipe of the plain views.
struct KnownViews {
  double plain = 0, drawn = 0;
};
KnownViews known_views(const Model& model, const ViewRecipe& plain, const ClusterSettings& settings,
                       const ImagesAhead& images, const Environment& environment);

}  // namespace nolabel
