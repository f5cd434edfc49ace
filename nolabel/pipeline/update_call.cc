#include "nolabel/pipeline/update_call.h"

#include <algorithm>
#include <chrono>
#include <set>
#include <span>

#include "nolabel/base/csv.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/listing.h"
#include "nolabel/pipeline/averaged_features.h"
#include "nolabel/pipeline/cluster_result.h"
#include "nolabel/pipeline/cluster_run.h"
#include "nolabel/pipeline/cluster_warnings.h"
#include "nolabel/pipeline/edited_stage.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/pipeline/group_stages.h"
#include "nolabel/pipeline/other_count.h"
#include "nolabel/pipeline/scan_stage.h"
#include "nolabel/pipeline/trained_model.h"
#include "nolabel/pipeline/update_checks.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

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
    for (const auto& image : subject.images->list.images) outcome_.names.push_back(image.name);
    require_known_images();
    note_changes(subject.images->list);
    check_clusters(run_.state().clusters, subject.train.features.size(0));
    write_image_list(run_.images_before(), absolute_places(before_));
    if (request_.retrain) {
      retrain(subject);
    } else {
      assign_clusters(subject);
    }
    write_changes(subject);
    fs::remove(run_.images_before());
    outcome_.clusters.seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    return std::move(outcome_);
  }

 private:
  // Before anything changes the run's state.
  void remember_before() {
    const RunState& state = run_.state();
    if (auto unfinished = read_image_list(run_.images_before())) {
      before_.list = std::move(*unfinished);
    } else if (auto list = run_.images()) {
      before_ = {std::move(*list), state.root.value_or(fs::path())};
      root_is_known_ = state.root.has_value();
    }
    const std::optional<FoundClusters> found = read_found_clusters(run_.path());
    if (!found) return;
    const bool are_in_force = state.found && state.found->waiting.empty();
    const std::optional<EditedClusters> edited =
        are_in_force ? edited_clusters(run_.path(), state) : std::nullopt;
    const std::vector<int>& clusters = edited ? edited->cluster_of : found->cluster_of;
    for (size_t i = 0; i < found->contents.size(); ++i) {
      cluster_before_[found->contents[i]] = clusters[i];
    }
  }

  // A folder that has lost all of its images is more often a disk that is not there.
  void require_images_in_sources(const std::vector<fs::path>& sources) {
    LoadOptions options;
    options.labels = LabelSource::none;
    options.coarse = run_.state().images.coarse;
    options.subset = run_.state().images.subset;
    const Listing listing = list_images(sources, options, environment_.observer.silent());
    // A run of an older version does not say where its names are seen from.
    if (!root_is_known_) before_.root = listing.root;
    PlacedImages now{.list = {}, .root = listing.root};
    for (const ListedImage& image : listing.images) now.list.images.push_back({image.name, {}});
    for (const fs::path& source : run_.state().data) {
      if (request_.replace || !any_lies_in(before_, source) || any_lies_in(now, source)) continue;
      fail_usage(
          "{} holds no image any more, and its images belong to {}. Connect its disk; or if they "
          "are elsewhere now or to be forgotten, name the folders of the run with --replace.",
          source.string(), request_.run);
    }
  }

  Subject load() {
    RunRequest& run = request_.run_settings;
    const std::vector<fs::path> sources = settled_sources(request_, run_.state());
    require_images_in_sources(sources);
    for (const fs::path& source : sources) run.data.push_back(source.string());
    environment_.force = true;  // what was made of the earlier images is made anew
    environment_.updating = true;
    return load_subject(tables_, run, {}, {}, BackboneOfScan::never, run_, environment_);
  }

  void require_known_images() const {
    const auto images = std::ssize(outcome_.changes.changes);
    if (!request_.replace || before_.list.images.empty()) return;
    for (int64_t i = 0; i < images; ++i) {
      if (outcome_.changes.is_known(i)) return;
    }
    fail_usage(
        "--replace must name the folders that hold the images of {0} now. None of the {1} images "
        "there belongs to {0}; `nolabel cluster DATA --out {0} --force` begins again.",
        request_.run, images);
  }

  void note_changes(const ImageList& images) const {
    const CollectionChanges& changes = outcome_.changes;
    environment_.observer.note(
        format("{} images are new, {} are changed, {} have moved, {} are gone",
               changes.count(ImageChange::fresh), changes.count(ImageChange::changed),
               changes.count(ImageChange::moved), changes.gone.size()));
    const size_t held_out = images.held_out;
    if (held_out == 0) return;
    const auto fresh =
        std::ranges::count(std::span(changes.changes).last(held_out), ImageChange::fresh);
    environment_.observer.note(
        format("{} of the new images are held out; every other image stays on its side of the "
               "split",
               fresh));
  }

  MineSettings search() const { return search_of_table(sidecar_settings(run_.train_neighbors())); }

  Effort effort() const { return effort_named(run_.state().effort).value_or(Effort::quick); }

  void retrain(const Subject& subject) {
    const RunState& state = run_.state();
    ClusterRequest request;
    request.run.out = request_.run;
    request.run.compute = request_.run_settings.compute;
    request.clusters = state.clusters;
    request.again = true;
    request.other_images = true;
    request.search = search();
    request.effort = effort();
    request.method = method_named(state.method).value_or(Method::automatic);
    outcome_.clusters = run_clustering_of(subject, tables_, request, open_);
    compare(subject, outcome_.clusters.assignments, outcome_.clusters.statuses);
  }

  // The models stay as they are.
  void assign_clusters(Subject& subject) {
    RunState& state = run_.state();
    ClusterSettings settings =
        effort_settings(effort(), subject.train.features.size(0), state.clusters,
                        subject.backbone.image_size, subject.backbone.normalize, search());
    const std::optional<int> views = views_of_metric(run_, subject);
    if (views) {
      settings.averaged_views = *views;
      average_features(subject, settings, environment_);
    }
    mine_for_clusters(run_, subject, settings.mine, environment_);
    if (views) keep_metric_neighbors(run_, subject, settings.mine, environment_);
    // Until the edits are brought into force again. On the disk the run stays as it was: an update
    // that is interrupted leaves one that says what to do.
    choose_found(state);
    const bool learnt = is_of_data(run_.model(chosen_stage(run_)), subject.data_fingerprint);
    state.assigned_data = learnt ? "" : subject.data_fingerprint;
    ClusteredRun clustered = clustered_run(run_, subject, environment_, EditsFollow::later);
    state.warnings =
        cluster_warnings(clustered.train.figures.front().statistics, state.backbone.warning);
    add_warning(renew_cluster_range(run_, environment_));
    SettledClusters settled = settle_clusters(run_, subject, std::move(clustered), environment_);
    const AssignedImages& given = settled.assigned.given;
    compare(subject, assign(given.probabilities), given.statuses);
    // Without new images, the clusters still do not fit those that an earlier update found.
    if (learnt || outcome_.drift.images > 0) {
      state.drift_warning = drift_warning(outcome_.drift, advice_of(state, request_.run));
    }
    add_warning(state.drift_warning);
    for (const std::string& warning : state.warnings) environment_.observer.warn(warning);
    run_.save();
    outcome_.clusters = write_settled(run_, subject, std::move(settled), environment_);
  }

  void add_warning(const std::string& warning) {
    if (!warning.empty()) run_.state().warnings.push_back(warning);
  }

  // assignments, statuses [given]
  void compare(const Subject& subject, const std::vector<Assignment>& assignments,
               const std::vector<ImageStatus>& statuses) {
    for (const Assignment& image : assignments) {
      cluster_of_.push_back(run_.state().identities.at(image.cluster).id);
    }
    statuses_ = statuses;
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
      const bool is_copy = !is_known && known_groups.contains(group(i));
      if (is_copy) ++outcome_.duplicates_of_known;
      if (i >= given) continue;
      if (!is_known) ++outcome_.new_by_cluster[cluster_of_[i]];
      const auto before = cluster_before_.find(contents[i]);
      if (is_known && before != cluster_before_.end() && before->second != cluster_of_[i]) {
        ++outcome_.reassigned;
      }
      if (is_copy || statuses_[i] == ImageStatus::duplicate) continue;
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
      for (const int64_t i : images) result.push_back(statuses_[i]);
      return result;
    };
    outcome_.drift =
        drift_of(rows(known), statuses(known), rows(fresh), statuses(fresh), environment_);
    for (size_t k = 0; k < outcome_.drift.distances.size(); ++k) {
      distance_[fresh[k]] = outcome_.drift.distances[k];
    }
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
                       changes.was[i], trains ? std::to_string(cluster_of_[i]) : "",
                       trains ? status_name(statuses_[i]) : "",
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
  bool root_is_known_ = true;
  std::map<ContentId, int> cluster_before_;  // ids, with a person's edits
  std::vector<int> cluster_of_;              // [given] ids, now
  std::vector<ImageStatus> statuses_;        // [given] now
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
  declare_consent(tables.options, request.run_settings.compute);
  declare_run_settings(tables, request.run_settings);
}

UpdateOutcome update(SettingTables& tables, UpdateRequest& request, const Observer& observer) {
  request.run_settings.out = request.run;
  OpenRun open(tables, request.run_settings, Opening::existing, observer);
  require_updatable(tables, open.run, request);
  return Update(tables, request, open).go();
}

}  // namespace nolabel
