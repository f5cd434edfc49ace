// safetensors: 8 bytes of header length, a JSON header {name: {dtype, shape, data_offsets}}, data.
#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/base/file.h"
#include "nolabel/weights/formats.h"
#include "nolabel/weights/tensor_bounds.h"

namespace nolabel {
namespace {

using Json = nlohmann::json;

constexpr uint64_t longest_header = 100'000'000;  // as the format's own library has it
constexpr int deepest_header = 4;
constexpr size_t header_alignment = 8;
constexpr const char* metadata_key = "__metadata__";

struct ElementType {
  std::string_view name;
  at::ScalarType type;
};

constexpr std::array element_types = {
    ElementType{"F64", at::kDouble}, ElementType{"F32", at::kFloat},
    ElementType{"F16", at::kHalf},   ElementType{"BF16", at::kBFloat16},
    ElementType{"I64", at::kLong},   ElementType{"I32", at::kInt},
    ElementType{"I16", at::kShort},  ElementType{"I8", at::kChar},
    ElementType{"U8", at::kByte},    ElementType{"BOOL", at::kBool},
};

struct Header {
  Json json;
  Bytes data;
};

Header read_header(Bytes bytes) {
  ByteReader reader(bytes);
  const auto length = reader.number<uint64_t>();
  if (length > longest_header) fail_data("its header is {} bytes long", length);
  const std::string_view text = reader.text(length);
  const auto shallow = [](int depth, Json::parse_event_t, Json&) {
    if (depth > deepest_header) fail_data("its header is nested too deep");
    return true;
  };
  Header header{Json::parse(text, shallow, /*allow_exceptions=*/false),
                bytes.subspan(reader.position())};
  if (!header.json.is_object()) fail_data("its header is no JSON object");
  return header;
}

struct Entry {
  std::string name;
  at::ScalarType type;
  std::vector<int64_t> shape;
  uint64_t begin, end;  // in the data
};

Entry read_entry(const std::string& name, const Json& json) {
  const auto is_number = [](const Json& number) { return number.is_number_unsigned(); };
  const bool is_complete = json.is_object() && json.contains("dtype") && json.contains("shape") &&
                           json.contains("data_offsets") && json["dtype"].is_string() &&
                           json["shape"].is_array() && json["data_offsets"].is_array() &&
                           json["data_offsets"].size() == 2;
  if (!is_complete || !std::ranges::all_of(json["shape"], is_number) ||
      !std::ranges::all_of(json["data_offsets"], is_number)) {
    fail_data("its header describes {} wrongly", name);
  }
  const auto dtype = json["dtype"].get<std::string>();
  const auto type = std::ranges::find(element_types, dtype, &ElementType::name);
  if (type == element_types.end()) fail_data("its tensor {} has the unknown type {}", name, dtype);
  Entry entry{name, type->type, json["shape"].get<std::vector<int64_t>>(),
              json["data_offsets"][0].get<uint64_t>(), json["data_offsets"][1].get<uint64_t>()};
  const auto elements = static_cast<uint64_t>(checked_elements(entry.shape));
  const uint64_t size = c10::elementSize(entry.type);
  if (entry.begin > entry.end || (entry.end - entry.begin) % size != 0 ||
      (entry.end - entry.begin) / size != elements) {
    fail_data("the offsets of its tensor {} do not fit its shape", name);
  }
  return entry;
}

}  // namespace

bool is_safetensors(Bytes bytes) {
  return bytes.size() > 8 && ByteReader(bytes).number<uint64_t>() <= longest_header &&
         bytes[8] == std::byte{'{'};
}

Value read_safetensors(Bytes bytes) {
  const Header header = read_header(bytes);
  std::vector<Entry> entries;
  for (const auto& [name, json] : header.json.items()) {
    if (name != metadata_key) entries.push_back(read_entry(name, json));
  }
  std::ranges::sort(entries, {}, [](const Entry& e) { return std::pair(e.begin, e.end); });

  // The tensors lie one after another: neither gaps nor overlaps.
  uint64_t end = 0;
  ValueDict tensors;
  for (const Entry& entry : entries) {
    if (entry.begin != end || entry.end > header.data.size()) {
      fail_data("the offsets of its tensor {} are wrong, or its end has been cut off", entry.name);
    }
    end = entry.end;
    const at::Tensor flat =
        flat_tensor(entry.type, header.data.subspan(entry.begin, entry.end - entry.begin));
    tensors.emplace_back(entry.name, flat.view(entry.shape));
  }
  if (end != header.data.size()) fail_data("it has {} bytes too many", header.data.size() - end);
  return Value::dict(std::move(tensors));
}

std::map<std::string, std::string> safetensors_metadata(Bytes bytes) {
  const Header header = read_header(bytes);
  std::map<std::string, std::string> metadata;
  if (!header.json.contains(metadata_key)) return metadata;
  for (const auto& [key, value] : header.json[metadata_key].items()) {
    if (!value.is_string()) fail_data("its metadata '{}' is no text", key);
    metadata[key] = value.get<std::string>();
  }
  return metadata;
}

void write_safetensors(const std::filesystem::path& path, const StateDict& tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::vector<NamedTensor> dense;
  for (const auto& [name, tensor] : tensors) {
    dense.push_back({name, tensor.detach().cpu().contiguous()});
  }
  // Wide elements first, so that every tensor is aligned.
  std::ranges::stable_sort(dense, std::greater(),
                           [](const NamedTensor& entry) { return entry.tensor.element_size(); });
  Json header = Json::object();
  if (!metadata.empty()) header[metadata_key] = metadata;
  uint64_t offset = 0;
  for (const auto& [name, tensor] : dense) {
    const auto type = std::ranges::find(element_types, tensor.scalar_type(), &ElementType::type);
    if (type == element_types.end()) {
      fail_usage("tensors of type {} cannot be written", c10::toString(tensor.scalar_type()));
    }
    header[name] = {{"dtype", type->name},
                    {"shape", tensor.sizes().vec()},
                    {"data_offsets", {offset, offset + tensor.nbytes()}}};
    offset += tensor.nbytes();
  }
  std::string text = header.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
  text.append((header_alignment - text.size() % header_alignment) % header_alignment, ' ');

  AtomicFile file(path);
  std::string length;
  append_number<uint64_t>(length, text.size());
  file.write(length);
  file.write(text);
  for (const auto& [name, tensor] : dense) file.write(tensor.const_data_ptr(), tensor.nbytes());
  file.commit();
}

}  // namespace nolabel
