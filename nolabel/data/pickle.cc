#include "nolabel/data/pickle.h"

#include <cstring>
#include <unordered_map>

#include "nolabel/base/error.h"

namespace nolabel {

// The stack machine that pickles are programs of; opcodes as in Python's pickletools.
class PickleMachine {
 public:
  explicit PickleMachine(Pickle& pickle) : pickle_(pickle), rest_(pickle.content_) {}

  const PickleValue* run() {
    if (byte() != 0x80) fail_data("not a pickle of protocol 2 to 4");
    const uint8_t protocol = byte();
    if (protocol < 2 || protocol > 4) fail_data("a pickle of protocol {} is not read", protocol);
    for (;;) {
      const uint8_t opcode = byte();
      if (opcode == '.') return pop();
      if (!number(opcode) && !string(opcode) && !container(opcode) && !memo(opcode) &&
          !object(opcode)) {
        fail_data("the pickle holds more than data: opcode {} at byte {}", opcode,
                  pickle_.content_.size() - rest_.size() - 1);
      }
    }
  }

 private:
  using Kind = PickleValue::Kind;

  // --- the input
  std::string_view take(uint64_t bytes) {
    if (bytes > rest_.size()) fail_data("truncated pickle");
    const std::string_view taken = rest_.substr(0, bytes);
    rest_.remove_prefix(bytes);
    return taken;
  }
  template <class T>
  T little_endian() {
    T value;
    std::memcpy(&value, take(sizeof value).data(), sizeof value);
    return value;
  }
  uint8_t byte() { return little_endian<uint8_t>(); }
  std::string_view line() {
    const size_t end = rest_.find('\n');
    if (end == rest_.npos) fail_data("truncated pickle");
    const std::string_view text = take(end);
    take(1);
    return text;
  }

  // --- the stack
  PickleValue& push(Kind kind) {
    constexpr size_t most_values = 4'000'000;  // 40 times those of the largest published file
    if (pickle_.values_.size() == most_values) fail_data("the pickle holds too many values");
    PickleValue& value = pickle_.values_.emplace_back();
    value.kind_ = kind;
    stack_.push_back(&value);
    return value;
  }
  size_t floor() const { return marks_.empty() ? 0 : marks_.back(); }
  PickleValue* top() const {
    if (stack_.size() <= floor()) fail_data("broken pickle: nothing on the stack");
    return stack_.back();
  }
  PickleValue* pop() {
    PickleValue* value = top();
    stack_.pop_back();
    return value;
  }
  PickleValue::Items pop_count(size_t count) {
    if (stack_.size() < floor() + count) fail_data("broken pickle: nothing on the stack");
    const PickleValue::Items items(stack_.end() - count, stack_.end());
    stack_.resize(stack_.size() - count);
    return items;
  }
  PickleValue::Items pop_to_mark() {
    if (marks_.empty()) fail_data("broken pickle: no mark");
    PickleValue::Items items = pop_count(stack_.size() - marks_.back());
    marks_.pop_back();
    return items;
  }
  void extend(Kind kind, const PickleValue::Items& items) {
    PickleValue* target = top();
    if (target->kind_ != kind || (kind == Kind::dict && items.size() % 2 != 0)) {
      fail_data("broken pickle: items for a container of another kind");
    }
    target->items_.insert(target->items_.end(), items.begin(), items.end());
  }

  // --- the opcodes, by what they make; false: not one of these
  bool number(uint8_t opcode) {
    switch (opcode) {
      case 'J':
        push(Kind::integer).integer_ = little_endian<int32_t>();
        return true;
      case 'K':
        push(Kind::integer).integer_ = byte();
        return true;
      case 'M':
        push(Kind::integer).integer_ = little_endian<uint16_t>();
        return true;
      case 0x88:
        push(Kind::integer).integer_ = 1;
        return true;  // True
      case 0x89:
        push(Kind::integer).integer_ = 0;
        return true;  // False
      case 'N':
        push(Kind::none);
        return true;
      case 0x8a: {  // long, two's complement
        const std::string_view bytes = take(byte());
        if (bytes.size() > sizeof(int64_t)) fail_data("the pickle holds a number above 64 bits");
        int64_t value = !bytes.empty() && (bytes.back() & 0x80) ? -1 : 0;
        std::memcpy(&value, bytes.data(), bytes.size());
        push(Kind::integer).integer_ = value;
        return true;
      }
      default:
        return false;
    }
  }

  bool string(uint8_t opcode) {
    uint64_t bytes = 0;
    switch (opcode) {
      case 'U':
      case 'C':
      case 0x8c:
        bytes = byte();
        break;
      case 'T':
      case 'B':
      case 'X':
        bytes = little_endian<uint32_t>();
        break;
      case 0x8d:
      case 0x8e:
        bytes = little_endian<uint64_t>();
        break;
      default:
        return false;
    }
    const std::string_view text = take(bytes);
    push(Kind::text).text_ = text;
    return true;
  }

  bool container(uint8_t opcode) {
    switch (opcode) {
      case '(':
        marks_.push_back(stack_.size());
        return true;
      case '}':
        push(Kind::dict);
        return true;
      case ']':
        push(Kind::list);
        return true;
      case ')':
        push(Kind::tuple);
        return true;
      case 0x85:
      case 0x86:
      case 0x87:
        tuple(pop_count(opcode - 0x84));
        return true;
      case 't':
        tuple(pop_to_mark());
        return true;
      case 'a':
        extend(Kind::list, pop_count(1));
        return true;
      case 'e':
        extend(Kind::list, pop_to_mark());
        return true;
      case 's':
        extend(Kind::dict, pop_count(2));
        return true;
      case 'u':
        extend(Kind::dict, pop_to_mark());
        return true;
      default:
        return false;
    }
  }
  void tuple(PickleValue::Items items) { push(Kind::tuple).items_ = std::move(items); }

  bool memo(uint8_t opcode) {
    switch (opcode) {
      case 'q':
        memo_[byte()] = top();
        return true;
      case 'r':
        memo_[little_endian<uint32_t>()] = top();
        return true;
      case 0x94:
        memo_[memo_.size()] = top();
        return true;
      case 'h':
        recall(byte());
        return true;
      case 'j':
        recall(little_endian<uint32_t>());
        return true;
      case 0x95:
        take(8);
        return true;  // a frame's length: only for buffering
      default:
        return false;
    }
  }
  void recall(uint64_t index) {
    const auto found = memo_.find(index);
    if (found == memo_.end()) fail_data("broken pickle: nothing memorised under {}", index);
    stack_.push_back(found->second);
  }

  bool object(uint8_t opcode) {
    switch (opcode) {
      case 'c': {
        const std::string_view module = line();
        global(module, line());
        return true;
      }
      case 0x93: {
        const PickleValue::Items names = pop_count(2);
        global(names[0]->text(), names[1]->text());
        return true;
      }
      case 'R': {
        const PickleValue* arguments = pop();
        reduce(*pop(), *arguments);
        return true;
      }
      case 'b': {
        const PickleValue* state = pop();
        build(*top(), *state);
        return true;
      }
      default:
        return false;
    }
  }

  void global(std::string_view module, std::string_view name) {
    const bool multiarray = module == "numpy.core.multiarray" || module == "numpy._core.multiarray";
    if (!(multiarray && name == "_reconstruct") &&
        !(module == "numpy" && (name == "ndarray" || name == "dtype")) &&
        !(module == "_codecs" && name == "encode")) {
      fail_data("the pickle names {}.{}, which data do not need", module, name);
    }
    push(Kind::global).text_ = name;
  }

  // A call. Nothing is called: the three that are known have a meaning of their own here.
  void reduce(const PickleValue& function, const PickleValue& arguments) {
    const PickleValue::Items& items = arguments.items_;
    if (function.kind_ != Kind::global || arguments.kind_ != Kind::tuple || items.size() < 2) {
      fail_data("broken pickle: not a call that data need");
    }
    if (function.text_ == "_reconstruct") {
      push(Kind::array);
    } else if (function.text_ == "dtype") {
      const std::string_view code = items[0]->text();
      push(Kind::dtype).text_ = code;
    } else if (function.text_ == "encode" && items[1]->text() == "latin1") {
      const std::string_view text = latin1(items[0]->text());
      push(Kind::text).text_ = text;
    } else {
      fail_data("broken pickle: not a call that data need");
    }
  }

  // Python 3's way to write bytes in protocol 2: as UTF-8 of characters 0 to 255.
  std::string_view latin1(std::string_view utf8) {
    decoded_bytes_ += utf8.size();
    if (decoded_bytes_ > pickle_.content_.size()) fail_data("the pickle repeats itself");
    std::string& bytes = pickle_.decoded_.emplace_back();
    for (size_t i = 0; i < utf8.size(); ++i) {
      auto character = static_cast<uint8_t>(utf8[i]);
      if (character >= 0x80) {
        const bool pair = (character == 0xC2 || character == 0xC3) && i + 1 < utf8.size();
        if (!pair) fail_data("broken pickle: bytes that are not latin1");
        character = static_cast<uint8_t>(character << 6 | (utf8[++i] & 0x3F));
      }
      bytes += static_cast<char>(character);
    }
    return bytes;
  }

  void build(PickleValue& target, const PickleValue& state) {
    if (target.kind_ == Kind::dtype) return;  // byte order and the like: nothing for single bytes
    // version, shape, dtype, whether column-major, values
    if (target.kind_ != Kind::array || state.kind_ != Kind::tuple || state.items_.size() != 5) {
      fail_data("broken pickle: not an array's state");
    }
    const PickleValue &shape = *state.items_[1], &dtype = *state.items_[2];
    if (dtype.kind_ != Kind::dtype || dtype.text_ != "u1" || state.items_[3]->integer() != 0 ||
        shape.kind_ != Kind::tuple || shape.items_.size() != 2) {
      fail_data("the array in the pickle must be uint8 with two dimensions, row by row");
    }
    const std::string_view values = state.items_[4]->text();
    const int64_t rows = shape.items_[0]->integer(), columns = shape.items_[1]->integer();
    const auto bytes = static_cast<int64_t>(values.size());
    const bool fits = rows >= 0 && columns > 0 && bytes % columns == 0 && bytes / columns == rows;
    if (!fits) fail_data("an array of {} x {} cannot have {} bytes", rows, columns, bytes);
    target.array_ = {rows, columns, reinterpret_cast<const uint8_t*>(values.data())};
  }

  Pickle& pickle_;
  std::string_view rest_;
  std::vector<PickleValue*> stack_;
  std::vector<size_t> marks_;
  std::unordered_map<uint64_t, PickleValue*> memo_;
  uint64_t decoded_bytes_ = 0;
};

Pickle::Pickle(std::string content) : content_(std::move(content)) {
  root_ = PickleMachine(*this).run();
}

}  // namespace nolabel
