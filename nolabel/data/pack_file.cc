#include "nolabel/data/pack_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <nlohmann/json.hpp>
#include <random>
#include <sstream>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"
#include "nolabel/base/path_text.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

struct Footer {
  char table_sha256[64];
  uint64_t image_bytes, table_bytes;
  char format[16];
};
static_assert(sizeof(Footer) == 96);

nlohmann::json to_json(const PackTable& table, const std::string& key) {
  nlohmann::json listed = nlohmann::json::array(), height = listed, width = listed,
                 compressed = listed, files = listed, file_bytes = listed, modified = listed;
  for (const PackTable::Image& image : table.images) {
    listed.push_back(image.listed);
    height.push_back(image.height);
    width.push_back(image.width);
    compressed.push_back(image.compressed_bytes);
  }
  for (const PackTable::Origin& origin : table.origins) {
    files.push_back(path_to_json(origin.file));
    file_bytes.push_back(origin.file_bytes);
    modified.push_back(origin.modified);
  }
  nlohmann::json failures = nlohmann::json::array();
  for (const PackTable::Failure& failure : table.failures) {
    failures.push_back({failure.listed, failure.reason});
  }
  return {{"key", key},
          {"listed", std::move(listed)},
          {"height", std::move(height)},
          {"width", std::move(width)},
          {"compressed_bytes", std::move(compressed)},
          {"failures", std::move(failures)},
          {"contents", table.contents},
          {"fingerprint", table.fingerprint},
          {"making", table.making},
          {"file", std::move(files)},
          {"file_bytes", std::move(file_bytes)},
          {"modified", std::move(modified)}};
}

PackTable from_json(const nlohmann::json& json) {
  PackTable table;
  const auto &listed = json.at("listed"), &height = json.at("height"), &width = json.at("width"),
             &compressed = json.at("compressed_bytes");
  for (size_t i = 0; i < listed.size(); ++i) {
    table.images.push_back({listed.at(i), height.at(i), width.at(i), compressed.at(i)});
  }
  for (const auto& failure : json.at("failures")) {
    table.failures.push_back({failure.at(0), failure.at(1)});
  }
  json.at("contents").get_to(table.contents);
  json.at("fingerprint").get_to(table.fingerprint);
  table.making = json.value("making", "");
  table.origins.resize(table.images.size());
  if (!json.contains("file")) return table;  // of an earlier version
  const auto &files = json.at("file"), &file_bytes = json.at("file_bytes"),
             &modified = json.at("modified");
  for (size_t i = 0; i < table.images.size(); ++i) {
    table.origins[i] = {path_from_json(files.at(i).get<std::string>()).string(), file_bytes.at(i),
                        modified.at(i)};
  }
  return table;
}

uint64_t image_bytes(const PackTable& table) {
  uint64_t bytes = 0;
  for (const PackTable::Image& image : table.images) {
    bytes += image.bytes();
  }
  return bytes;
}

// As AtomicFile names its temporary files, which remove_leftovers() knows.
std::string own_ending() {
  std::random_device device;
  return format(".{}.tmp", uint64_t{device()} << 32 | device());
}

[[noreturn]] void fail_writing(const fs::path& path, int number) {
  fail_system("cannot write {}: {}", path.string(), system_reason(number));
}

ImageBlock block_of(MappedFile file) {
  auto mapped = std::make_shared<MappedFile>(std::move(file));
  const auto* start = reinterpret_cast<const uint8_t*>(mapped->bytes().data());
  return {mapped, start + sizeof pack_format, mapped.get()};
}

}  // namespace

PackWriter::PackWriter(const fs::path& path, std::string key, Place place)
    : path_(path),
      begun_(fs::path(path) += place == Place::resumed ? ".begun" : own_ending()),
      journal_(fs::path(begun_) += ".jsonl"),
      key_(std::move(key)),
      place_(place) {
  if (place_ == Place::resumed) find_begun();
  try {
    begin();
  } catch (...) {
    if (descriptor_ >= 0) ::close(descriptor_);
    discard();
    throw;
  }
}

void PackWriter::begin() {
  descriptor_ = ::open(begun_.c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0666);
  if (descriptor_ < 0 || ::ftruncate(descriptor_, static_cast<off_t>(bytes_)) != 0 ||
      ::lseek(descriptor_, 0, SEEK_END) < 0) {
    fail_writing(begun_, errno);
  }
  if (bytes_ > 0) return;
  append(pack_format, sizeof pack_format);
  if (place_ == Place::own) return;
  std::error_code ignored;  // append_to_file() says what is wrong with the place
  fs::remove(journal_, ignored);
  write_line(nlohmann::json{{"format", std::string(pack_format)}, {"key", key_}}.dump());
}

PackWriter::~PackWriter() {
  if (descriptor_ < 0) return;
  ::close(descriptor_);
  std::error_code ignored;  // it is the name of this process alone, and gone when it has finished
  if (place_ == Place::own) fs::remove(begun_, ignored);
}

// The journal up to the first line that is torn or speaks of images that are not there.
void PackWriter::find_begun() {
  std::error_code error;
  const uint64_t there = fs::file_size(begun_, error);
  if (error || !fs::exists(journal_, error)) return;
  std::istringstream lines(read_file(journal_));
  std::string line;
  std::getline(lines, line);
  const nlohmann::json first = nlohmann::json::parse(line, nullptr, false);
  if (!first.is_object() || first.value("key", "") != key_ ||
      first.value("format", "") != std::string(pack_format)) {
    return;
  }
  uint64_t bytes = sizeof pack_format;
  std::string good = line + "\n";
  while (std::getline(lines, line) && !lines.eof()) {
    const nlohmann::json part = nlohmann::json::parse(line, nullptr, false);
    if (!part.is_object()) break;
    const PackTable table = from_json(part);
    bytes += image_bytes(table);
    if (bytes > there) break;
    const auto digests = part.at("digests").get<std::vector<std::string>>();
    const auto add = [](auto& all, const auto& more) {
      all.insert(all.end(), more.begin(), more.end());
    };
    add(found_.table.images, table.images);
    add(found_.table.origins, table.origins);
    add(found_.table.failures, table.failures);
    add(found_.table.contents, table.contents);
    add(found_.digests, digests);
    part.at("done").get_to(found_.listed);
    bytes_ = bytes;
    good += line + "\n";
  }
  if (bytes_ > 0) write_file(journal_, good);
  saved_images_ = std::ssize(found_.table.images);
  saved_failures_ = std::ssize(found_.table.failures);
}

void PackWriter::append(const void* image, size_t bytes) {
  const auto* rest = static_cast<const char*>(image);
  for (size_t left = bytes; left > 0;) {
    const ssize_t written = ::write(descriptor_, rest, left);
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) fail_writing(path_, errno);
    rest += written;
    left -= static_cast<size_t>(written);
  }
  bytes_ += bytes;
}

void PackWriter::write_line(const std::string& line) const {
  append_to_file(journal_, line + "\n");
}

void PackWriter::save(const PackPart& part) {
  if (place_ == Place::own) return;
  const PackTable& all = part.table;
  PackTable table;
  table.images.assign(all.images.begin() + saved_images_, all.images.end());
  table.origins.assign(all.origins.begin() + saved_images_, all.origins.end());
  table.failures.assign(all.failures.begin() + saved_failures_, all.failures.end());
  table.contents.assign(all.contents.begin() + saved_images_, all.contents.end());
  if (::fdatasync(descriptor_) != 0) fail_writing(path_, errno);
  nlohmann::json line = to_json(table, key_);
  line["digests"] =
      std::vector<std::string>(part.digests.begin() + saved_images_, part.digests.end());
  line["done"] = part.listed;
  write_line(line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
  saved_images_ = std::ssize(all.images);
  saved_failures_ = std::ssize(all.failures);
}

ImageBlock PackWriter::finish(const PackTable& table) {
  Footer footer{};
  footer.image_bytes = bytes_ - sizeof pack_format;
  NOLABEL_ASSERT(footer.image_bytes == image_bytes(table));
  const std::vector<uint8_t> bytes = nlohmann::json::to_cbor(to_json(table, key_));
  footer.table_bytes = bytes.size();
  const std::string hash = sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::memcpy(footer.table_sha256, hash.data(), sizeof footer.table_sha256);
  std::memcpy(footer.format, pack_format, sizeof pack_format);
  append(bytes.data(), bytes.size());
  append(&footer, sizeof footer);
  if (::fsync(descriptor_) != 0 || ::rename(begun_.c_str(), path_.c_str()) != 0) {
    fail_writing(path_, errno);
  }
  std::error_code ignored;  // without its pack it says nothing
  fs::remove(journal_, ignored);
  return block_of(MappedFile(path_));
}

void PackWriter::discard() const {
  std::error_code ignored;  // the error that led here is the one to report
  fs::remove(journal_, ignored);
  fs::remove(begun_, ignored);
}

uint64_t PackWriter::begun_bytes(const fs::path& path) {
  std::error_code error;
  const uint64_t bytes = fs::file_size(fs::path(path) += ".begun", error);
  return error ? 0 : bytes;
}

namespace {

// A whole pack: its file, and its table as JSON in `json`.
MappedFile open_whole_pack(const fs::path& path, nlohmann::json& json, uint64_t& of_images) {
  MappedFile file(path);
  const std::string_view bytes(reinterpret_cast<const char*>(file.bytes().data()),
                               file.bytes().size());
  Footer footer{};
  if (bytes.size() < sizeof pack_format + sizeof footer) fail_data("too short");
  std::memcpy(&footer, bytes.data() + bytes.size() - sizeof footer, sizeof footer);
  const std::string_view expected(pack_format, sizeof pack_format);
  if (!bytes.starts_with(expected) ||
      std::string_view(footer.format, sizeof pack_format) != expected) {
    fail_data("not a packed cache of this version");
  }
  const uint64_t room = bytes.size() - sizeof pack_format - sizeof footer;
  if (footer.table_bytes > room || footer.image_bytes != room - footer.table_bytes) {
    fail_data("truncated");
  }
  const std::string_view cbor =
      bytes.substr(sizeof pack_format + footer.image_bytes, footer.table_bytes);
  if (sha256(cbor) != std::string_view(footer.table_sha256, sizeof footer.table_sha256)) {
    fail_data("its table is damaged");
  }
  json = nlohmann::json::from_cbor(cbor);
  of_images = footer.image_bytes;
  return file;
}

PackTable checked_table(const nlohmann::json& json, uint64_t of_images) {
  PackTable table = from_json(json);
  if (image_bytes(table) != of_images) fail_data("its table does not fit its images");
  return table;
}

}  // namespace

ImageBlock open_pack(const fs::path& path, const std::string& key, PackTable& table) {
  nlohmann::json json;
  uint64_t of_images = 0;
  MappedFile file = open_whole_pack(path, json, of_images);
  if (json.at("key") != key) fail_data("made from other images");
  table = checked_table(json, of_images);
  return block_of(std::move(file));
}

std::optional<ImageBlock> open_pack_made_as(const fs::path& path, const std::string& making,
                                            PackTable& table) {
  nlohmann::json json;
  uint64_t of_images = 0;
  MappedFile file = open_whole_pack(path, json, of_images);
  if (json.value("making", "") != making) return std::nullopt;
  table = checked_table(json, of_images);
  return block_of(std::move(file));
}

std::string pack_identity(const fs::path& path) {
  try {
    const MappedFile file(path);
    const std::span<const std::byte> bytes = file.bytes();
    Footer footer{};
    if (bytes.size() < sizeof pack_format + sizeof footer) return "";
    std::memcpy(&footer, bytes.data() + bytes.size() - sizeof footer, sizeof footer);
    if (std::memcmp(footer.format, pack_format, sizeof pack_format) != 0) return "";
    return format("{} {}", bytes.size(),
                  std::string_view(footer.table_sha256, sizeof footer.table_sha256));
  } catch (const Error&) {  // not there, or not ours to read
    return "";
  }
}

ImageBlock map_pack(const fs::path& path) {
  return block_of(MappedFile(path));
}

}  // namespace nolabel
