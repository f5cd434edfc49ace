// Features of images by a backbone, without a run: of files as one call, and of pictures in memory.
#pragma once

#include <ATen/core/Tensor.h>

#include <filesystem>
#include <string>
#include <vector>

#include "nolabel/augment/recipe.h"
#include "nolabel/config/tables.h"
#include "nolabel/data/settings.h"
#include "nolabel/data/source.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/picture_size.h"
#include "nolabel/run/environment.h"

namespace nolabel {

struct EmbedRequest {
  std::vector<std::string> data;  // folders, pictures, list files, published data sets
  std::string backbone;           // as `cluster` takes it; empty: by the sizes of the images
  int image_size = 0;             // side of the views in pixels; 0: what the backbone has
  DataSettings images;
  ComputeSettings compute;
};
void declare(SettingTables& tables, EmbedRequest& request);

// A backbone that is ready to embed.
struct EmbeddingModel {
  Environment environment;
  Model model;
  ViewRecipe view;       // the plain view that the backbone takes
  PictureSize pictures;  // how pictures are kept for it
  std::string origin;    // for people
  std::string labels;    // Backbone::labels
};
// The backbone that the request names. Errors as load_backbone() and make_environment().
EmbeddingModel open_embedding_model(const EmbedRequest& request, const Observer& observer);

// Features [N,D] of the plain views, fp32 on the CPU. Throws Error(Fault::stopped) on request.
at::Tensor embed(EmbeddingModel& embedding, const Dataset& dataset, const Observer& observer);

struct EmbedOutcome {
  LoadedImages images;
  at::Tensor features;  // [N,D]
  std::string backbone, backbone_labels;
};
// Loads the images and embeds them; rows that the feature cache holds are not computed again.
// Skipped files are told to the observer. Errors as load_images() and open_embedding_model().
EmbedOutcome embed(const EmbedRequest& request, const Observer& observer);

}  // namespace nolabel
