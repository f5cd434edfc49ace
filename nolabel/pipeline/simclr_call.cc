#include "nolabel/pipeline/simclr_call.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/error.h"
#include "nolabel/pipeline/pretext_import.h"
#include "nolabel/pipeline/pretext_stage.h"
#include "nolabel/pipeline/run_subject.h"

namespace nolabel {
namespace {

// The weights that training starts from say what the network is.
void require_no_network(const Schema& settings, NetworkSettings network) {
  Schema of_network;
  declare(of_network, network);
  for (const Setting& setting : of_network.settings()) {
    if (!settings.is_set(setting.name)) continue;
    fail_usage("--start brings its own network: {} cannot be set with it.", setting.name);
  }
}

// A published config says the size of the views as that of the evaluation views.
int asked_image_size(const SettingTables& tables, const SimclrRequest& request) {
  const bool by_config = tables.settings.is_set("transformation_kwargs.crop_size") &&
                         !tables.options.is_set("image_size");
  return by_config ? request.settings.views.evaluation_crop_size : request.image_size;
}

}  // namespace

void declare(SettingTables& tables, SimclrRequest& request) {
  declare_run(tables, request.run);
  tables.options.add("image_size", &request.image_size, {.low = 16, .high = 1024},
                     "side of the views in pixels");
  tables.options.add(
      "start", &request.start,
      "train on from these weights (a file, a run, `starter` or `photos`) instead of from "
      "random ones");
  declare(tables.settings, request.network);
  declare(tables.settings, request.settings);
  declare(tables.settings, request.mining);
  declare_config(tables, request.run);
}

nlohmann::json simclr_json(const SimclrOutcome& outcome) {
  nlohmann::json json = {{"model", path_to_json(outcome.model)},
                         {"trained", outcome.trained},
                         {"images", outcome.images}};
  if (outcome.mined) json.update(mine_json(*outcome.mined));
  json["images"] = outcome.images;  // the table has a row per training image only
  return json;
}

SimclrOutcome simclr(SettingTables& tables, SimclrRequest& request, const Observer& observer) {
  settle_search(request.mining);
  settle_config(tables, request.run, Setup::simclr, observer);
  OpenRun open(tables, request.run, Opening::make, observer);
  RunDirectory& run = open.run;
  Environment& environment = open.environment;
  note_deviations(tables, Setup::simclr, environment);
  int image_size = asked_image_size(tables, request);
  std::optional<Backbone> start;
  if (!request.start.empty()) {
    require_no_network(tables.settings, request.network);
    start = load_backbone(request.start, tables.options.is_set("image_size") ? image_size : 0,
                          {.use = ProgramAccess::Use::never});
    require_takes_images(*start);
    image_size = start->image_size;
    if (!start->assumption.empty()) environment.observer.note(start->assumption);
  }
  const std::optional<NormalizeSettings> asked =
      asked_views(tables, image_size, request.settings.views).normalize;
  fit_views(request.settings.views, tables.settings, image_size,
            asked.value_or(start ? start->normalize : NormalizeSettings{}));
  const ModelSettings network = contrastive_network(request.network, image_size);

  RunImages images = load_images_of_run(
      tables, request.run, run,
      start ? picture_size(*start) : picture_size(network.backbone, image_size), environment);
  SimclrOutcome outcome{.model = run.model("pretext"),
                        .trained = false,
                        .images = images.pretext_or_train().size(),
                        .mined = std::nullopt};
  adopt_pretext_checkpoint(run, Adopt::finished, environment);
  outcome.trained = run_pretext(run, images, network, request.settings, start, environment);
  run.state().backbone = {};  // from now on the run's own
  remember_computation(run, tables, request.run, environment);
  run.save();
  if (tables.published) {  // whose pretext ends with the tables
    images.pretext.reset();
    Backbone backbone = load_backbone(run.path().string(), image_size);
    backbone.normalize = request.settings.views.evaluation_normalize;
    const Environment measuring = measuring_environment(tables, environment);
    const Subject subject =
        image_subject(std::move(images), std::move(backbone), run.features(), measuring);
    outcome.mined = mine_subject(run, subject, false, request.mining, measuring);
  }
  return outcome;
}

}  // namespace nolabel
