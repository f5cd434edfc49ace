// What CIFAR's two published formats have in common: which files there are, and how their batches
// become a listing. Krizhevsky, "Learning Multiple Layers of Features from Tiny Images" (2009).
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "nolabel/data/listing.h"

namespace nolabel {

constexpr int cifar_side = 32;
constexpr int64_t cifar_image_bytes = int64_t{3} * cifar_side * cifar_side;

// Where a published archive puts its files.
struct CifarLayout {
  const char* folder;                    // as the archive names it
  std::vector<const char*> train, test;  // batch files, in the published order
  const char* meta;                      // a file that shows, with the batches, which layout it is
  int classes;                           // 10 or 100
};

// One batch of images.
struct CifarBatch {
  std::shared_ptr<const void> storage;  // owns what `planes` point to
  std::vector<const uint8_t*> planes;   // uint8 [3,32,32] each
  std::vector<int32_t> labels;
  std::vector<std::string> names;  // within the batch
};

struct CifarFormat {
  std::vector<CifarLayout> layouts;
  CifarBatch (*read_batch)(const std::filesystem::path& file, const CifarLayout& layout,
                           bool coarse);
  std::vector<std::string> (*read_class_names)(const std::filesystem::path& folder,
                                               const CifarLayout& layout, bool coarse);
};

// `path` is the folder with the batches, or the one that holds it under its published name.
bool is_cifar(const std::filesystem::path& path, const CifarFormat& format);
Listing list_cifar(const std::filesystem::path& path, const CifarFormat& format,
                   const LoadOptions& options);

}  // namespace nolabel
