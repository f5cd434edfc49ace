#include "nolabel/pipeline/settings.h"

#include "nolabel/base/error.h"

namespace nolabel {
namespace {

ViewSettings views_of(Strategy strategy, int image_size) {
  ViewSettings views;
  views.strategy = strategy;
  views.resized_crop_size = views.crop_size = views.evaluation_crop_size = image_size;
  views.cutout.length = published_cutout_length(image_size);
  return views;
}

TrainSettings adam(int epochs, int batch_size) {
  TrainSettings train;
  train.epochs = epochs;
  train.batch_size = batch_size;
  train.optimizer = {.kind = OptimizerKind::adam, .learning_rate = 1e-4, .weight_decay = 1e-4};
  return train;
}

void declare_normalization(Schema& schema, FeatureNormalization& normalization, const char* whose,
                           const char* automatic) {
  schema.add(
      "feature_normalization", &normalization,
      {{"auto", FeatureNormalization::automatic},
       {"none", FeatureNormalization::none},
       {"center", FeatureNormalization::center}},
      std::string(whose) +
          " use the features unchanged (none), or minus their mean and divided by one number "
          "(center), so that scale and mean have no influence; auto: " +
          automatic);
  schema.published("feature_normalization", "none");
}

// A number that the search does not look at would be passed over in silence.
void declare_search_rules(Schema& schema, const MineSettings& settings) {
  const std::pair<const char*, Search> owners[] = {
      {"ivf_lists", Search::ivf},     {"ivf_probes", Search::ivf},
      {"hnsw_links", Search::hnsw},   {"hnsw_build_breadth", Search::hnsw},
      {"hnsw_breadth", Search::hnsw}, {"hnsw_parallel_build", Search::hnsw}};
  for (const auto& [name, search] : owners) {
    schema.rule(name, [&schema, &settings, name = name, search = search] {
      const Setting& setting = *schema.find(name);
      if (schema.text(setting) == setting.default_text || settings.search == search) return;
      fail_usage("{} can be set only with search {}. Received search {}.", name,
                 search_name(search), search_name(settings.search));
    });
  }
  schema.rule("search_recall", [&schema, &settings] {
    if (!schema.is_set("search_recall")) return;  // its default is a number, not "chosen"
    if (settings.search == Search::exact) {
      fail_usage("search_recall can be set only with search ivf or hnsw. Received search exact.");
    }
    if (settings.probes != 0 || settings.breadth != 0) {
      const char* effort = settings.probes != 0 ? "ivf_probes" : "hnsw_breadth";
      fail_usage(
          "search_recall and {0} cannot both be given, because search_recall determines {0}.",
          effort);
    }
  });
}

}  // namespace

PretextSettings published_pretext(int image_size) {
  PretextSettings settings;
  settings.views = views_of(Strategy::simclr, image_size);
  settings.train.epochs = 500;
  settings.train.batch_size = 512;
  settings.train.optimizer = {
      .kind = OptimizerKind::sgd, .learning_rate = 0.4, .weight_decay = 1e-4, .momentum = 0.9};
  settings.train.schedule.kind = Schedule::cosine;
  return settings;
}

ScanStageSettings published_scan(int image_size) {
  ScanStageSettings settings;
  settings.views = views_of(Strategy::ours, image_size);
  settings.train = adam(50, 128);
  return settings;
}

SelflabelStageSettings published_selflabel(int image_size) {
  SelflabelStageSettings settings;
  settings.views = views_of(Strategy::ours, image_size);
  settings.train = adam(200, 1000);
  return settings;
}

void declare(Schema& schema, PretextSettings& settings) {
  declare(schema, settings.train);
  declare(schema, settings.simclr);
  schema.add("temperature", &settings.knn_temperature, {.low = 1e-6},
             "temperature of the kNN monitor: a neighbor votes with the weight exp(similarity / "
             "temperature)",
             Effect::none);
  schema.add("knn_epochs", &settings.knn_epochs, {.low = 1, .high = 1000000},
             "number of epochs between measurements of the kNN accuracy (only with labels; nothing "
             "is selected by the accuracy)",
             Effect::none);
  declare(schema, settings.views);
}

void declare(Schema& schema, MineSettings& settings) {
  schema.add("mined_neighbors", &settings.neighbors, {.low = 1, .high = 100000},
             "neighbors kept per training image");
  schema.add("mined_validation_neighbors", &settings.validation_neighbors,
             {.low = 1, .high = 100000}, "neighbors kept per validation image");
  declare_normalization(schema, settings.normalization, "searches for neighbors",
                        "center, and none behind a projection head");
  declare_search(schema, settings);
}

const char* search_name(Search search) {
  return search == Search::exact ? "exact" : search == Search::ivf ? "ivf" : "hnsw";
}

void declare_search(Schema& schema, MineSettings& settings) {
  schema.add("mining_memory", &settings.memory_mb, {.low = 1},
             "megabytes that mining may use beside the features", Effect::none);
  schema.add("search", &settings.search,
             {{"exact", Search::exact}, {"ivf", Search::ivf}, {"hnsw", Search::hnsw}},
             "how neighbors are looked for: ivf and hnsw are approximate, for very large sets");
  schema.add("search_recall", &settings.recall, {.low = 0.1, .high = 1},
             "share of the true neighbors that approximate search must find; nolabel chooses "
             "ivf_probes or hnsw_breadth to reach this share on a sample of images");
  schema.add("ivf_lists", &settings.lists, {.low = 0, .high = 10000000},
             "lists that the images are divided into; 0: twice the square root of their number");
  schema.add("ivf_probes", &settings.probes, {.low = 0, .high = 10000000},
             "lists that an image looks into; 0: as many as search_recall takes");
  schema.add("hnsw_links", &settings.links, {.low = 0, .high = 512},
             "links of an image in the graph, from 2; 0: 16");
  schema.add("hnsw_build_breadth", &settings.build_breadth, {.low = 0, .high = 100000},
             "candidates kept while an image is inserted; 0: 64");
  schema.add("hnsw_breadth", &settings.breadth, {.low = 0, .high = 100000},
             "candidates kept while neighbors are searched; 0: as many as search_recall takes");
  schema.add("hnsw_parallel_build", &settings.parallel_build,
             "all threads insert: faster, but each run makes a slightly different graph and table");
  declare_search_rules(schema, settings);
}

void declare_cluster_count(Schema& schema, int& clusters) {
  schema.add("num_classes", &clusters, {.low = 0, .high = 100000},
             "number of clusters; 0: as many as there are labels");
}

void declare(Schema& schema, ScanStageSettings& settings) {
  declare(schema, settings.train);
  declare(schema, settings.scan);
  schema.add(
      "start", &settings.start,
      {{"random", ScanStart::random}, {"consensus", ScanStart::consensus}},
      "what the cluster heads begin with: random weights, or the clusters on which many runs "
      "of k-means in the neighbor metric agree (consensus)");
  schema.add("size_prior", &settings.size_prior,
             {{"uniform", SizePrior::uniform}, {"communities", SizePrior::communities}},
             "the sizes that the entropy term pulls the clusters to: equal ones, or those of the "
             "communities of the graph of neighbors");
  schema.add("num_heads", &settings.heads, {.low = 1, .high = 1000},
             "cluster heads trained side by side; the best one is kept");
  schema.add("cached_views", &settings.cached_views, {.low = 0, .high = 1000},
             "with a frozen backbone: train on cached features of so many views per image; 0: "
             "compute every view anew");
  declare_normalization(schema, settings.normalization, "heads on a frozen backbone",
                        "center, and none where the backbone trains");
  declare(schema, settings.views);
}

void declare(Schema& schema, SelflabelStageSettings& settings) {
  declare(schema, settings.train);
  declare(schema, settings.selflabel);
  schema.add("cached_views", &settings.cached_views, {.low = 0, .high = 1000},
             "with a frozen backbone: train on cached features of so many views per image; 0: "
             "compute every view anew");
  declare_normalization(schema, settings.normalization, "heads on a frozen backbone",
                        "center, and none where the backbone trains");
  declare(schema, settings.views);
}

}  // namespace nolabel
