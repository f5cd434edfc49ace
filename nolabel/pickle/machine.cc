// The stack machine that pickles are programs of. Instructions are named as in Python's
// pickletools.
#include <bit>
#include <cstring>
#include <optional>
#include <unordered_map>

#include "nolabel/base/error.h"
#include "nolabel/pickle/harmful_names.h"
#include "nolabel/pickle/pickle.h"

namespace nolabel::pickle {
namespace {

constexpr int oldest_protocol = 2, newest_protocol = 5;
// Of all objects together. ResNet-50 with Adam's state takes some 2 MB, a batch of CIFAR 1 MB.
constexpr size_t most_bytes = size_t{256} << 20;
constexpr size_t memo_bytes = 48;  // of one entry of the memo

}  // namespace

class Machine {
 public:
  Machine(Pickle& pickle, Bytes bytes) : pickle_(pickle), reader_(bytes), size_(bytes.size()) {}

  void run() {
    std::optional<Reference> result;
    while (!(result = step(reader_.number<uint8_t>()))) {
    }
    pickle_.root_ = *result;
    pickle_.size_ = reader_.position();
  }

 private:
  void spend(size_t bytes) {
    spent_ += bytes;
    if (spent_ > most_bytes) fail_data("its pickle needs more than {} bytes", most_bytes);
  }

  Reference add(Object object) {
    spend(sizeof(Object));
    pickle_.objects_.push_back(std::move(object));
    return static_cast<Reference>(pickle_.objects_.size() - 1);
  }

  void push(Object object) { push_reference(add(std::move(object))); }
  void push_reference(Reference reference) {
    spend(sizeof(Reference));
    stack_.push_back(reference);
  }

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

  void mark() {
    spend(sizeof(size_t));
    marks_.push_back(stack_.size());
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

  void push_sequence(std::vector<Reference> items) {
    spend(items.size() * sizeof(Reference));
    push(Sequence{std::move(items)});
  }

  void push_tuple(size_t size) {
    std::vector<Reference> items(size);
    for (size_t i = size; i > 0; --i) items[i - 1] = pop();
    push_sequence(std::move(items));
  }

  template <class T>
  T& object(Reference reference, const char* what) {
    T* found = std::get_if<T>(&pickle_.objects_[reference]);
    if (!found) fail_data("its pickle has no {} where one must be", what);
    return *found;
  }

  template <class Length>
  void push_text() {
    push(reader_.text(reader_.number<Length>()));
  }

  // Two's complement, little-endian, of any length.
  void push_long(size_t bytes) {
    const Bytes digits = reader_.take(bytes);
    if (bytes >
        sizeof(int64_t)) {  // the state of a random generator, say: known to be one, no more
      push_call(add(Global{intern("builtins.int")}), add(Sequence{}));
      return;
    }
    const bool negative = bytes > 0 && (digits[bytes - 1] & std::byte{0x80}) != std::byte{0};
    int64_t value = negative ? -1 : 0;
    if (bytes > 0) std::memcpy(&value, digits.data(), bytes);
    push(value);
  }

  void push_float() { push(std::bit_cast<double>(__builtin_bswap64(reader_.number<uint64_t>()))); }

  std::string_view intern(std::string name) {
    const auto [entry, is_new] = pickle_.names_.insert(std::move(name));
    if (is_new) spend(sizeof(std::string) + entry->size());
    return *entry;
  }

  void push_global(std::string_view module, std::string_view name) {
    if (is_harmful(module, name)) {
      fail_data("it makes Python call {}.{}, which data never need: do not load it in Python",
                module, name);
    }
    push(Global{intern(format("{}.{}", module, name))});
  }

  void push_named_global() {
    const std::string_view module = reader_.line();
    push_global(module, reader_.line());
  }

  void push_stacked_global() {
    const Reference name = pop(), module = pop();
    push_global(object<std::string_view>(module, "text"), object<std::string_view>(name, "text"));
  }

  void reduce() {
    const Reference arguments = pop();
    push_call(pop(), arguments);
  }

  void new_object_with_keywords() {
    pop();  // keywords
    reduce();
  }

  void push_call(Reference callable, Reference arguments) {
    const std::vector<Reference>& items = object<Sequence>(arguments, "tuple").items;
    const auto* global = std::get_if<Global>(&pickle_.objects_[callable]);
    const std::string_view name = global ? global->name : "";
    if (name == "_codecs.encode") {
      if (items.size() != 2 || object<std::string_view>(items[1], "text") != "latin1") {
        fail_data("its pickle encodes text otherwise than as latin1");
      }
      push(latin1(object<std::string_view>(items[0], "text")));
    } else if ((name == "copyreg._reconstructor" || name == "copy_reg._reconstructor" ||
                name == "copyreg.__newobj__" || name == "copy_reg.__newobj__") &&
               !items.empty()) {
      spend(items.size() * sizeof(Reference));
      const Reference type = items[0];  // the first argument is the class
      const Reference rest = add(Sequence{{items.begin() + 1, items.end()}});
      push(Instance{.callable = type, .arguments = rest});
    } else {
      push(Instance{.callable = callable, .arguments = arguments});
    }
  }

  // How protocol 2 writes bytes: as the UTF-8 of characters 0 to 255.
  std::string_view latin1(std::string_view utf8) {
    decoded_bytes_ += utf8.size();
    if (decoded_bytes_ > size_) fail_data("its pickle repeats itself without bound");
    spend(sizeof(std::string));
    std::string& bytes = pickle_.decoded_.emplace_back();
    for (size_t i = 0; i < utf8.size(); ++i) {
      const auto c = static_cast<unsigned char>(utf8[i]);
      const bool two_bytes = (c & 0xFC) == 0xC0 && i + 1 < utf8.size();  // U+0080 to U+00FF
      if (c >= 0x80 && !two_bytes) fail_data("its pickle holds bytes that are none");
      bytes += static_cast<char>(two_bytes ? (c << 6) | (utf8[++i] & 0x3F) : c);
    }
    return bytes;
  }

  // The T that items are added to: the object itself, or the part of an instance that holds them.
  template <class T>
  Reference target(Reference reference, Reference Instance::*part, const char* what) {
    if (const auto* instance = std::get_if<Instance>(&pickle_.objects_[reference])) {
      if (instance->*part != nothing) return instance->*part;
      const Reference made = add(T{});  // moves the objects
      std::get<Instance>(pickle_.objects_[reference]).*part = made;
      return made;
    }
    object<T>(reference, what);
    return reference;
  }

  void append(const std::vector<Reference>& items) {
    spend(items.size() * sizeof(Reference));
    const Reference list = target<Sequence>(top(), &Instance::sequence, "list");
    auto& present = std::get<Sequence>(pickle_.objects_[list]).items;
    present.insert(present.end(), items.begin(), items.end());
  }

  void set_items(const std::vector<Reference>& items) {
    if (items.size() % 2 != 0) fail_data("its pickle has a key without a value");
    spend(items.size() * sizeof(Reference));
    const Reference dict = target<Mapping>(top(), &Instance::mapping, "dict");
    auto& present = std::get<Mapping>(pickle_.objects_[dict]).items;
    for (size_t i = 0; i < items.size(); i += 2) present.emplace_back(items[i], items[i + 1]);
  }

  void set_item() {
    const Reference value = pop(), key = pop();
    set_items({key, value});
  }

  void push_mapping(const std::vector<Reference>& items) {
    push(Mapping{});
    set_items(items);
  }

  void set_state() {
    const Reference state = pop();
    object<Instance>(top(), "object with a state").state = state;
  }

  void remember(uint32_t number) {
    spend(memo_bytes);
    memo_[number] = top();
  }

  void recall(uint32_t number) {
    const auto found = memo_.find(number);
    if (found == memo_.end()) fail_data("its pickle recalls what it has not stored");
    push_reference(found->second);
  }

  void check_protocol() {
    const int protocol = reader_.number<uint8_t>();
    if (protocol < oldest_protocol || protocol > newest_protocol) {
      fail_data("its pickle must have protocol {} to {}. It has {}", oldest_protocol,
                newest_protocol, protocol);
    }
  }

  // One instruction; the result when it was the last one.
  std::optional<Reference> step(uint8_t instruction) {
    // clang-format off
    switch (instruction) {
      case '.': return pop();                                              // STOP
      case 0x80: check_protocol(); break;                                  // PROTO
      case 0x95: reader_.take(8); break;                                   // FRAME: for buffering
      case '(': mark(); break;                                             // MARK
      case '0': pop(); break;                                              // POP
      case '1': pop_to_mark(); break;                                      // POP_MARK
      case '2': push_reference(top()); break;                              // DUP
      case 'N': push(None{}); break;                                       // NONE
      case 0x88: push(true); break;                                        // NEWTRUE
      case 0x89: push(false); break;                                       // NEWFALSE
      case 'K': push(int64_t{reader_.number<uint8_t>()}); break;           // BININT1
      case 'M': push(int64_t{reader_.number<uint16_t>()}); break;          // BININT2
      case 'J': push(int64_t{reader_.number<int32_t>()}); break;           // BININT
      case 0x8a: push_long(reader_.number<uint8_t>()); break;              // LONG1
      case 0x8b: push_long(reader_.number<uint32_t>()); break;             // LONG4
      case 'G': push_float(); break;                                       // BINFLOAT
      case 'X': push_text<uint32_t>(); break;                              // BINUNICODE
      case 0x8c: push_text<uint8_t>(); break;                              // SHORT_BINUNICODE
      case 0x8d: push_text<uint64_t>(); break;                             // BINUNICODE8
      case 'T': push_text<uint32_t>(); break;                              // BINSTRING
      case 'U': push_text<uint8_t>(); break;                               // SHORT_BINSTRING
      case 'B': push_text<uint32_t>(); break;                              // BINBYTES
      case 'C': push_text<uint8_t>(); break;                               // SHORT_BINBYTES
      case 0x8e: push_text<uint64_t>(); break;                             // BINBYTES8
      case 0x96: push_text<uint64_t>(); break;                             // BYTEARRAY8
      case ')': push(Sequence{}); break;                                   // EMPTY_TUPLE
      case ']': push(Sequence{}); break;                                   // EMPTY_LIST
      case 0x8f: push(Sequence{}); break;                                  // EMPTY_SET
      case 0x85: push_tuple(1); break;                                     // TUPLE1
      case 0x86: push_tuple(2); break;                                     // TUPLE2
      case 0x87: push_tuple(3); break;                                     // TUPLE3
      case 't': push_sequence(pop_to_mark()); break;                       // TUPLE
      case 'l': push_sequence(pop_to_mark()); break;                       // LIST
      case 0x91: push_sequence(pop_to_mark()); break;                      // FROZENSET
      case 'a': append({pop()}); break;                                    // APPEND
      case 'e': append(pop_to_mark()); break;                              // APPENDS
      case 0x90: append(pop_to_mark()); break;                             // ADDITEMS
      case '}': push(Mapping{}); break;                                    // EMPTY_DICT
      case 'd': push_mapping(pop_to_mark()); break;                        // DICT
      case 's': set_item(); break;                                         // SETITEM
      case 'u': set_items(pop_to_mark()); break;                           // SETITEMS
      case 'c': push_named_global(); break;                                // GLOBAL
      case 0x93: push_stacked_global(); break;                             // STACK_GLOBAL
      case 'R': reduce(); break;                                           // REDUCE
      case 0x81: reduce(); break;                                          // NEWOBJ
      case 0x92: new_object_with_keywords(); break;                        // NEWOBJ_EX
      case 'b': set_state(); break;                                        // BUILD
      case 'P': push(Persistent{add(reader_.line())}); break;              // PERSID
      case 'Q': push(Persistent{pop()}); break;                            // BINPERSID
      case 'q': remember(reader_.number<uint8_t>()); break;                // BINPUT
      case 'r': remember(reader_.number<uint32_t>()); break;               // LONG_BINPUT
      case 0x94: remember(static_cast<uint32_t>(memo_.size())); break;     // MEMOIZE
      case 'h': recall(reader_.number<uint8_t>()); break;                  // BINGET
      case 'j': recall(reader_.number<uint32_t>()); break;                 // LONG_BINGET
      case 0x97: fail_outside();                                           // NEXT_BUFFER
      case 0x98: fail_outside();                                           // READONLY_BUFFER
      default: fail_data("its pickle has the unknown instruction {}", int{instruction});
    }
    // clang-format on
    return std::nullopt;
  }

  [[noreturn]] static void fail_outside() {
    fail_data(
        "its arrays lie outside of the pickle (out-of-band buffers of protocol 5); write it again "
        "without buffer_callback");
  }

  Pickle& pickle_;
  ByteReader reader_;
  const size_t size_;
  size_t spent_ = 0, decoded_bytes_ = 0;
  std::vector<Reference> stack_;
  std::vector<size_t> marks_;  // heights of the stack
  std::unordered_map<uint32_t, Reference> memo_;
};

Pickle::Pickle(Bytes bytes) {
  Machine(*this, bytes).run();
}

}  // namespace nolabel::pickle
