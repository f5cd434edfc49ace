// The place of a data set's pack in a cache directory that runs and processes share.
//
// A pack is found by its key alone, so data that was moved with its times is recognised; the
// content of some images is compared before it is used. Its name also says from where it was made:
// a pack of files that have changed since is replaced, not left to lie.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "nolabel/base/make_lock.h"
#include "nolabel/data/listing.h"
#include "nolabel/data/pack_file.h"
#include "nolabel/data/pixel_block.h"
#include "nolabel/record/observer.h"

namespace nolabel {

// How the names of packs end.
constexpr std::string_view pack_extension = ".pack";

struct FoundPack {
  ImageBlock block;
  std::filesystem::path file;
};

// Whether some of these images, spread over all, have these contents [N] now. A file that cannot be
// read says nothing against it.
bool have_content(const std::vector<const ListedImage*>& listed,
                  const std::vector<ContentId>& contents);

// A pack in a cache directory.
struct CachedPack {
  std::filesystem::path file;
  uint64_t bytes = 0;
  double days_unused = 0;
};
// Those in `directory`, the last used ones first; none when it cannot be listed.
std::vector<CachedPack> list_packs(const std::filesystem::path& directory);

class PackCache {
 public:
  // `listing` must outlive it.
  PackCache(const Listing& listing, const LoadOptions& options);

  // False when no cache directory is set.
  bool exists() const { return !file_.empty(); }
  std::filesystem::path directory() const { return file_.parent_path(); }
  // Where the pack is made.
  const std::filesystem::path& file() const { return file_; }
  const std::string& key() const { return key_; }
  // How files become images, for PackTable::making.
  const std::string& making() const { return making_; }

  // The images that an earlier run or another process left in file(), or made from the same files
  // at another place, if they can be used. A file() that cannot be used is removed, with a note.
  std::optional<FoundPack> open(PackTable& table, const Observer& observer);

  // Whether images of the table, spread over it, have the content that is listed now, and none is
  // missing that can be read now. For what an earlier process left of file().
  bool has_content_of(const PackTable& table) const;

  // To be held while file() is made: waits for another process that makes it, and removes what
  // killed ones left (not on a file system without locks, where they may live). The file may be
  // there afterwards. Throws Error(Fault::system) where nothing can be written, or where open()
  // could not remove file().
  MakeLock lock(const Observer& observer) const;

  // Makes file() of images in memory, which took so many seconds to decode: the next command reads
  // them instead of decoding pictures. Nobody asked for it, so that nobody waits for another
  // process that makes it, and a disk without ten times the room is no error; a note says what was
  // done.
  void keep(const PixelBlock& images, const PackTable& table, double seconds,
            const Observer& observer) const;

  // Once file() is made: removes packs of the same source as it was before.
  void remove_superseded() const;

 private:
  std::optional<FoundPack> open_own(PackTable& table, const Observer& observer);
  std::optional<FoundPack> open_of_another_source(PackTable& table, const Observer& observer) const;
  MakeLock lock_and_clean(const Observer& observer) const;

  const Listing& listing_;
  std::string making_, source_, key_;
  std::filesystem::path file_;
  std::string cannot_be_removed_;  // why a file() that cannot be used is there still
};

}  // namespace nolabel
