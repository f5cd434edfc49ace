// Settings of each stage: what training, views and losses declare, put together, with the
// published CIFAR-10 recipe as defaults.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/augment/settings.h"
#include "nolabel/cluster/scan_task.h"
#include "nolabel/config/schema.h"
#include "nolabel/data/settings.h"
#include "nolabel/neighbors/mine.h"
#include "nolabel/pretext/simclr_task.h"
#include "nolabel/selflabel/selflabel_task.h"
#include "nolabel/train/feature_normalization.h"
#include "nolabel/train/settings.h"

namespace nolabel {

struct PretextSettings {
  ViewSettings views;
  TrainSettings train;
  SimclrSettings simclr;
  double knn_temperature = 0.1;
  int knn_epochs = 10;  // the kNN accuracy is measured this often, and after the last epoch
};

constexpr int published_moco_neighbors = 50;  // docs/method.md, Mining

struct MineSettings {
  int neighbors = 20;
  int validation_neighbors = 5;
  // Beyond the features themselves; no more is taken than the search needs. With this ImageNet's
  // training images and their 50 neighbors are compared in one band (docs/performance.md).
  int memory_mb = 2048;
  Search search = Search::exact;
  // Of approximate search; 0: chosen (MiningOptions).
  double recall = MiningOptions{}.recall;
  int lists = 0, probes = 0;
  int links = 0, build_breadth = 0, breadth = 0;
  bool parallel_build = false;
  std::string advice{};  // MiningOptions::advice; no setting of the user's
  // Of features before they are compared; afterwards their rows are made unit length in any case.
  FeatureNormalization normalization = FeatureNormalization::automatic;
};

// What cluster heads begin with.
enum class ScanStart {
  random,     // as published
  consensus,  // the heads of the stage consensus (group_stages.h)
};

// How many images SCAN expects in each cluster.
enum class SizePrior {
  uniform,      // equally many, as published
  communities,  // as many as the communities of the graph of neighbors have
};

struct ScanStageSettings {
  ViewSettings views;
  TrainSettings train;
  ScanSettings scan;
  int heads = 1;
  ScanStart start = ScanStart::random;
  SizePrior size_prior = SizePrior::uniform;
  int cached_views = 0;  // with a frozen backbone: features of so many views per image, once
  FeatureNormalization normalization = FeatureNormalization::automatic;
};

struct SelflabelStageSettings {
  ViewSettings views;
  TrainSettings train;
  SelflabelSettings selflabel;
  int cached_views = 0;
  FeatureNormalization normalization = FeatureNormalization::automatic;
};

// The published CIFAR-10 recipes (docs/method.md, Recipes), with views of image_size pixels.
PretextSettings published_pretext(int image_size);
ScanStageSettings published_scan(int image_size);
SelflabelStageSettings published_selflabel(int image_size);

void declare(Schema& schema, PretextSettings& settings);
void declare(Schema& schema, MineSettings& settings);
const char* search_name(Search search);
// Of them, how neighbors are looked for and with what memory. Rules refuse numbers of another
// search than the one that is asked for.
void declare_search(Schema& schema, MineSettings& settings);
// num_classes, which is no part of the stage's settings because it fits only one data set.
void declare_cluster_count(Schema& schema, int& clusters);
void declare(Schema& schema, ScanStageSettings& settings);
void declare(Schema& schema, SelflabelStageSettings& settings);

}  // namespace nolabel
