// PyTorch's zip format: NAME/data.pkl, NAME/data/KEY for each storage, NAME/version,
// NAME/byteorder. A TorchScript archive has NAME/constants.pkl and NAME/code/… besides; its
// data.pkl holds modules as objects.
#include <ATen/ATen.h>

#include <algorithm>
#include <optional>
#include <unordered_map>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/weights/foreign_file.h"
#include "nolabel/weights/formats.h"
#include "nolabel/weights/pickle_writer.h"
#include "nolabel/weights/unpickle.h"
#include "nolabel/weights/zip.h"

namespace nolabel {
namespace {

// Storages of an archive, each copied once however many tensors view it.
class ZipStorages {
 public:
  ZipStorages(const ZipReader& zip, std::string folder, uint64_t limit)
      : zip_(zip), folder_(std::move(folder)), limit_(limit) {}

  at::Tensor operator()(const StorageReference& wanted) {
    at::Tensor& storage = loaded_[wanted.key];
    if (!storage.defined()) {
      const Bytes bytes = zip_.read(folder_ + wanted.key);
      // Entries that share their bytes could ask for any amount of memory.
      if (bytes.size() > limit_) fail_data("its storages overlap");
      limit_ -= bytes.size();
      storage = flat_tensor(wanted.type, bytes);
    }
    if (storage.scalar_type() != wanted.type || storage.numel() != wanted.elements) {
      fail_data("its storage {} has another size than its pickle says", wanted.key);
    }
    return storage;
  }

 private:
  const ZipReader& zip_;
  const std::string folder_;
  uint64_t limit_;  // bytes that may still be copied
  std::unordered_map<std::string, at::Tensor> loaded_;
};

// The NAME/ that data.pkl is in, if there is one.
std::optional<std::string> find_archive_name(const ZipReader& zip) {
  for (const std::string& name : zip.names()) {
    const size_t slash = name.find('/');
    if (slash != std::string::npos && name.substr(slash) == "/data.pkl") {
      return name.substr(0, slash + 1);
    }
  }
  return std::nullopt;
}

std::string archive_name(const ZipReader& zip) {
  if (const auto name = find_archive_name(zip)) return *name;
  fail_data("{}", describe_foreign_zip(zip.names()));
}

bool has_modules(const ZipReader& zip, const std::string& name) {
  return zip.contains(name + "constants.pkl");
}

// Tensors of nested modules as one dict, named as PyTorch's state_dict() does.
void collect_tensors(const Value& module, const std::string& prefix, ValueDict& tensors) {
  const auto* attributes = std::get_if<std::shared_ptr<ValueDict>>(&module.data);
  if (!attributes) return;
  for (const auto& [key, value] : **attributes) {
    const auto* name = std::get_if<std::string>(&key.data);
    if (!name) continue;
    if (std::holds_alternative<at::Tensor>(value.data)) {
      tensors.emplace_back(prefix + *name, value);
    } else {
      collect_tensors(value, prefix + *name + ".", tensors);
    }
  }
}

}  // namespace

at::Tensor flat_tensor(at::ScalarType type, Bytes bytes) {
  const auto size = static_cast<int64_t>(c10::elementSize(type));
  const at::Tensor flat = at::empty({static_cast<int64_t>(bytes.size()) / size}, type);
  if (flat.numel() > 0) std::memcpy(flat.mutable_data_ptr(), bytes.data(), flat.nbytes());
  return flat;
}

bool is_torch_zip(Bytes bytes) {
  return as_text(bytes).starts_with("PK\3\4");
}

bool holds_code(Bytes bytes) {
  if (!is_torch_zip(bytes)) return false;
  const ZipReader zip(bytes);
  const std::optional<std::string> name = find_archive_name(zip);
  if (!name || !has_modules(zip, *name)) return false;
  return std::ranges::any_of(zip.names(), [code = *name + "code/"](const std::string& entry) {
    return entry.starts_with(code);
  });
}

Value read_torch_zip(Bytes bytes) {
  const ZipReader zip(bytes);
  const std::string name = archive_name(zip);
  if (zip.contains(name + "byteorder") && as_text(zip.read(name + "byteorder")) != "little") {
    fail_data("its numbers are big-endian");
  }
  ZipStorages storages(zip, name + "data/", bytes.size());
  Value value = unpickle(zip.read(name + "data.pkl"), std::ref(storages)).value;
  if (!has_modules(zip, name)) return value;
  ValueDict tensors;
  collect_tensors(value, "", tensors);
  return Value::dict(std::move(tensors));
}

void write_torch_file(const std::filesystem::path& path, const Value& value) {
  write_torch_file(path, value, {});
}

void write_torch_file(const std::filesystem::path& path, const Value& value,
                      const ZipLimits& limits) {
  const Pickled pickle = pickled(value);
  AtomicFile file(path);
  ZipWriter zip(file, limits);
  // PyTorch accepts any name; a fixed one gives equal files for equal values.
  zip.add("archive/data.pkl", pickle.bytes);
  zip.add("archive/byteorder", "little");
  for (size_t i = 0; i < pickle.storages.size(); ++i) {
    const at::Tensor& storage = pickle.storages[i];
    zip.add(format("archive/data/{}", i),
            {static_cast<const char*>(storage.const_data_ptr()), storage.nbytes()});
  }
  zip.add("archive/version", "3\n");
  zip.finish();
  file.commit();
}

}  // namespace nolabel
