#include "nolabel/weights/weights_file.h"

#include <array>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/weights/foreign_file.h"
#include "nolabel/weights/formats.h"

namespace nolabel {
namespace {

struct Format {
  bool (*is_it)(Bytes);
  Value (*read)(Bytes);
};

constexpr std::array formats = {
    Format{is_torch_zip, read_torch_zip},
    Format{is_torch_legacy, read_torch_legacy},
    Format{is_safetensors, read_safetensors},
    Format{is_plain_pickle, read_plain_pickle},
};

// Calls `read` with the file's content. Errors about the content name the file.
template <class Read>
auto with_content(const std::filesystem::path& path, const Read& read) {
  const MappedFile file(path);
  try {
    return read(file.bytes());
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    fail_data("{} cannot be read as weights: {}.", path.string(), error.what());
  }
}

}  // namespace

const Value* Value::find(const std::string& key) const {
  const auto* dict = std::get_if<std::shared_ptr<ValueDict>>(&data);
  if (!dict) return nullptr;
  for (const auto& [name, value] : **dict) {
    const auto* text = std::get_if<std::string>(&name.data);
    if (text && *text == key) return &value;
  }
  return nullptr;
}

Value read_weights_file(const std::filesystem::path& path) {
  return with_content(path, [](Bytes bytes) {
    for (const Format& format : formats) {
      if (format.is_it(bytes)) return format.read(bytes);
    }
    fail_data("{}", describe_foreign_file(bytes));
  });
}

bool is_program_file(const std::filesystem::path& path) {
  const MappedFile file(path);
  try {
    return holds_code(file.bytes());
  } catch (const Error& error) {
    if (error.fault() != Fault::data) throw;
    return false;  // read_weights_file() says what is wrong with it
  }
}

std::map<std::string, std::string> read_safetensors_metadata(const std::filesystem::path& path) {
  return with_content(path, [](Bytes bytes) {
    return is_safetensors(bytes) ? safetensors_metadata(bytes)
                                 : std::map<std::string, std::string>();
  });
}

Value to_value(const StateDict& state) {
  ValueDict dict;
  for (const auto& [name, tensor] : state) dict.emplace_back(name, tensor);
  return Value::dict(std::move(dict));
}

StateDict to_state_dict(const Value& value, const std::string& file_name) {
  const auto* dict = std::get_if<std::shared_ptr<ValueDict>>(&value.data);
  if (!dict) fail_data("{} must hold tensors by name. It does not.", file_name);
  StateDict state;
  for (const auto& [key, item] : **dict) {
    const auto* name = std::get_if<std::string>(&key.data);
    const auto* tensor = std::get_if<at::Tensor>(&item.data);
    if (!name || !tensor) {
      fail_data("{} must hold nothing but tensors by name. Its entry {} is none.", file_name,
                name ? *name : "without a name");
    }
    state.push_back({*name, *tensor});
  }
  return state;
}

}  // namespace nolabel
