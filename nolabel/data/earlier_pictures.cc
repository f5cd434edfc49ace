#include "nolabel/data/earlier_pictures.h"

#include <algorithm>
#include <system_error>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/data/compressed_picture.h"
#include "nolabel/data/pack_cache.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

Image image_in(const PackTable::Image& image, const uint8_t* bytes) {
  if (image.compressed_bytes > 0) {
    return decompress({reinterpret_cast<const char*>(bytes), image.compressed_bytes}, image.height,
                      image.width);
  }
  Image pixels(image.height, image.width);
  std::copy_n(bytes, pixels.pixels.size(), pixels.pixels.data());
  return pixels;
}

}  // namespace

EarlierPictures::EarlierPictures(const fs::path& directory, const std::string& making,
                                 const Listing& listing) {
  if (directory.empty()) return;
  ListedFiles files;
  for (const ListedImage& image : listing.images) {
    if (!image.planes) files.emplace(image.file, &image);
  }
  if (files.empty()) return;
  std::error_code error;
  for (fs::directory_iterator i(directory, error), end; !error && i != end; i.increment(error)) {
    if (i->path().extension() != pack_extension) continue;
    try {
      Pack pack;
      if (auto block = open_pack_made_as(i->path(), making, pack.table)) {
        pack.block = std::move(*block);
        add(std::move(pack), files);
      }
    } catch (const Error&) {
      continue;  // whoever that pack is for says what is wrong with it
    }
  }
}

void EarlierPictures::add(Pack pack, const ListedFiles& files) {
  std::vector<Place> found;
  std::vector<const ListedImage*> listed;
  uint64_t offset = 0;
  for (size_t i = 0; i < pack.table.images.size(); ++i) {
    const PackTable::Origin& origin = pack.table.origins[i];
    const auto same = files.find(origin.file);
    if (same != files.end() && same->second->file_bytes == origin.file_bytes &&
        same->second->modified == origin.modified && !places_.contains(origin.file)) {
      found.push_back({packs_.size(), i, offset});
      listed.push_back(same->second);
    }
    offset += pack.table.images[i].bytes();
  }
  std::vector<ContentId> contents;
  for (const Place& place : found) contents.push_back(pack.table.contents[place.image]);
  if (found.empty() || !have_content(listed, contents)) return;
  for (const Place& place : found) places_[pack.table.origins[place.image].file] = place;
  packs_.push_back(std::move(pack));
}

std::optional<ReadResult> EarlierPictures::find(const ListedImage& listed) const {
  const auto known = places_.find(listed.file);
  if (listed.planes || known == places_.end()) return std::nullopt;
  const auto& [number, i, offset] = known->second;
  const Pack& pack = packs_[number];
  const PackTable::Image& image = pack.table.images[i];
  const uint8_t* bytes = pack.block.bytes + offset;
  ReadResult result;
  try {
    result.image = image_in(image, bytes);
  } catch (const Error&) {
    return std::nullopt;  // damaged: the file itself is there
  }
  result.compressed.assign(reinterpret_cast<const char*>(bytes), image.compressed_bytes);
  result.content = pack.table.contents[i];
  result.digest = image_digest(result.image.view(), listed.name);
  pack.block.file->passed(image.bytes());
  return result;
}

}  // namespace nolabel
