#include "nolabel/pipeline/edited_stage.h"

#include <ATen/ATen.h>

#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/pipeline/found_clusters.h"
#include "nolabel/pipeline/head_model.h"
#include "nolabel/pipeline/run_clusterings.h"
#include "nolabel/record/unsaved_work.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr int edited_version = 1;  // of how the head is fitted
// Enough for the head to agree with the given clusters in nearly all images; it is not refined,
// because the person has the last word.
constexpr int fitting_steps = 1500;

nlohmann::json edit_inputs(const fs::path& run) {
  return {{"found", file_hash(run / "found.csv")}, {"edits", file_hash(edit_log_file(run))}};
}

// Of what was found, and of the edits; any text where one of the two is missing.
std::string hash_of_edits(const fs::path& run) {
  if (!fs::exists(run / "found.csv") || !fs::exists(edit_log_file(run))) return "missing";
  return sha256(edit_inputs(run).dump());
}

// The rows of subject.train that the head learns from, and the column of each.
struct Lesson {
  std::vector<int64_t> rows, columns;
};

Lesson lesson_of(const Subject& subject, const EditedClusters& edited) {
  Lesson lesson;
  const std::vector<int64_t> given_of_train = subject.given_of_train();
  for (int64_t row = 0; row < std::ssize(given_of_train); ++row) {
    const int64_t image = given_of_train[row];
    if (edited.junk[image]) continue;
    lesson.rows.push_back(row);
    lesson.columns.push_back(
        static_cast<int64_t>(index_of(edited.identities, edited.cluster_of[image]).value()));
  }
  return lesson;
}

}  // namespace

bool is_editable(const Subject& subject, const EditedClusters& edited) {
  return edited.identities.size() >= 2 &&
         lesson_of(subject, edited).rows.size() >= edited.identities.size();
}

void require_editable(const Subject& subject, const EditedClusters& edited) {
  if (edited.identities.size() < 2) {
    fail_usage("at least 2 clusters must be left after the edits. {} is left.",
               edited.identities.size());
  }
  const size_t images = lesson_of(subject, edited).rows.size();
  if (images < edited.identities.size()) {
    fail_usage(
        "at least as many different images must be left after the edits as there are clusters. {} "
        "are left for {}.",
        images, edited.identities.size());
  }
}

void make_edited_stage(RunDirectory& run, const Subject& subject, const EditedClusters& edited,
                       FoundView& view, const Environment& environment) {
  const ClusterStage found = found_stage(run.state());
  require_editable(subject, edited);
  const auto clusters = static_cast<int>(edited.identities.size());
  const std::string name = stage_name(ClusterStage::edited);
  const fs::path file = run.model(name);
  nlohmann::json inputs = edit_inputs(run.path());
  if (view.is_of_subject()) {
    inputs["backbone"] = subject.backbone_hash;
  } else {
    inputs["model"] = file_hash(run.model(stage_name(found)));
  }
  const Provenance provenance{
      .stage = name,
      .settings = {{"num_classes", clusters}, {"num_heads", 1}, {"version", edited_version}},
      .data = subject.data_fingerprint,
      .inputs = inputs,
      .seed = environment.seed};
  RunState& state = run.state();
  state.found = RunState::Found{.stage = found, .identities = found_identities(state)};
  state.identities = edited.identities;
  state.final_stage = ClusterStage::edited;
  if (is_current(file, provenance)) return;
  const auto start = std::chrono::steady_clock::now();
  const Subject& seen = view.subject();
  const Lesson lesson = lesson_of(seen, edited);
  std::vector<LinearHead> fitted;
  run_unsaved("learning the edited clusters", Ended::kept, environment.observer,
              [&](const Observer& observer) {
                const at::Tensor features =
                    seen.train.features.index_select(0, at::tensor(lesson.rows, at::kLong));
                const Matrix<int64_t> unused(features.size(0), 1);  // of the refinement
                fitted.push_back(fit_information_head(features, unused, lesson.columns,
                                                      {.clusters = clusters,
                                                       .start_steps = fitting_steps,
                                                       .epochs = 0,
                                                       .seed = environment.seed},
                                                      observer));
              });
  write_head_model(run, name, seen, fitted, provenance, start, environment);
}

bool bring_into_force(RunDirectory& run, const Subject& subject, const EditedClusters& edited,
                      FoundView& view, const Environment& environment) {
  if (is_editable(subject, edited)) {
    make_edited_stage(run, subject, edited, view, environment);
    return true;
  }
  RunState& state = run.state();
  choose_found(state);
  state.found = RunState::Found{.stage = *state.final_stage,
                                .identities = state.identities,
                                .waiting = hash_of_edits(run.path())};
  environment.observer.warn(waiting_edits(run.path(), state));
  return false;
}

bool edits_wait(const RunState& state) {
  return state.found && !state.found->waiting.empty();
}

std::string waiting_edits(const fs::path& run, const RunState& state) {
  if (!edits_wait(state)) return "";
  return format(
      "the edits leave too few clusters or images of {0}, so nolabel shows what it found. `nolabel "
      "undo {0}` takes the last edits back",
      run.string());
}

void note_waiting_edits(const fs::path& run, const RunState& state, const Observer& observer) {
  const std::string text = waiting_edits(run, state);
  if (!text.empty()) observer.note(text);
}

void choose_found(RunState& state) {
  if (!state.found) return;
  state.final_stage = state.found->stage;
  state.identities = state.found->identities;
  state.found.reset();
}

void drop_edited_stage(RunDirectory& run) {
  if (!run.state().found) return;
  choose_found(run.state());
  fs::remove_all(run.stage(stage_name(ClusterStage::edited)));
}

bool is_of_present_edits(const fs::path& run) {
  const fs::path file = run / stage_name(ClusterStage::edited) / "model.pth.tar";
  const nlohmann::json made_from = sidecar_provenance(file);
  if (!made_from.is_object() || !fs::exists(edit_log_file(run)) || !fs::exists(run / "found.csv")) {
    return false;
  }
  const nlohmann::json inputs = made_from.value("inputs", nlohmann::json::object());
  const nlohmann::json present = edit_inputs(run);
  return inputs.value("found", "") == present["found"] &&
         inputs.value("edits", "") == present["edits"];
}

bool follows_edits(const fs::path& run, const RunState& state) {
  if (!state.found) return true;
  if (edits_wait(state)) {
    return state.found->waiting == hash_of_edits(run);
  }
  return state.final_stage == ClusterStage::edited && is_of_present_edits(run);
}

}  // namespace nolabel
