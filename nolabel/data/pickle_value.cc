#include "nolabel/data/pickle_value.h"

#include "nolabel/base/error.h"

namespace nolabel {

int64_t PickleValue::integer() const {
  if (kind_ != Kind::integer) fail_data("a number is missing in the pickle");
  return integer_;
}

std::string_view PickleValue::text() const {
  if (kind_ != Kind::text) fail_data("a string is missing in the pickle");
  return text_;
}

const PickleValue::Items& PickleValue::list() const {
  if (kind_ != Kind::list) fail_data("a list is missing in the pickle");
  return items_;
}

PickleArray PickleValue::array() const {
  if (kind_ != Kind::array || !array_.values) fail_data("an array is missing in the pickle");
  return array_;
}

const PickleValue& PickleValue::at(std::string_view key) const {
  if (kind_ != Kind::dict) fail_data("a dict is missing in the pickle");
  for (size_t i = 0; i + 1 < items_.size(); i += 2) {
    if (items_[i]->kind_ == Kind::text && items_[i]->text_ == key) return *items_[i + 1];
  }
  fail_data("the pickle has no \"{}\"", key);
}

}  // namespace nolabel
