#include <zlib.h>

#include <algorithm>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/weights/zip.h"

namespace nolabel {
namespace {

constexpr uint32_t local_header = 0x04034b50, directory_entry = 0x02014b50;
constexpr uint32_t directory_end = 0x06054b50, directory_end_64 = 0x06064b50;
constexpr uint32_t directory_locator_64 = 0x07064b50;
constexpr size_t directory_end_size = 22, directory_locator_64_size = 20;
constexpr size_t longest_comment = 65535;
constexpr uint16_t stored = 0;

template <class T>
T number_at(Bytes bytes, uint64_t offset) {
  if (offset > bytes.size()) fail_data("an offset in its zip directory is beyond its end");
  return ByteReader(bytes.subspan(offset)).number<T>();
}

// Where the end-of-directory record is: the last one, a comment may follow it.
size_t find_directory_end(Bytes archive) {
  for (size_t back = directory_end_size;
       back <= std::min(archive.size(), directory_end_size + longest_comment); ++back) {
    const size_t offset = archive.size() - back;
    if (number_at<uint32_t>(archive, offset) == directory_end) return offset;
  }
  fail_data("its zip directory is missing, so its end has been cut off");
}

// Sizes and offsets of 0xFFFFFFFF stand in the zip64 field, in this order.
void read_extra_64(Bytes extra, uint64_t& size, uint64_t& compressed, uint64_t& offset) {
  ByteReader reader(extra);
  while (reader.remaining() >= 4) {
    const auto id = reader.number<uint16_t>(), length = reader.number<uint16_t>();
    ByteReader field(reader.take(length));
    if (id != extra_64) continue;
    for (uint64_t* value : {&size, &compressed, &offset}) {
      if (*value == UINT32_MAX) *value = field.number<uint64_t>();
    }
  }
}

uint32_t checksum_of(Bytes content) {
  return static_cast<uint32_t>(
      crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size()));
}

}  // namespace

ZipReader::ZipReader(Bytes archive) : archive_(archive) {
  const size_t end = find_directory_end(archive);
  uint64_t entries = number_at<uint16_t>(archive, end + 10);
  uint64_t offset = number_at<uint32_t>(archive, end + 16);
  if (end >= directory_locator_64_size &&
      number_at<uint32_t>(archive, end - directory_locator_64_size) == directory_locator_64) {
    const auto record = number_at<uint64_t>(archive, end - directory_locator_64_size + 8);
    if (number_at<uint32_t>(archive, record) != directory_end_64) {
      fail_data("its zip directory is damaged");
    }
    // The record begins inside the archive, so these sums cannot overflow.
    entries = number_at<uint64_t>(archive, record + 32);
    offset = number_at<uint64_t>(archive, record + 48);
  }
  read_directory(offset, entries);
}

void ZipReader::read_directory(uint64_t offset, uint64_t entries) {
  if (offset > archive_.size()) fail_data("its zip directory is damaged");
  ByteReader reader(archive_.subspan(offset));
  for (uint64_t i = 0; i < entries; ++i) {
    if (reader.number<uint32_t>() != directory_entry) fail_data("its zip directory is damaged");
    reader.take(6);  // versions, flags
    Entry entry{};
    entry.method = reader.number<uint16_t>();
    reader.take(4);  // time and date
    entry.checksum = reader.number<uint32_t>();
    uint64_t compressed = reader.number<uint32_t>();
    entry.size = reader.number<uint32_t>();
    const auto name_length = reader.number<uint16_t>();
    const auto extra_length = reader.number<uint16_t>();
    const auto comment_length = reader.number<uint16_t>();
    reader.take(8);  // disk, attributes
    entry.header_offset = reader.number<uint32_t>();
    const std::string name(reader.text(name_length));
    read_extra_64(reader.take(extra_length), entry.size, compressed, entry.header_offset);
    reader.take(comment_length);
    entries_[name] = entry;
  }
}

Bytes ZipReader::read(const std::string& name) const {
  const auto found = entries_.find(name);
  if (found == entries_.end()) fail_data("its entry {} is missing", name);
  const Entry& entry = found->second;
  if (entry.method != stored) fail_data("its entry {} is compressed, as PyTorch never does", name);
  if (entry.header_offset > archive_.size()) fail_data("its entry {} is beyond its end", name);

  ByteReader reader(archive_.subspan(entry.header_offset));
  if (reader.number<uint32_t>() != local_header) fail_data("its entry {} is damaged", name);
  reader.take(22);
  const auto name_length = reader.number<uint16_t>(), extra_length = reader.number<uint16_t>();
  reader.take(name_length + extra_length);
  const Bytes content = reader.take(entry.size);
  if (entry.checksum != 0 && entry.checksum != checksum_of(content)) {
    fail_data("its entry {} is damaged (wrong checksum)", name);
  }
  return content;
}

std::vector<std::string> ZipReader::names() const {
  std::vector<std::string> names;
  for (const auto& [name, entry] : entries_) names.push_back(name);
  return names;
}

}  // namespace nolabel
