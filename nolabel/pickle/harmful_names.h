// Names in pickles that only an attack has. Private to pickle.
#pragma once

#include <string_view>

namespace nolabel::pickle {

// Whether Python, when it loads a pickle with this name, would run a program, load code or change
// files. It could do nothing here, where no name is ever called, but the file's owner must know: no
// file of data or weights has such a name. This is no protection and needs none to be complete.
bool is_harmful(std::string_view module, std::string_view name);

}  // namespace nolabel::pickle
