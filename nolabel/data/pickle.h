// A reader for the few Python pickles that published data sets consist of: dicts, lists, tuples,
// numbers, strings and one uint8 NumPy matrix. It builds plain values and executes nothing: of
// Python's globals it knows only the four that such a matrix needs, by name, and refuses the rest.
//
// Protocols 2 to 4, from Python 2 (whose str is bytes) and 3. Every length is checked against what
// is left of the file, and the number of values is bounded, so a broken or hostile file costs an
// error and no more memory than a small multiple of the file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace nolabel {

// uint8 [rows, columns]; the values belong to the Pickle.
struct PickleArray {
  int64_t rows = 0, columns = 0;
  const uint8_t* values = nullptr;
};

// One value. The accessors throw Error(Fault::data) when it is of another kind.
class PickleValue {
 public:
  enum class Kind { none, integer, text, list, tuple, dict, global, dtype, array };
  using Items = std::vector<const PickleValue*>;

  int64_t integer() const;
  // str or bytes; a Python 3 str is UTF-8.
  std::string_view text() const;
  const Items& list() const;
  PickleArray array() const;
  // A dict's value by its key.
  const PickleValue& at(std::string_view key) const;

 private:
  friend class PickleMachine;
  Kind kind_ = Kind::none;
  int64_t integer_ = 0;
  std::string_view text_;  // of a global: its name; of a dtype: "u1"
  Items items_;            // a dict's keys and values take turns
  PickleArray array_;
};

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
