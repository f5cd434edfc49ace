// What `nolabel cache` does, as calls: list and prune the features that runs share.
#pragma once

#include <vector>

#include "nolabel/config/schema.h"
#include "nolabel/pipeline/feature_cache.h"

namespace nolabel {

struct CacheRequest {
  int keep_mb = 0;  // prune: files that were not used for longest go until the others take this
};
void declare(Schema& options, CacheRequest& request);

struct CacheContent {
  std::filesystem::path folder;  // empty: this machine has no cache folder
  std::vector<CachedFeatureFile> files;

  uint64_t bytes() const;
};
CacheContent list_cache();
// Returns what stays.
CacheContent prune_cache(const CacheRequest& request);

}  // namespace nolabel
