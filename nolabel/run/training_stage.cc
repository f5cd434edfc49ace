#include "nolabel/run/training_stage.h"

#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/model/model_weights.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

void remove_outputs(const fs::path& directory) {
  for (const char* name : {"checkpoint.pth.tar", "checkpoint.pth.tar.json", "model.pth.tar",
                           "model.pth.tar.json", "metrics.jsonl"}) {
    std::error_code error;
    fs::remove(directory / name, error);
    if (error) fail_system("cannot remove {}: {}", (directory / name).string(), error.message());
  }
}

// The published program's checkpoint stops before the last epoch: it is to be continued. (A model
// can be there already: SCAN keeps the best so far.)
bool begun_elsewhere(const fs::path& checkpoint, const Provenance& provenance) {
  if (!fs::exists(checkpoint)) return false;
  const std::optional<int64_t> epoch = read_model_weights(checkpoint).epoch;
  return epoch && *epoch < provenance.settings.value("epochs", int64_t{0});
}

// model.pth.tar can exist while training still goes on (SCAN keeps the best so far), so a stage is
// finished only when the model has its sidecar, or when nothing here is ours.
ArtifactState finished_state(const fs::path& directory, const Provenance& provenance,
                             const Environment& environment) {
  const fs::path model = directory / "model.pth.tar";
  const bool ours = fs::exists(directory / "checkpoint.pth.tar.json");
  const bool finished = fs::exists(fs::path(model) += ".json");
  if (ours && !finished) return ArtifactState::missing;
  if (!finished && begun_elsewhere(directory / "checkpoint.pth.tar", provenance)) {
    return ArtifactState::missing;
  }
  return artifact_state(model, provenance, environment);
}

}  // namespace

bool run_training_stage(const RunDirectory& run, const std::string& stage,
                        const Provenance& provenance, const Environment& environment,
                        const std::function<void(const fs::path&)>& work) {
  const fs::path directory = run.stage(stage);
  if (finished_state(directory, provenance, environment) != ArtifactState::missing) {
    environment.observer.note(format("{}: finished before, kept", provenance.stage));
    return false;
  }
  make_directory(directory);
  const fs::path checkpoint = directory / "checkpoint.pth.tar";
  const fs::path begun = fs::path(checkpoint) += ".json";
  if (environment.force) {
    remove_outputs(directory);
  } else if (fs::exists(begun) && fs::exists(checkpoint)) {
    artifact_state(checkpoint, provenance, environment);  // throws when begun differently
  }
  const auto start = std::chrono::steady_clock::now();
  write_sidecar(checkpoint, provenance, environment, 0);
  work(directory);
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  write_sidecar(directory / "model.pth.tar", provenance, environment, seconds.count());
  return true;
}

}  // namespace nolabel
