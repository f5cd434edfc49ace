#include "nolabel/backbones/store.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#include "nolabel/base/cache_folder.h"
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/fetch/download_lock.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

fs::path folder_in(const char* variable) {
  const char* value = std::getenv(variable);
  return value ? fs::path(value) : fs::path();
}

// The folder of a program: named by a variable, else a folder of the user's caches; empty where
// there are none.
fs::path cache_of(const char* variable, const char* name) {
  if (const fs::path named = folder_in(variable); !named.empty()) return named;
  const fs::path caches = user_cache_folder();
  return caches.empty() ? fs::path() : caches / name;
}

fs::path own_folder() {
  return cache_of("NOLABEL_BACKBONES", "nolabel/backbones");
}

fs::path own_file(const fs::path& folder, const PublishedBackbone& backbone) {
  return folder / backbone.name / backbone.file();
}

// torch.hub's: TORCH_HOME/hub/checkpoints/FILE.
fs::path torch_hub_file(const PublishedBackbone& backbone) {
  const fs::path home = cache_of("TORCH_HOME", "torch");
  return home.empty() ? fs::path() : home / "hub" / "checkpoints" / backbone.file();
}

// Hugging Face's: HF_HUB_CACHE or HF_HOME/hub, and there
// models--OWNER--NAME/snapshots/REVISION/model.safetensors.
std::optional<fs::path> hugging_face_file(const PublishedBackbone& backbone) {
  if (backbone.hugging_face.empty()) return std::nullopt;
  fs::path hub = folder_in("HF_HUB_CACHE");
  if (hub.empty()) {
    const fs::path home = cache_of("HF_HOME", "huggingface");
    if (home.empty()) return std::nullopt;
    hub = home / "hub";
  }
  std::string name = "models--" + backbone.hugging_face;
  name.replace(name.find('/'), 1, "--");
  std::error_code none;
  std::vector<fs::path> revisions;
  for (const auto& revision : fs::directory_iterator(hub / name / "snapshots", none)) {
    revisions.push_back(revision.path());
  }
  std::ranges::sort(revisions);
  if (const fs::path main = hub / name / "refs/main"; fs::is_regular_file(main, none)) {
    revisions.insert(revisions.begin(), hub / name / "snapshots" / read_file(main));
  }
  for (const fs::path& revision : revisions) {
    for (const char* file : {"model.safetensors", "pytorch_model.bin"}) {
      if (fs::is_regular_file(revision / file, none)) return revision / file;
    }
  }
  return std::nullopt;
}

// By the file: another revision, or a file of another program, is another one.
fs::path remembered_hash_file(const fs::path& file) {
  return backbone_folder() / "first-use" / sha256(file.string()).substr(0, 16);
}

// The checksum that the file must have, or nothing.
std::string wanted_hash(const PublishedBackbone& backbone, const FoundBackbone& found) {
  if (found.is_of_authors && !backbone.sha256.empty()) return backbone.sha256;
  const fs::path remembered = remembered_hash_file(found.file);
  return fs::exists(remembered) ? read_file(remembered) : "";
}

Download download_of(const PublishedBackbone& backbone, const BackboneSource& source) {
  std::string mirror = source.mirror;
  if (mirror.empty()) mirror = folder_in("NOLABEL_MIRROR").string();
  const std::string slash = mirror.ends_with('/') ? "" : "/";
  return {.url = mirror.empty() ? backbone.url : mirror + slash + backbone.file(),
          .sha256 = backbone.sha256,
          .bytes = backbone.bytes,
          .by_hand = own_file(backbone_folder(), backbone)};
}

// A file that is there already, or that another process got while this one waited.
fs::path known(const PublishedBackbone& backbone, const fs::path& file, const Observer& observer) {
  require_known_content(backbone, {file, ""});
  observer.note(format("{} is there already: {}", backbone.name, file.string()));
  return file;
}

}  // namespace

fs::path backbone_folder() {
  const fs::path folder = own_folder();
  if (folder.empty()) {
    fail_system(
        "a folder for backbones is required, but neither HOME nor XDG_CACHE_HOME is set. Name one "
        "in NOLABEL_BACKBONES.");
  }
  return folder;
}

std::optional<FoundBackbone> find_on_disk(const PublishedBackbone& backbone) {
  std::error_code none;
  const fs::path folder = own_folder();
  if (const fs::path own = own_file(folder, backbone);
      !folder.empty() && fs::is_regular_file(own, none)) {
    return FoundBackbone{own, "nolabel's folder"};
  }
  if (const fs::path hub = torch_hub_file(backbone); fs::is_regular_file(hub, none)) {
    return FoundBackbone{hub, "torch.hub's cache"};
  }
  if (const auto file = hugging_face_file(backbone)) {
    return FoundBackbone{*file, "Hugging Face's cache", false};
  }
  return std::nullopt;
}

void require_known_content(const PublishedBackbone& backbone, const FoundBackbone& found) {
  const std::string wanted = wanted_hash(backbone, found);
  if (wanted.empty()) return;
  const std::string hash = file_hash(found.file);
  if (hash.starts_with(wanted)) return;
  if (found.is_of_authors && !backbone.sha256.empty()) {
    fail_data("{} must have the SHA-256 {}, which was published for {}. It has {}.",
              found.file.string(), wanted, backbone.name, hash);
  }
  fail_data(
      "{} must have the SHA-256 that it had at its first use, {}. It has {}. If you have replaced "
      "the file, remove {}.",
      found.file.string(), wanted, hash, remembered_hash_file(found.file).string());
}

void remember_content(const PublishedBackbone& backbone, const FoundBackbone& found) {
  if (!wanted_hash(backbone, found).empty()) return;
  const fs::path remembered = remembered_hash_file(found.file);
  make_directory(remembered.parent_path());
  write_file(remembered, file_hash(found.file));
}

fs::path get_backbone(const PublishedBackbone& backbone, const BackboneSource& source,
                      const std::function<void(const fs::path&)>& check, const Observer& observer) {
  const fs::path file = own_file(backbone_folder(), backbone);
  if (fs::is_regular_file(file)) return known(backbone, file, observer);
  const DirectoryLock lock = lock_for_download(file.parent_path(), backbone.name, observer);
  if (fs::is_regular_file(file)) return known(backbone, file, observer);
  const fs::path unchecked = file.parent_path() / ("unchecked-" + backbone.file());
  const Download what = download_of(backbone, source);
  download(what, unchecked, source.patience, observer);
  try {
    check(unchecked);
  } catch (const Error& error) {
    fs::remove(unchecked);
    fail_data("{} must be {}. It is not, and was removed: {}", what.url, backbone.summary,
              error.what());
  }
  fs::rename(unchecked, file);
  std::error_code none;  // of an earlier file here, which a person has removed
  fs::remove(remembered_hash_file(file), none);
  remember_content(backbone, {file, ""});
  return file;
}

bool has_declined() {
  std::error_code none;
  const fs::path folder = own_folder();
  return !folder.empty() && fs::exists(folder / "declined", none);
}

void remember_declined() {
  make_directory(backbone_folder());
  write_file(backbone_folder() / "declined", "");
}

}  // namespace nolabel
