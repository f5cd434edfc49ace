// What a config of the published program tells beside the settings of its stage: the stage, the
// data set and the network. The keys are the published ones (docs/method.md, Settings). A config
// written for nolabel can use them too.
#pragma once

#include <string>
#include <vector>

#include "nolabel/config/schema.h"
#include "nolabel/data/published.h"
#include "nolabel/model/model.h"
#include "nolabel/pipeline/backbone.h"
#include "nolabel/pipeline/settings.h"

namespace nolabel {

enum class Setup { any, simclr, moco, scan, selflabel };

struct PublishedConfig {
  Setup setup = Setup::any;
  std::string criterion = "any";
  std::string train_db_name, val_db_name;  // data/published.h; empty: not given
  // What the weights that a stage starts from must be; 0 and "any": whatever they are.
  std::string backbone = "any";
  std::string head = "any";
  int embedding_dimensions = 0;
};

// Declares setup, criterion, train_db_name and val_db_name. Declares backbone and
// model_kwargs.{head, features_dim}, too, unless the stage has already declared them. Keys of the
// published program's other stages are allowed.
void declare(Schema& schema, PublishedConfig& config);

// What `data` means for the images of `stage`, as values of the settings that the user left alone.
void suggest_published_data(Schema& schema, const PublishedData& data, Setup stage);

// Throws Error(Fault::usage), with the place of the key, when the config is for another stage than
// `stage` or its keys contradict each other. Setup::any: for any stage (evaluation).
void check_config(const PublishedConfig& config, Setup stage, const Schema& schema);

// Throws Error(Fault::usage) when these weights are not what the config expects; of another network
// it lists the tensors that differ.
void check_network(const PublishedConfig& config, const Backbone& backbone);

// Lists for people, one per line, where `stage` under a published config differs from the published
// program. Setup::any: a command that only measures clusters; Setup::moco: one that only mines. The
// stage computes in `precision`.
std::vector<std::string> deviations(Setup stage, const Schema& schema, Precision precision);

// The stage of a config, by its `setup`. Throws Error(Fault::usage) when the config has no `setup`.
Setup setup_of(const std::filesystem::path& config);

// "scan"
std::string setup_name(Setup setup);

}  // namespace nolabel
