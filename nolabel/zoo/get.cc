#include "nolabel/zoo/get.h"

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/fetch/download_lock.h"
#include "nolabel/zoo/network.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

bool is_url(const std::string& place) {
  return place.starts_with("http://") || place.starts_with("https://");
}

bool holds(const fs::path& path, const ZooFile& file) {
  std::error_code error;
  return fs::file_size(path, error) == static_cast<uintmax_t>(file.bytes) && !error &&
         file_hash(path) == file.sha256;
}

class Getter {
 public:
  Getter(const ZooManifest& manifest, const ZooEntry& entry, const ZooSource& source,
         const fs::path& directory, const Observer& observer)
      : manifest_(manifest),
        entry_(entry),
        source_(source),
        target_(directory / entry.file.name),
        work_(directory / (".nolabel-zoo-" + entry.name)),
        observer_(observer) {}

  fs::path go(bool force) {
    if (is_there(force)) return target_;
    make_directory(target_.parent_path());
    if (!needs_work_folder()) {
      copy(obtain(entry_.file));
      return target_;
    }
    const DirectoryLock lock = lock_for_download(work_, entry_.name, observer_);
    try {
      if (!is_there(force)) fetch();
    } catch (...) {
      remove_empty_work_folder();
      throw;
    }
    std::error_code error;
    fs::remove_all(work_, error);
    return target_;
  }

 private:
  // Asked again when the lock is held: another process may have put the file there.
  bool is_there(bool force) const {
    if (!fs::exists(target_)) return false;
    if (holds(target_, entry_.file)) {
      observer_.note(format("{} is there already, with the listed checksum", target_.string()));
      return true;
    }
    if (force) return false;
    fail_usage("{} must be free for this entry. It is another file: --force replaces it.",
               target_.string());
  }

  // Whole, where a user's folder has it so.
  bool is_whole_in_place() const {
    return !source_.place.empty() && !is_url(source_.place) &&
           fs::is_regular_file(fs::path(source_.place) / entry_.file.name);
  }

  // For what is downloaded or joined.
  bool needs_work_folder() const {
    return !is_whole_in_place() && (entry_.head || is_url(source_.place));
  }

  // The part of a download stays, for the next call.
  void remove_empty_work_folder() const {
    std::error_code error;
    for (const auto& file : fs::directory_iterator(work_, error)) {
      if (file.path().filename() != ".lock") return;
    }
    fs::remove_all(work_, error);
  }

  void fetch() {
    if (!entry_.head) return copy(obtain(entry_.file));
    const fs::path backbone = obtain(find_entry(manifest_, entry_.head->on).file);
    const fs::path head = obtain(entry_.head->file);
    const fs::path joined = work_ / entry_.file.name;
    join_head(backbone, head, joined);
    require_listed_bytes(entry_.file, joined);
    copy(joined);
  }

  // Where the verified bytes are. A file is hashed once, here or by download().
  fs::path obtain(const ZooFile& file) {
    const std::optional<fs::path> shipped = shipped_file(manifest_, file.name);
    const std::string& place = source_.place;
    if (shipped && place.empty()) {
      require_listed_bytes(file, *shipped);
      return *shipped;
    }
    if (shipped && holds(*shipped, file)) {
      observer_.note(format("{} came with the program: {} is not asked", file.name, place));
      return *shipped;
    }
    if (place.empty()) {
      fail_usage(
          "{} did not come with this program, and there is no public place to get it from: --from "
          "FOLDER|URL (or NOLABEL_ZOO) must name one.",
          file.name);
    }
    return is_url(place) ? downloaded(file) : in_folder(file);
  }

  fs::path in_folder(const ZooFile& file) const {
    fs::path path = fs::path(source_.place) / file.name;
    if (!fs::is_regular_file(path)) {
      fail_usage("{} must hold {}. It does not.", source_.place, file.name);
    }
    require_listed_bytes(file, path);
    return path;
  }

  fs::path downloaded(const ZooFile& file) {
    fs::path path = work_ / file.name;
    if (holds(path, file)) return path;  // of a call that was stopped later on
    const std::string slash = source_.place.ends_with('/') ? "" : "/";
    download({.url = source_.place + slash + file.name, .sha256 = file.sha256, .bytes = file.bytes},
             path, source_.patience, observer_);
    return path;
  }

  void copy(const fs::path& verified) const {
    AtomicFile file(target_);
    const MappedFile bytes(verified);
    file.write(bytes.bytes().data(), bytes.bytes().size());
    file.commit();
  }

  const ZooManifest& manifest_;
  const ZooEntry& entry_;
  const ZooSource& source_;
  fs::path target_, work_;
  const Observer& observer_;
};

}  // namespace

fs::path get_entry(const ZooManifest& manifest, const ZooEntry& entry, const ZooSource& source,
                   const fs::path& directory, bool force, const Observer& observer) {
  require_entry_name(entry.name);  // it names a folder that is removed at the end
  return Getter(manifest, entry, source, directory, observer).go(force);
}

bool is_shipped(const ZooManifest& manifest, const ZooEntry& entry) {
  const auto shipped = [&](const std::string& file) {
    return shipped_file(manifest, file).has_value();
  };
  if (shipped(entry.file.name)) return true;
  return entry.head && shipped(entry.head->file.name) &&
         shipped(find_entry(manifest, entry.head->on).file.name);
}

void require_listed_bytes(const ZooFile& file, const fs::path& path) {
  const auto bytes = static_cast<int64_t>(fs::file_size(path));
  if (bytes != file.bytes) {
    fail_data("{} must have the {} bytes that the zoo lists for {}. It has {}.", path.string(),
              file.bytes, file.name, bytes);
  }
  const std::string hash = file_hash(path);
  if (hash != file.sha256) {
    fail_data("{} must have the SHA-256 that the zoo lists for {}, {}. It has {}.", path.string(),
              file.name, file.sha256, hash);
  }
}

}  // namespace nolabel
