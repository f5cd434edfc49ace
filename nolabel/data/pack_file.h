// The packed cache: the images of a data set in one file that is mapped, not read.
//
// Layout: "nolabel pack 3\n" and a zero byte; the images one after another, as pixels or as
// compressed pictures (compressed_picture.h); the table as CBOR; a footer with the table's SHA-256
// and the lengths of table and images. The footer comes last because sizes are known last; a file
// without a valid one is no cache. Written whole or not at all (base/file.h). Only the structure is
// checked when a cache is opened: hashing a large one would take longer than what it saves.
// Compressed pictures are checked one by one, when they are decoded.
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

// The file's first 16 bytes, and its last. Another layout is another number.
constexpr char pack_format[16] = "nolabel pack 3\n";

// What decoding a Listing gave, apart from the images.
struct PackTable {
  struct Image {
    int64_t listed;  // index in the listing
    int32_t height, width;
    uint32_t compressed_bytes;  // 0: pixels
    uint64_t bytes() const {
      if (compressed_bytes > 0) return compressed_bytes;
      return uint64_t{3} * static_cast<uint64_t>(height) * static_cast<uint64_t>(width);
    }
  };
  struct Failure {
    int64_t listed;
    std::string reason;
  };
  std::vector<Image> images;  // in order, as in the file
  std::vector<Failure> failures;
  std::vector<ContentId> contents;  // of `images`
  std::string fingerprint;
};

struct PackedBlock {
  std::shared_ptr<const void> owner;
  const uint8_t* bytes = nullptr;  // of the first image
};

class PackWriter {
 public:
  explicit PackWriter(const std::filesystem::path& path);
  void append(const void* image, size_t bytes) { file_.write(image, bytes); }
  // `key` says what the cache was made from; see open_pack.
  PackedBlock finish(const PackTable& table, const std::string& key);

 private:
  std::filesystem::path path_;
  AtomicFile file_;
};

// The table goes to `table`. Throws Error(Fault::data), the message being the reason alone, when
// the file is no whole cache or was made from something else than `key`.
PackedBlock open_pack(const std::filesystem::path& path, const std::string& key, PackTable& table);

}  // namespace nolabel
