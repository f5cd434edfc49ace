#include "nolabel/pipeline/pretext_stage.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/neighbors/knn_monitor.h"
#include "nolabel/pipeline/training_stage.h"
#include "nolabel/train/loop.h"

namespace nolabel {
namespace {

LabelledEmbeddings embed(Model& model, const Dataset& dataset, const ViewSettings& views,
                         const Environment& environment) {
  BankOptions options{.output = BankOutput::embeddings,
                      .recipe = evaluation_recipe(views),
                      .key = {},
                      .threads = environment.threads};
  Observer silent;  // the epoch's own progress goes on
  silent.cancel = environment.observer.cancel;
  return {extract(model, dataset, options, silent), dataset.labels()};
}

// The kNN accuracy of validation images against training images, every knn_epochs and at the end.
SimclrTask::Monitor knn_monitor(const RunImages& images, const PretextSettings& settings,
                                const Environment& environment) {
  if (!images.train.has_labels() || !images.validation || !images.validation->has_labels()) {
    return {};
  }
  return [&images, &settings, &environment](Model& model, int epoch) {
    const bool last = epoch + 1 == settings.train.epochs;
    if (!last && (epoch + 1) % settings.knn_epochs != 0) return nlohmann::json::object();
    const double accuracy = knn_accuracy(
        embed(model, images.train, settings.views, environment),
        embed(model, *images.validation, settings.views, environment),
        {.temperature = settings.simclr.temperature, .threads = environment.threads}, Observer{});
    return nlohmann::json{{"knn_accuracy", accuracy}};
  };
}

}  // namespace

void run_pretext(RunDirectory& run, const RunImages& images, const PretextNetwork& network,
                 const PretextSettings& settings, const nlohmann::json& setting_values,
                 const std::optional<Backbone>& start, const Environment& environment) {
  Provenance provenance{.stage = "simclr",
                        .settings = setting_values,
                        .data = images.fingerprint(),
                        .inputs = nlohmann::json::object(),
                        .seed = environment.seed};
  if (start) provenance.inputs["start"] = file_hash(start->file);

  run_training_stage(run, "pretext", provenance, environment, [&](const auto& directory) {
    if (images.train.size() < 2) {
      fail_data("simclr needs at least 2 images to compare. There is {}.", images.train.size());
    }
    Model model = start ? contrastive_model(*start, environment.seed)
                        : Model({.kind = ModelSettings::Kind::contrastive,
                                 .backbone = network.backbone,
                                 .head = network.head,
                                 .embedding_dimensions = network.embedding_dimensions},
                                environment.seed);
    model.place(environment.device, environment.precision);
    SimclrTask task(
        settings.simclr,
        std::make_unique<ImageViews>(images.train, training_recipe(settings.views),
                                     environment.seed, StageNumber::simclr, environment.threads),
        knn_monitor(images, settings, environment));
    TrainSettings train_settings = settings.train;
    train_settings.seed = environment.seed;
    train(task, model, train_settings, directory, environment.observer);

    const auto metadata =
        backbone_metadata(start ? start->settings : network.backbone,
                          settings.views.evaluation_crop_size, settings.views.evaluation_normalize);
    write_file(directory / "model.pth.tar.backbone.json", nlohmann::json(metadata).dump(2) + "\n");
    write_torch_file(directory / "model.pth.tar", to_value(model.state_dict()));
  });
}

}  // namespace nolabel
