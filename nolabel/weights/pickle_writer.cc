#include "nolabel/weights/pickle_writer.h"

#include <ATen/ATen.h>

#include <map>
#include <string_view>

#include "nolabel/base/bytes.h"
#include "nolabel/base/error.h"

namespace nolabel {
namespace {

std::string_view storage_type(at::ScalarType type) {
  switch (type) {
    case at::kFloat:
      return "FloatStorage";
    case at::kDouble:
      return "DoubleStorage";
    case at::kHalf:
      return "HalfStorage";
    case at::kBFloat16:
      return "BFloat16Storage";
    case at::kLong:
      return "LongStorage";
    case at::kInt:
      return "IntStorage";
    case at::kShort:
      return "ShortStorage";
    case at::kChar:
      return "CharStorage";
    case at::kByte:
      return "ByteStorage";
    case at::kBool:
      return "BoolStorage";
    default:
      fail_usage("tensors of type {} cannot be written", c10::toString(type));
  }
}

// In comments: the instructions, as Python's pickletools names them.
class Writer {
 public:
  void operator()(std::monostate) { put('N'); }          // NONE
  void operator()(bool x) { put(x ? '\x88' : '\x89'); }  // NEWTRUE, NEWFALSE
  void operator()(double x) {
    put('G');  // BINFLOAT, big-endian
    append_number(result_.bytes, __builtin_bswap64(std::bit_cast<uint64_t>(x)));
  }
  void operator()(int64_t x) {
    if (x >= INT32_MIN && x <= INT32_MAX) {
      put('J');  // BININT
      append_number(result_.bytes, static_cast<int32_t>(x));
    } else {
      put('\x8a');  // LONG1 of eight bytes
      put(sizeof(x));
      append_number(result_.bytes, x);
    }
  }
  void operator()(const std::string& x) {
    put('X');  // BINUNICODE
    append_number(result_.bytes, static_cast<uint32_t>(x.size()));
    result_.bytes += x;
  }
  void operator()(const std::shared_ptr<ValueList>& list) {
    put("](");  // EMPTY_LIST, MARK
    for (const Value& item : *list) write(item);
    put('e');  // APPENDS
  }
  void operator()(const std::shared_ptr<ValueDict>& dict) {
    put("}(");  // EMPTY_DICT, MARK
    for (const auto& [key, value] : *dict) {
      write(key);
      write(value);
    }
    put('u');  // SETITEMS
  }
  void operator()(const Opaque& object) {
    fail_usage("an object of the class {} cannot be written into a file of weights", object.type);
  }
  // _rebuild_tensor_v2(storage, offset, sizes, strides, requires_grad, hooks)
  void operator()(const at::Tensor& tensor) {
    const at::Tensor dense = dense_on_cpu(tensor);
    type("torch._utils", "_rebuild_tensor_v2");
    put('(');  // MARK
    storage(dense);
    (*this)(int64_t{0});
    integers(dense.sizes());
    integers(dense.strides());
    (*this)(false);
    type("collections", "OrderedDict");
    put(")R");  // EMPTY_TUPLE, REDUCE
    put("tR");  // TUPLE, REDUCE
  }

  void write(const Value& value) { std::visit(*this, value.data); }
  Pickled finish() && {
    put('.');  // STOP
    return std::move(result_);
  }

 private:
  void put(char instruction) { result_.bytes += instruction; }
  void put(std::string_view instructions) { result_.bytes += instructions; }

  // Strides are kept, so a channels-last tensor comes back as one.
  static at::Tensor dense_on_cpu(const at::Tensor& tensor) {
    const at::Tensor here = tensor.detach().cpu();
    return here.is_non_overlapping_and_dense() ? here : here.contiguous();
  }

  // The type by name the first time, from the memo afterwards.
  void type(const std::string& module, std::string_view name) {
    const std::string text = format("c{}\n{}\n", module, name);  // GLOBAL
    const auto [entry, is_new] = memo_.try_emplace(text, static_cast<uint8_t>(memo_.size()));
    if (is_new) put(text);
    put(is_new ? 'q' : 'h');  // BINPUT, BINGET
    put(static_cast<char>(entry->second));
  }

  // ('storage', type, key, 'cpu', elements)
  void storage(const at::Tensor& dense) {
    put('(');  // MARK
    (*this)(std::string("storage"));
    type("torch", storage_type(dense.scalar_type()));
    (*this)(std::to_string(result_.storages.size()));
    (*this)(std::string("cpu"));
    (*this)(dense.numel());
    put("tQ");  // TUPLE, BINPERSID
    result_.storages.push_back(dense);
  }

  void integers(at::IntArrayRef numbers) {
    put('(');  // MARK
    for (const int64_t number : numbers) (*this)(number);
    put('t');  // TUPLE
  }

  Pickled result_{.bytes = "\x80\x02", .storages = {}};  // PROTO 2
  std::map<std::string, uint8_t> memo_;
};

}  // namespace

Pickled pickled(const Value& value) {
  Writer writer;
  writer.write(value);
  return std::move(writer).finish();
}

}  // namespace nolabel
