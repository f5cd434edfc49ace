#include "nolabel/data/pack_cache.h"

#include <functional>
#include <regex>
#include <system_error>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"
#include "nolabel/data/compressed_picture.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

constexpr size_t source_digits = 8, key_digits = 16;

// How images become what is cached.
std::string making(const LoadOptions& options) {
  return format("short side {}, enlarge {}, reduced {}, {}\n", options.short_side, options.enlarge,
                options.reduced_decode,
                options.cache_format == CacheFormat::raw ? "raw" : compressed_form);
}

// What the cached images depend on. With the format of the file: versions of the program that write
// different ones do not look for each other's.
std::string key_of(const Listing& listing, const LoadOptions& options) {
  Sha256 hash;
  hash.update(pack_format);
  hash.update(making(options));
  for (const ListedImage& image : listing.images) {
    hash.update(format("{} {} {} ", image.name.size(), image.file_bytes, image.modified));
    hash.update(image.name);
  }
  return hash.hex();
}

// Which part of which data, whatever is in it now.
std::string source_of(const Listing& listing, const LoadOptions& options) {
  return sha256(format("{}{}{} {} {}\n", making(options), listing.source,
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

// Of writers that were killed: what is left of them can be as large as a pack.
void remove_leftovers_of_packs(const fs::path& directory, const fs::path& held) {
  for (const fs::path& leftover : matching(directory, std::regex(R"(.+\.pack\.[0-9]+\.tmp)"))) {
    const fs::path pack = leftover.parent_path() / leftover.stem().stem();
    std::error_code ignored;
    if (pack == held || MakeLock::attempt(pack)) fs::remove(leftover, ignored);
  }
}

}  // namespace

PackCache::PackCache(const Listing& listing, const LoadOptions& options)
    : source_(source_of(listing, options).substr(0, source_digits)),
      key_(key_of(listing, options)) {
  if (options.cache_directory.empty()) return;
  const std::string key = key_.substr(0, key_digits);
  file_ = options.cache_directory / format("{}-{}.pack", source_, key);
  std::error_code ignored;
  if (fs::exists(file_, ignored)) return;
  const auto elsewhere =
      matching(options.cache_directory, std::regex("[0-9a-f]+-" + key + R"(\.pack)"));
  if (!elsewhere.empty()) file_ = elsewhere.front();
}

std::optional<PackedBlock> PackCache::open(PackTable& table, const Observer& observer) const {
  std::error_code error;
  if (!exists() || !fs::exists(file_, error)) return std::nullopt;
  try {
    PackedBlock block = open_pack(file_, key_, table);
    observer.note(format("using the decoded images in {}", file_.string()));
    return block;
  } catch (const Error& damage) {
    if (damage.fault() != Fault::data) throw;
    observer.note(format("{} cannot be used and is made again: {}", file_.string(), damage.what()));
    fs::remove(file_, error);
    if (error) {
      fail_system("cannot remove {}, which is damaged: {}. --cache-dir names another place.",
                  file_.string(), error.message());
    }
    return std::nullopt;
  }
}

MakeLock PackCache::lock(const Observer& observer) const {
  try {
    return lock_and_clean(observer);
  } catch (const Error& error) {
    if (error.fault() != Fault::system) throw;
    fail_system("{} must be a folder that can be written. {}. --cache-dir names another place.",
                file_.parent_path().string(), error.what());
  }
}

MakeLock PackCache::lock_and_clean(const Observer& observer) const {
  make_directory(file_.parent_path());
  bool said = false;
  MakeLock held = MakeLock::wait(file_, [&] {
    observer.stop_if_requested();
    if (!said)
      observer.note(format("another process is making {}: waiting for it", file_.string()));
    said = true;
  });
  remove_leftovers_of_packs(file_.parent_path(), file_);
  return held;
}

void PackCache::remove_superseded() const {
  const std::regex same_source(source_ + "-[0-9a-f]+" + R"(\.pack)");
  for (const fs::path& pack : matching(file_.parent_path(), same_source)) {
    std::error_code ignored;
    if (pack != file_) fs::remove(pack, ignored);
  }
}

}  // namespace nolabel
