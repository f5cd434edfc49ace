#include "nolabel/pipeline/cluster_identities.h"

#include <algorithm>
#include <set>

#include "nolabel/pipeline/earlier_clusters.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/ended_clusters.h"
#include "nolabel/pipeline/found_clusters.h"

namespace nolabel {
namespace {

// New identities, which have ids from `next_id` on, give way to those of clusters that are back.
std::vector<ClusterIdentity> with_returned(std::vector<ClusterIdentity> identities,
                                           const EndedClusters& ended,
                                           const std::vector<ClusterIdentity>& was,
                                           const std::vector<int64_t>& columns,
                                           const std::vector<ContentId>& contents, int next_id) {
  std::vector<bool> is_new;
  for (const ClusterIdentity& identity : identities) is_new.push_back(identity.id >= next_id);
  std::set<int> taken;
  for (const ClusterIdentity& identity : was) taken.insert(identity.id);
  const std::vector<int> returned = returned_ids(ended, is_new, columns, contents, taken);
  for (size_t k = 0; k < identities.size(); ++k) {
    if (!is_new[k]) continue;
    identities[k] = found_cluster(returned[k] >= 0 ? returned[k] : next_id++);
  }
  return identities;
}

}  // namespace

std::vector<int64_t> settle_identities(RunDirectory& run, const Subject& subject,
                                       const Clustering& chosen,
                                       const std::vector<int64_t>& earlier, bool again,
                                       const Environment& environment) {
  RunState& state = run.state();
  const bool known = state.clusters > 0;
  const std::vector<ClusterIdentity> was =
      known ? found_identities(state) : std::vector<ClusterIdentity>();
  const int next_id =
      known ? next_cluster_id(state, read_edit_log(run.path())) : state.next_cluster_id;
  const std::vector<int64_t> columns = assigned_clusters(chosen.probabilities);
  std::vector<ClusterIdentity> identities = continued_identities(
      was, earlier, columns, static_cast<int>(chosen.probabilities.columns), next_id);
  if (known) {
    const EndedClusters ended = read_ended_clusters(run.path());
    identities = with_returned(std::move(identities), ended, was, columns,
                               contents_of_train(subject), next_id);
    if (const auto found = read_found_clusters(run.path())) {
      write_ended_clusters(run.path(), ended_after(ended, *found, identities));
    }
  }
  state.identities = identities;
  state.next_cluster_id = std::max(next_id, next_free_id(identities));
  state.found.reset();
  if (!known || earlier.empty()) return {};
  const std::string text = continuation_text(was, identities, next_id);
  if (again || text != continuation_text(was, was, next_id)) environment.observer.note(text);
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
  FoundView view(run, subject, environment);
  const bool in_force = bring_into_force(run, subject, *edited, view, environment);
  run.save();
  return in_force;
}

}  // namespace nolabel
