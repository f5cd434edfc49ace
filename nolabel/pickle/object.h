// The objects that a pickle describes, as plain data. They lie in one table (pickle.h) and name
// each other by number, so that cycles and deep nesting need no recursion to be read.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace nolabel::pickle {

using Reference = uint32_t;  // number of an object in its pickle
constexpr Reference nothing = UINT32_MAX;

struct None {};

// A list, tuple or set.
struct Sequence {
  std::vector<Reference> items;
};

// A dict, in the file's order.
struct Mapping {
  std::vector<std::pair<Reference, Reference>> items;
};

// A class or function, by its full name: "torch.FloatStorage".
struct Global {
  std::string_view name;
};

// What Python would get by calling `callable` with `arguments`. Nothing is ever called: whoever
// reads the pickle decides what a known name means, and an unknown one is only a name.
struct Instance {
  Reference callable;
  Reference arguments;           // a Sequence
  Reference state = nothing;     // what object.__setstate__ would get
  Reference sequence = nothing;  // a Sequence: items appended to it
  Reference mapping = nothing;   // a Mapping: items set in it
};

// Something that the pickle's writer keeps elsewhere, by what the writer called it.
struct Persistent {
  Reference identifier;
};

// str, bytes and bytearray are all text here; a str is UTF-8.
using Object = std::variant<None, bool, int64_t, double, std::string_view, Sequence, Mapping,
                            Global, Instance, Persistent>;

}  // namespace nolabel::pickle
