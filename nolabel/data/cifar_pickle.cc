// CIFAR's Python version: every batch is a pickled dict with `data` (uint8 [N,3072] or
// [N,3,32,32]), `labels` (CIFAR-100: `fine_labels` and `coarse_labels`) and, in the published
// files, `filenames`. Programs that write such batches anew use any protocol, NumPy arrays for any
// of the three, and often leave the names out.
#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/data/cifar.h"
#include "nolabel/pickle/numpy.h"

namespace nolabel {
namespace fs = std::filesystem;
namespace {

// A file's content and the pickle that points into it.
struct PickleFile {
  explicit PickleFile(std::string text) : content(std::move(text)), pickle(as_bytes(content)) {}
  static Bytes as_bytes(const std::string& text) { return std::as_bytes(std::span(text)); }

  const std::string content;
  const pickle::Pickle pickle;
  std::string pixels;  // row by row, when the file has them otherwise
};

std::vector<int64_t> integers_in(pickle::Value value) {
  if (const auto array = pickle::numpy_array(value)) {
    if (auto numbers = pickle::integers(*array)) return std::move(*numbers);
    fail_data("labels must be integers. The array has NumPy's type {}{}",
              std::string(1, array->type.kind), array->type.bytes);
  }
  std::vector<int64_t> numbers;
  for (const pickle::Value item : value.items()) {
    const auto number = pickle::numpy_number(item);
    if (number && std::holds_alternative<int64_t>(*number)) {
      numbers.push_back(std::get<int64_t>(*number));
    } else {
      numbers.push_back(item.integer());
    }
  }
  return numbers;
}

std::vector<std::string> texts_in(pickle::Value value) {
  if (const auto array = pickle::numpy_array(value)) {
    if (auto found = pickle::texts(*array)) return std::move(*found);
    fail_data("names must be text. The array has NumPy's type {}{}",
              std::string(1, array->type.kind), array->type.bytes);
  }
  std::vector<std::string> found;
  for (const pickle::Value item : value.items()) found.emplace_back(item.text());
  return found;
}

// [N,3072], or [N,3,32,32].
bool is_shape_of_images(const std::vector<int64_t>& shape) {
  if (shape.size() == 2) return shape[1] == cifar_image_bytes;
  return shape.size() == 4 && shape[1] == 3 && shape[2] == cifar_side && shape[3] == cifar_side;
}

// The first byte of image 0; the images follow one another.
const uint8_t* pixels_of(PickleFile& file, const pickle::NumpyArray& data) {
  if (data.column_major) {
    file.pixels = pickle::row_major_bytes(data);
    return reinterpret_cast<const uint8_t*>(file.pixels.data());
  }
  return reinterpret_cast<const uint8_t*>(data.bytes.data());
}

CifarBatch to_batch(const std::shared_ptr<PickleFile>& file, const CifarLayout& layout, bool coarse,
                    const std::string& stem) {
  const char* label_key = layout.classes == 10 ? "labels"
                          : coarse             ? "coarse_labels"
                                               : "fine_labels";
  const pickle::Value root = file->pickle.root();
  const std::optional<pickle::NumpyArray> data = pickle::numpy_array(root.at("data"));
  if (!data || data->type.kind != 'u' || data->type.bytes != 1 ||
      !is_shape_of_images(data->shape)) {
    fail_data("\"data\" must be a NumPy array of type uint8 and shape [N,3072] or [N,3,32,32]");
  }
  const int64_t images = data->shape[0];
  const std::vector<int64_t> labels = integers_in(root.at(label_key));
  std::vector<std::string> names;
  if (const auto given = root.find("filenames")) {
    for (const std::string& name : texts_in(*given)) names.push_back(format("{}/{}", stem, name));
  } else {  // as the binary version, which has no names
    for (int64_t i = 0; i < images; ++i) names.push_back(format("{}:{}", stem, i));
  }
  if (static_cast<int64_t>(labels.size()) != images ||
      static_cast<int64_t>(names.size()) != images) {
    fail_data("{} images, {} labels and {} names do not fit", images, labels.size(), names.size());
  }
  CifarBatch batch;
  const uint8_t* pixels = pixels_of(*file, *data);
  batch.storage = file;
  for (int64_t i = 0; i < images; ++i) {
    const int64_t label = labels[static_cast<size_t>(i)];
    // Anything outside of the class names is refused later, with the image's name.
    batch.labels.push_back(label >= 0 && label < layout.classes ? static_cast<int32_t>(label) : -1);
    batch.planes.push_back(pixels + i * cifar_image_bytes);
  }
  batch.names = std::move(names);
  return batch;
}

// An error about what a pickle lacks names the file.
template <class Use>
auto with_pickle(const fs::path& path, const Use& use) {
  std::string content = read_file(path);
  try {
    // Before protocol 2 a pickle is a text.
    if (!content.starts_with('\x80')) fail_data("it is no pickle of protocol 2 to 5");
    return use(std::make_shared<PickleFile>(std::move(content)));
  } catch (const Error& error) {
    fail_data("{}: {}", path.string(), error.what());
  }
}

CifarBatch read_pickled_batch(const fs::path& path, const CifarLayout& layout, bool coarse) {
  return with_pickle(path, [&](const std::shared_ptr<PickleFile>& file) {
    return to_batch(file, layout, coarse, path.filename().string());
  });
}

std::vector<std::string> read_pickled_class_names(const fs::path& folder, const CifarLayout& layout,
                                                  bool coarse) {
  const char* key = layout.classes == 10 ? "label_names"
                    : coarse             ? "coarse_label_names"
                                         : "fine_label_names";
  return with_pickle(folder / layout.meta, [&](const std::shared_ptr<PickleFile>& file) {
    return texts_in(file->pickle.root().at(key));
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
      read_pickled_batch,
      read_pickled_class_names};
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
