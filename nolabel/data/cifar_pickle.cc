// CIFAR's Python version: every batch is a pickled dict with `data` (uint8 [N,3072]), `labels`
// (CIFAR-100: `fine_labels` and `coarse_labels`) and `filenames`.
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/cifar.h"
#include "nolabel/data/pickle.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

CifarBatch to_batch(const std::shared_ptr<const Pickle>& pickle, const CifarLayout& layout,
                    bool coarse, const std::string& stem) {
  const char* label_key = layout.classes == 10 ? "labels"
                          : coarse             ? "coarse_labels"
                                               : "fine_labels";
  const PickleValue& root = pickle->root();
  const PickleArray data = root.at("data").array();
  const auto& labels = root.at(label_key).list();
  const auto& names = root.at("filenames").list();
  if (data.columns != cifar_image_bytes) {
    fail_data("images must have 3072 bytes. They have {}", data.columns);
  }
  if (static_cast<int64_t>(labels.size()) != data.rows || names.size() != labels.size()) {
    fail_data("{} images, {} labels and {} names do not fit", data.rows, labels.size(),
              names.size());
  }
  CifarBatch batch;
  batch.storage = pickle;
  for (int64_t i = 0; i < data.rows; ++i) {
    const int64_t label = labels[i]->integer();
    // Anything outside of the class names is refused later, with the image's name.
    batch.labels.push_back(label >= 0 && label < layout.classes ? static_cast<int32_t>(label) : -1);
    batch.planes.push_back(data.values + i * cifar_image_bytes);
    batch.names.push_back(format("{}/{}", stem, names[i]->text()));
  }
  return batch;
}

// An error about what a pickle lacks names the file.
template <class Use>
auto with_pickle(const fs::path& file, const Use& use) {
  std::string content = read_file(file);
  try {
    return use(std::make_shared<const Pickle>(std::move(content)));
  } catch (const Error& error) {
    fail_data("{}: {}", file.string(), error.what());
  }
}

CifarBatch read_batch(const fs::path& file, const CifarLayout& layout, bool coarse) {
  return with_pickle(file, [&](const std::shared_ptr<const Pickle>& pickle) {
    return to_batch(pickle, layout, coarse, file.filename().string());
  });
}

std::vector<std::string> read_class_names(const fs::path& folder, const CifarLayout& layout,
                                          bool coarse) {
  const char* key = layout.classes == 10 ? "label_names"
                    : coarse             ? "coarse_label_names"
                                         : "fine_label_names";
  return with_pickle(folder / layout.meta, [&](const std::shared_ptr<const Pickle>& pickle) {
    std::vector<std::string> names;
    for (const PickleValue* name : pickle->root().at(key).list()) {
      names.emplace_back(name->text());
    }
    return names;
  });
}

const CifarFormat& format_pickle() {
  static const CifarFormat format{
      {{"cifar-10-batches-py",
        {"data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5"},
        {"test_batch"},
        "batches.meta",
        10},
       {"cifar-100-python", {"train"}, {"test"}, "meta", 100}},
      read_batch,
      read_class_names};
  return format;
}

}  // namespace

bool is_cifar_pickle(const fs::path& path) {
  return is_cifar(path, format_pickle());
}

Listing list_cifar_pickle(const fs::path& path, const LoadOptions& options, FileCount&) {
  return list_cifar(path, format_pickle(), options);
}

}  // namespace nolabel
