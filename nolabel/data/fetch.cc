#include "nolabel/data/fetch.h"

#include <algorithm>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/fetch/download_lock.h"
#include "nolabel/fetch/unpack.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

// What the archive's folder takes, unpacked: little else than pixels.
uint64_t unpacked_bytes(const PublishedData& data) {
  const int64_t images = data.train + data.test + data.unlabeled;
  return static_cast<uint64_t>(images * 3 * data.image_size * data.image_size);
}

void require_room(const PublishedData& data, const fs::path& folder) {
  const uint64_t needed = unpacked_bytes(data);
  const uint64_t room = free_disk_bytes(folder);
  if (needed <= room) return;
  fail_system("the disk must have room for {:.1f} GB of {}. {} has {:.1f} GB left.",
              static_cast<double>(needed) / 1e9, data.title, folder.string(),
              static_cast<double>(room) / 1e9);
}

// Names that a folder of published data sets may hold: those of any of them, and hidden ones.
bool is_published_name(const std::string& name) {
  if (name.starts_with('.') || name == "lost+found") return true;
  const auto& all = published_data();
  return std::any_of(all.begin(), all.end(), [&](const PublishedData& data) {
    if (data.archive && name == Download{.url = data.archive->url}.name()) return true;
    if (std::count(data.names.begin(), data.names.end(), name) > 0) return true;
    return std::any_of(data.layouts.begin(), data.layouts.end(), [&](const PublishedLayout& at) {
      return name == at.folder ||
             (at.folder.empty() && std::count(at.signs.begin(), at.signs.end(), name) > 0);
    });
  });
}

// A download never goes among a user's own files.
void require_own_folder(const PublishedData& data, const fs::path& folder) {
  std::error_code error;
  for (fs::directory_iterator i(folder, error), end; !error && i != end; i.increment(error)) {
    const std::string name = i->path().filename().string();
    if (is_published_name(name)) continue;
    fail_usage(
        "the folder to download {} to must be empty, hold nothing but published data sets, or not "
        "exist. {} holds {}: name another folder, such as {}.",
        data.title, folder.string(), name, (folder / "datasets").string());
  }
}

void fetch_into(const PublishedData& data, const fs::path& folder, const fs::path& work,
                const Observer& observer, const DownloadPatience& patience) {
  const PublishedArchive& source = *data.archive;
  const std::string& name = data.layouts.front().folder;
  Download wanted{.url = source.url, .md5 = source.md5, .bytes = source.bytes};
  wanted.by_hand = folder / wanted.name();
  const bool placed = fs::exists(wanted.by_hand);
  const fs::path target = folder / name, content = work / "content";
  const fs::path archive = placed ? wanted.by_hand : work / "archive.tar.gz";
  std::error_code error;
  if (fs::exists(target, error) && !fs::is_empty(target, error)) {
    fail_usage("{} must hold {} or not exist. It holds something else: move it away.",
               target.string(), data.title);
  }
  if (placed) {
    observer.note(format("unpacking {}, which was placed there", archive.string()));
    require_digest(wanted, archive, observer);
  } else if (!fs::exists(archive)) {  // else verified by a call that was stopped while unpacking
    observer.note(format("downloading {} from {} to {}", data.title, source.url, target.string()));
    download(wanted, archive, patience, observer);
  }
  require_room(data, work);
  fs::remove_all(content, error);
  unpack(archive, content, observer);
  if (!fs::is_directory(content / name)) {
    fail_data("{} must hold the folder {}. It does not.", source.url, name);
  }
  fs::rename(content / name, target, error);
  if (error) fail_system("cannot move {} into place: {}", target.string(), error.message());
}

}  // namespace

fs::path fetch_published(const PublishedData& data, const fs::path& folder,
                         const Observer& observer, const DownloadPatience& patience) {
  const DataPlaces place{.datasets = {{data.name, folder}}, .root = {}};
  if (const auto found = find_data(data, place)) return *found;
  if (!data.archive) {
    fail_usage("{} cannot be downloaded: it has to be obtained from image-net.org.", data.title);
  }
  require_own_folder(data, folder);
  make_directory(folder);
  const fs::path work = folder / (".nolabel-" + data.name);
  const DirectoryLock held = lock_for_download(work, data.title, observer);
  if (!find_data(data, place)) fetch_into(data, folder, work, observer, patience);
  std::error_code error;  // a process that comes now may have begun to use the folder
  fs::remove_all(work, error);
  return locate(data, place);
}

}  // namespace nolabel
