#include "nolabel/data/pack_file.h"

#include <cstring>
#include <nlohmann/json.hpp>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/base/hash.h"

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
                 compressed = listed;
  for (const PackTable::Image& image : table.images) {
    listed.push_back(image.listed);
    height.push_back(image.height);
    width.push_back(image.width);
    compressed.push_back(image.compressed_bytes);
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
          {"fingerprint", table.fingerprint}};
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
  return table;
}

uint64_t image_bytes(const PackTable& table) {
  uint64_t bytes = 0;
  for (const PackTable::Image& image : table.images) {
    bytes += image.bytes();
  }
  return bytes;
}

PackedBlock block_of(MappedFile file) {
  auto mapped = std::make_shared<MappedFile>(std::move(file));
  const auto* start = reinterpret_cast<const uint8_t*>(mapped->bytes().data());
  return {std::move(mapped), start + sizeof pack_format};
}

}  // namespace

PackWriter::PackWriter(const fs::path& path) : path_(path), file_(path) {
  file_.write(pack_format, sizeof pack_format);
}

PackedBlock PackWriter::finish(const PackTable& table, const std::string& key) {
  Footer footer{};
  footer.image_bytes = file_.bytes_written() - sizeof pack_format;
  NOLABEL_ASSERT(footer.image_bytes == image_bytes(table));
  const std::vector<uint8_t> bytes = nlohmann::json::to_cbor(to_json(table, key));
  footer.table_bytes = bytes.size();
  const std::string hash = sha256({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
  std::memcpy(footer.table_sha256, hash.data(), sizeof footer.table_sha256);
  std::memcpy(footer.format, pack_format, sizeof pack_format);
  file_.write(bytes.data(), bytes.size());
  file_.write(&footer, sizeof footer);
  file_.commit();
  return block_of(MappedFile(path_));
}

PackedBlock open_pack(const fs::path& path, const std::string& key, PackTable& table) {
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
  const nlohmann::json json = nlohmann::json::from_cbor(cbor);
  if (json.at("key") != key) fail_data("made from other images");
  table = from_json(json);
  if (image_bytes(table) != footer.image_bytes) fail_data("its table does not fit its images");
  return block_of(std::move(file));
}

}  // namespace nolabel
