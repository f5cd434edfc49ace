#include "nolabel/pipeline/cache_call.h"

#include "nolabel/base/error.h"

namespace nolabel {

void declare(Schema& options, CacheRequest& request) {
  options.add("keep", &request.keep_mb, {.low = 0, .high = 10'000'000},
              "prune: megabytes of features that stay, the last used ones; 0: none");
}

uint64_t CacheContent::bytes() const {
  uint64_t sum = 0;
  for (const CachedFeatureFile& file : files) sum += file.bytes;
  return sum;
}

CacheContent list_cache() {
  const std::filesystem::path folder = feature_cache_folder();
  if (folder.empty()) return {};
  return {folder, list_feature_cache(folder)};
}

CacheContent prune_cache(const CacheRequest& request) {
  const std::filesystem::path folder = feature_cache_folder();
  if (folder.empty()) {
    fail_system(
        "a cache folder is required. NOLABEL_CACHE, XDG_CACHE_HOME and HOME name none that can be "
        "written.");
  }
  bound_feature_cache(folder, uint64_t{1'000'000} * static_cast<uint64_t>(request.keep_mb));
  return list_cache();
}

}  // namespace nolabel
