#include "nolabel/base/error.h"
#include "nolabel/weights/pickle_machine.h"

namespace nolabel::pickle {
namespace {

constexpr size_t most_bytes = size_t{256} << 20;  // ResNet-50 with Adam's state takes some 2 MB
constexpr int deepest = 100;

size_t size_of(const Object& object) {
  size_t bytes = sizeof(Object);
  if (const auto* text = std::get_if<std::string>(&object)) bytes += text->size();
  if (const auto* binary = std::get_if<Binary>(&object)) bytes += binary->bytes.size();
  if (const auto* sequence = std::get_if<Sequence>(&object)) {
    bytes += sequence->items.size() * sizeof(sequence->items[0]);
  }
  if (const auto* mapping = std::get_if<Mapping>(&object)) {
    bytes += mapping->items.size() * sizeof(mapping->items[0]);
  }
  return bytes;
}

}  // namespace

Reference Arena::add(Object object) {
  spent_ += size_of(object);
  if (spent_ > most_bytes) fail_data("its pickle needs more than {} bytes", most_bytes);
  objects_.push_back(std::move(object));
  return static_cast<Reference>(objects_.size() - 1);
}

Value Arena::value(Reference reference, int64_t& budget, int depth) const {
  struct ToValue {
    const Arena& arena;
    int64_t& budget;
    int depth;

    void spend(size_t bytes) const {
      budget -= static_cast<int64_t>(bytes);
      if (budget < 0) fail_data("its pickle repeats itself without bound");
    }
    Value text(const std::string& text) const {
      spend(text.size());
      return text;
    }
    Value item(Reference reference) const { return arena.value(reference, budget, depth + 1); }

    Value operator()(None) const { return {}; }
    Value operator()(bool x) const { return x; }
    Value operator()(int64_t x) const { return x; }
    Value operator()(double x) const { return x; }
    Value operator()(const std::string& x) const { return text(x); }
    Value operator()(const Binary& x) const { return text(x.bytes); }
    Value operator()(const at::Tensor& x) const { return x; }
    Value operator()(const Type& x) const { return text(x.name); }
    Value operator()(const NumpyType& x) const { return text(x.code); }
    Value operator()(const Storage& x) const { return x.flat; }
    Value operator()(const Sequence& x) const {
      ValueList items;
      for (const Reference r : x.items) items.push_back(item(r));
      return Value::list(std::move(items));
    }
    Value operator()(const Mapping& x) const {
      ValueDict items;
      for (const auto& [key, value] : x.items) items.emplace_back(item(key), item(value));
      return Value::dict(std::move(items));
    }
  };
  if (depth > deepest) fail_data("its pickle is nested more than {} deep", deepest);
  const ToValue to_value{*this, budget, depth};
  to_value.spend(sizeof(Value));
  return std::visit(to_value, objects_[reference]);
}

}  // namespace nolabel::pickle
