// The packed cache: decoded pixels of a data set in one file that is mapped, not read.
//
// Layout: "nolabel pack 2\n" and a zero byte; the pixels, one image after another; the table as
// CBOR; a footer with the table's SHA-256 and the lengths of table and pixels. The footer comes
// last because sizes are known last; a file without a valid one is no cache. Written whole or not
// at all (base/file.h). Only the structure is checked when a cache is opened: hashing the pixels of
// a large one would take longer than what it saves.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "nolabel/base/file.h"
#include "nolabel/data/duplicates.h"

namespace nolabel {

// What decoding a Listing gave, apart from the pixels.
struct PackTable {
  struct Image {
    int64_t listed;  // index in the listing
    int32_t height, width;
  };
  struct Failure {
    int64_t listed;
    std::string reason;
  };
  std::vector<Image> images;  // in order; their pixels follow one another
  std::vector<Failure> failures;
  std::vector<ContentId> contents;  // of `images`
  std::string fingerprint;
};

struct PackedPixels {
  std::shared_ptr<const void> block;
  const uint8_t* pixels = nullptr;
};

class PackWriter {
 public:
  explicit PackWriter(const std::filesystem::path& path);
  void append(const void* pixels, size_t bytes) { file_.write(pixels, bytes); }
  // `key` says what the cache was made from; see open_pack.
  PackedPixels finish(const PackTable& table, const std::string& key);

 private:
  std::filesystem::path path_;
  AtomicFile file_;
};

// The table goes to `table`. Throws Error(Fault::data), the message being the reason alone, when
// the file is no whole cache or was made from something else than `key`.
PackedPixels open_pack(const std::filesystem::path& path, const std::string& key, PackTable& table);

}  // namespace nolabel
