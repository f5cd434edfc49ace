// The allow-list: what the types and functions named in pickles of weights mean as data.
#include <ATen/ATen.h>

#include <array>
#include <optional>
#include <string_view>
#include <utility>

#include "nolabel/base/error.h"
#include "nolabel/weights/pickle_machine.h"
#include "nolabel/weights/tensor_bounds.h"

namespace nolabel::pickle {
namespace {

using Arguments = std::vector<Reference>;

Reference argument(const Arguments& arguments, size_t i) {
  if (i >= arguments.size()) fail_data("its pickle leaves out arguments");
  return arguments[i];
}

std::vector<int64_t> integers(Arena& arena, Reference reference) {
  std::vector<int64_t> numbers;
  for (const Reference item : arena.get<Sequence>(reference, "tuple").items) {
    numbers.push_back(arena.get<int64_t>(item, "integer"));
  }
  return numbers;
}

// OrderedDict(), OrderedDict([[key, value], …])
Object mapping(Arena& arena, const Arguments& arguments) {
  Mapping result;
  if (arguments.size() == 1 && std::holds_alternative<Sequence>(arena[arguments[0]])) {
    for (const Reference pair : arena.get<Sequence>(arguments[0], "list").items) {
      const Arguments& items = arena.get<Sequence>(pair, "pair").items;
      result.items.emplace_back(argument(items, 0), argument(items, 1));
    }
  }
  return result;
}

Object set(Arena& arena, const Arguments& arguments) {
  if (arguments.empty()) return Sequence{};
  return arena.get<Sequence>(arguments[0], "list");
}

// Its first argument, whatever the type tags behind it say.
Object first(Arena& arena, const Arguments& arguments) {
  return arena[argument(arguments, 0)];
}

// _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks[, metadata])
Object tensor(Arena& arena, const Arguments& arguments) {
  const at::Tensor flat = arena.get<Storage>(argument(arguments, 0), "storage").flat;
  const auto offset = arena.get<int64_t>(argument(arguments, 1), "integer");
  const std::vector<int64_t> sizes = integers(arena, argument(arguments, 2));
  const std::vector<int64_t> strides = integers(arena, argument(arguments, 3));
  return strided_view(flat, sizes, strides, offset);
}

// numpy.dtype('f8', False, True)
Object numpy_type(Arena& arena, const Arguments& arguments) {
  return NumpyType{arena.get<std::string>(argument(arguments, 0), "name of a NumPy type")};
}

template <class T>
T number_in(const std::string& bytes) {
  if (bytes.size() != sizeof(T)) fail_data("its pickle holds a NumPy number of a wrong size");
  T value;
  std::memcpy(&value, bytes.data(), sizeof(T));
  return value;
}

// scalar(dtype, bytes)
Object numpy_scalar(Arena& arena, const Arguments& arguments) {
  const std::string& type = arena.get<NumpyType>(argument(arguments, 0), "NumPy type").code;
  const std::string& bytes = arena.get<Binary>(argument(arguments, 1), "NumPy number").bytes;
  if (type == "f8") return number_in<double>(bytes);
  if (type == "f4") return static_cast<double>(number_in<float>(bytes));
  if (type == "i8") return number_in<int64_t>(bytes);
  if (type == "i4") return static_cast<int64_t>(number_in<int32_t>(bytes));
  if (type == "b1") return number_in<char>(bytes) != 0;
  fail_data("its pickle holds a NumPy number of type {}, which is not known", type);
}

// encode(text, 'latin1'): how protocol 2 writes bytes. The text is UTF-8.
Object latin1(Arena& arena, const Arguments& arguments) {
  const std::string& text = arena.get<std::string>(argument(arguments, 0), "text");
  Binary result;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    const bool two_bytes = (c & 0xFC) == 0xC0 && i + 1 < text.size();  // U+0080 to U+00FF
    if (c >= 0x80 && !two_bytes) fail_data("its pickle holds bytes that are none");
    result.bytes += static_cast<char>(two_bytes ? (c << 6) | (text[++i] & 0x3F) : c);
  }
  return result;
}

Object empty_bytes(Arena&, const Arguments&) {
  return Binary{};
}

struct AllowedType {
  std::string_view name;
  Object (*call)(Arena&, const Arguments&);
};

constexpr std::array allowed_types = {
    AllowedType{"collections.OrderedDict", mapping},
    AllowedType{"collections.defaultdict", mapping},
    AllowedType{"collections.Counter", mapping},
    AllowedType{"builtins.set", set},
    AllowedType{"__builtin__.set", set},
    AllowedType{"builtins.frozenset", set},
    AllowedType{"__builtin__.frozenset", set},
    AllowedType{"builtins.bytes", empty_bytes},
    AllowedType{"__builtin__.bytes", empty_bytes},
    AllowedType{"_codecs.encode", latin1},
    AllowedType{"torch._utils._rebuild_tensor", tensor},
    AllowedType{"torch._utils._rebuild_tensor_v2", tensor},
    AllowedType{"torch._utils._rebuild_parameter", first},
    AllowedType{"torch._utils._rebuild_parameter_with_state", first},
    AllowedType{"torch.Size", first},
    AllowedType{"torch.device", first},
    AllowedType{"torch.jit._pickle.build_intlist", first},
    AllowedType{"torch.jit._pickle.build_doublelist", first},
    AllowedType{"torch.jit._pickle.build_boollist", first},
    AllowedType{"torch.jit._pickle.build_tensorlist", first},
    AllowedType{"torch.jit._pickle.restore_type_tag", first},
    AllowedType{"numpy.core.multiarray.scalar", numpy_scalar},
    AllowedType{"numpy._core.multiarray.scalar", numpy_scalar},
    AllowedType{"numpy.dtype", numpy_type},
};

struct StorageType {
  std::string_view name, element_name;
  at::ScalarType type;
};

// Storages by the type of their elements; the latter also stand alone, as torch.dtype.
constexpr std::array storage_types = {
    StorageType{"torch.FloatStorage", "torch.float32", at::kFloat},
    StorageType{"torch.DoubleStorage", "torch.float64", at::kDouble},
    StorageType{"torch.HalfStorage", "torch.float16", at::kHalf},
    StorageType{"torch.BFloat16Storage", "torch.bfloat16", at::kBFloat16},
    StorageType{"torch.LongStorage", "torch.int64", at::kLong},
    StorageType{"torch.IntStorage", "torch.int32", at::kInt},
    StorageType{"torch.ShortStorage", "torch.int16", at::kShort},
    StorageType{"torch.CharStorage", "torch.int8", at::kChar},
    StorageType{"torch.ByteStorage", "torch.uint8", at::kByte},
    StorageType{"torch.BoolStorage", "torch.bool", at::kBool},
};

// Classes of a TorchScript archive: their objects are plain attributes.
bool is_torchscript_class(std::string_view name) {
  return name.starts_with("__torch__.");
}

const AllowedType* find_allowed(std::string_view name) {
  for (const AllowedType& allowed : allowed_types) {
    if (allowed.name == name) return &allowed;
  }
  return nullptr;
}

}  // namespace

void require_allowed(const std::string& type) {
  if (find_allowed(type) || is_torchscript_class(type)) return;
  for (const StorageType& storage : storage_types) {
    if (storage.name == type || storage.element_name == type) return;
  }
  fail_data("it holds more than weights: the type {}, which is not on the list of allowed ones",
            type);
}

Object call(Arena& arena, const std::string& type, const std::vector<Reference>& arguments) {
  if (const AllowedType* allowed = find_allowed(type)) return allowed->call(arena, arguments);
  if (is_torchscript_class(type)) return Mapping{.items = {}, .is_instance = true};
  fail_data("its pickle calls {}, which is no function", type);
}

void build(Arena& arena, Reference object, Reference state) {
  if (std::holds_alternative<NumpyType>(arena[object])) {
    // (version, byte order, …)
    const Arguments& items = arena.get<Sequence>(state, "tuple").items;
    if (arena.get<std::string>(argument(items, 1), "byte order") == ">") {
      fail_data("its numbers are big-endian");
    }
    return;
  }
  // Attributes of an OrderedDict (PyTorch's _metadata) are of no use here.
  auto& target = arena.get<Mapping>(object, "object with attributes");
  if (target.is_instance) std::swap(target.items, arena.get<Mapping>(state, "dict").items);
}

Object load_storage(Arena& arena, Reference identifier, const StorageSource& storages) {
  const Arguments& parts = arena.get<Sequence>(identifier, "tuple").items;
  const std::string& tag = arena.get<std::string>(argument(parts, 0), "text");
  if (tag != "storage") fail_data("it holds more than weights: a Python {}", tag);
  if (parts.size() > 5 && !std::holds_alternative<None>(arena[parts[5]])) {
    fail_data("it was written by a PyTorch older than 0.4");
  }
  const std::string& type = arena.get<Type>(argument(parts, 1), "type of a storage").name;
  for (const StorageType& known : storage_types) {
    if (known.name != type) continue;
    return Storage{
        storages({known.type, arena.get<std::string>(argument(parts, 2), "key of a storage"),
                  arena.get<int64_t>(argument(parts, 4), "size of a storage")})};
  }
  fail_data("its pickle has {} where the type of a storage must be", type);
}

}  // namespace nolabel::pickle
