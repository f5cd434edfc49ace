#include "nolabel/pipeline/published_config.h"

#include "nolabel/base/error.h"
#include "nolabel/model/settings.h"

namespace nolabel {
namespace {

constexpr const char* no_criterion = "any";

// What the published program trains each stage with.
const char* criterion_of(Setup stage) {
  switch (stage) {
    case Setup::simclr:
      return "simclr";
    case Setup::scan:
      return "scan";
    case Setup::selflabel:
      return "confidence-cross-entropy";
    case Setup::moco:
    case Setup::any:
      break;
  }
  return no_criterion;
}

// "(configs/my.yml:3)", where a setting was given.
std::string place_of(const Schema& schema, const char* name) {
  const Setting* setting = schema.find(name);
  NOLABEL_ASSERT(setting != nullptr);
  return "(" + setting->origin + ")";
}

void declare_setup(Schema& schema, Setup& setup) {
  schema.add("setup", &setup,
             {{"any", Setup::any},
              {"simclr", Setup::simclr},
              {"moco", Setup::moco},
              {"scan", Setup::scan},
              {"selflabel", Setup::selflabel}},
             "the stage that this config is for", Effect::none);
}

// Settings of our own that stand in the config of a stage: commands about another stage, and
// evaluation, take the same file.
std::vector<std::string> settings_of_stages() {
  Schema network, pretext, mine, scan, selflabel;
  NetworkSettings of_network;
  PretextSettings of_pretext;
  MineSettings of_mine;
  ScanStageSettings of_scan;
  SelflabelStageSettings of_selflabel;
  declare(network, of_network);
  declare(pretext, of_pretext);
  declare(mine, of_mine);
  declare(scan, of_scan);
  declare(selflabel, of_selflabel);
  std::vector<std::string> names;
  for (const Schema* schema : {&network, &pretext, &mine, &scan, &selflabel}) {
    for (const Setting& setting : schema->settings()) names.push_back(setting.name);
  }
  return names;
}

}  // namespace

std::string setup_name(Setup setup) {
  switch (setup) {
    case Setup::simclr:
      return "simclr";
    case Setup::moco:
      return "moco";
    case Setup::scan:
      return "scan";
    case Setup::selflabel:
      return "selflabel";
    case Setup::any:
      break;
  }
  return "any";
}

Setup setup_of(const std::filesystem::path& config) {
  Setup setup = Setup::any;
  Schema schema;
  declare_setup(schema, setup);
  if (const auto text = peek_yaml(config, "setup")) schema.set("setup", *text, config.string());
  if (setup == Setup::any) {
    fail_usage(
        "a config must name its stage (setup: simclr, moco, scan or selflabel). {} does not.",
        config.string());
  }
  return setup;
}

void declare(Schema& schema, PublishedConfig& config) {
  declare_setup(schema, config.setup);
  schema.add("criterion", &config.criterion, "the loss of that stage, by its published name",
             Effect::none);
  schema.add("train_db_name", &config.train_db_name,
             "published data set to work on: cifar-10, cifar-20, stl-10, imagenet, imagenet_50 …",
             Effect::none);
  schema.add("val_db_name", &config.val_db_name, "the same, for its test images", Effect::none);
  if (!schema.find("backbone")) {
    schema.add("backbone", &config.backbone,
               "network that the weights must be of: any, or one that `nolabel simclr` trains",
               Effect::none);
  }
  if (!schema.find("model_kwargs.head")) {
    const auto group = schema.group("model_kwargs");
    schema.add("head", &config.head, "projection head that they must have: mlp, linear or any",
               Effect::none);
    schema.add("features_dim", &config.embedding_dimensions, {.low = 0, .high = 65536},
               "dimensions that its embedding must have; 0: any", Effect::none);
  }
  schema.tolerate(
      {"num_workers", "num_classes", "num_heads", "num_neighbors", "confidence_threshold",
       "temperature", "update_cluster_head_only", "use_ema", "ema_alpha", "epochs", "batch_size",
       "optimizer", "optimizer_kwargs", "scheduler", "scheduler_kwargs", "augmentation_strategy",
       "augmentation_kwargs", "transformation_kwargs",
       // torchvision's arguments that change no view of a Pillow image
       "augmentation_kwargs.random_resized_crop.antialias", "augmentation_kwargs.normalize.inplace",
       "transformation_kwargs.normalize.inplace", "criterion_kwargs.temperature",
       "criterion_kwargs.entropy_weight", "criterion_kwargs.apply_class_balancing",
       "criterion_kwargs"});
  schema.tolerate(settings_of_stages());
}

void suggest_published_data(Schema& schema, const PublishedData& data, Setup stage) {
  const std::string origin = "train_db_name " + data.name;
  const auto suggest = [&](const char* name, bool value) {
    schema.suggest(name, value ? "true" : "false", origin);
  };
  suggest("coarse", data.coarse);
  schema.suggest("subset", data.subset, origin);
  // Published: STL-10's pretext sees all images without a label, the other stages do not.
  suggest("unlabeled", stage == Setup::simclr && data.unlabeled > 0);
}

void check_config(const PublishedConfig& config, Setup stage, const Schema& schema) {
  if (stage != Setup::any && config.setup != Setup::any && config.setup != stage) {
    fail_usage("a config for `nolabel {}` is required. This one is for `nolabel {}`. {}",
               setup_name(stage), setup_name(config.setup), place_of(schema, "setup"));
  }
  const std::string wanted = criterion_of(stage);
  if (stage != Setup::any && config.criterion != no_criterion && config.criterion != wanted) {
    fail_usage("criterion must be {} for `nolabel {}`. Received {}. {}", wanted, setup_name(stage),
               config.criterion, place_of(schema, "criterion"));
  }
  for (const auto& [name, value] : {std::pair("train_db_name", config.train_db_name),
                                    std::pair("val_db_name", config.val_db_name)}) {
    if (value.empty()) continue;
    try {
      published_data(value);
    } catch (const Error& error) {
      fail_usage("{}: {} {}", name, error.what(), place_of(schema, name));
    }
  }
  if (!config.train_db_name.empty() && !config.val_db_name.empty() &&
      config.train_db_name != config.val_db_name) {
    fail_usage("val_db_name must be train_db_name ({}). Received {}. {}", config.train_db_name,
               config.val_db_name, place_of(schema, "val_db_name"));
  }
}

std::vector<std::string> deviations(Setup stage, const Schema& schema, Precision precision) {
  std::vector<std::string> lines;
  if (precision != Precision::fp32) {
    lines.emplace_back(
        "nolabel computes in half precision where this is safe; --precision fp32 switches this "
        "off");
  }
  const auto text = [&schema](const char* name) {
    const Setting* setting = schema.find(name);
    return setting && schema.is_set(name) ? schema.text(*setting) : std::string();
  };
  if (text("augmentation_kwargs.cutout_kwargs.random") == "false") {
    lines.emplace_back("cutout_kwargs.random false is obeyed: every hole has its full length");
  }
  if (stage == Setup::selflabel) {
    lines.emplace_back(
        "a batch without a confident image is no error; nolabel counts this batch and trains "
        "nothing on it");
  }
  if (stage == Setup::simclr) {
    lines.emplace_back(
        "nolabel measures the kNN accuracy every knn_epochs epochs, not after every epoch");
  }
  const bool trains = stage != Setup::any && stage != Setup::moco;
  if (trains) lines.emplace_back("--seed determines all views, and no view repeats across threads");
  if (stage != Setup::simclr && stage != Setup::moco) {
    lines.emplace_back(
        "the confusion matrix is normalised by class, and surplus clusters are no class");
  }
  return lines;
}

void check_network(const PublishedConfig& config, const Backbone& backbone) {
  if (!backbone.network.takes_images()) return;
  if (config.backbone != "any") {
    // The data set says the size of the images, and so which variant was published for them.
    const int image_size = config.train_db_name.empty()
                               ? backbone.image_size
                               : published_data(config.train_db_name).image_size;
    require_published(config.backbone, image_size, backbone.network, backbone.state, backbone.file);
  }
  if (!backbone.head) return;
  const std::string head = backbone.head->kind == HeadKind::mlp ? "mlp" : "linear";
  if (config.head != "any" && config.head != head) {
    fail_usage("model_kwargs.head must be what {} holds, {}. Received {}.", backbone.file.string(),
               head, config.head);
  }
  const int dimensions = config.embedding_dimensions;
  if (dimensions != 0 && dimensions != backbone.head->dimensions) {
    fail_usage("model_kwargs.features_dim must be what {} holds, {}. Received {}.",
               backbone.file.string(), backbone.head->dimensions, dimensions);
  }
}

}  // namespace nolabel
