#include "nolabel/pipeline/earlier_features.h"

#include <bit>
#include <cstring>

#include "nolabel/base/hash.h"
#include "nolabel/run/artifact.h"

namespace nolabel {
namespace {

namespace fs = std::filesystem;

static_assert(std::endian::native == std::endian::little);

constexpr char keys_format[16] = "nolabel keys 1";
// Version 1 of .npy: eight bytes, the length of the header as two, the header.
constexpr size_t npy_length_at = 8, npy_header_at = 10;

fs::path keys_of(const fs::path& file) {
  return fs::path(file) += ".keys";
}

// What FILE.keys begins with.
std::string keys_header(const fs::path& file, const std::string& made_with) {
  return std::string(keys_format, sizeof keys_format) +
         raw_sha256(made_with + sidecar_provenance(file).dump());
}

// The values of a file that write_npy_rows() wrote; nullptr when it is of another size.
const float* npy_values(std::string_view npy, uint64_t rows, uint64_t row_bytes) {
  if (npy.size() < npy_header_at || !npy.starts_with("\x93NUMPY\x01")) return nullptr;
  uint16_t length = 0;
  std::memcpy(&length, npy.data() + npy_length_at, sizeof length);
  const size_t begin = npy_header_at + length;
  if (npy.size() <= begin || rows == 0) return nullptr;
  const uint64_t bytes = npy.size() - begin;
  if (bytes % rows != 0 || bytes / rows != row_bytes) return nullptr;
  return reinterpret_cast<const float*>(npy.data() + begin);  // NumPy aligns values to 64 bytes
}

}  // namespace

std::unique_ptr<const EarlierFeatures> EarlierFeatures::find(const fs::path& file,
                                                             const std::string& made_with,
                                                             int64_t width) {
  if (!fs::exists(file) || !fs::exists(sidecar_of(file)) || !fs::exists(keys_of(file))) {
    return nullptr;
  }
  const std::string header = keys_header(file, made_with), keys = read_file(keys_of(file));
  if (!keys.starts_with(header)) return nullptr;
  const size_t rows = (keys.size() - header.size()) / sizeof(RowKey);
  auto found = std::make_unique<EarlierFeatures>();
  found->file_ = MappedFile(file);
  const auto bytes = found->file_.bytes();
  found->row_bytes_ = static_cast<uint64_t>(width) * sizeof(float);
  const float* values = npy_values({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                                   rows, found->row_bytes_);
  if (!values) return nullptr;
  for (size_t row = 0; row < rows; ++row) {
    RowKey key;
    std::memcpy(key.data(), keys.data() + header.size() + row * sizeof key, sizeof key);
    found->rows_[key] = values + row * static_cast<size_t>(width);
  }
  found->hash_ = sha256(keys);
  return found;
}

const float* EarlierFeatures::row(const RowKey& key) const {
  const auto found = rows_.find(key);
  if (found == rows_.end()) return nullptr;
  file_.passed(row_bytes_);
  return found->second;
}

void write_feature_keys(const fs::path& file, const std::string& made_with,
                        const std::vector<RowKey>& keys) {
  std::string text = keys_header(file, made_with);
  for (const RowKey& key : keys) {
    text.append(reinterpret_cast<const char*>(key.data()), key.size());
  }
  write_file(keys_of(file), text);
}

}  // namespace nolabel
