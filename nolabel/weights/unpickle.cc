#include "nolabel/weights/unpickle.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

#include "nolabel/base/error.h"
#include "nolabel/pickle/numpy.h"
#include "nolabel/weights/tensor_bounds.h"

namespace nolabel {
namespace {

constexpr int deepest = 100;
// Values may take this many bytes per byte of pickle: a repeated key takes two bytes there.
constexpr int64_t growth = 64;
constexpr int64_t smallest_budget = 1 << 20;

using Arguments = std::vector<pickle::Value>;

struct StorageType {
  std::string_view name;
  at::ScalarType type;
};

constexpr std::array storage_types = {
    StorageType{"torch.FloatStorage", at::kFloat},
    StorageType{"torch.DoubleStorage", at::kDouble},
    StorageType{"torch.HalfStorage", at::kHalf},
    StorageType{"torch.BFloat16Storage", at::kBFloat16},
    StorageType{"torch.LongStorage", at::kLong},
    StorageType{"torch.IntStorage", at::kInt},
    StorageType{"torch.ShortStorage", at::kShort},
    StorageType{"torch.CharStorage", at::kChar},
    StorageType{"torch.ByteStorage", at::kByte},
    StorageType{"torch.BoolStorage", at::kBool},
};

// NumPy's numbers, as NumPy abbreviates their types.
std::optional<at::ScalarType> scalar_type(const pickle::NumpyType& type) {
  struct Known {
    char kind;
    size_t bytes;
    at::ScalarType type;
  };
  constexpr std::array known = {
      Known{'f', 8, at::kDouble}, Known{'f', 4, at::kFloat}, Known{'f', 2, at::kHalf},
      Known{'i', 8, at::kLong},   Known{'i', 4, at::kInt},   Known{'i', 2, at::kShort},
      Known{'i', 1, at::kChar},   Known{'u', 1, at::kByte},  Known{'b', 1, at::kBool}};
  for (const Known& entry : known) {
    if (entry.kind == type.kind && entry.bytes == type.bytes) return entry.type;
  }
  return std::nullopt;
}

pickle::Value argument(const Arguments& arguments, size_t i) {
  if (i >= arguments.size()) fail_data("its pickle leaves out arguments");
  return arguments[i];
}

std::vector<int64_t> integers(pickle::Value value) {
  std::vector<int64_t> numbers;
  for (const pickle::Value item : value.items()) numbers.push_back(item.integer());
  return numbers;
}

// The identifier of a storage: ('storage', type, key, location, elements[, view]).
at::Tensor storage(pickle::Value value, const StorageSource& storages) {
  const auto* persistent = value.get_if<pickle::Persistent>();
  if (!persistent) fail_data("its pickle has no storage where one must be");
  const Arguments parts = value.other(persistent->identifier).items();
  const std::string_view tag = argument(parts, 0).text();
  if (tag != "storage") fail_data("its pickle has a Python {} where a storage must be", tag);
  if (parts.size() > 5 && !parts[5].get_if<pickle::None>()) {
    fail_data("it was written by a PyTorch older than 0.4");
  }
  const std::string_view type = argument(parts, 1).type_name();
  const auto found = std::ranges::find(storage_types, type, &StorageType::name);
  if (found == storage_types.end()) {
    fail_data("its pickle has {} where the type of a storage must be", type);
  }
  return storages(
      {found->type, std::string(argument(parts, 2).text()), argument(parts, 4).integer()});
}

bool is_storage(pickle::Value value) {
  const auto* persistent = value.get_if<pickle::Persistent>();
  const auto* parts =
      persistent ? value.other(persistent->identifier).get_if<pickle::Sequence>() : nullptr;
  if (!parts || parts->items.empty()) return false;
  const auto* tag = value.other(parts->items[0]).get_if<std::string_view>();
  return tag && *tag == "storage";
}

// torch.nn.Module keeps its tensors in its state, in dicts of these names.
bool is_module(pickle::Value value) {
  const std::optional<pickle::Value> state = value.state();
  if (!state || !state->get_if<pickle::Mapping>()) return false;
  return state->find("_parameters") && state->find("_modules");
}

class ToValue {
 public:
  ToValue(const StorageSource& storages, int64_t budget) : storages_(storages), budget_(budget) {}

  Value item(pickle::Value value) {
    if (++depth_ > deepest) fail_data("its pickle is nested more than {} deep", deepest);
    spend(sizeof(Value));
    Value result =
        std::visit([&](const auto& object) { return convert(value, object); }, value.object());
    --depth_;
    return result;
  }

 private:
  void spend(size_t bytes) {
    budget_ -= static_cast<int64_t>(bytes);
    if (budget_ < 0) fail_data("its pickle repeats itself without bound");
  }

  Value convert(pickle::Value, pickle::None) { return {}; }
  Value convert(pickle::Value, bool x) { return x; }
  Value convert(pickle::Value, int64_t x) { return x; }
  Value convert(pickle::Value, double x) { return x; }
  Value convert(pickle::Value, std::string_view x) {
    spend(x.size());
    return std::string(x);
  }
  // A class or a torch.dtype by its name.
  Value convert(pickle::Value value, pickle::Global x) { return convert(value, x.name); }
  Value convert(pickle::Value value, const pickle::Sequence&) { return list(value); }
  Value convert(pickle::Value value, const pickle::Mapping&) { return dict(value); }
  Value convert(pickle::Value value, pickle::Persistent) {
    if (is_storage(value)) return storage(value, storages_);
    return opaque(value);
  }
  Value convert(pickle::Value value, const pickle::Instance& instance) {
    // Subclasses of dict and list, and what takes its items one by one, as a deque.
    if (instance.mapping != pickle::nothing) return dict(value);
    if (instance.sequence != pickle::nothing) return list(value);
    const std::string_view name = value.type_name();
    if (auto known = call(name, value)) return std::move(*known);
    if (name == "collections.OrderedDict" || name == "collections.defaultdict" ||
        name == "collections.Counter") {
      return dict_of(value.arguments());
    }
    // An object of a TorchScript archive: its attributes are the items.
    if (name.starts_with("__torch__.")) {
      const std::optional<pickle::Value> state = value.state();
      if (state && state->get_if<pickle::Mapping>()) return dict(*state);
    }
    return opaque(value);
  }

  Value list(pickle::Value value) {
    ValueList items;
    for (const pickle::Value entry : value.items()) items.push_back(item(entry));
    return Value::list(std::move(items));
  }

  Value dict(pickle::Value value) {
    ValueDict items;
    for (const auto& [key, entry] : value.entries()) items.emplace_back(item(key), item(entry));
    return Value::dict(std::move(items));
  }

  // OrderedDict() without items, OrderedDict([[key, value], …]) as Python 2 wrote it, or
  // Counter({key: count, …}).
  Value dict_of(const Arguments& arguments) {
    if (arguments.size() == 1 && arguments[0].get_if<pickle::Mapping>()) return dict(arguments[0]);
    ValueDict items;
    if (arguments.size() == 1 && arguments[0].get_if<pickle::Sequence>()) {
      for (const pickle::Value pair : arguments[0].items()) {
        const Arguments parts = pair.items();
        items.emplace_back(item(argument(parts, 0)), item(argument(parts, 1)));
      }
    }
    return Value::dict(std::move(items));
  }

  Value opaque(pickle::Value value) {
    const std::string_view name = value.type_name();
    spend(name.size());
    return Opaque{.type = name.empty() ? "of no known class" : std::string(name),
                  .is_module = is_module(value)};
  }

  // What calling a known function or class gives; none: it is not known.
  std::optional<Value> call(std::string_view name, pickle::Value value) {
    if (name.starts_with("numpy.")) return numpy(value);
    return call(name, [&] { return value.arguments(); });
  }

  std::optional<Value> call(std::string_view name, const std::function<Arguments()>& arguments) {
    constexpr std::array of_tensors = {"torch._utils._rebuild_tensor",
                                       "torch._utils._rebuild_tensor_v2"};
    // The value is the first argument, whatever the tags behind it say.
    constexpr std::array of_first = {"torch._utils._rebuild_parameter",
                                     "torch._utils._rebuild_parameter_with_state",
                                     "torch.Size",
                                     "torch.device",
                                     "torch.jit._pickle.build_intlist",
                                     "torch.jit._pickle.build_doublelist",
                                     "torch.jit._pickle.build_boollist",
                                     "torch.jit._pickle.build_tensorlist",
                                     "torch.jit._pickle.restore_type_tag"};
    constexpr std::array of_items = {
        "builtins.set",  "__builtin__.set",    "builtins.frozenset", "__builtin__.frozenset",
        "builtins.list", "builtins.bytearray", "builtins.bytes",     "__builtin__.bytes"};
    const auto is_one_of = [&](const auto& names) { return std::ranges::count(names, name) > 0; };
    if (is_one_of(of_tensors)) return tensor(arguments());
    if (is_one_of(of_first)) return item(argument(arguments(), 0));
    if (is_one_of(of_items)) {
      const Arguments given = arguments();
      return given.empty() ? Value::list({}) : item(given[0]);
    }
    // (function, type, arguments, attributes): a tensor of a subclass.
    if (name == "torch._tensor._rebuild_from_type_v2") {
      const Arguments given = arguments();
      const std::string_view function = argument(given, 0).type_name();
      if (function == name) return std::nullopt;  // never so; it could be without end
      return call(function, [&] { return argument(given, 2).items(); });
    }
    return std::nullopt;
  }

  // (storage, offset, sizes, strides, …)
  Value tensor(const Arguments& arguments) {
    const at::Tensor flat = storage(argument(arguments, 0), storages_);
    return strided_view(flat, integers(argument(arguments, 2)), integers(argument(arguments, 3)),
                        argument(arguments, 1).integer());
  }

  std::optional<Value> numpy(pickle::Value value) {
    if (const auto number = pickle::numpy_number(value)) {
      return std::visit([](auto x) { return Value(x); }, *number);
    }
    const auto array = pickle::numpy_array(value);
    const auto type = array ? scalar_type(array->type) : std::nullopt;
    if (!type) return std::nullopt;
    spend(array->bytes.size());
    at::Tensor tensor = at::empty(array->shape, *type);
    if (tensor.numel() == 0) return tensor;
    if (*type == at::kBool) {  // any other byte than 0 and 1 would be undefined as a bool
      if (std::ranges::any_of(array->bytes, [](char x) { return x != 0 && x != 1; })) {
        fail_data("a bool in its pickle is none");
      }
    }
    const std::string bytes = pickle::row_major_bytes(*array);
    std::memcpy(tensor.mutable_data_ptr(), bytes.data(), tensor.nbytes());
    return tensor;
  }

  const StorageSource& storages_;
  int64_t budget_;  // bytes that may still be spent
  int depth_ = 0;
};

}  // namespace

Unpickled unpickle(Bytes bytes, const StorageSource& storages, StoragesWanted wanted) {
  const pickle::Pickle pickle(bytes);
  if (wanted == StoragesWanted::all) {
    for (pickle::Reference i = 0; i < pickle.objects(); ++i) {
      if (is_storage({pickle, i})) storage({pickle, i}, storages);
    }
  }
  const int64_t budget = smallest_budget + growth * static_cast<int64_t>(pickle.size());
  return {ToValue(storages, budget).item(pickle.root()), pickle.size()};
}

}  // namespace nolabel
