#include "nolabel/base/error.h"
#include "nolabel/weights/formats.h"
#include "nolabel/weights/unpickle.h"

namespace nolabel {
namespace {

constexpr std::byte protocol{0x80}, oldest{2}, newest{5};

at::Tensor no_outside(const StorageReference&) {
  fail_data("its tensors lie outside of the pickle, and nothing follows it");
}

}  // namespace

bool is_plain_pickle(Bytes bytes) {
  return bytes.size() > 2 && bytes[0] == protocol && bytes[1] >= oldest && bytes[1] <= newest;
}

Value read_plain_pickle(Bytes bytes) {
  return unpickle(bytes, no_outside).value;
}

}  // namespace nolabel
