#include "nolabel/pipeline/cache_call.h"

#include "nolabel/base/error.h"

namespace nolabel {

void declare(Schema& options, CacheRequest& request) {
  options.add(
      "keep", &request.keep_mb, {.low = 0, .high = 10'000'000},
      "prune: megabytes of features and decoded images that stay, the last used ones; 0: none");
}

uint64_t CacheContent::bytes() const {
  uint64_t sum = 0;
  for (const CachedFeatureFile& file : files) sum += file.bytes;
  for (const CachedPack& pack : packs) sum += pack.bytes;
  return sum;
}

CacheContent list_cache() {
  const std::filesystem::path folder = feature_cache_folder();
  if (folder.empty()) return {};
  return {folder, list_feature_cache(folder), list_packs(folder.parent_path())};
}

CacheContent prune_cache(const CacheRequest& request) {
  const CacheContent content = list_cache();
  if (content.folder.empty()) {
    fail_system(
        "a cache folder is required. NOLABEL_CACHE, XDG_CACHE_HOME and HOME name none that can be "
        "written.");
  }
  // Of both kinds together, the last used ones stay.
  uint64_t left = uint64_t{1'000'000} * static_cast<uint64_t>(request.keep_mb), features = 0;
  size_t file = 0, pack = 0;
  while (file < content.files.size() || pack < content.packs.size()) {
    const bool takes_file = pack == content.packs.size() ||
                            (file < content.files.size() &&
                             content.files[file].days_unused <= content.packs[pack].days_unused);
    const uint64_t bytes = takes_file ? content.files[file].bytes : content.packs[pack].bytes;
    if (bytes > left) break;
    left -= bytes;
    if (takes_file) features += bytes;
    ++(takes_file ? file : pack);
  }
  bound_feature_cache(content.folder, features);
  for (; pack < content.packs.size(); ++pack) {
    std::error_code absent;  // a run that has it open keeps what it has mapped
    std::filesystem::remove(content.packs[pack].file, absent);
  }
  return list_cache();
}

}  // namespace nolabel
