// Features of all runs, by the pixels of the images and by what made them, so that an image is
// embedded once: another number of clusters, another run, another folder with the same pictures
// finds its features there.
//
// <cache folder>/features/<what made them>.rows (base/keyed_rows.h), and beside it .json, which
// says it for people. Files that were not used for longest go when there is too much.
#pragma once

#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "nolabel/base/keyed_rows.h"
#include "nolabel/neighbors/feature_bank.h"
#include "nolabel/run/environment.h"

namespace nolabel {

// What makes a row of features, beside the pixels.
struct FeatureMaker {
  nlohmann::json identity;  // backbone, precision, recipe and key of the views
  std::string backbone;     // for people: "vision transformer (width 384, …)"
  std::string views;        // for people: "plain" or "random"
};

// Of extract() and extract_views() with these options.
FeatureMaker maker_of(const Model& model, const BankOptions& options,
                      const Environment& environment);

// Of the plain views of a frozen backbone, and of random views by `recipe` for the heads on it: the
// options with which a run embeds its images. `purpose` is what the progress calls it.
BankOptions plain_options(const ViewRecipe& recipe, const Environment& environment,
                          const std::string& purpose);
BankOptions drawn_options(const ViewRecipe& recipe, const Environment& environment,
                          const std::string& purpose);

// The rows that this maker has made, to be read and added to. Nothing where the environment has no
// cache folder or no room for features, or where `bytes`, what this call may add, does not fit: the
// disk must have ten times as much, and the bound of the cache must hold it. Files of other makers
// go to make room, those that were not used for longest first; where that is not enough, this
// maker's file begins anew.
std::unique_ptr<KeyedRows> open_feature_cache(const FeatureMaker& maker, int64_t width,
                                              uint64_t bytes, const Environment& environment);

// The same rows only to be read: nothing where there are none, or where open_feature_cache() would
// not take them. Changes nothing on the disk.
std::unique_ptr<KeyedRows> find_feature_cache(const FeatureMaker& maker, int64_t width,
                                              uint64_t bytes, const Environment& environment);

// Removes the files that were not used for longest until the others take at most `bytes`; `kept`
// stays in any case.
void bound_feature_cache(const std::filesystem::path& folder, uint64_t bytes,
                         const std::filesystem::path& kept = {});

struct CachedFeatureFile {
  std::filesystem::path file;
  std::string backbone, views;
  int64_t rows = 0, width = 0;
  uint64_t bytes = 0;
  double days_unused = 0;
};
// The files in this folder of features, the last used first.
std::vector<CachedFeatureFile> list_feature_cache(const std::filesystem::path& folder);

// Where the features of all runs are: features/ in the shared cache folder. Empty: nowhere.
std::filesystem::path feature_cache_folder();

}  // namespace nolabel
