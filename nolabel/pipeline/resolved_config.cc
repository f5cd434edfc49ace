#include "nolabel/pipeline/resolved_config.h"

#include "nolabel/base/error.h"
#include "nolabel/pipeline/mine_call.h"
#include "nolabel/pipeline/moco_call.h"
#include "nolabel/pipeline/scan_call.h"
#include "nolabel/pipeline/simclr_call.h"

namespace nolabel {
namespace {

// `views`: those that fit themselves to the size that the config names; null: the stage has none.
template <class Request>
ResolvedConfig resolve(Request& request, ViewSettings* views, const std::filesystem::path& file,
                       Setup stage, bool published, const std::vector<std::string>& assignments) {
  SettingTables tables;
  tables.published = published;
  declare(tables, request);
  Schema& schema = tables.settings;
  schema.load_yaml(file);
  for (const std::string& assignment : assignments) schema.set_assignment(assignment, "--set");
  tables.settle();
  settle_config(tables, request.run, stage, {});
  if (views && schema.is_set("transformation_kwargs.crop_size")) {
    fit_views(*views, schema, views->evaluation_crop_size, views->evaluation_normalize);
  }
  ResolvedConfig resolved{
      .stage = stage, .published = published, .settings = {}, .values = schema.values()};
  for (const Setting& setting : schema.settings()) {
    const std::string value = schema.text(setting);
    const bool fitted = setting.origin == "default" && value != setting.default_text;
    resolved.settings.push_back(
        {setting.name, value, fitted ? "transformation_kwargs" : setting.origin});
  }
  return resolved;
}

}  // namespace

ResolvedConfig resolve_config(const std::filesystem::path& file, Setup stage,
                              const std::vector<std::string>& assignments) {
  const bool published = peek_yaml(file, "setup").has_value();
  if (stage == Setup::any) stage = setup_of(file);
  switch (stage) {
    case Setup::simclr: {
      SimclrRequest request;
      return resolve(request, &request.settings.views, file, stage, published, assignments);
    }
    case Setup::moco: {
      MocoRequest request;
      return resolve(request, nullptr, file, stage, published, assignments);
    }
    case Setup::scan: {
      ScanRequest request;
      return resolve(request, &request.settings.views, file, stage, published, assignments);
    }
    case Setup::selflabel: {
      SelflabelRequest request;
      return resolve(request, &request.settings.views, file, stage, published, assignments);
    }
    case Setup::any:
      break;
  }
  NOLABEL_ASSERT(false);
  return {};
}

}  // namespace nolabel
