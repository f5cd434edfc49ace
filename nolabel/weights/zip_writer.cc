#include "nolabel/base/error.h"
#include "nolabel/weights/crc32.h"
#include "nolabel/weights/zip.h"

namespace nolabel {
namespace {

constexpr uint64_t alignment = 64;
constexpr uint64_t local_header_size = 30, extra_header_size = 4;
// Of the extra field whose content is skipped; PyTorch uses the same ("FB").
constexpr uint16_t padding_id = 0x4246;
constexpr uint16_t version_needed = 10, utf8_names = 1 << 11;
constexpr uint16_t january_1_1980 = (1 << 5) | 1;

// What a local header and a directory entry share, from the version on.
void append_description(std::string& bytes, uint32_t checksum, uint32_t size, uint16_t name_length,
                        uint16_t extra_length) {
  append_number(bytes, version_needed);
  append_number(bytes, utf8_names);
  append_number<uint16_t>(bytes, 0);  // stored
  append_number<uint16_t>(bytes, 0);  // midnight: equal content gives equal files
  append_number(bytes, january_1_1980);
  append_number(bytes, checksum);
  append_number(bytes, size);
  append_number(bytes, size);
  append_number(bytes, name_length);
  append_number(bytes, extra_length);
}

}  // namespace

void ZipWriter::add(const std::string& name, std::string_view content) {
  const uint64_t offset = file_.bytes_written();
  // Also of all offsets, as files of weights have no reason to be larger.
  if (content.size() >= UINT32_MAX || offset + content.size() >= UINT32_MAX - alignment) {
    fail_usage("a file of weights must be smaller than 4 GiB. Its entry {} has {} bytes.", name,
               content.size());
  }
  const uint64_t unpadded = offset + local_header_size + name.size() + extra_header_size;
  const auto padding = static_cast<uint16_t>((alignment - unpadded % alignment) % alignment);
  const auto name_length = static_cast<uint16_t>(name.size());
  const auto size = static_cast<uint32_t>(content.size());
  const uint32_t checksum = crc32(content.data(), content.size());

  std::string header = "PK\3\4";
  append_description(header, checksum, size, name_length, extra_header_size + padding);
  header += name;
  append_number(header, padding_id);
  append_number(header, padding);
  header.append(padding, 'Z');
  file_.write(header);
  file_.write(content);

  directory_ += "PK\1\2";
  append_number(directory_, version_needed);  // of the writer
  append_description(directory_, checksum, size, name_length, 0);
  directory_.append(10, '\0');  // no comment, disk 0, no attributes
  append_number(directory_, static_cast<uint32_t>(offset));
  directory_ += name;
  ++entries_;
}

void ZipWriter::finish() {
  const auto offset = static_cast<uint32_t>(file_.bytes_written());
  const auto size = static_cast<uint32_t>(directory_.size());
  directory_ += "PK\5\6";
  directory_.append(4, '\0');  // disk 0
  append_number(directory_, entries_);
  append_number(directory_, entries_);
  append_number(directory_, size);
  append_number(directory_, offset);
  append_number<uint16_t>(directory_, 0);  // no comment
  file_.write(directory_);
}

}  // namespace nolabel
