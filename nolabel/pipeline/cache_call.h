// What `nolabel cache` does, as calls: list and prune the features and the decoded images that runs
// share.
#pragma once

#include <vector>

#include "nolabel/config/schema.h"
#include "nolabel/data/pack_cache.h"
#include "nolabel/pipeline/feature_cache.h"

namespace nolabel {

struct CacheRequest {
  int keep_mb = 0;  // prune: files that were not used for longest go until the others fit in this
};
void declare(Schema& options, CacheRequest& request);

struct CacheContent {
  std::filesystem::path folder;  // empty: this machine has no cache folder
  std::vector<CachedFeatureFile> files;
  std::vector<CachedPack> packs;  // decoded images, the last used ones first

  uint64_t bytes() const;
};
CacheContent list_cache();
// Returns what stays.
CacheContent prune_cache(const CacheRequest& request);

}  // namespace nolabel
