// PyTorch's format before 1.6, a stream: four pickles (magic number, protocol version, the writer's
// byte order and sizes, the value), a pickled list of storage keys, then for each key its number of
// elements (8 bytes) and its elements.
#include <ATen/ATen.h>

#include <algorithm>
#include <unordered_map>

#include "nolabel/base/error.h"
#include "nolabel/weights/formats.h"
#include "nolabel/weights/unpickle.h"

namespace nolabel {
namespace {

// 0x1950a86a20f9469cfc6c as LONG1, and the end of its pickle.
constexpr std::string_view magic = "\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19.";
constexpr size_t longest_start = 16;  // protocol and frame before the magic number
constexpr int64_t known_protocol = 1001;

size_t magic_position(Bytes bytes) {
  return as_text(bytes.first(std::min(bytes.size(), longest_start + magic.size()))).find(magic);
}

// Storages by key, made when the pickle names them and filled afterwards.
class LegacyStorages {
 public:
  explicit LegacyStorages(uint64_t limit) : limit_(limit) {}

  at::Tensor operator()(const StorageReference& wanted) {
    at::Tensor& storage = storages_[wanted.key];
    if (!storage.defined()) {
      const uint64_t size = c10::elementSize(wanted.type);
      if (wanted.elements < 0 || static_cast<uint64_t>(wanted.elements) > limit_ / size) {
        fail_data("its tensors are larger than the file, so its end has been cut off");
      }
      limit_ -= static_cast<uint64_t>(wanted.elements) * size;
      storage = at::empty({wanted.elements}, wanted.type);
    }
    if (storage.scalar_type() != wanted.type || storage.numel() != wanted.elements) {
      fail_data("its storage {} is described in two ways", wanted.key);
    }
    return storage;
  }

  void fill(const Value& keys, ByteReader& reader) {
    const auto* list = std::get_if<std::shared_ptr<ValueList>>(&keys.data);
    if (!list) fail_data("its list of storages is missing");
    for (const Value& key : **list) {
      const auto* name = std::get_if<std::string>(&key.data);
      const auto found = name ? storages_.find(*name) : storages_.end();
      if (found == storages_.end()) fail_data("its list of storages is damaged");
      at::Tensor storage = found->second;
      if (reader.number<int64_t>() != storage.numel()) {
        fail_data("its storage {} has another size than its pickle says", *name);
      }
      const Bytes bytes = reader.take(storage.nbytes());
      if (!bytes.empty()) std::memcpy(storage.mutable_data_ptr(), bytes.data(), bytes.size());
      storages_.erase(found);
    }
    if (!storages_.empty()) fail_data("its storage {} is missing", storages_.begin()->first);
  }

 private:
  uint64_t limit_;  // bytes that may still be made
  std::unordered_map<std::string, at::Tensor> storages_;
};

at::Tensor no_storages(const StorageReference&) {
  fail_data("it begins with a tensor");
}

}  // namespace

bool is_torch_legacy(Bytes bytes) {
  return magic_position(bytes) != std::string_view::npos;
}

Value read_torch_legacy(Bytes bytes) {
  Bytes rest = bytes.subspan(magic_position(bytes) + magic.size());
  const auto next = [&rest](const StorageSource& source) {
    Unpickled result = unpickle(rest, source);
    rest = rest.subspan(result.bytes);
    return std::move(result.value);
  };
  const Value protocol = next(no_storages);
  const auto* number = std::get_if<int64_t>(&protocol.data);
  if (!number || *number != known_protocol) fail_data("its protocol is not {}", known_protocol);
  const Value writer = next(no_storages);
  const Value* little_endian = writer.find("little_endian");
  const auto* is_little = little_endian ? std::get_if<bool>(&little_endian->data) : nullptr;
  if (is_little && !*is_little) fail_data("its numbers are big-endian");

  LegacyStorages storages(bytes.size());
  // All of them: the stream has them one after another, whether a tensor uses them or not.
  Unpickled content = unpickle(rest, std::ref(storages), StoragesWanted::all);
  rest = rest.subspan(content.bytes);
  const Value keys = next(no_storages);
  ByteReader reader(rest);
  storages.fill(keys, reader);
  return std::move(content.value);
}

}  // namespace nolabel
