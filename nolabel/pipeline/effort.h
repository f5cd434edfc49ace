// How much time `cluster` takes, and the settings of every stage that follow from it.
#pragma once

#include <optional>
#include <string>

#include "nolabel/pipeline/settings.h"

namespace nolabel {

enum class Effort {
  quick,     // backbone frozen; heads trained on cached features: minutes
  standard,  // the backbone is first tuned on the images (SimCLR)
  full,      // the published recipe from nothing
};
const char* effort_name(Effort effort);  // "quick"
// The other way; nothing where no effort has this name.
std::optional<Effort> effort_named(const std::string& name);

// Settings of all stages of a run.
struct ClusterSettings {
  PretextSettings pretext;
  // With a frozen backbone: an image is compared by its features averaged over so many random
  // views.
  ViewSettings averaging;
  int averaged_views = 0;
  MineSettings mine;
  ScanStageSettings scan;
  SelflabelStageSettings selflabel;
};

// 20, but not more than half a cluster has images, or they come from other classes.
int neighbors_of_scan(int64_t images, int clusters);

// For `images` images of K clusters seen at image_size pixels.
ClusterSettings effort_settings(Effort effort, int64_t images, int clusters, int image_size);
// The same with views that are normalised so, and neighbors that are searched as `search` says;
// their numbers follow from the effort.
ClusterSettings effort_settings(Effort effort, int64_t images, int clusters, int image_size,
                                const NormalizeSettings& normalize, const MineSettings& search);

}  // namespace nolabel
