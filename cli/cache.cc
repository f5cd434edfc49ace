// nolabel cache list|prune: the features and the decoded images that runs share.
#include "nolabel/pipeline/cache_call.h"

#include <nlohmann/json.hpp>

#include "cli/frame/command_line.h"
#include "nolabel/base/error.h"
#include "nolabel/base/path_text.h"

namespace nolabel::cli {
namespace {

double in_megabytes(uint64_t bytes) {
  return static_cast<double>(bytes) / 1e6;
}

void print_cache(CommandLine& line, const CacheContent& content) {
  nlohmann::json files = nlohmann::json::array();
  for (const CachedFeatureFile& file : content.files) {
    line.print(
        format("{:>9.1f} MB  {:>9} images and views, {} numbers each, {} views of {}, last used "
               "{:.0f} days ago\n",
               in_megabytes(file.bytes), file.rows, file.width, file.views, file.backbone,
               file.days_unused));
    files.push_back({{"file", path_to_json(file.file)},
                     {"backbone", file.backbone},
                     {"views", file.views},
                     {"rows", file.rows},
                     {"width", file.width},
                     {"bytes", file.bytes},
                     {"days_unused", file.days_unused}});
  }
  nlohmann::json packs = nlohmann::json::array();
  for (const CachedPack& pack : content.packs) {
    line.print(format("{:>9.1f} MB  decoded images, {}, last used {:.0f} days ago\n",
                      in_megabytes(pack.bytes), pack.file.filename().string(), pack.days_unused));
    packs.push_back({{"file", path_to_json(pack.file)},
                     {"bytes", pack.bytes},
                     {"days_unused", pack.days_unused}});
  }
  line.print(
      content.folder.empty()
          ? std::string("this machine has no cache folder: NOLABEL_CACHE can name one\n")
          : format("{:>9.1f} MB in {}\n", in_megabytes(content.bytes()), content.folder.string()));
  line.result({{"folder", path_to_json(content.folder)},
               {"files", files},
               {"packs", packs},
               {"bytes", content.bytes()}});
}

}  // namespace

int run_cache(CommandLine& line) {
  std::string action;
  CacheRequest request;
  line.argument("ACTION", &action, "list or prune");
  declare(line.options(), request);
  if (!line.parse()) return 0;
  if (action != "list" && action != "prune") {
    fail_usage("ACTION must be list or prune. Received {}.", action);
  }
  if (action == "list" && line.options().is_set("keep")) {
    fail_usage("--keep means nothing to cache list.");
  }
  print_cache(line, action == "list" ? list_cache() : prune_cache(request));
  return 0;
}

}  // namespace nolabel::cli
