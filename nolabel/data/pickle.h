// A reader for the few Python pickles that published data sets consist of: dicts, lists, tuples,
// numbers, strings and one uint8 NumPy matrix. It builds plain values and executes nothing: of
// Python's globals it knows only the four that such a matrix needs, by name, and refuses the rest.
//
// Protocols 2 to 4, from Python 2 (whose str is bytes) and 3. Every length is checked against what
// is left of the file, and the number of values is bounded, so a broken or hostile file costs an
// error and no more memory than a small multiple of the file.
#pragma once

#include <deque>
#include <string>

#include "nolabel/data/pickle_value.h"

namespace nolabel {

class Pickle {
 public:
  // Throws Error(Fault::data), the message being the reason alone.
  explicit Pickle(std::string content);
  Pickle(const Pickle&) = delete;
  Pickle& operator=(const Pickle&) = delete;
  const PickleValue& root() const { return *root_; }

 private:
  friend class PickleMachine;
  std::string content_;              // texts and arrays point into it …
  std::deque<std::string> decoded_;  // … or here, when they had to be decoded
  std::deque<PickleValue> values_;
  const PickleValue* root_ = nullptr;
};

}  // namespace nolabel
