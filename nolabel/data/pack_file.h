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
#include "nolabel/data/compressed_picture.h"
#include "nolabel/data/duplicates.h"
#include "nolabel/data/image_block.h"

namespace nolabel {

// The file's first 16 bytes, and its last. Another layout is another number.
constexpr char pack_format[16] = "nolabel pack 3\n";

// What decoding a Listing gave, apart from the images.
struct PackTable {
  struct Image {
    int64_t listed;  // index in the listing
    int32_t height, width;
    uint32_t compressed_bytes;  // 0: pixels
    uint64_t bytes() const { return stored_bytes(height, width, compressed_bytes); }
  };
  struct Failure {
    int64_t listed;
    std::string reason;
  };
  // The picture file that an image was made from; empty where it is no file of its own.
  struct Origin {
    std::string file;
    uint64_t file_bytes = 0;
    int64_t modified = 0;  // nanoseconds
  };
  std::vector<Image> images;    // in order, as in the file
  std::vector<Origin> origins;  // of `images`
  std::vector<Failure> failures;
  std::vector<ContentId> contents;  // of `images`
  std::string fingerprint;
  std::string making;  // how files became images; empty in packs of earlier versions
};

// What there is of a pack that is being made.
struct PackPart {
  PackTable table;                   // without a fingerprint
  std::vector<std::string> digests;  // image_digest() of table.images
  int64_t listed = 0;                // so many images of the listing are in it, or failed
};

// Makes a pack. Images go to PATH.begun, and PATH.begun.jsonl says what they are: a line with the
// key, then one per save(). A process that is stopped or killed leaves both, and the next writer
// goes on after the last save(). Not for two processes at once,
// unless each has its own place.
class PackWriter {
 public:
  enum class Place {
    resumed,  // PATH.begun
    own,      // a file of this process, removed when it does not finish
  };
  // `key` says what the cache is made from; see open_pack. What was begun from another is dropped.
  PackWriter(const std::filesystem::path& path, std::string key, Place place);
  PackWriter(const PackWriter&) = delete;
  ~PackWriter();

  // What an earlier writer left; empty when it left nothing.
  const PackPart& found() const { return found_; }
  void append(const void* image, size_t bytes);
  // All images of `part` have been appended: from now on they survive a kill.
  void save(const PackPart& part);
  ImageBlock finish(const PackTable& table);
  // Removes what was begun.
  void discard() const;

  // Bytes that an unfinished pack at `path` takes.
  static uint64_t begun_bytes(const std::filesystem::path& path);

 private:
  void find_begun();
  void begin();
  void write_line(const std::string& line) const;

  std::filesystem::path path_, begun_, journal_;
  std::string key_;
  Place place_;
  int descriptor_ = -1;
  uint64_t bytes_ = 0;  // of the begun file
  PackPart found_;
  int64_t saved_images_ = 0, saved_failures_ = 0;
};

// The table goes to `table`. Throws Error(Fault::data), the message being the reason alone, when
// the file is no whole cache or was made from something else than `key`.
ImageBlock open_pack(const std::filesystem::path& path, const std::string& key, PackTable& table);
// The same of a pack from whatever images; nothing where they were not made as `making` says.
std::optional<ImageBlock> open_pack_made_as(const std::filesystem::path& path,
                                            const std::string& making, PackTable& table);

// Which pack a file is, whatever its place: its length and its footer, which holds the SHA-256 of
// the table and so of every image. Empty where the file cannot be read or is no whole pack.
std::string pack_identity(const std::filesystem::path& path);
// The images of a pack whose table is known. Throws Error(Fault::system).
ImageBlock map_pack(const std::filesystem::path& path);

}  // namespace nolabel
