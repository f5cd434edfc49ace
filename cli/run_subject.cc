#include "cli/run_subject.h"

#include "nolabel/base/error.h"
#include "nolabel/pipeline/trained_model.h"

namespace nolabel::cli {
namespace {

namespace fs = std::filesystem;

// The option if it was given, else what run.json remembers under `key`, else `otherwise`.
std::string given_or_remembered(const std::string& given, const RunDirectory& run, const char* key,
                                const std::string& otherwise) {
  if (!given.empty()) return given == "starter" ? given : fs::absolute(given).string();
  return run.description().value(key, otherwise);
}

}  // namespace

void declare(Schema& schema, SubjectOptions& options) {
  schema.add("backbone", &options.backbone,
             "a weights file, a run directory, or `starter`; unset: this run's pretext model");
  schema.add("features", &options.features,
             "work on these embeddings (.npy, [N,D]) instead of images");
  schema.add("paths", &options.paths, "names of their rows (CSV: path[,label])");
}

Subject load_subject(const CommandLine& line, RunOptions& options, const SubjectOptions& wanted,
                     RunDirectory& run, const Environment& environment) {
  const bool images_given = !options.data.empty();
  const std::string features =
      images_given ? "" : given_or_remembered(wanted.features, run, "features", "");
  if (!features.empty()) {
    const std::string paths = given_or_remembered(wanted.paths, run, "paths", "");
    Subject subject = feature_subject(features, paths);
    run.describe({{"features", features},
                  {"paths", paths},
                  {"backbone", describe_backbone(subject.backbone)}});
    return subject;
  }
  const std::string name =
      given_or_remembered(wanted.backbone, run, "backbone_file", run.path().string());
  Backbone backbone = load_backbone(name);
  RunImages images = load_images_of_run(line, options, run, backbone.image_size, environment);
  run.describe({{"backbone_file", name}, {"backbone", describe_backbone(backbone)}});
  return image_subject(std::move(images), std::move(backbone), run.features(), environment);
}

}  // namespace nolabel::cli
