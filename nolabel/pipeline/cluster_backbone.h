// Chooses the backbone for `cluster` and the size of its views for these images.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/backbone_ladder.h"
#include "nolabel/pipeline/effort.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {

struct WantedBackbone {
  SubjectRequest subject;  // the request's, completed by what the run remembers
  bool is_remembered = false;
  std::optional<NormalizeSettings> normalize;  // of a remembered backbone, where somebody asked
};
// The backbone that the user names, with the views that the run asked for where it is the run's;
// else the one that the run uses as it is, with the views that go with it; else, where the run
// trained its own in the same effort, the one that it began with.
WantedBackbone wanted_backbone(const SubjectRequest& request, Effort effort, const RunState& state);

// Full effort trains its own, unless a backbone was named.
bool begins_from_nothing(const SubjectRequest& wanted, Effort effort);

// The sizes of the pictures, estimated from a sample.
struct SeenSizes {
  bool all_small = false;   // none is larger than what is kept for CIFAR's views: CIFAR's, or icons
  bool most_large = false;  // most are larger than 64 pixels on their short side: photos
};
// Errors as load_images().
SeenSizes look_at_sizes(const std::vector<std::filesystem::path>& data,
                        const DataSettings& settings, const Environment& environment);

// The backbone that `wanted` names, loaded, or nothing. is_of_user: the user has named it, else the
// run remembers it. Errors as load_backbone_of_run() and get_backbone().
std::optional<Backbone> named_backbone(const SubjectRequest& wanted, bool is_of_user, Effort effort,
                                       const BackboneAccess& access, const RunState& state,
                                       const Environment& environment);

struct BackboneChoice {
  // Its image_size is that of this run's views: as asked for, else as the backbone has it, else
  // larger where that is better for these images.
  Backbone backbone;
  std::string reason;    // why this one, for people: "most images are larger than 64 pixels"
  std::string warning;   // what to expect of it, for people, or empty
  bool is_tuned = true;  // standard effort trains it on; not where that cannot or may not help

  // One line for people: the backbone, the reason, the views, and whose labels trained it.
  std::string announcement() const;
  // It, what was assumed, and that standard effort does not tune the backbone, where this is so.
  std::vector<std::string> notes() const;
};

// The named backbone, loaded, if there is one. Otherwise, where most images are large, a published
// backbone (backbone_ladder.h) or `photos`; and the starter where they are small or there is none
// of these. Errors as load_backbone() and get_backbone().
BackboneChoice find_backbone(const SubjectRequest& wanted, const std::optional<Backbone>& named,
                             const SeenSizes& sizes, const BackboneAccess& access,
                             const Observer& observer);

// The same for this effort: whether it is tuned, and on views of which size. Where the effort
// begins_from_nothing(), an untrained network, and `found` does not matter. Reads no file.
BackboneChoice choice_for(Effort effort, BackboneChoice found, const SubjectRequest& wanted,
                          const SeenSizes& sizes);

// Before images are embedded with it in a run that was clustered. What a model was trained from,
// its stage checks. Throws Error(Fault::usage) where it is another one than the run's, without
// `force`.
void require_same_backbone(const Backbone& backbone, const RunDirectory& run,
                           const Environment& environment);

}  // namespace nolabel
