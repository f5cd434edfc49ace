#include "nolabel/run/training_stage.h"

#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/model/model_weights.h"
#include "nolabel/run/what_changed.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

void remove_file(const fs::path& file) {
  std::error_code error;
  fs::remove(file, error);
  if (error) fail_system("cannot remove {}: {}", file.string(), error.message());
}

int64_t epochs_of(const nlohmann::json& settings) {
  return settings.is_object() ? settings.value("epochs", int64_t{0}) : 0;
}

// Looks at one stage's directory and prepares it for what is wanted.
class StageDirectory {
 public:
  StageDirectory(fs::path directory, const Provenance& wanted, const Environment& environment)
      : directory_(std::move(directory)), wanted_(wanted), environment_(environment) {}

  fs::path model() const { return directory_ / "model.pth.tar"; }
  fs::path checkpoint() const { return directory_ / "checkpoint.pth.tar"; }

  // model.pth.tar can exist while training still goes on (SCAN keeps the best so far), so a stage
  // is finished only when the model has its sidecar, or when nothing here is ours.
  bool finished() const {
    const bool ours = fs::exists(sidecar_of(checkpoint()));
    const bool finished = fs::exists(sidecar_of(model()));
    if (ours && !finished) return false;
    if (!finished && begun_elsewhere()) return false;
    if (!environment_.force && fs::exists(model()) && differs_in_epochs(model())) {
      const int64_t trained = epochs_of(sidecar_settings(model()));
      if (epochs_of(wanted_.settings) < trained) fail_fewer_epochs(trained);
      return false;
    }
    return artifact_state(model(), wanted_, environment_) != ArtifactState::missing;
  }

  // Before the training begins or goes on.
  void prepare() {
    make_directory(directory_);
    if (environment_.force) {
      for (const fs::path& file : {checkpoint(), model()}) {
        remove_file(file);
        remove_file(sidecar_of(file));
      }
      remove_file(directory_ / "metrics.jsonl");
    } else if (fs::exists(sidecar_of(checkpoint())) && fs::exists(checkpoint())) {
      go_on();
    } else if (fs::exists(sidecar_of(model())) && !fs::exists(checkpoint())) {
      fail_usage(
          "training more epochs requires the checkpoint {}. This file does not exist. Use --force "
          "to train from the beginning, or use another --out.",
          checkpoint().string());
    }
    write_sidecar(checkpoint(), wanted_, environment_, 0, continued());
    // From here on the model is that of a training which goes on.
    remove_file(sidecar_of(model()));
  }

  void finish(double seconds) const {
    write_sidecar(model(), wanted_, environment_, seconds, continued());
  }

 private:
  // The published program's checkpoint stops before the last epoch: it is to be continued. (A model
  // can be there already: SCAN keeps the best so far.)
  bool begun_elsewhere() const {
    if (!fs::exists(checkpoint())) return false;
    const std::optional<int64_t> epoch = read_model_weights(checkpoint()).epoch;
    return epoch && *epoch < epochs_of(wanted_.settings);
  }

  // The wanted training differs from that of `file` in its number of epochs alone.
  bool differs_in_epochs(const fs::path& file) const {
    const nlohmann::json was = sidecar_provenance(file);
    if (!was.is_object()) return false;
    return changed_keys(was, wanted_.json()) == std::vector<std::string>{"/settings/epochs"};
  }

  [[noreturn]] void fail_fewer_epochs(int64_t trained) const {
    fail_usage(
        "epochs must be at least {}, because so many have been trained in {}. Received {}. Use "
        "--force to train from the beginning, or another --out.",
        trained, directory_.string(), epochs_of(wanted_.settings));
  }

  // Accepts the checkpoint, which is ours, or throws.
  void go_on() {
    continued_from_ = continued_from(checkpoint());
    if (is_current(checkpoint(), wanted_)) return;
    if (!differs_in_epochs(checkpoint())) {
      fail_made_differently(checkpoint(), wanted_, environment_);
    }
    const int64_t trained = read_model_weights(checkpoint()).epoch.value_or(0);
    const int64_t were = epochs_of(sidecar_settings(checkpoint()));
    const int64_t are = epochs_of(wanted_.settings);
    if (are < trained) fail_fewer_epochs(trained);
    environment_.observer.note(format("{}: epochs was {}, is {}; training continues after epoch {}",
                                      wanted_.stage, were, are, trained));
    continued_from_.push_back(trained);
  }

  nlohmann::json continued() const {
    nlohmann::json how = nlohmann::json::object();
    if (!continued_from_.empty()) how["continued_from"] = continued_from_;
    return how;
  }

  const fs::path directory_;
  const Provenance& wanted_;
  const Environment& environment_;
  std::vector<int64_t> continued_from_;
};

}  // namespace

std::vector<int64_t> continued_from(const fs::path& model) {
  const nlohmann::json made_with = sidecar_made_with(model);
  std::vector<int64_t> epochs;
  if (!made_with.is_object() || !made_with.contains("continued_from")) return epochs;
  for (const nlohmann::json& epoch : made_with["continued_from"]) {
    if (epoch.is_number_integer()) epochs.push_back(epoch);
  }
  return epochs;
}

bool run_training_stage(const RunDirectory& run, const std::string& stage,
                        const Provenance& provenance, const Environment& environment,
                        const std::function<void(const fs::path&)>& work) {
  StageDirectory directory(run.stage(stage), provenance, environment);
  if (directory.finished()) {
    environment.observer.note(format(
        "{}: this stage was finished before, and nolabel keeps its result", provenance.stage));
    return false;
  }
  directory.prepare();
  const auto start = std::chrono::steady_clock::now();
  work(run.stage(stage));
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  directory.finish(seconds.count());
  return true;
}

}  // namespace nolabel
