#include "nolabel/pipeline/found_view.h"

#include "nolabel/base/error.h"
#include "nolabel/pipeline/run_clusterings.h"

namespace nolabel {

ClusterStage found_stage(const RunState& state) {
  NOLABEL_ASSERT(state.found || state.final_stage);
  return state.found ? state.found->stage : *state.final_stage;
}

bool FoundView::is_of_subject() const {
  return has_features_of(subject_, run_, stage_name(found_stage(run_.state())));
}

const Subject& FoundView::subject() {
  if (is_of_subject()) return subject_;
  if (!seen_) {
    const std::string stage = stage_name(found_stage(run_.state()));
    seen_ = seen_through(subject_,
                         load_backbone(run_.model(stage).string(), subject_.backbone.image_size),
                         environment_);
  }
  return *seen_;
}

}  // namespace nolabel
