#include "nolabel/pipeline/cluster_identities.h"

#include "nolabel/pipeline/earlier_clusters.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/found_clusters.h"

namespace nolabel {

std::vector<int64_t> settle_identities(RunDirectory& run, const Clustering& chosen,
                                       const std::vector<int64_t>& earlier, bool again,
                                       const Environment& environment) {
  RunState& state = run.state();
  const bool known = state.clusters > 0;
  const std::vector<ClusterIdentity> was =
      known ? found_identities(state) : std::vector<ClusterIdentity>();
  const int next_id =
      known ? next_cluster_id(state, read_edit_log(run.path())) : state.next_cluster_id;
  const std::vector<ClusterIdentity> identities =
      continued_identities(was, earlier, assigned_clusters(chosen.probabilities),
                           static_cast<int>(chosen.probabilities.columns), next_id);
  state.identities = identities;
  state.next_cluster_id = std::max(next_id, next_free_id(identities));
  state.found.reset();
  if (!known || earlier.empty()) return {};
  const std::string text = continuation_text(was, identities);
  if (again || text != continuation_text(was, was)) environment.observer.note(text);
  if (!again) return {};
  std::vector<int64_t> continued;
  for (const ClusterIdentity& identity : identities) {
    continued.push_back(index_of(was, identity.id) ? identity.id : -1);
  }
  return continued;
}

void remember_found(const RunDirectory& run, const Subject& subject,
                    const Matrix<float>& of_given) {
  std::vector<int> cluster_of;
  for (const int64_t column : assigned_clusters(of_given)) {
    cluster_of.push_back(run.state().identities.at(column).id);
  }
  write_found_clusters(run.path(), found_clusters(subject, std::move(cluster_of)));
}

bool follow_edits(RunDirectory& run, const Subject& subject, const Environment& environment) {
  const std::optional<EditedClusters> edited = edited_clusters(run.path(), run.state());
  if (!edited) return false;
  for (const std::string& text : edited->skipped) environment.observer.warn(text);
  if (!is_editable(run, subject, *edited)) {
    environment.observer.warn(
        format("the edits leave too few clusters or images of {}, so nolabel shows what it found. "
               "`nolabel undo {}` takes the last edits back",
               run.path().string(), run.path().string()));
    return false;
  }
  make_edited_stage(run, subject, *edited, environment);
  run.save();
  return true;
}

}  // namespace nolabel
