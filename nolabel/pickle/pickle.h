// The one reader of Python pickles: published data sets and files of weights both come through it.
//
// A pickle is a program for a stack machine. This machine follows protocols 2 to 5 and builds a
// table of plain objects (object.h). It imports nothing and calls nothing: where Python would call
// a class or function, the table gets an Instance that holds the name and the arguments.
//
// Every length is checked against what is left of the bytes before anything is allocated, and all
// objects together have a fixed limit, so a damaged or hostile pickle costs an error and little
// memory. Errors are Error(Fault::data); their text is the reason alone, without a file's name.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "nolabel/base/bytes.h"
#include "nolabel/pickle/object.h"

namespace nolabel::pickle {

class Value;

class Pickle {
 public:
  // Reads one pickle from the front of `bytes`, which must outlive it: texts point into them.
  explicit Pickle(Bytes bytes);
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;

  Value root() const;
  // Bytes up to and with the instruction that ends the pickle.
  size_t size() const { return size_; }
  // Objects have the references 0 to objects() - 1.
  Reference objects() const { return static_cast<Reference>(objects_.size()); }
  const Object& operator[](Reference reference) const { return objects_[reference]; }

 private:
  friend class Machine;
  std::vector<Object> objects_;
  std::deque<std::string> decoded_;        // texts that are not in the bytes as they are
  std::unordered_set<std::string> names_;  // of globals
  Reference root_ = 0;
  size_t size_ = 0;
};

// One object of a pickle, which must outlive it. Cheap to copy. Accessors throw Error(Fault::data)
// when the object is of another kind.
class Value {
 public:
  Value(const Pickle& pickle, Reference reference) : pickle_(&pickle), reference_(reference) {}

  const Object& object() const { return (*pickle_)[reference_]; }
  template <class T>
  const T* get_if() const {
    return std::get_if<T>(&object());
  }
  Value other(Reference reference) const { return {*pickle_, reference}; }

  // An int or a bool.
  int64_t integer() const;
  std::string_view text() const;
  // Of a list, tuple or set, or of an instance that items were appended to.
  std::vector<Value> items() const;
  // The value under a key of a dict (or of an instance whose items were set); none: no such key.
  std::vector<std::pair<Value, Value>> entries() const;
  std::optional<Value> find(std::string_view key) const;
  Value at(std::string_view key) const;

  // Of an instance: the name of what would be called, "collections.OrderedDict". Of a global: its
  // name. Otherwise empty.
  std::string_view type_name() const;
  // Of an instance.
  std::vector<Value> arguments() const;
  std::optional<Value> state() const;

 private:
  const Pickle* pickle_;
  Reference reference_;
};

}  // namespace nolabel::pickle
