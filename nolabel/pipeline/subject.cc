#include "nolabel/pipeline/subject.h"

#include <ATen/ATen.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <numeric>
#include <span>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/npy.h"
#include "nolabel/data/list_file.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/pipeline/feature_cache.h"
#include "nolabel/pipeline/kept_features.h"
#include "nolabel/pipeline/matrix_tensor.h"
#include "nolabel/record/unsaved_work.h"
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
  SubjectSplit embed(const Dataset& dataset, const char* split_name, const char* purpose) {
    const c10::NoGradGuard no_grad;
    SubjectSplit split{.dataset = &dataset,
                       .place = {},
                       .names = {},
                       .labels = dataset.labels(),
                       .features = {},
                       .mined = {},
                       .averaged = {},
                       .averaged_views = 0};
    if (directory_) split.place = FeaturePlace{*directory_, split_name};
    for (int64_t i = 0; i < dataset.size(); ++i) split.names.push_back(dataset.name(i));
    split.features = directory_ ? kept(dataset, split_name, purpose) : unsaved(dataset, purpose);
    split.mined = split.features;
    if (backbone_.head) {
      split.mined = model_.embeddings(split.features.to(model_.device())).to(at::kFloat).cpu();
    }
    return split;
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

  BankOptions plain(const char* purpose) const {
    return plain_options(evaluation_recipe_of(backbone_), environment_, purpose);
  }

  at::Tensor kept(const Dataset& dataset, const char* split_name, const char* purpose) {
    const FeatureSource source{
        .provenance = provenance_of(dataset),
        .made_with = maker_of(model_, plain(purpose), environment_).identity.dump(),
        .width = model_.dimensions(),
        .bytes = bytes_of(dataset)};
    return kept_features(*directory_ / format("{}.npy", split_name), source, environment_,
                         [&](RowsAtHand& rows) {
                           return extract_plain(dataset, rows.added_to(plain(purpose)),
                                                environment_.observer, rows.begun);
                         });
  }

  at::Tensor unsaved(const Dataset& dataset, const char* purpose) {
    at::Tensor features;
    run_unsaved(purpose, Ended::lost, environment_.observer, [&](const Observer& observer) {
      features = extract_plain(dataset, plain(purpose), observer, nullptr);
    });
    return features;
  }

  at::Tensor extract_plain(const Dataset& dataset, BankOptions options, const Observer& observer,
                           RowFile* begun) {
    const auto known = open_feature_cache(maker_of(model_, options, environment_),
                                          model_.dimensions(), bytes_of(dataset), environment_);
    options.known = known.get();
    return extract(model_, dataset, options, observer, known ? nullptr : begun);
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
  named.names = listed_names(fs::absolute(path).parent_path(), table);
  for (const ListRow& row : table) {
    const auto found = std::ranges::find(named.class_names, row.label);
    if (found == named.class_names.end()) continue;
    named.labels.push_back(static_cast<int>(found - named.class_names.begin()));
  }
  // As with images, labels count only where every row has one.
  if (named.labels.size() != named.names.size()) named.labels.clear();
  return named;
}

// `folder` when names are files there. Some of them tell: names can be a million identifiers.
fs::path folder_of_files(const fs::path& folder, const NamedRows& rows) {
  constexpr size_t looked_at = 100;
  const auto some = std::span(rows.names).first(std::min(looked_at, rows.names.size()));
  const bool any = std::ranges::any_of(some, [&folder](const std::string& name) {
    std::error_code unreadable;  // a name can be too long for a file
    return fs::is_regular_file(folder / name, unreadable);
  });
  return any ? folder : fs::path();
}

// Every given image trains.
void give_all(Subject& subject) {
  subject.given = subject.train;
  subject.row_of_given.resize(subject.given.names.size());
  std::iota(subject.row_of_given.begin(), subject.row_of_given.end(), 0);
}

}  // namespace

Model Subject::make_model(int clusters, int heads, const Environment& environment) const {
  Model model = clustering_model(backbone, clusters, heads, environment.seed);
  model.place(environment.device, environment.precision);
  return model;
}

std::vector<int64_t> Subject::given_of_train() const {
  std::vector<int64_t> given_of(train.names.size());
  for (size_t i = 0; i < row_of_given.size(); ++i) {
    const int64_t row = row_of_given[i];
    if (row >= 0 && !is_duplicate(static_cast<int64_t>(i))) {
      given_of[row] = static_cast<int64_t>(i);
    }
  }
  return given_of;
}

Subject image_subject(RunImages images, Backbone backbone,
                      const std::optional<fs::path>& features_directory,
                      const Environment& environment) {
  Subject subject;
  subject.images = std::make_shared<const RunImages>(std::move(images));
  subject.folder = subject.images->root;
  subject.backbone = std::move(backbone);
  subject.data_fingerprint = subject.images->fingerprint();
  subject.backbone_hash = backbone_hash(subject.backbone);
  subject.class_names = subject.images->train.class_names();
  Embedder embedder(subject, features_directory, environment);
  const bool two_splits = subject.images->validation.has_value();
  subject.train =
      embedder.embed(subject.images->train, "train",
                     two_splits ? "embedding the training images" : "embedding the images");
  if (two_splits) {
    subject.validation = embedder.embed(*subject.images->validation, "validation",
                                        "embedding the validation images");
  }
  give_all(subject);
  return subject;
}

Subject with_validation_embedded(const Subject& subject,
                                 const std::optional<fs::path>& features_directory,
                                 const Environment& environment) {
  Subject again = subject;
  Embedder embedder(again, features_directory, environment);
  SubjectSplit& split = again.validation ? *again.validation : again.train;
  split = embedder.embed(*split.dataset, again.validation ? "validation" : "train",
                         "embedding the validation images");
  return again;
}

Subject seen_through(const Subject& subject, Backbone backbone, const Environment& environment) {
  Subject seen = subject;
  seen.backbone = std::move(backbone);
  seen.backbone_hash = backbone_hash(seen.backbone);
  seen.backbone_of_scan = false;
  Embedder embedder(seen, std::nullopt, environment);
  seen.given = embedder.embed(*subject.given.dataset, "train", "embedding the images");
  const auto rows_of = [&](SubjectSplit& part, const std::vector<int64_t>& given) {
    const at::Tensor rows = at::tensor(given, at::kLong);
    part.features = seen.given.features.index_select(0, rows);
    part.mined = seen.given.mined.index_select(0, rows);
    part.place.reset();
    part.averaged = at::Tensor();
    part.averaged_views = 0;
  };
  rows_of(seen.train, subject.given_of_train());
  if (seen.aside) {
    std::vector<int64_t> given(seen.aside->names.size());
    for (size_t i = 0; i < subject.row_of_given.size(); ++i) {
      const int64_t row = subject.row_of_given[i];
      if (row < 0 && !subject.is_duplicate(static_cast<int64_t>(i))) {
        given[-1 - row] = static_cast<int64_t>(i);
      }
    }
    rows_of(*seen.aside, given);
  }
  if (seen.validation) {
    seen.validation = embedder.embed(*subject.validation->dataset, "validation",
                                     "embedding the validation images");
  }
  return seen;
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
  if (!paths.empty()) subject.folder = folder_of_files(fs::absolute(paths).parent_path(), named);
  if (labelled) subject.class_names = named.class_names;
  const at::Tensor rows = to_tensor(std::move(matrix));
  const auto split_of = [&](const std::vector<int64_t>& chosen, at::Tensor of_them) {
    SubjectSplit split;
    for (const int64_t i : chosen) {
      split.names.push_back(named.names[i]);
      if (labelled) split.labels.push_back(named.labels[i]);
    }
    split.features = split.mined = std::move(of_them);
    return split;
  };
  if (settings.hold_out == 0) {
    std::vector<int64_t> all(rows.size(0));
    std::iota(all.begin(), all.end(), 0);
    subject.train = split_of(all, rows);
    give_all(subject);
    return subject;
  }
  const HoldOut parts = checked_hold_out(rows.size(0), settings);
  const auto chosen = [&rows](const std::vector<int64_t>& indices) {
    return rows.index_select(0, at::tensor(indices, at::kLong));
  };
  subject.train = split_of(parts.train, chosen(parts.train));
  subject.validation = split_of(parts.test, chosen(parts.test));
  subject.data_fingerprint =
      format("{}+{}", subject.data_fingerprint,
             sha256(format("{} {}", settings.hold_out, settings.split_seed)));
  give_all(subject);
  return subject;
}

std::unique_ptr<ClusterInputs> split_inputs(const Subject& subject, const SubjectSplit& split,
                                            bool frozen, const Environment& environment) {
  if (!split.dataset) return feature_inputs(split.features, environment);
  return image_inputs(*split.dataset, evaluation_recipe_of(subject.backbone),
                      frozen ? std::optional(split.features) : std::nullopt, environment,
                      split.place);
}

}  // namespace nolabel
