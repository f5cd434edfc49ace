#include <zlib.h>

#include "nolabel/base/error.h"
#include "nolabel/weights/zip.h"

namespace nolabel {
namespace {

constexpr uint64_t alignment = 64;
constexpr uint64_t local_header_size = 30, extra_header_size = 4;
// Of the extra field whose content is skipped; PyTorch uses the same ("FB").
constexpr uint16_t padding_id = 0x4246;
constexpr uint16_t version_10 = 10, version_45 = 45;  // 4.5: zip64
constexpr uint16_t utf8_names = 1 << 11;
constexpr uint16_t january_1_1980 = (1 << 5) | 1;
constexpr uint64_t directory_end_64_rest = 44;  // bytes of the record behind its size

// What a local header and a directory entry share, from the version on. A size in the extra field
// is UINT32_MAX here.
struct Description {
  uint16_t version;
  uint32_t checksum, size;
  uint16_t name_length, extra_length;
};

void append(std::string& bytes, const Description& entry) {
  append_number(bytes, entry.version);
  append_number(bytes, utf8_names);
  append_number<uint16_t>(bytes, 0);  // stored
  append_number<uint16_t>(bytes, 0);  // midnight: equal content gives equal files
  append_number(bytes, january_1_1980);
  append_number(bytes, entry.checksum);
  append_number(bytes, entry.size);  // compressed
  append_number(bytes, entry.size);
  append_number(bytes, entry.name_length);
  append_number(bytes, entry.extra_length);
}

// The zip64 field of these numbers; nothing for none.
std::string field_64(std::initializer_list<uint64_t> numbers) {
  std::string field;
  if (numbers.size() == 0) return field;
  append_number(field, extra_64);
  append_number(field, static_cast<uint16_t>(numbers.size() * sizeof(uint64_t)));
  for (const uint64_t number : numbers) append_number(field, number);
  return field;
}

// A number in its old field: itself, or the mark that it stands in a zip64 one.
template <class T>
T old_field(uint64_t number, bool is_64) {
  return is_64 ? T(-1) : static_cast<T>(number);
}

}  // namespace

void ZipWriter::add(const std::string& name, std::string_view content) {
  const uint64_t offset = file_.bytes_written();
  const bool size_64 = content.size() >= limits_.zip64_from;
  const bool offset_64 = offset >= limits_.zip64_from;
  std::string extra = size_64 ? field_64({content.size(), content.size()}) : "";
  const uint64_t unpadded =
      offset + local_header_size + name.size() + extra.size() + extra_header_size;
  const auto padding = static_cast<uint16_t>((alignment - unpadded % alignment) % alignment);
  append_number(extra, padding_id);
  append_number(extra, padding);
  extra.append(padding, 'Z');

  Description entry{.version = size_64 ? version_45 : version_10,
                    .checksum = static_cast<uint32_t>(
                        crc32_z(0, reinterpret_cast<const Bytef*>(content.data()), content.size())),
                    .size = old_field<uint32_t>(content.size(), size_64),
                    .name_length = static_cast<uint16_t>(name.size()),
                    .extra_length = static_cast<uint16_t>(extra.size())};
  std::string header = "PK\3\4";
  append(header, entry);
  file_.write(header + name + extra);
  file_.write(content);

  if (size_64) {
    extra = offset_64 ? field_64({content.size(), content.size(), offset})
                      : field_64({content.size(), content.size()});
  } else {
    extra = offset_64 ? field_64({offset}) : "";
  }
  if (offset_64) entry.version = version_45;
  entry.extra_length = static_cast<uint16_t>(extra.size());
  directory_ += "PK\1\2";
  append_number(directory_, entry.version);  // of the writer
  append(directory_, entry);
  directory_.append(10, '\0');  // no comment, disk 0, no attributes
  append_number(directory_, old_field<uint32_t>(offset, offset_64));
  directory_ += name + extra;
  ++entries_;
}

void ZipWriter::finish() {
  const uint64_t offset = file_.bytes_written(), size = directory_.size();
  const bool entries_64 = entries_ >= limits_.entries_64_from;
  const bool offset_64 = offset >= limits_.zip64_from, size_64 = size >= limits_.zip64_from;
  if (entries_64 || offset_64 || size_64) {
    directory_ += "PK\6\6";  // the directory's end in zip64
    append_number(directory_, directory_end_64_rest);
    append_number(directory_, version_45);  // of the writer
    append_number(directory_, version_45);
    directory_.append(8, '\0');  // disk 0
    append_number(directory_, entries_);
    append_number(directory_, entries_);
    append_number(directory_, size);
    append_number(directory_, offset);
    directory_ += "PK\6\7";      // where that is
    directory_.append(4, '\0');  // disk 0
    append_number(directory_, offset + size);
    append_number<uint32_t>(directory_, 1);  // one disk
  }
  directory_ += "PK\5\6";
  directory_.append(4, '\0');  // disk 0
  append_number(directory_, old_field<uint16_t>(entries_, entries_64));
  append_number(directory_, old_field<uint16_t>(entries_, entries_64));
  append_number(directory_, old_field<uint32_t>(size, size_64));
  append_number(directory_, old_field<uint32_t>(offset, offset_64));
  append_number<uint16_t>(directory_, 0);  // no comment
  file_.write(directory_);
}

}  // namespace nolabel
