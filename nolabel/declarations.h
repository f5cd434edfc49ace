// What every call of nolabel.h can be told, from the declarations that the program reads its flags
// by: part of nolabel.h.
#pragma once

#include <string>
#include <vector>

namespace nolabel {

struct Declaration {
  enum class Type { boolean, integer, number, text, path, integers, numbers, choice };
  std::string name;  // "clusters", "optimizer_kwargs.lr"
  Type type = Type::text;
  std::string default_text;  // as in YAML; empty: unset
  std::string help;
  std::string range;                 // "1..100000", "at least 0"; empty: anything
  std::vector<std::string> choices;  // of a choice
  bool changes_result = true;        // false: only how the result is computed
};

// The names of the calls: "cluster", "simclr", "scan", "evaluate" …
std::vector<std::string> declared_calls();
// Options first, then settings; each can be given in Settings by its name. Throws Error(usage) for
// an unknown call.
std::vector<Declaration> declarations(const std::string& call);

// nolabel's version: "0.1.0".
std::string library_version();

}  // namespace nolabel
