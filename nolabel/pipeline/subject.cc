#include "nolabel/pipeline/subject.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/npy.h"
#include "nolabel/data/list_file.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/pipeline/artifact.h"
#include "nolabel/pipeline/kept_features.h"
#include "nolabel/pipeline/matrix_tensor.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Embeds the images of a subject, or finds that an earlier command has.
class Embedder {
 public:
  Embedder(const Subject& subject, std::optional<fs::path> directory,
           const Environment& environment)
      : backbone_(subject.backbone),
        directory_(std::move(directory)),
        environment_(environment),
        model_(contrastive_model(subject.backbone, environment.seed)),
        backbone_hash_(subject.backbone_hash) {
    model_.place(environment.device, environment.precision);
  }

  // `purpose`: what the progress calls it.
  SubjectSide embed(const Dataset& dataset, const char* side_name, const char* purpose) {
    const c10::NoGradGuard no_grad;
    SubjectSide side{
        .dataset = &dataset, .names = {}, .labels = dataset.labels(), .features = {}, .mined = {}};
    for (int64_t i = 0; i < dataset.size(); ++i) side.names.push_back(dataset.name(i));
    side.features = directory_ ? kept_features(*directory_ / format("{}.npy", side_name),
                                               provenance_of(dataset), environment_,
                                               [&] { return extract_plain(dataset, purpose); })
                               : extract_plain(dataset, purpose);
    side.mined = side.features;
    if (backbone_.head) {
      side.mined = model_.embeddings(side.features.to(model_.device())).to(at::kFloat).cpu();
    }
    return side;
  }

 private:
  Provenance provenance_of(const Dataset& dataset) const {
    return {.stage = "features",
            .settings = {{"precision", static_cast<int>(environment_.precision)}},
            .data = dataset.fingerprint(),
            .inputs = {{"backbone", backbone_hash_}},
            .seed = 0};
  }

  at::Tensor extract_plain(const Dataset& dataset, const char* purpose) {
    return extract(model_, dataset,
                   {.recipe = evaluation_recipe_of(backbone_),
                    .key = {},
                    .threads = environment_.threads,
                    .purpose = purpose},
                   environment_.observer);
  }

  const Backbone& backbone_;
  const std::optional<fs::path> directory_;
  const Environment& environment_;
  Model model_;
  const std::string backbone_hash_;
};

struct NamedRows {
  std::vector<std::string> names;
  std::vector<int> labels;  // one per row, or empty
  std::vector<std::string> class_names;
};

NamedRows read_names(const fs::path& path, int64_t rows) {
  NamedRows named;
  if (path.empty()) {
    for (int64_t i = 0; i < rows; ++i) named.names.push_back(std::to_string(i));
    return named;
  }
  const std::vector<ListRow> table = read_list_rows(path);
  if (static_cast<int64_t>(table.size()) != rows) {
    fail_usage("--paths must name each row of --features. {} names {} rows, the features have {}.",
               path.string(), table.size(), rows);
  }
  named.class_names = list_class_names(table);
  for (const ListRow& row : table) {
    named.names.push_back(row.path);
    const auto found = std::ranges::find(named.class_names, row.label);
    if (found == named.class_names.end()) continue;
    named.labels.push_back(static_cast<int>(found - named.class_names.begin()));
  }
  // As with images, labels count only where every row has one.
  if (named.labels.size() != named.names.size()) named.labels.clear();
  return named;
}

}  // namespace

Model Subject::make_model(int clusters, int heads, const Environment& environment) const {
  Model model = clustering_model(backbone, clusters, heads, environment.seed);
  model.place(environment.device, environment.precision);
  return model;
}

Subject image_subject(RunImages images, Backbone backbone,
                      const std::optional<fs::path>& features_directory,
                      const Environment& environment) {
  Subject subject;
  subject.images = std::make_shared<const RunImages>(std::move(images));
  subject.backbone = std::move(backbone);
  subject.data_fingerprint = subject.images->fingerprint();
  subject.backbone_hash = backbone_hash(subject.backbone);
  subject.class_names = subject.images->train.class_names();
  Embedder embedder(subject, features_directory, environment);
  const bool two_sides = subject.images->validation.has_value();
  subject.train =
      embedder.embed(subject.images->train, "train",
                     two_sides ? "embedding the training images" : "embedding the images");
  if (two_sides) {
    subject.validation =
        embedder.embed(*subject.images->validation, "validation", "embedding the test images");
  }
  return subject;
}

Subject feature_subject(const fs::path& features, const fs::path& paths) {
  Matrix<float> matrix = read_npy_float(features);
  const NamedRows named = read_names(paths, matrix.rows);
  Subject subject;
  subject.backbone.settings = {.kind = BackboneKind::identity,
                               .width = static_cast<int>(matrix.columns)};
  subject.backbone.origin = "given features (" + features.filename().string() + ")";
  subject.data_fingerprint = subject.backbone_hash = file_hash(features);
  subject.train.names = named.names;
  subject.train.labels = named.labels;
  if (!named.labels.empty()) subject.class_names = named.class_names;
  subject.train.features = to_tensor(std::move(matrix));
  if (!subject.train.features.isfinite().all().item<bool>()) {
    fail_data("{} must hold finite numbers. It holds others.", features.string());
  }
  subject.train.mined = subject.train.features;
  return subject;
}

std::unique_ptr<ClusterInputs> side_inputs(const Subject& subject, const SubjectSide& side,
                                           bool frozen, const Environment& environment) {
  if (!side.dataset) return feature_inputs(side.features, environment);
  return image_inputs(*side.dataset, evaluation_recipe_of(subject.backbone),
                      frozen ? std::optional(side.features) : std::nullopt, environment);
}

}  // namespace nolabel
