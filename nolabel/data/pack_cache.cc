#include "nolabel/data/pack_cache.h"

#include <algorithm>
#include <chrono>
#include <functional>
#include <regex>
#include <system_error>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/data/compressed_picture.h"
#include "nolabel/data/pack_estimate.h"
#include "nolabel/data/read_listed.h"
#include "nolabel/image/decode.h"
#include "nolabel/image/missing_library.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr size_t source_digits = 8, key_digits = 16;

// How images become what is cached. Bilinear goes unsaid, as in the caches of earlier versions.
std::string making_text(const LoadOptions& options) {
  const PictureSize& pictures = options.pictures;
  std::string text =
      format("decoder {}, short side {}, enlarge {}, reduced {}, {}\n", decode_revision,
             pictures.short_side, pictures.enlarge, options.reduced_decode,
             options.cache_format == CacheFormat::raw ? "raw" : compressed_form);
  if (pictures.interpolation != Interpolation::bilinear) {
    text += format("filter {}\n", static_cast<int>(pictures.interpolation));
  }
  if (pictures.squash) text += "squashed\n";
  return text;
}

// What the cached images depend on. With the format of the file: versions of the program that write
// different ones do not look for each other's.
std::string key_of(const Listing& listing, const LoadOptions& options) {
  Sha256 hash;
  hash.update(pack_format);
  hash.update(making_text(options));
  for (const ListedImage& image : listing.images) {
    hash.update(format("{} {} {} ", image.name.size(), image.file_bytes, image.modified));
    hash.update(image.name);
  }
  return hash.hex();
}

// Which part of which data, whatever is in it now.
std::string source_of_pack(const Listing& listing, const LoadOptions& options) {
  return sha256(format("{} {}{}{} {} {}\n", pack_format, making_text(options), listing.source,
                       static_cast<int>(options.split), options.unlabeled, options.subset));
}

// Files of the directory whose names match; none when it cannot be listed.
std::vector<fs::path> matching(const fs::path& directory, const std::regex& pattern) {
  std::vector<fs::path> files;
  std::error_code error;
  for (fs::directory_iterator i(directory, error), end; !error && i != end; i.increment(error)) {
    if (std::regex_match(i->path().filename().string(), pattern)) files.push_back(i->path());
  }
  return files;
}

// Of writers that were killed: what is left of them can be as large as a pack. A living one holds
// the lock of its pack, as the caller does that of `held`.
void remove_leftovers_of_packs(const fs::path& directory, const fs::path& held) {
  for (const fs::path& leftover : matching(directory, std::regex(R"(.+\.pack\.[0-9]+\.tmp)"))) {
    const fs::path pack = leftover.parent_path() / leftover.stem().stem();
    std::error_code ignored;
    if (pack == held || MakeLock::attempt(pack)) fs::remove(leftover, ignored);
  }
}

// Images whose content is compared before a pack is used, and the bytes after which no more are.
constexpr int64_t compared_images = 32;
constexpr uint64_t compared_bytes = uint64_t{64} << 20;

// Whether images of the pack, spread over it, were made from what is listed now. Names, sizes and
// times alone do not tell: pictures without compression of one size, or CIFAR, have the same ones
// in two data sets when both were unpacked with a constant time.
bool has_content_of(const Listing& listing, const PackTable& table) {
  std::vector<const ListedImage*> listed;
  for (const PackTable::Image& image : table.images) {
    listed.push_back(&listing.images[image.listed]);
  }
  return have_content(listed, table.contents);
}

// Whether images are missing in the pack only because a library was, which is there now.
bool lacks_readable_images(const PackTable& table) {
  return std::ranges::any_of(table.failures, can_be_read_now, &PackTable::Failure::reason);
}

ImageBlock open_pack_of(const Listing& listing, const fs::path& file, const std::string& key,
                        PackTable& table) {
  ImageBlock block = open_pack(file, key, table);
  if (lacks_readable_images(table)) fail_data("made where HEIC and AVIF could not be read");
  if (!has_content_of(listing, table)) {
    fail_data("made from other images, whose names, sizes and times are the same");
  }
  return block;
}

}  // namespace

bool have_content(const std::vector<const ListedImage*>& listed,
                  const std::vector<ContentId>& contents) {
  const auto total = std::ssize(listed);
  const int64_t count = std::min(total, compared_images);
  uint64_t read = 0;
  for (int64_t k = 0; k < count && read < compared_bytes; ++k) {
    const int64_t i = k * (total - 1) / std::max<int64_t>(count - 1, 1);
    const ListedImage& image = *listed[i];
    try {
      if (content_of(image) != contents[i]) return false;
    } catch (const Error&) {
      continue;  // a file that cannot be read now says nothing against what was made from it
    }
    read += image.planes ? image.planes.size() : image.file_bytes;
  }
  return true;
}

std::vector<CachedPack> list_packs(const fs::path& directory) {
  std::vector<CachedPack> packs;
  const auto now = fs::file_time_type::clock::now();
  for (const fs::path& file : matching(directory, std::regex(R"([0-9a-f]+-[0-9a-f]+\.pack)"))) {
    std::error_code error;
    CachedPack pack{.file = file, .bytes = fs::file_size(file, error)};
    const auto used = fs::last_write_time(file, error);
    if (error) continue;  // gone meanwhile
    pack.days_unused = std::chrono::duration<double>(now - used).count() / 86400;
    packs.push_back(std::move(pack));
  }
  std::ranges::sort(packs, {}, &CachedPack::days_unused);
  return packs;
}

PackCache::PackCache(const Listing& listing, const LoadOptions& options)
    : listing_(listing),
      making_(making_text(options)),
      source_(source_of_pack(listing, options).substr(0, source_digits)),
      key_(key_of(listing, options)) {
  if (options.cache_directory.empty()) return;
  file_ = options.cache_directory /
          format("{}-{}{}", source_, key_.substr(0, key_digits), pack_extension);
}

std::optional<FoundPack> PackCache::open(PackTable& table, const Observer& observer) {
  if (!exists()) return std::nullopt;
  cannot_be_removed_.clear();
  std::optional<FoundPack> found = open_own(table, observer);
  if (!found) found = open_of_another_source(table, observer);
  if (found) {
    std::error_code ignored;  // a cache that can only be read serves, too
    fs::last_write_time(found->file, fs::file_time_type::clock::now(), ignored);
    observer.note(format("using the decoded images in {}", found->file.string()));
  }
  return found;
}

std::optional<FoundPack> PackCache::open_own(PackTable& table, const Observer& observer) {
  std::error_code error;
  if (!fs::exists(file_, error)) return std::nullopt;
  try {
    return FoundPack{open_pack_of(listing_, file_, key_, table), file_};
  } catch (const Error& damage) {
    if (damage.fault() != Fault::data) throw;
    observer.note(format("{} cannot be used and is made again: {}", file_.string(), damage.what()));
    fs::remove(file_, error);
    if (error) cannot_be_removed_ = error.message();
    return std::nullopt;
  }
}

std::optional<FoundPack> PackCache::open_of_another_source(PackTable& table,
                                                           const Observer& observer) const {
  const std::regex same_key("[0-9a-f]+-" + key_.substr(0, key_digits) + R"(\.pack)");
  for (const fs::path& file : matching(file_.parent_path(), same_key)) {
    if (file == file_) continue;
    try {
      return FoundPack{open_pack_of(listing_, file, key_, table), file};
    } catch (const Error& error) {  // it is not this one's to remove
      observer.note(format("{} is not used: {}", file.string(), error.what()));
    }
  }
  return std::nullopt;
}

bool PackCache::has_content_of(const PackTable& table) const {
  return !lacks_readable_images(table) && nolabel::has_content_of(listing_, table);
}

MakeLock PackCache::lock(const Observer& observer) const {
  try {
    return lock_and_clean(observer);
  } catch (const Error& error) {
    if (error.fault() != Fault::system) throw;
    fail_system(
        "{} must be a folder that can be written. {}. Name another folder with --cache-dir.",
        file_.parent_path().string(), error.what());
  }
}

MakeLock PackCache::lock_and_clean(const Observer& observer) const {
  if (!cannot_be_removed_.empty()) {
    fail_system("cannot remove {}: {}", file_.string(), cannot_be_removed_);
  }
  make_directory(file_.parent_path());
  bool said = false;
  MakeLock held = MakeLock::wait(file_, [&] {
    observer.stop_if_requested();
    if (!said)
      observer.note(
          format("another process is making {}; nolabel waits for that process", file_.string()));
    said = true;
  });
  if (held.held()) remove_leftovers_of_packs(file_.parent_path(), file_);
  return held;
}

void PackCache::keep(const PixelBlock& images, const PackTable& table, double seconds,
                     const Observer& observer) const {
  try {
    make_directory(directory());
    const std::optional<MakeLock> held = MakeLock::attempt(file_);
    const bool has_room = free_disk_bytes(directory()) / 10 > images.size();
    if (!held || !has_room || fs::exists(file_)) return;
    PackWriter writer(file_, key_, PackWriter::Place::own);
    writer.append(images.data(), images.size());
    writer.finish(table);
    remove_superseded();
    observer.note(format("decoding took {:.0f} s, so nolabel keeps the decoded images in {} ({})",
                         seconds, file_.string(), size_text(images.size())));
  } catch (const Error& error) {
    if (error.fault() != Fault::system) throw;
    observer.note(format("the decoded images are not kept: {}", error.what()));
  }
}

void PackCache::remove_superseded() const {
  const std::regex same_source(source_ + "-[0-9a-f]+" + R"(\.pack(\.begun(\.jsonl)?)?)");
  for (const fs::path& found : matching(file_.parent_path(), same_source)) {
    const std::string name = found.filename().string();
    const fs::path pack = found.parent_path() / name.substr(0, name.find(".begun"));
    if (pack == file_) continue;
    std::error_code ignored;
    if (pack == found || MakeLock::attempt(pack)) fs::remove(found, ignored);
  }
}

}  // namespace nolabel
