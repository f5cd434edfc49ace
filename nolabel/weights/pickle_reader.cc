#include "nolabel/weights/pickle_reader.h"

#include <optional>
#include <unordered_map>

#include "nolabel/base/error.h"
#include "nolabel/weights/pickle_machine.h"

namespace nolabel {
namespace {

using namespace pickle;

constexpr int newest_protocol = 5;
// Plain values may take this many bytes per byte of pickle: a repeated key takes two bytes there.
constexpr int64_t growth = 64;
constexpr int64_t smallest_budget = 1 << 20;

class Machine {
 public:
  Machine(Bytes bytes, const StorageSource& storages) : reader_(bytes), storages_(storages) {}

  Unpickled run() {
    std::optional<Reference> result;
    while (!(result = step(reader_.number<uint8_t>()))) {
    }
    int64_t budget = smallest_budget + growth * static_cast<int64_t>(reader_.position());
    return {arena_.value(*result, budget), reader_.position()};
  }

 private:
  void push(Object object) { stack_.push_back(arena_.add(std::move(object))); }

  Reference pop() {
    const size_t bottom = marks_.empty() ? 0 : marks_.back();
    if (stack_.size() <= bottom) fail_data("its pickle takes more than there is");
    const Reference top = stack_.back();
    stack_.pop_back();
    return top;
  }

  Reference top() {
    const Reference top = pop();
    stack_.push_back(top);
    return top;
  }

  // Everything above the last mark.
  std::vector<Reference> pop_to_mark() {
    if (marks_.empty()) fail_data("its pickle takes more than there is");
    std::vector<Reference> items(stack_.begin() + static_cast<int64_t>(marks_.back()),
                                 stack_.end());
    stack_.resize(marks_.back());
    marks_.pop_back();
    return items;
  }

  void push_tuple(size_t size) {
    std::vector<Reference> items(size);
    for (size_t i = size; i > 0; --i) items[i - 1] = pop();
    push(Sequence{std::move(items)});
  }

  template <class Length>
  void push_text() {
    push(std::string(reader_.text(reader_.number<Length>())));
  }
  template <class Length>
  void push_bytes() {
    push(Binary{std::string(reader_.text(reader_.number<Length>()))});
  }

  // Two's complement, little-endian, of any length.
  void push_long(size_t bytes) {
    const Bytes digits = reader_.take(bytes);
    if (bytes > sizeof(int64_t)) fail_data("its pickle holds an integer of {} bytes", bytes);
    const bool negative = bytes > 0 && (digits[bytes - 1] & std::byte{0x80}) != std::byte{0};
    int64_t value = negative ? -1 : 0;
    if (bytes > 0) std::memcpy(&value, digits.data(), bytes);
    push(value);
  }

  void push_float() {
    const auto bits = __builtin_bswap64(reader_.number<uint64_t>());
    push(std::bit_cast<double>(bits));
  }

  void push_type(std::string name) {
    require_allowed(name);
    push(Type{std::move(name)});
  }

  void push_named_type() {
    const std::string module(reader_.line());
    push_type(module + "." + std::string(reader_.line()));
  }

  void push_stacked_type() {
    const std::string name = arena_.get<std::string>(pop(), "text");
    push_type(arena_.get<std::string>(pop(), "text") + "." + name);
  }

  void push_call() {
    const Reference arguments = pop(), type = pop();
    push(call(arena_, arena_.get<Type>(type, "type").name,
              arena_.get<Sequence>(arguments, "tuple").items));
  }

  void append(const std::vector<Reference>& items) {
    auto& target = arena_.get<Sequence>(top(), "list").items;
    target.insert(target.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<Reference>& items) {
    if (items.size() % 2 != 0) fail_data("its pickle has a key without a value");
    auto& target = arena_.get<Mapping>(top(), "dict").items;
    for (size_t i = 0; i < items.size(); i += 2) target.emplace_back(items[i], items[i + 1]);
  }

  void push_mapping(const std::vector<Reference>& items) {
    push(Mapping{});
    set_items(items);
  }

  void push_remembered(uint32_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end()) fail_data("its pickle recalls what it has not stored");
    stack_.push_back(found->second);
  }

  void check_protocol() {
    const int protocol = reader_.number<uint8_t>();
    if (protocol > newest_protocol) fail_data("its pickle has the unknown protocol {}", protocol);
  }

  // One instruction; the result when it was the last one. Names as in Python's pickletools.
  std::optional<Reference> step(uint8_t instruction) {
    // clang-format off
    switch (instruction) {
      case '.': return pop();                                         // STOP
      case 0x80: check_protocol(); break;                             // PROTO
      case 0x95: reader_.take(8); break;                              // FRAME
      case '(': marks_.push_back(stack_.size()); break;               // MARK
      case '0': pop(); break;                                         // POP
      case '1': pop_to_mark(); break;                                 // POP_MARK
      case '2': stack_.push_back(top()); break;                       // DUP
      case 'N': push(None{}); break;                                  // NONE
      case 0x88: push(true); break;                                   // NEWTRUE
      case 0x89: push(false); break;                                  // NEWFALSE
      case 'K': push(int64_t{reader_.number<uint8_t>()}); break;      // BININT1
      case 'M': push(int64_t{reader_.number<uint16_t>()}); break;     // BININT2
      case 'J': push(int64_t{reader_.number<int32_t>()}); break;      // BININT
      case 0x8a: push_long(reader_.number<uint8_t>()); break;         // LONG1
      case 0x8b: push_long(reader_.number<uint32_t>()); break;        // LONG4
      case 'G': push_float(); break;                                  // BINFLOAT
      case 'X': push_text<uint32_t>(); break;                         // BINUNICODE
      case 0x8c: push_text<uint8_t>(); break;                         // SHORT_BINUNICODE
      case 0x8d: push_text<uint64_t>(); break;                        // BINUNICODE8
      case 'T': push_text<uint32_t>(); break;                         // BINSTRING
      case 'U': push_text<uint8_t>(); break;                          // SHORT_BINSTRING
      case 'B': push_bytes<uint32_t>(); break;                        // BINBYTES
      case 'C': push_bytes<uint8_t>(); break;                         // SHORT_BINBYTES
      case 0x8e: push_bytes<uint64_t>(); break;                       // BINBYTES8
      case ')': push(Sequence{}); break;                              // EMPTY_TUPLE
      case ']': push(Sequence{}); break;                              // EMPTY_LIST
      case 0x8f: push(Sequence{}); break;                             // EMPTY_SET
      case 0x85: push_tuple(1); break;                                // TUPLE1
      case 0x86: push_tuple(2); break;                                // TUPLE2
      case 0x87: push_tuple(3); break;                                // TUPLE3
      case 't': push(Sequence{pop_to_mark()}); break;                 // TUPLE
      case 'l': push(Sequence{pop_to_mark()}); break;                 // LIST
      case 0x91: push(Sequence{pop_to_mark()}); break;                // FROZENSET
      case 'a': append({pop()}); break;                               // APPEND
      case 'e': append(pop_to_mark()); break;                         // APPENDS
      case 0x90: append(pop_to_mark()); break;                        // ADDITEMS
      case '}': push(Mapping{}); break;                               // EMPTY_DICT
      case 'd': push_mapping(pop_to_mark()); break;                   // DICT
      case 's': set_item(); break;                                    // SETITEM
      case 'u': set_items(pop_to_mark()); break;                      // SETITEMS
      case 'c': push_named_type(); break;                             // GLOBAL
      case 0x93: push_stacked_type(); break;                          // STACK_GLOBAL
      case 'R': push_call(); break;                                   // REDUCE
      case 0x81: push_call(); break;                                  // NEWOBJ
      case 'b': set_state(); break;                                   // BUILD
      case 'Q': push(load_storage(arena_, pop(), storages_)); break;  // BINPERSID
      case 'q': memo_[reader_.number<uint8_t>()] = top(); break;      // BINPUT
      case 'r': memo_[reader_.number<uint32_t>()] = top(); break;     // LONG_BINPUT
      case 0x94: memoize(); break;                                    // MEMOIZE
      case 'h': push_remembered(reader_.number<uint8_t>()); break;    // BINGET
      case 'j': push_remembered(reader_.number<uint32_t>()); break;   // LONG_BINGET
      default: fail_data("its pickle has the unknown instruction {}", int{instruction});
    }
    // clang-format on
    return std::nullopt;
  }

  void set_item() {
    const Reference value = pop(), key = pop();
    set_items({key, value});
  }
  void set_state() {
    const Reference state = pop();
    build(arena_, top(), state);
  }
  void memoize() {
    const auto number = static_cast<uint32_t>(memo_.size());
    memo_[number] = top();
  }

  ByteReader reader_;
  const StorageSource& storages_;
  Arena arena_;
  std::vector<Reference> stack_;
  std::vector<size_t> marks_;  // heights of the stack
  std::unordered_map<uint32_t, Reference> memo_;
};

}  // namespace

Unpickled unpickle(Bytes bytes, const StorageSource& storages) {
  return Machine(bytes, storages).run();
}

}  // namespace nolabel
