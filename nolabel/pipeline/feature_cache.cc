#include "nolabel/pipeline/feature_cache.h"

#include <algorithm>
#include <chrono>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/pipeline/recipe_identity.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

constexpr int feature_version = 1;  // of how pixels become views, and views features
constexpr uint64_t megabyte = 1'000'000;
constexpr const char* rows_extension = ".rows";

struct RowsFile {
  fs::path path;
  fs::file_time_type used;
  uint64_t bytes;
};

// The last used first.
std::vector<RowsFile> rows_files(const fs::path& folder) {
  std::vector<RowsFile> files;
  std::error_code none;  // a file that another process has just removed is left out
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (entry.path().extension() != rows_extension) continue;
    const auto used = entry.last_write_time(none);
    const auto bytes = entry.file_size(none);
    if (!none) files.push_back({entry.path(), used, bytes});
  }
  std::ranges::sort(files, std::greater(), &RowsFile::used);
  return files;
}

fs::path description_of(const fs::path& rows) {
  return fs::path(rows).replace_extension(".json");
}

// Others see that it is in use. A cache that cannot be written serves to read.
void mark_used(const fs::path& rows) {
  std::error_code none;
  fs::last_write_time(rows, fs::file_time_type::clock::now(), none);
}

std::unique_ptr<KeyedRows> opened(const FeatureMaker& maker, int64_t width, const fs::path& folder,
                                  uint64_t others) {
  const std::string made_with = maker.identity.dump();
  const fs::path file = folder / (sha256(made_with).substr(0, 16) + rows_extension);
  make_directory(folder);
  if (!fs::exists(description_of(file))) {
    const nlohmann::json description = {
        {"backbone", maker.backbone}, {"views", maker.views}, {"width", width}};
    write_file(description_of(file),
               description.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  mark_used(file);
  bound_feature_cache(folder, others, LastUsed::stays);
  return std::make_unique<KeyedRows>(file, made_with, width);
}

}  // namespace

FeatureMaker maker_of(const Model& model, const BankOptions& options,
                      const Environment& environment) {
  const bool is_plain = options.recipe.strategy == Strategy::evaluation;
  return {.identity = {{"version", feature_version},
                       {"backbone", backbone_identity(model)},
                       {"precision", static_cast<int>(environment.precision)},
                       {"device", environment.device.is_cpu() ? "cpu" : "gpu"},
                       {"recipe", recipe_identity(options.recipe)},
                       {"key", {options.key.seed, options.key.stage, options.key.role}}},
          .backbone = describe(model.settings().backbone),
          .views = is_plain ? "plain" : "random"};
}

fs::path feature_cache_folder() {
  const fs::path shared = shared_cache_directory();
  return shared.empty() ? fs::path() : shared / "features";
}

std::unique_ptr<KeyedRows> open_feature_cache(const FeatureMaker& maker, int64_t width,
                                              uint64_t bytes, const Environment& environment) {
  const uint64_t most = static_cast<uint64_t>(environment.feature_cache_mb) * megabyte;
  const fs::path& shared = environment.cache_directory;
  if (shared.empty() || bytes > most || free_disk_bytes(shared) / 10 < bytes) return nullptr;
  try {
    return opened(maker, width, shared / "features", most - bytes);
  } catch (const Error& error) {
    if (error.fault() != Fault::system) throw;
    environment.observer.warn(format("features are not kept for other runs: {}", error.what()));
    return nullptr;
  }
}

void bound_feature_cache(const fs::path& folder, uint64_t bytes, LastUsed last_used) {
  uint64_t total = 0;
  bool stays = last_used == LastUsed::stays;
  for (const RowsFile& file : rows_files(folder)) {
    total += file.bytes;
    if (total > bytes && !stays) {
      std::error_code none;
      fs::remove(file.path, none);
      fs::remove(description_of(file.path), none);
      total -= file.bytes;
    }
    stays = false;
  }
}

std::vector<CachedFeatureFile> list_feature_cache(const fs::path& folder) {
  std::vector<CachedFeatureFile> files;
  for (const RowsFile& file : rows_files(folder)) {
    CachedFeatureFile listed;
    listed.file = file.path;
    listed.bytes = file.bytes;
    const fs::path description = description_of(file.path);
    const auto json = fs::exists(description)
                          ? nlohmann::json::parse(read_file(description), nullptr, false)
                          : nlohmann::json();
    if (json.is_object()) {
      listed.backbone = json.value("backbone", "");
      listed.views = json.value("views", "");
      listed.width = json.value("width", int64_t{0});
    }
    if (listed.width > 0) {
      listed.rows = static_cast<int64_t>(file.bytes / (sizeof(RowKey) + 4 * listed.width));
    }
    listed.days_unused =
        std::chrono::duration<double>(fs::file_time_type::clock::now() - file.used).count() / 86400;
    files.push_back(std::move(listed));
  }
  return files;
}

}  // namespace nolabel
