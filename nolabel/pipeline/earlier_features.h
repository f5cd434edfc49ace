// The rows of a run's features by the pixels of their images, so that a run whose images have
// changed embeds only those that are new, also where the cache of the machine does not hold the
// others.
//
// FILE.keys stands beside a FILE of features: 16 bytes of format, the SHA-256 of what made the rows
// and of the provenance that FILE.json has (32 bytes), and the key of each row (16 bytes).
#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/base/file.h"
#include "nolabel/base/keyed_rows.h"

namespace nolabel {

class EarlierFeatures {
 public:
  // The rows [width] of `file` (.npy, '<f4'), where its keys say that they were made with
  // `made_with` (FeatureMaker::identity). Nothing where there is no such file, or where the file,
  // its sidecar and its keys do not belong together.
  static std::unique_ptr<const EarlierFeatures> find(const std::filesystem::path& file,
                                                     const std::string& made_with, int64_t width);

  // nullptr: the row is not there. Valid while this lives.
  const float* row(const RowKey& key) const;
  // Which rows these are, for the key of an interrupted file.
  const std::string& hash() const { return hash_; }

 private:
  MappedFile file_;
  uint64_t row_bytes_ = 0;
  std::map<RowKey, const float*> rows_;
  std::string hash_;
};

// Writes FILE.keys; call it after the file and its sidecar are in place.
void write_feature_keys(const std::filesystem::path& file, const std::string& made_with,
                        const std::vector<RowKey>& keys);

}  // namespace nolabel
