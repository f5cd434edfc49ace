#include "nolabel/pipeline/subject.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <numeric>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/npy.h"
#include "nolabel/data/list_file.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/pipeline/kept_features.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/run/artifact.h"

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
    SubjectSide side{.dataset = &dataset,
                     .place = {},
                     .names = {},
                     .labels = dataset.labels(),
                     .features = {},
                     .mined = {}};
    if (directory_) side.place = FeaturePlace{*directory_, side_name};
    for (int64_t i = 0; i < dataset.size(); ++i) side.names.push_back(dataset.name(i));
    side.features =
        directory_
            ? kept_features(*directory_ / format("{}.npy", side_name), provenance_of(dataset),
                            environment_, bytes_of(dataset),
                            [&](RowFile* begun) { return extract_plain(dataset, purpose, begun); })
            : extract_plain(dataset, purpose, nullptr);
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

  uint64_t bytes_of(const Dataset& dataset) const {
    return sizeof(float) * static_cast<uint64_t>(dataset.size()) *
           static_cast<uint64_t>(backbone_.network.dimensions());
  }

  at::Tensor extract_plain(const Dataset& dataset, const char* purpose, RowFile* begun) {
    return extract(model_, dataset,
                   {.recipe = evaluation_recipe_of(backbone_),
                    .key = {},
                    .threads = environment_.threads,
                    .purpose = purpose},
                   environment_.observer, begun);
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

NamedRows read_names(const fs::path& path, int64_t rows, const Observer& observer) {
  NamedRows named;
  if (path.empty()) {
    for (int64_t i = 0; i < rows; ++i) named.names.push_back(std::to_string(i));
    return named;
  }
  const ListTable list = read_list_table(path);
  for (const std::string& warning : list.warnings) observer.warn(warning);
  const std::vector<ListRow>& table = list.rows;
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

std::string mined_features_hash(const Subject& subject, bool before_head) {
  return subject.backbone_hash + (before_head ? " before the head" : "");
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

Subject feature_subject(const fs::path& features, const fs::path& paths,
                        const DataSettings& settings, const Observer& observer) {
  Matrix<float> matrix = read_features(features);
  const NamedRows named = read_names(paths, matrix.rows, observer);
  const bool labelled = !named.labels.empty() && settings.labels != LabelSource::none;
  Subject subject;
  subject.backbone.network = given_features(static_cast<int>(matrix.columns));
  subject.backbone.origin = "given features (" + features.filename().string() + ")";
  subject.data_fingerprint = subject.backbone_hash = file_hash(features);
  if (labelled) subject.class_names = named.class_names;
  const at::Tensor rows = to_tensor(std::move(matrix));
  const auto side_of = [&](const std::vector<int64_t>& chosen, at::Tensor of_them) {
    SubjectSide side;
    for (const int64_t i : chosen) {
      side.names.push_back(named.names[i]);
      if (labelled) side.labels.push_back(named.labels[i]);
    }
    side.features = side.mined = std::move(of_them);
    return side;
  };
  if (settings.hold_out == 0) {
    std::vector<int64_t> all(rows.size(0));
    std::iota(all.begin(), all.end(), 0);
    subject.train = side_of(all, rows);
    return subject;
  }
  const HoldOut parts = checked_hold_out(rows.size(0), settings);
  const auto chosen = [&rows](const std::vector<int64_t>& indices) {
    return rows.index_select(0, at::tensor(indices, at::kLong));
  };
  subject.train = side_of(parts.train, chosen(parts.train));
  subject.validation = side_of(parts.test, chosen(parts.test));
  subject.data_fingerprint += "+" + sha256(format("{} {}", settings.hold_out, settings.split_seed));
  return subject;
}

std::unique_ptr<ClusterInputs> side_inputs(const Subject& subject, const SubjectSide& side,
                                           bool frozen, const Environment& environment) {
  if (!side.dataset) return feature_inputs(side.features, environment);
  return image_inputs(*side.dataset, evaluation_recipe_of(subject.backbone),
                      frozen ? std::optional(side.features) : std::nullopt, environment,
                      side.place);
}

}  // namespace nolabel
