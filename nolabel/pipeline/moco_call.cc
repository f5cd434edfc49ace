#include "nolabel/pipeline/moco_call.h"

#include <nlohmann/json.hpp>

#include "nolabel/base/format.h"
#include "nolabel/data/listing.h"
#include "nolabel/pipeline/pretext_import.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Makes the named weights the run's pretext model. Without a name the model that is there stays;
// the published file is downloaded only where there is none.
void settle_pretext(const MocoRequest& request, const AskedViews& views, const RunDirectory& run,
                    const Environment& environment) {
  if (request.file.empty() && fs::exists(run.model("pretext"))) {
    environment.observer.note(
        format("{}: the pretext model that is there is used; name a FILE to "
               "import another",
               run.model("pretext").string()));
    return;
  }
  const fs::path file = request.file.empty()
                            ? fetch_moco(run.stage("pretext"), environment.observer)
                            : fs::path(request.file);
  Backbone backbone =
      load_backbone(file.string(), views.image_size, {.use = ProgramAccess::Use::never});
  check_network(request.run.config, backbone);
  if (views.normalize) backbone.normalize = *views.normalize;
  import_pretext(run, backbone, environment);
}

// FILE can be left out before DATA: then the first word is DATA.
void settle_words(MocoRequest& request) {
  const fs::path first = request.file;
  const bool is_images = fs::is_directory(first) && !fs::exists(first / "pretext/model.pth.tar");
  if (request.file.empty() || is_backbone_name(request.file)) return;
  if (!is_images && !is_list_file(first)) return;
  request.run.data.insert(request.run.data.begin(), request.file);
  request.file.clear();
}

}  // namespace

void declare(SettingTables& tables, MocoRequest& request) {
  declare_run(tables, request.run);
  tables.options.add("image_size", &request.image_size, {.low = 0, .high = 1024},
                     "side of the views in pixels; 0: the size that the backbone was trained on");
  declare(tables.settings, request.mining);
  declare_evaluation(tables.settings, request.views);
  declare_config(tables, request.run);
  tables.settings.published("precision", "fp32");
}

nlohmann::json moco_json(const MocoOutcome& outcome) {
  nlohmann::json json = {{"model", path_to_json(outcome.model)}};
  json.update(mine_json(outcome.mined));
  return json;
}

MocoOutcome moco(SettingTables& tables, MocoRequest& request, const Observer& observer) {
  settle_words(request);
  settle_search(request.mining);
  settle_config(tables, request.run, Setup::moco, observer);
  OpenRun open(tables, request.run, Opening::make, observer);
  note_deviations(tables, Setup::moco, open.environment);
  const AskedViews views = asked_views(tables, request.image_size, request.views);
  settle_pretext(request, views, open.run, open.environment);
  open.run.state().backbone = {};  // the run's own
  const Subject subject = load_subject(tables, request.run, {}, views, BackboneOfScan::never,
                                       open.run, open.environment);
  MocoOutcome outcome{
      .model = open.run.model("pretext"),
      .mined = mine_subject(open.run, subject, true, request.mining, open.environment)};
  remember_computation(open.run, tables, request.run, open.environment);
  open.run.save();
  return outcome;
}

}  // namespace nolabel
