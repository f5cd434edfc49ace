#include "nolabel/pipeline/pretext_import.h"

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/fetch/download.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

void write_pretext_model(const fs::path& file, const Backbone& backbone) {
  make_directory(file.parent_path());
  write_backbone_metadata(file, backbone);
  write_torch_file(file, to_value(backbone.state));
}

// He et al., "Improved Baselines with Momentum Contrastive Learning" (2020); of the checksum its
// authors give eight digits.
const Download moco_v2 = {.url =
                              "https://dl.fbaipublicfiles.com/moco/moco_checkpoints/moco_v2_800ep/"
                              "moco_v2_800ep_pretrain.pth.tar",
                          .md5 = "a04e12f8"};

}  // namespace

fs::path fetch_moco(const fs::path& directory, const Observer& observer) {
  const fs::path file = directory / "moco_v2_800ep_pretrain.pth.tar";
  if (fs::exists(file)) return file;
  make_directory(directory);
  download(moco_v2, file, {}, observer);
  return file;
}

void import_pretext(const RunDirectory& run, const Backbone& backbone,
                    const Environment& environment) {
  const fs::path model = run.model("pretext");
  const Provenance provenance{.stage = "moco",
                              .settings = nlohmann::json::object(),
                              .data = "",
                              .inputs = {{"weights", backbone_hash(backbone)}},
                              .seed = 0,
                              .names = {{"weights", backbone_name(backbone)}}};
  const ArtifactState state = artifact_state(model, provenance, environment);
  if (state != ArtifactState::missing) return;
  write_pretext_model(model, backbone);
  write_sidecar(model, provenance, environment, 0);
}

void adopt_pretext_checkpoint(const RunDirectory& run, Adopt what, const Environment& environment) {
  const fs::path model = run.model("pretext");
  const fs::path checkpoint = run.stage("pretext") / "checkpoint.pth.tar";
  const bool ours = fs::exists(fs::path(checkpoint) += ".json");
  if (fs::exists(model) || !fs::exists(checkpoint) || ours) return;
  const WeightsInFile weights = read_model_weights(checkpoint);
  if (what == Adopt::finished && weights.epoch) return;
  const fs::path statements = fs::path(checkpoint) += ".backbone.json";
  if (fs::exists(statements)) {
    write_file(fs::path(model) += ".backbone.json", read_file(statements));
  }
  environment.observer.note(
      format("{}: nolabel uses these weights as the pretext model", checkpoint.string()));
  if (!weights.note.empty()) environment.observer.note(weights.note);
  write_torch_file(model, to_value(weights.state));
}

}  // namespace nolabel
