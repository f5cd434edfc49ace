// What a pickle (pickle.h) consists of once it is read.
#pragma once

#include <cstdint>
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

}  // namespace nolabel
