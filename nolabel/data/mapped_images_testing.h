// Images in a mapped file, for tests of what reading them takes of the memory.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/data/dataset.h"

namespace nolabel {

// `count` black images of side x side pixels. The file at `path` has no blocks on the disk, but
// reading it takes as much memory as if it had.
inline Dataset mapped_images(const std::filesystem::path& path, int count, int side) {
  const uint64_t bytes = uint64_t{3} * side * side;
  write_file(path, "");
  std::filesystem::resize_file(path, count * bytes);
  std::vector<Dataset::Entry> entries;
  for (int i = 0; i < count; ++i) {
    entries.push_back({i * bytes, side, side, -1, 0, "image" + std::to_string(i)});
  }
  const auto file = std::make_shared<const MappedFile>(path);
  const auto* first = reinterpret_cast<const uint8_t*>(file->bytes().data());
  return Dataset(std::move(entries), {file, first, file.get()}, {}, "black", path.string());
}

}  // namespace nolabel
