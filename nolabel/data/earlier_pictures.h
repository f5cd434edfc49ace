// Pictures that an earlier command has decoded: a collection that has grown by one photo is not
// decoded again.
//
// They are found in the packs of a cache directory, whatever those were made for, by the place,
// size and time of each file.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "nolabel/data/listing.h"
#include "nolabel/data/pack_file.h"
#include "nolabel/data/read_listed.h"

namespace nolabel {

class EarlierPictures {
 public:
  // Those of `listing` in the packs of `directory` (empty: there are none) whose images were made
  // as `making` says. Of each pack, the content of some files is compared; a pack that holds other
  // content is left out.
  EarlierPictures(const std::filesystem::path& directory, const std::string& making,
                  const Listing& listing);

  // What read_listed() would give for a file that is as it was then, without remarks. Nothing where
  // no pack has it. Thread-safe.
  std::optional<ReadResult> find(const ListedImage& listed) const;
  // Whether a pack has it, for all that is known without looking at its pixels.
  bool has(const ListedImage& listed) const {
    return !listed.planes && places_.contains(listed.file);
  }
  int64_t size() const { return static_cast<int64_t>(places_.size()); }

 private:
  struct Pack {
    ImageBlock block;
    PackTable table;
  };
  struct Place {
    size_t pack, image;
    uint64_t offset;  // in the block
  };
  using ListedFiles = std::unordered_map<std::string, const ListedImage*>;  // by file
  void add(Pack pack, const ListedFiles& files);

  std::vector<Pack> packs_;
  std::unordered_map<std::string, Place> places_;  // by file
};

}  // namespace nolabel
