#include "nolabel/pipeline/update_checks.h"

#include "nolabel/base/error.h"
#include "nolabel/pipeline/effort.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> absolute_paths(const std::vector<std::string>& paths) {
  std::vector<fs::path> absolute;
  for (const std::string& path : paths) absolute.push_back(fs::absolute(path).lexically_normal());
  return absolute;
}

bool is_full(const RunState& state) {
  return state.effort == effort_name(Effort::full);
}

// Which images are held out stays as it is.
void require_same_split(const SettingTables& tables, const RunDirectory& run,
                        const UpdateRequest& request) {
  const DataSettings &was = run.state().images, &is = request.run_settings.images;
  const auto differs = [&tables](const char* name, auto before, auto now) {
    return tables.settings.is_set(name) && before != now;
  };
  if (differs("hold_out", was.hold_out, is.hold_out) ||
      differs("split_seed", was.split_seed, is.split_seed)) {
    fail_usage(
        "an update keeps the images that the run holds out (--hold-out {}). Leave --hold-out and "
        "--split-seed out; `nolabel cluster DATA --out {} --hold-out {} --force` begins again.",
        was.hold_out, request.run, is.hold_out);
  }
  if (was.hold_out == 0 || has_split(run.state().data)) return;
  const std::optional<ImageList> list = run.images();
  if (list && list->held_out > 0) return;
  fail_usage(
      "{0} does not tell which images it holds out, because an older nolabel made it. `nolabel "
      "cluster --out {0}` notes them as long as its images are unchanged; `nolabel predict {0} "
      "IMAGES` assigns new ones.",
      request.run);
}

}  // namespace

std::string advice_of(const RunState& state, const std::string& run) {
  if (is_full(state)) {
    return format(
        "`nolabel cluster DATA --out {} --force` trains the backbone and its clusters "
        "again",
        run);
  }
  return format(
      "`nolabel update {0} --retrain` finds the clusters from all images, and `nolabel "
      "cluster {0} --clusters K` finds another number of them",
      run);
}

void require_updatable(const SettingTables& tables, const RunDirectory& run,
                       const UpdateRequest& request) {
  const RunState& state = run.state();
  if (!state.features.empty()) {
    fail_usage(
        "{0} was made of features, not of images. `nolabel predict {0} --features F.npy` assigns "
        "further rows.",
        request.run);
  }
  if (state.clusters == 0 || state.data.empty()) {
    fail_usage(
        "{0} must be a run of `nolabel cluster`. `nolabel predict {0} IMAGES` assigns images with "
        "the model of any run.",
        request.run);
  }
  require_same_split(tables, run, request);
  if (request.retrain && is_full(state)) {
    fail_usage(
        "the backbone of {0} was trained together with its clusters, and training takes "
        "long. Leave --retrain out, or begin again with `nolabel cluster DATA --out {0} --force`.",
        request.run);
  }
  if (!state.final_stage && !request.retrain) {
    fail_usage("{} has no chosen model, because a command was stopped. {}.", request.run,
               advice_of(state, request.run));
  }
}

std::vector<fs::path> settled_sources(const UpdateRequest& request, const RunState& state) {
  const std::vector<fs::path> given = absolute_paths(request.folders);
  if (request.replace && given.empty()) {
    fail_usage("--replace needs the folders that hold the images now. None is given.");
  }
  const auto holds_all = [](const fs::path& source) { return !has_split({source}); };
  const std::vector<fs::path> sources =
      joined_sources(request.replace ? std::vector<fs::path>() : state.data, given, holds_all);
  for (const fs::path& source : state.data) {
    if (request.replace || fs::exists(source)) continue;
    fail_usage(
        "{} is gone, and its images belong to {}. Connect its disk; or if the images are elsewhere "
        "now, name their folders with --replace.",
        source.string(), request.run);
  }
  check_sources(sources);
  if (!request.replace && has_split(sources) != has_split(state.data)) {
    fail_usage(
        "{} has train and test images, and a folder without them would make test images train. Put "
        "the new images into the folders of the run.",
        request.run);
  }
  return sources;
}

}  // namespace nolabel
