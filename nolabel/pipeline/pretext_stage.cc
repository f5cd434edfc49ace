#include "nolabel/pipeline/pretext_stage.h"

#include <ATen/ATen.h>

#include "nolabel/base/error.h"
#include "nolabel/model/settings.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/neighbors/knn_monitor.h"
#include "nolabel/pipeline/in_environment.h"
#include "nolabel/pipeline/kept_features.h"
#include "nolabel/run/training_stage.h"
#include "nolabel/train/loop.h"

namespace nolabel {
namespace {

LabelledEmbeddings embed(Model& model, const Dataset& dataset, const ViewSettings& views,
                         const Environment& environment, RowFile& begun) {
  BankOptions options{.output = BankOutput::embeddings,
                      .recipe = evaluation_recipe(views),
                      .key = {},
                      .threads = environment.threads,
                      .group = environment.group};
  return {extract(model, dataset, options, environment.observer.silent(), &begun),
          dataset.labels()};
}

// The kNN accuracy of validation images against training images, every knn_epochs and at the end.
// A stop leaves the embeddings that there are in `directory`.
SimclrTask::Monitor knn_monitor(const RunImages& images, const PretextSettings& settings,
                                const std::filesystem::path& directory,
                                const Environment& environment) {
  if (!images.train.has_labels() || !images.validation || !images.validation->has_labels()) {
    return {};
  }
  return [&images, &settings, &environment, directory](Model& model, int epoch) {
    const bool last = epoch + 1 == settings.train.epochs;
    if (!last && (epoch + 1) % settings.knn_epochs != 0) return nlohmann::json::object();
    const std::string weights = backbone_weights_hash(model);
    RowFile train(directory / "train.begun", weights), validation(directory / "val.begun", weights);
    const double accuracy =
        knn_accuracy(embed(model, images.train, settings.views, environment, train),
                     embed(model, *images.validation, settings.views, environment, validation),
                     {.temperature = settings.knn_temperature,
                      .threads = environment.threads,
                      .group = environment.group},
                     Observer{});
    train.remove();
    validation.remove();
    return nlohmann::json{{"knn_accuracy", accuracy}};
  };
}

}  // namespace

bool run_pretext(const RunDirectory& run, const RunImages& images, const ModelSettings& network,
                 const PretextSettings& settings, const std::optional<Backbone>& start,
                 const Environment& environment) {
  Provenance provenance{.stage = "simclr",
                        .settings = result_values(settings),
                        .data = images.pretext_fingerprint(),
                        .inputs = nlohmann::json::object(),
                        .seed = environment.seed};
  if (start) {
    provenance.inputs["start"] = backbone_hash(*start);
    provenance.names["start"] = backbone_name(*start);
  } else {
    provenance.settings.update(network_values(network));
  }

  provenance.settings.update(batch_norm_values(settings.train, *environment.group));

  return run_training_stage(run, "pretext", provenance, environment, [&](const auto& directory) {
    const Dataset& trained_on = images.pretext_or_train();
    if (trained_on.size() < 2) {
      fail_data("simclr needs at least 2 images to compare. There is {}.", trained_on.size());
    }
    Model model =
        start ? contrastive_model(*start, environment.seed) : Model(network, environment.seed);
    model.place(environment.device, environment.precision);
    SimclrTask task(
        settings.simclr,
        std::make_unique<ImageViews>(trained_on, training_recipe(settings.views), environment.seed,
                                     StageNumber::simclr,
                                     threads_of_each(*environment.group, environment.threads)),
        knn_monitor(images, settings, directory, environment));
    train(task, model, in_environment(settings.train, environment), directory, environment.observer,
          environment.group);

    Backbone trained;
    trained.network = model.settings().backbone;
    if (start) {
      trained.image_size = start->image_size;
      trained.pictures = start->pictures;
    }
    resize_views(trained, settings.views.evaluation_crop_size);
    trained.normalize = settings.views.evaluation_normalize;
    trained.labels = start ? start->labels : labels_none;  // SimCLR itself takes none
    trained.origin = format("SimCLR on {} images, from {}", trained_on.size(),
                            start ? start->origin : "nothing");
    write_backbone_metadata(directory / "model.pth.tar", trained);
    write_torch_file(directory / "model.pth.tar", to_value(model.state_dict()));
  });
}

}  // namespace nolabel
