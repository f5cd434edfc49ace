#include "nolabel/pipeline/feature_cache.h"

#include <algorithm>
#include <chrono>
#include <map>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/pipeline/recipe_identity.h"
#include "nolabel/train/task.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

// Of how a network makes features of views. 2: EfficientNet-Lite in 16 bits rounds less.
// 3: convolutional backbones evaluate in bf16 with folded batch norms.
constexpr int feature_version = 3;
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

fs::path rows_file_of(const FeatureMaker& maker, const fs::path& folder) {
  return folder / (sha256(maker.identity.dump()).substr(0, 16) + rows_extension);
}

uint64_t most_bytes(const Environment& environment) {
  return static_cast<uint64_t>(environment.feature_cache_mb) * megabyte;
}

bool has_cache(uint64_t bytes, const Environment& environment) {
  const fs::path& shared = environment.cache_directory;
  return !shared.empty() && bytes <= most_bytes(environment) &&
         free_disk_bytes(shared) / 10 >= bytes;
}

std::unique_ptr<KeyedRows> opened(const FeatureMaker& maker, int64_t width, const fs::path& folder,
                                  uint64_t room) {
  const fs::path file = rows_file_of(maker, folder);
  make_directory(folder);
  if (!fs::exists(description_of(file))) {
    const nlohmann::json description = {{"backbone", maker.backbone}, {"views", maker.views}};
    write_file(description_of(file),
               description.dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n");
  }
  std::error_code none;  // a file that is not there has no size
  const uint64_t size = fs::file_size(file, none);
  if (!none && size > room) fs::remove(file, none);  // it begins anew
  mark_used(file);
  bound_feature_cache(folder, room, file);
  return std::make_unique<KeyedRows>(file, maker.identity.dump(), width);
}

// Texts for people; what is no such file has none.
std::map<std::string, std::string> texts_in(const fs::path& file) {
  std::error_code none;
  if (!fs::is_regular_file(file, none)) return {};
  const auto json = nlohmann::json::parse(read_file(file), nullptr, false);
  std::map<std::string, std::string> texts;
  if (!json.is_object()) return {};
  for (const auto& [name, value] : json.items()) {
    if (value.is_string()) texts[name] = value.get<std::string>();
  }
  return texts;
}

}  // namespace

FeatureMaker maker_of(const Model& model, const BankOptions& options,
                      const Environment& environment) {
  const bool is_plain = options.recipe.strategy == Strategy::evaluation;
  return {.identity = {{"version", feature_version},
                       {"backbone", backbone_identity(model)},
                       {"precision", static_cast<int>(environment.precision)},
                       {"device", environment.device.is_cpu() ? "cpu" : "gpu"},
                       {"output", static_cast<int>(options.output)},
                       {"recipe", recipe_identity(options.recipe)},
                       {"key", {options.key.seed, options.key.stage, options.key.role}}},
          .backbone = describe(model.settings().backbone),
          .views = is_plain ? "plain" : "random"};
}

BankOptions plain_options(const ViewRecipe& recipe, const Environment& environment,
                          const std::string& purpose) {
  return {.recipe = recipe,
          .key = {},
          .threads = environment.threads,
          .group = environment.group,
          .purpose = purpose};
}

BankOptions drawn_options(const ViewRecipe& recipe, const Environment& environment,
                          const std::string& purpose) {
  return {.recipe = recipe,
          .key = {.seed = environment.seed, .stage = static_cast<uint32_t>(StageNumber::features)},
          .threads = environment.threads,
          .group = environment.group,
          .purpose = purpose};
}

fs::path feature_cache_folder() {
  const fs::path shared = shared_cache_directory();
  return shared.empty() ? fs::path() : shared / "features";
}

std::unique_ptr<KeyedRows> open_feature_cache(const FeatureMaker& maker, int64_t width,
                                              uint64_t bytes, const Environment& environment) {
  if (!has_cache(bytes, environment)) return nullptr;
  try {
    return opened(maker, width, environment.cache_directory / "features",
                  most_bytes(environment) - bytes);
  } catch (const Error& error) {
    if (error.fault() != Fault::system) throw;
    environment.observer.warn(
        format("other runs will embed these images again, because features cannot be kept: {}",
               error.what()));
    return nullptr;
  }
}

std::unique_ptr<KeyedRows> find_feature_cache(const FeatureMaker& maker, int64_t width,
                                              uint64_t bytes, const Environment& environment) {
  if (!has_cache(bytes, environment)) return nullptr;
  const fs::path file = rows_file_of(maker, environment.cache_directory / "features");
  std::error_code none;  // a file that is not there has no size
  const uint64_t size = fs::file_size(file, none);
  if (none || size > most_bytes(environment) - bytes) return nullptr;
  try {
    return std::make_unique<KeyedRows>(file, maker.identity.dump(), width);
  } catch (const Error& error) {
    if (error.fault() != Fault::system) throw;
    return nullptr;  // whoever embeds the images says what is wrong with the file
  }
}

void bound_feature_cache(const fs::path& folder, uint64_t bytes, const fs::path& kept) {
  uint64_t total = 0;
  for (const RowsFile& file : rows_files(folder)) {
    total += file.bytes;
    if (total > bytes && file.path != kept) {
      std::error_code none;
      fs::remove(file.path, none);
      fs::remove(description_of(file.path), none);
      total -= file.bytes;
    }
  }
}

std::vector<CachedFeatureFile> list_feature_cache(const fs::path& folder) {
  std::vector<CachedFeatureFile> files;
  for (const RowsFile& file : rows_files(folder)) {
    CachedFeatureFile listed;
    listed.file = file.path;
    listed.bytes = file.bytes;
    if (const auto width = KeyedRows::width_of(file.path)) {
      listed.width = *width;
      listed.rows = static_cast<int64_t>(file.bytes / (sizeof(RowKey) + 4 * *width));
    }
    auto texts = texts_in(description_of(file.path));
    listed.backbone = texts["backbone"];
    listed.views = texts["views"];
    listed.days_unused =
        std::chrono::duration<double>(fs::file_time_type::clock::now() - file.used).count() / 86400;
    files.push_back(std::move(listed));
  }
  return files;
}

}  // namespace nolabel
