// nolabel simclr DATA: train a backbone on unlabelled images.
#include <nlohmann/json.hpp>

#include "cli/mine.h"
#include "cli/run_options.h"
#include "nolabel/base/error.h"
#include "nolabel/model/settings.h"
#include "nolabel/pipeline/pretext_import.h"
#include "nolabel/pipeline/pretext_stage.h"

namespace nolabel::cli {

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

}  // namespace

int run_simclr(CommandLine& line) {
  RunOptions options;
  int image_size = 32;
  std::string start_name;
  NetworkSettings network;
  PretextSettings settings = published_pretext(image_size);
  declare_run(line, options);
  line.options().add("image_size", &image_size, {.low = 16, .high = 1024},
                     "side of the views in pixels");
  line.options().add(
      "start", &start_name,
      "train on from these weights (a file, a run, `starter` or `photos`) instead of from "
      "nothing");
  declare(line.settings(), network);
  declare(line.settings(), settings);
  MineSettings mining;
  declare(line.settings(), mining);
  declare_config(line, options);
  if (!line.parse()) return 0;
  settle_search(mining);
  settle_config(line, options, Setup::simclr, line.observer());
  if (line.settings().is_set("transformation_kwargs.crop_size") &&
      !line.options().is_set("image_size")) {
    image_size = settings.views.evaluation_crop_size;
  }

  const Environment environment = make_environment(options.device, line.observer());
  say_deviations(line, Setup::simclr, environment);
  RunDirectory run(run_directory_of(line, options));
  std::optional<Backbone> start;
  if (!start_name.empty()) {
    require_no_network(line.settings(), network);
    start = load_backbone(start_name, line.options().is_set("image_size") ? image_size : 0);
    image_size = start->image_size;
    if (!start->assumption.empty()) environment.observer.note(start->assumption);
  }
  fit_views(settings.views, line.settings(), image_size,
            start ? start->normalize : NormalizeSettings{});
  const ModelSettings model = contrastive_network(network, image_size);

  Environment stage = environment;
  stage.force = options.force;
  RunImages images = load_images_of_run(
      line, options, run, picture_size(start ? start->network : model.backbone, image_size), stage);
  const int64_t count = images.pretext_or_train().size();
  adopt_pretext_checkpoint(run, Adopt::finished, stage);
  const bool trained = run_pretext(run, images, model, settings, start, stage);
  run.save_description();
  line.print(format("{}: {}\n", run.model("pretext").string(),
                    trained ? format("a backbone trained on {} images", count)
                            : std::string("the backbone that was there")));
  nlohmann::json result = {{"model", run.model("pretext").string()}, {"images", count}};
  if (line.published()) {  // whose pretext ends with the tables
    images.pretext.reset();
    Backbone backbone = load_backbone(run.path().string(), image_size);
    backbone.normalize = settings.views.evaluation_normalize;
    const Subject subject =
        image_subject(std::move(images), std::move(backbone), run.features(), stage);
    result.update(mine_subject(line, run, subject, false, mining, stage));
  }
  line.result(result);
  return 0;
}

}  // namespace nolabel::cli
