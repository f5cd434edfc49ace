#include "nolabel/base/row_file.h"

#include <unistd.h>

#include <bit>
#include <cerrno>
#include <cstring>
#include <optional>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/base/hash.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr char format_name[16] = "nolabel rows 1\n";
constexpr size_t block_header_bytes = 16, block_digest_bytes = 8;

std::string bytes_of(uint64_t number) {
  return {reinterpret_cast<const char*>(&number), sizeof number};
}

// The rows of the block at the beginning of `rest`, or nothing when it is not whole.
std::optional<std::string_view> valid_block(std::string_view rest, int64_t width) {
  if (rest.size() < block_header_bytes) return std::nullopt;
  uint64_t rows = 0;
  std::memcpy(&rows, rest.data(), sizeof rows);
  const uint64_t row_bytes = static_cast<uint64_t>(width) * sizeof(float);
  if (rows == 0 || rows > (rest.size() - block_header_bytes) / row_bytes) return std::nullopt;
  const std::string_view content = rest.substr(block_header_bytes, rows * row_bytes);
  if (raw_sha256(content).substr(0, block_digest_bytes) != rest.substr(8, block_digest_bytes)) {
    return std::nullopt;
  }
  return content;
}

// Cuts a file down to its first `bytes`; one that does not exist is left so.
void cut(const fs::path& path, uint64_t bytes) {
  if (::truncate(path.c_str(), static_cast<off_t>(bytes)) == 0 || errno == ENOENT) return;
  fail_system("cannot write {}: {}", path.string(), system_reason(errno));
}

}  // namespace

RowFile::RowFile(fs::path path, std::string key) : path_(std::move(path)), key_(std::move(key)) {}

std::string RowFile::header(int64_t width) const {
  return std::string(format_name, sizeof format_name) + bytes_of(static_cast<uint64_t>(width)) +
         raw_sha256(key_);
}

std::vector<float> RowFile::read(int64_t width) {
  NOLABEL_ASSERT(width > 0);
  valid_bytes_ = 0;
  if (!fs::exists(path_)) return {};
  const MappedFile file(path_);
  const std::string_view all(reinterpret_cast<const char*>(file.bytes().data()),
                             file.bytes().size());
  const std::string begin = header(width);
  if (!all.starts_with(begin)) return {};
  valid_bytes_ = begin.size();
  std::vector<float> rows;
  while (const auto content = valid_block(all.substr(valid_bytes_), width)) {
    const size_t before = rows.size();
    rows.resize(before + content->size() / sizeof(float));
    std::memcpy(rows.data() + before, content->data(), content->size());
    valid_bytes_ += block_header_bytes + content->size();
    file.passed(content->size());
  }
  return rows;
}

void RowFile::append(const float* rows, int64_t n, int64_t width) {
  if (n == 0) return;
  const size_t bytes = static_cast<size_t>(n * width) * sizeof(float);
  std::string block;
  if (valid_bytes_ == 0) {
    make_directory(path_.parent_path());
    block = header(width);
  }
  const std::string_view content(reinterpret_cast<const char*>(rows), bytes);
  block += bytes_of(static_cast<uint64_t>(n));
  block += raw_sha256(content).substr(0, block_digest_bytes);
  block += content;
  cut(path_, valid_bytes_);
  append_to_file(path_, block);
  valid_bytes_ += block.size();
}

void RowFile::remove() const {
  std::error_code ignored;  // a file that stays is cut off or replaced when its path is used again
  fs::remove(path_, ignored);
}

}  // namespace nolabel
