// What the pickle machine works on: objects in one arena, named by number, so that cycles and deep
// nesting are harmless until plain values are made of them. Private to weights.
#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "nolabel/weights/pickle_reader.h"

namespace nolabel::pickle {

using Reference = uint32_t;  // number of an object in the arena

struct None {};
struct Binary {  // Python's bytes
  std::string bytes;
};
struct Sequence {  // list, tuple, set
  std::vector<Reference> items;
};
struct Mapping {
  std::vector<std::pair<Reference, Reference>> items;
  bool is_instance = false;  // of a TorchScript class: its attributes are the items
};
struct Type {  // an allowed type or function, by its full name
  std::string name;
};
struct NumpyType {
  std::string code;  // "f8"
};
struct Storage {
  at::Tensor flat;
};
using Object = std::variant<None, bool, int64_t, double, std::string, Binary, at::Tensor, Sequence,
                            Mapping, Type, NumpyType, Storage>;

class Arena {
 public:
  // Error(Fault::data) when all objects together take more memory than any file of weights needs.
  Reference add(Object object);
  Object& operator[](Reference reference) { return objects_[reference]; }

  // The object as T, else Error(Fault::data) that says `what` was expected.
  template <class T>
  T& get(Reference reference, const char* what) {
    T* found = std::get_if<T>(&objects_[reference]);
    if (!found) fail_data("its pickle has no {} where one must be", what);
    return *found;
  }

  // Plain values: sequences become lists, mappings dicts, types their names. Bounded in depth and
  // size, so that cyclic and self-repeating objects end in Error(Fault::data). `budget`: bytes.
  Value value(Reference reference, int64_t& budget, int depth = 0) const;

 private:
  std::vector<Object> objects_;
  size_t spent_ = 0;  // bytes
};

// Error(Fault::data) that names the type unless it is on the allow-list.
void require_allowed(const std::string& type);

// What calling an allowed type with these arguments gives.
Object call(Arena& arena, const std::string& type, const std::vector<Reference>& arguments);

// Python's object.__setstate__(state).
void build(Arena& arena, Reference object, Reference state);

// ('storage', type, key, location, elements[, view])
Object load_storage(Arena& arena, Reference identifier, const StorageSource& storages);

}  // namespace nolabel::pickle
