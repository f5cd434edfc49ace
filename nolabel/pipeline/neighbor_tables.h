// Stage 2: the nearest neighbors of every image, as two tables in the published layout.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
#include <string>

#include "nolabel/base/npy.h"
#include "nolabel/pipeline/settings.h"
#include "nolabel/run/artifact.h"
#include "nolabel/run/environment.h"
#include "nolabel/run/run_directory.h"

namespace nolabel {

// What is mined: one row per image, and the labels if there are any.
struct MinedImages {
  at::Tensor features;      // [N,D] fp32, CPU
  std::vector<int> labels;  // for the neighbor accuracy that is reported; may be empty
  std::string made_of;      // what the features come from (MinedFeatures), for provenance
};

// Throws Error(Fault::usage) for approximate search in a build without faiss. Before features are
// computed; declare_search() has refused settings of another search.
void require_search(const MineSettings& settings);

// MineSettings::advice of a command with the flags of declare_search(): names the one that shortens
// a long exact search. Empty where the search is another, or this build cannot follow it.
std::string search_advice(const MineSettings& settings);

struct MinedTables {
  int64_t images = 0;  // rows of the training table
  int neighbors = 0;   // of each of them, itself left out
  // Share of the first k neighbors with the image's label, by k; empty without labels.
  std::map<int, double> accuracy, validation_accuracy;
  std::optional<double> recall, validation_recall;  // of approximate search
};

// Mines both tables, or keeps them if they are current. k is clipped to N-1 with a warning; N = 1
// is Error(Fault::data). settings.normalization center: on centered_unit_rows(), a copy of the
// features.
MinedTables run_mine(const RunDirectory& run, const MinedImages& train,
                     const MinedImages& validation, const MineSettings& settings,
                     const std::string& data_fingerprint, const Environment& environment);

// The search that made a table with these settings in its sidecar (null: exact search), with its
// numbers; the neighbors and the memory are the defaults.
MineSettings search_of_table(const nlohmann::json& sidecar_settings);

// How settings.search searches the `neighbors` nearest of so many images.
MiningOptions mining_options(const MineSettings& settings, int64_t images, int neighbors,
                             int threads);

// The run's table in `file`, for `who` ("scan") to work with. Throws Error(Fault::usage) when there
// is none, or when it was mined on other images than those of `data`: such a table may well have
// the right shape.
Matrix<int64_t> required_table(const std::filesystem::path& file, const std::string& data,
                               const char* who, const Environment& environment);

// A table for figures about these images: nothing, with a note, when there is none, or when it was
// mined on others. `data_fingerprint` is of the whole data, or only of the `split` in the table.
std::optional<Matrix<int64_t>> table_of(const std::filesystem::path& file,
                                        const std::string& data_fingerprint, int64_t images,
                                        const Environment& environment,
                                        std::optional<RunSplit> split = {});

}  // namespace nolabel
