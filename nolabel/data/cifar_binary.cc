// CIFAR's binary version: records of one label byte (CIFAR-100: coarse, then fine) and 3072 pixel
// bytes, red, green and blue planes of 32 x 32. Class names are lines of text files.
#include <sstream>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/cifar.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

CifarBatch read_binary_batch(const fs::path& file, const CifarLayout& layout, bool coarse) {
  const auto content = std::make_shared<const std::string>(read_file(file));
  const size_t label_bytes = layout.classes == 100 ? 2 : 1;
  const size_t record_bytes = label_bytes + cifar_image_bytes;
  if (content->size() % record_bytes != 0) {
    fail_data("{}: must hold whole records of {} bytes. It has {} bytes: truncated?", file.string(),
              record_bytes, content->size());
  }
  CifarBatch batch;
  batch.storage = content;
  const auto* bytes = reinterpret_cast<const uint8_t*>(content->data());
  const std::string stem = file.stem().string();
  for (size_t i = 0; i < content->size() / record_bytes; ++i) {
    const uint8_t* record = bytes + i * record_bytes;
    batch.labels.push_back(coarse ? record[0] : record[label_bytes - 1]);
    batch.planes.push_back(record + label_bytes);
    batch.names.push_back(format("{}:{}", stem, i));
  }
  return batch;
}

std::vector<std::string> read_binary_class_names(const fs::path& folder, const CifarLayout& layout,
                                                 bool coarse) {
  std::istringstream text(read_file(folder / (coarse ? "coarse_label_names.txt" : layout.meta)));
  std::vector<std::string> names;
  for (std::string line; std::getline(text, line);) {
    if (line.ends_with('\r')) line.pop_back();
    if (!line.empty()) names.push_back(line);  // the published files end in an empty line
  }
  return names;
}

const CifarFormat& format_binary() {
  static const CifarFormat format{
      {{"cifar-10-batches-bin",
        {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin", "data_batch_4.bin",
         "data_batch_5.bin"},
        {"test_batch.bin"},
        "batches.meta.txt",
        10},
       {"cifar-100-binary", {"train.bin"}, {"test.bin"}, "fine_label_names.txt", 100}},
      read_binary_batch,
      read_binary_class_names};
  return format;
}

}  // namespace

bool is_cifar_binary(const fs::path& path) {
  return is_cifar(path, format_binary());
}

Listing list_cifar_binary(const fs::path& path, const LoadOptions& options, FileCount&) {
  return list_cifar(path, format_binary(), options);
}

}  // namespace nolabel
