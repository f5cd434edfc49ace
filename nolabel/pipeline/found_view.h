// The images of a run as the model sees them that nolabel found in it. A person's edits are learnt
// from these features, so that they hold for every model, also for one whose training changed the
// backbone.
#pragma once

#include <optional>

#include "nolabel/pipeline/subject.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

class FoundView {
 public:
  // What is given must outlive it.
  FoundView(const RunDirectory& run, const Subject& subject, const Environment& environment)
      : run_(run), subject_(subject), environment_(environment) {}

  // Whether the found model sees the images as the subject does.
  bool is_of_subject() const;
  // The subject, or else its images through the backbone of the found model: embedded at the first
  // call, or taken from the feature cache.
  const Subject& subject();

 private:
  const RunDirectory& run_;
  const Subject& subject_;
  const Environment& environment_;
  std::optional<Subject> seen_;
};

// The stage of the model that nolabel found: without edits, that of the chosen model.
ClusterStage found_stage(const RunState& state);

}  // namespace nolabel
