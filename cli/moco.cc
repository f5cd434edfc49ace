// nolabel moco: a MoCo v2 backbone as a run's pretext model, then its neighbor tables.
#include <nlohmann/json.hpp>

#include "cli/mine.h"
#include "cli/run_subject.h"
#include "nolabel/base/format.h"
#include "nolabel/pipeline/pretext_import.h"

namespace nolabel::cli {
int run_moco(CommandLine& line) {
  RunOptions options;
  SubjectOptions wanted;
  std::vector<std::string> files;
  MineSettings mining;
  mining.neighbors = published_moco_neighbors;
  ViewSettings views;
  line.arguments("FILE", &files, 0, 1,
                 "moco_v2_800ep_pretrain.pth.tar, or other weights; without it, the "
                 "published file is downloaded into the run");
  declare_run(line, options);
  line.options().add("image_size", &wanted.image_size, {.low = 0, .high = 1024},
                     "side of the views in pixels; 0: what the backbone was trained on");
  declare(line.settings(), mining);
  declare_evaluation(line.settings(), views);
  declare_config(line, options);
  if (!line.parse()) return 0;
  settle_search(mining);
  settle_config(line, options, Setup::moco, line.observer());
  take_evaluation_views(wanted, views, line);

  Environment environment = make_environment(options.device, line.observer());
  environment.force = options.force;
  RunDirectory run(run_directory_of(line, options));
  const std::filesystem::path file = files.empty()
                                         ? fetch_moco(run.stage("pretext"), environment.observer)
                                         : std::filesystem::path(files.front());
  Backbone backbone = load_backbone(file.string(), wanted.image_size);
  if (files.empty()) backbone.labels = labels_none;  // MoCo v2 takes none
  check_network(options.config, backbone);
  if (wanted.normalize) backbone.normalize = *wanted.normalize;
  import_pretext(run, backbone, environment);
  const Subject subject = load_subject(line, options, wanted, run, environment);
  const nlohmann::json mined = mine_subject(line, run, subject, true, mining, environment);
  run.save_description();
  nlohmann::json result = {{"model", run.model("pretext").string()}};
  result.update(mined);
  line.result(result);
  return 0;
}

}  // namespace nolabel::cli
