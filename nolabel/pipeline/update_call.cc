#include "nolabel/pipeline/update_call.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/pipeline/averaged_features.h"
#include "nolabel/pipeline/cluster_result.h"
#include "nolabel/pipeline/cluster_run.h"
#include "nolabel/pipeline/cluster_warnings.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> absolute_paths(const std::vector<std::string>& paths) {
  std::vector<fs::path> absolute;
  for (const std::string& path : paths) absolute.push_back(fs::absolute(path).lexically_normal());
  return absolute;
}

void require_updatable(const RunDirectory& run, const UpdateRequest& request) {
  const RunState& state = run.state();
  if (!state.features.empty()) {
    fail_usage(
        "{} was made of features, not of images. `nolabel predict {} --features F.npy` "
        "assigns further rows.",
        request.run, request.run);
  }
  if (state.clusters == 0 || state.data.empty()) {
    fail_usage(
        "{} must be a run of `nolabel cluster`. `nolabel predict {} IMAGES` assigns images "
        "with the model of any run.",
        request.run, request.run);
  }
  if (state.images.hold_out > 0) {
    fail_usage(
        "{0} holds out a share of its images, and with new images this would be another share. "
        "`nolabel predict {0} IMAGES` assigns new images; `nolabel cluster DATA --out {0} --force` "
        "begins again.",
        request.run);
  }
  if (!state.final_stage && !request.retrain) {
    fail_usage(
        "{0} has no chosen model, because a command was stopped. Run `nolabel update {0} "
        "--retrain` "
        "to find its clusters.",
        request.run);
  }
}

// What the run is about from now on.
std::vector<fs::path> settled_sources(const UpdateRequest& request, const RunState& state) {
  const std::vector<fs::path> given = absolute_paths(request.folders);
  if (request.replace && given.empty()) {
    fail_usage("--replace needs the folders that hold the images now. None is given.");
  }
  const std::vector<fs::path> sources =
      request.replace ? joined_sources({}, given) : joined_sources(state.data, given);
  for (const fs::path& source : state.data) {
    if (request.replace || fs::exists(source)) continue;
    fail_usage(
        "{} is gone, and its images belong to {}. Connect its disk; or if the images are elsewhere "
        "now, name their folders with --replace.",
        source.string(), request.run);
  }
  return sources;
}

class Update {
 public:
  Update(SettingTables& tables, UpdateRequest& request, OpenRun& open)
      : tables_(tables),
        request_(request),
        run_(open.run),
        open_(open),
        environment_(open.environment) {}

  UpdateOutcome go() {
    const auto start = std::chrono::steady_clock::now();
    remember_before();
    Subject subject = load();
    outcome_.changes = collection_changes(before_, {subject.images->list, subject.folder});
    note_changes();
    if (request_.retrain) {
      retrain(subject);
    } else {
      assign_clusters(subject);
    }
    compare(subject);
    write_changes(subject);
    outcome_.clusters.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(outcome_);
  }

 private:
  // Before anything changes the run's state.
  void remember_before() {
    if (auto list = read_image_list(run_.path() / "images.csv")) before_.list = std::move(*list);
    before_.root = common_root(run_.state().data);
    if (const auto edited = edited_clusters(run_.path(), run_.state())) {
      const auto found = read_found_clusters(run_.path());
      for (size_t i = 0; found && i < found->contents.size(); ++i) {
        cluster_before_[found->contents[i]] = edited->cluster_of[i];
      }
    } else if (const auto found = read_found_clusters(run_.path())) {
      for (size_t i = 0; i < found->contents.size(); ++i) {
        cluster_before_[found->contents[i]] = found->cluster_of[i];
      }
    }
  }

  Subject load() {
    RunRequest& run = request_.run_settings;
    for (const fs::path& source : settled_sources(request_, run_.state())) {
      run.data.push_back(source.string());
    }
    check_sources({run.data.begin(), run.data.end()});
    environment_.force = true;  // what was made of the earlier images is made anew
    return load_subject(tables_, run, {}, {}, BackboneOfScan::never, run_, environment_);
  }

  void note_changes() const {
    const CollectionChanges& changes = outcome_.changes;
    environment_.observer.note(
        format("{} images are new, {} are changed, {} have moved, {} are gone",
               changes.count(ImageChange::fresh), changes.count(ImageChange::changed),
               changes.count(ImageChange::moved), changes.gone.size()));
  }

  MineSettings search() const { return search_of_table(sidecar_settings(run_.train_neighbors())); }

  Effort effort() const { return effort_named(run_.state().effort).value_or(Effort::quick); }

  void retrain(const Subject& subject) {
    const RunState& state = run_.state();
    if (effort() == Effort::full) {
      fail_usage(
          "{0} has a backbone that was trained together with its clusters, and training takes "
          "long. "
          "Run `nolabel cluster DATA --out {0} --force` for it, or `nolabel update {0}` without "
          "--retrain.",
          request_.run);
    }
    ClusterRequest request;
    request.run.out = request_.run;
    request.run.compute = request_.run_settings.compute;
    request.clusters = state.clusters;
    request.again = true;
    request.search = search();
    request.effort = effort();
    request.method = method_named(state.method).value_or(Method::automatic);
    outcome_.clusters = run_clustering_of(subject, tables_, request, open_);
  }

  // The models stay as they are.
  void assign_clusters(Subject& subject) {
    RunState& state = run_.state();
    const int64_t images = subject.train.features.size(0);
    ClusterSettings settings =
        effort_settings(effort(), images, state.clusters, subject.backbone.image_size,
                        subject.backbone.normalize, search());
    const std::optional<int> views = views_of_metric(run_, subject);
    if (views) {
      settings.averaged_views = *views;
      average_features(subject, settings, environment_);
    }
    mine_for_clusters(run_, subject, settings.mine, environment_);
    if (views) keep_metric_neighbors(run_, subject, settings.mine, environment_);
    drop_edited_stage(run_);  // it follows what is found in the new images, too
    state.assigned_data = subject.data_fingerprint;
    ClusteredRun clustered = clustered_run(run_, subject, environment_, EditsFollow::later);
    state.warnings = cluster_warnings(clustered.train.figures.front().statistics, "");
    run_.save();
    outcome_.clusters = write_clusters(run_, subject, std::move(clustered), environment_);
  }

  // The id of the cluster of training image i.
  int cluster_of(int64_t i) const {
    const ClusterOutcome& clusters = outcome_.clusters;
    return clusters.identities.at(clusters.assignments[i].cluster).id;
  }

  void compare(const Subject& subject) {
    const auto given = std::ssize(subject.given.names);
    const std::vector<ContentId> contents = contents_of_given(subject);
    std::set<int64_t> known_groups;
    const std::vector<int64_t>& representative = subject.screening.representative;
    const auto group = [&](int64_t i) { return representative.empty() ? i : representative[i]; };
    const auto images = std::ssize(outcome_.changes.changes);
    for (int64_t i = 0; i < images; ++i) {
      if (outcome_.changes.is_known(i)) known_groups.insert(group(i));
    }
    std::vector<int64_t> known, fresh;
    for (int64_t i = 0; i < images; ++i) {
      const bool is_known = outcome_.changes.is_known(i);
      if (!is_known && known_groups.contains(group(i))) ++outcome_.duplicates_of_known;
      if (i >= given) continue;
      if (!is_known) ++outcome_.new_by_cluster[cluster_of(i)];
      const auto before = cluster_before_.find(contents[i]);
      if (is_known && before != cluster_before_.end() && before->second != cluster_of(i)) {
        ++outcome_.reassigned;
      }
      const bool is_copy = !is_known && known_groups.contains(group(i));
      if (is_copy || outcome_.clusters.statuses[i] == ImageStatus::duplicate) continue;
      (is_known ? known : fresh).push_back(i);
    }
    judge(subject, known, fresh);
  }

  void judge(const Subject& subject, const std::vector<int64_t>& known,
             const std::vector<int64_t>& fresh) {
    const auto rows = [&](const std::vector<int64_t>& images) {
      return subject.given.features.index_select(0, at::tensor(images, at::kLong));
    };
    const auto statuses = [&](const std::vector<int64_t>& images) {
      std::vector<ImageStatus> result;
      for (const int64_t i : images) result.push_back(outcome_.clusters.statuses[i]);
      return result;
    };
    outcome_.drift =
        drift_of(rows(known), statuses(known), rows(fresh), statuses(fresh), environment_);
    for (size_t k = 0; k < outcome_.drift.distances.size(); ++k) {
      distance_[fresh[k]] = outcome_.drift.distances[k];
    }
    if (request_.retrain) return;
    const std::string warning = drift_warning(outcome_.drift, request_.run);
    if (!warning.empty()) environment_.observer.warn(warning);
  }

  void write_changes(const Subject& subject) {
    const auto given = std::ssize(subject.given.names);
    std::string text = csv_row({"path", "change", "was", "cluster", "status", "distance"});
    const CollectionChanges& changes = outcome_.changes;
    for (int64_t i = 0; i < std::ssize(changes.changes); ++i) {
      if (changes.changes[i] == ImageChange::none) continue;
      const bool trains = i < given;
      const auto distance = distance_.find(i);
      text += csv_row({subject.images->list.images[i].name, change_name(changes.changes[i]),
                       changes.was[i], trains ? std::to_string(cluster_of(i)) : "",
                       trains ? status_name(outcome_.clusters.statuses[i]) : "",
                       distance == distance_.end() ? "" : format("{:.4f}", distance->second)});
    }
    for (const std::string& name : changes.gone) text += csv_row({name, "gone", "", "", "", ""});
    outcome_.changes_file = run_.path() / "changes.csv";
    write_file(outcome_.changes_file, text);
  }

  SettingTables& tables_;
  UpdateRequest& request_;
  RunDirectory& run_;
  OpenRun& open_;
  Environment& environment_;
  PlacedImages before_;
  std::map<ContentId, int> cluster_before_;  // ids, with a person's edits
  std::map<int64_t, float> distance_;        // of new training images to the nearest known one
  UpdateOutcome outcome_;
};

}  // namespace

void declare(SettingTables& tables, UpdateRequest& request) {
  tables.options.add(
      "replace", &request.replace,
      "the images are now in FOLDER and nowhere else; without it, FOLDER is added to "
      "the folders of the run");
  tables.options.add("retrain", &request.retrain,
                     "find the clusters anew from all images, as many as before; those that go on "
                     "keep their numbers and names");
  declare_run_settings(tables, request.run_settings);
}

UpdateOutcome update(SettingTables& tables, UpdateRequest& request, const Observer& observer) {
  request.run_settings.out = request.run;
  OpenRun open(tables, request.run_settings, Opening::existing, observer);
  require_updatable(open.run, request);
  return Update(tables, request, open).go();
}

}  // namespace nolabel
